"""Damaged notebook files and notebooks -> notebooks that can be graded.

`decode` (bytes -> text), `json_repair` (text -> JSON) and `cells` (JSON -> notebook) repair a file; `exporter` has
nbgrader open submissions through them. `restore` then brings the course's cells back: `identify` finds which cell is
which, `arrange` puts missing and moved ones where they belong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from gradekit.limits import SubmissionLimits
from gradekit.repair.cells import build
from gradekit.repair.decode import Unreadable, decode
from gradekit.repair.json_repair import parse

__all__ = ["Repaired", "Unreadable", "repair"]


@dataclass(frozen=True)
class Repaired:
    """A valid notebook without outputs as plain JSON values, and a remark for each repair."""

    notebook: dict[str, Any]
    remarks: tuple[str, ...]


def repair(data: bytes, limits: SubmissionLimits | None = None) -> Repaired:
    """The notebook in the bytes of a file. Raises Unreadable, and nothing else, where there is none.

    >>> found = repair(b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "raw", "source": ["a"],},]}')
    >>> found.notebook["cells"][0]["source"], found.remarks
    ('a', ('superfluous commas were removed',))
    """
    limits = limits or SubmissionLimits()
    text, about_text = decode(data)
    values = text.count("[") + text.count("{") + text.count('"') // 2
    if values > limits.most_values:
        raise Unreadable(
            f"it has more than {limits.most_values} JSON values. Ask for it without outputs, or raise "
            "c.SubmissionLimits.most_values."
        )
    value, about_json = parse(text)
    notebook, about_cells = build(value, limits.most_cells)
    about_halves: tuple[str, ...] = ()
    whole = json.dumps(notebook, ensure_ascii=False)
    try:
        whole.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: no program can write it back
        notebook = json.loads(whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        about_halves = ("halves of characters were replaced",)
    return Repaired(notebook, (*about_text, *about_json, *about_cells, *about_halves))
