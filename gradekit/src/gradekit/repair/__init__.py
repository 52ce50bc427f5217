"""A damaged notebook file -> the notebook in it, as far as there is one, and what was repaired on the way.

bytes -> text (`text`), text -> JSON (`parse`), JSON -> cells (`shape`). `exporter` puts that under nbgrader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradekit.repair.cells import shaped
from gradekit.repair.decode import decoded
from gradekit.repair.json_repair import parsed
from gradekit.repair.unreadable import Unreadable

__all__ = ["Salvaged", "Unreadable", "salvage"]


@dataclass(frozen=True)
class Salvaged:
    """A notebook of today's format without outputs, as plain JSON values, and a remark for each repair."""

    notebook: dict[str, Any]
    remarks: tuple[str, ...]


def salvage(data: bytes, most_cells: int = 10_000) -> Salvaged:
    """The notebook in the bytes of a file. Raises Unreadable, and nothing else, where there is none.

    >>> found = salvage(b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "raw", "source": ["a"],},]}')
    >>> found.notebook["cells"][0]["source"], found.remarks
    ('a', ('it has commas that do not belong there',))
    """
    text, about_text = decoded(data)
    value, about_json = parsed(text)
    notebook, about_cells = shaped(value, most_cells)
    return Salvaged(notebook, (*about_text, *about_json, *about_cells))
