"""Text of a notebook file -> JSON values, as many as can be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from gradekit.repair.decode import ASK, Remarks, Unreadable

# An unclosed string extends to the end of the text: no character is read twice.
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
EXTRA_COMMAS = re.compile(rf"(?s)({STRING})|,(?=\s*[,\]}}])")
CELLS = re.compile(r'(?<!\\)"cells"\s*:\s*\[')
CELL = re.compile(r'\{\s*"(?:cell_type|attachments)"\s*:')  # keys of a notebook file are sorted
MOST_BROKEN = 20  # cells that can't be read, before the rest is given up

MERGE = "it has two versions, between the marks of a merge conflict (<<<<<<<). Ask which one counts."
DECODER = json.JSONDecoder(strict=False)


def parse(text: str) -> tuple[Any, Remarks]:
    """The JSON value in a text, repaired where that is safe; raises Unreadable."""
    try:
        return DECODER.decode(text), ()
    except RecursionError:
        raise Unreadable(ASK) from None
    except ValueError:
        pass
    if "\n<<<<<<<" in text:
        raise Unreadable(MERGE)
    for repair in REPAIRS:
        try:
            return repair(text)
        except (ValueError, RecursionError):
            continue
    raise Unreadable(ASK)


def _without_extra_commas(text: str) -> tuple[Any, Remarks]:
    return DECODER.decode(EXTRA_COMMAS.sub(lambda found: found[1] or "", text)), ("superfluous commas were removed",)


def _beginning(text: str) -> tuple[Any, Remarks]:
    """A whole notebook with something after it, as an interrupted save leaves it."""
    value, _ = DECODER.raw_decode(text.lstrip())
    if not isinstance(value, dict):
        raise ValueError("a number or a word at the beginning of something else")
    return value, ("what follows its end was ignored",)


def _whole_cells(text: str) -> tuple[Any, Remarks]:
    """Every cell that can be read in a file that is cut off, or damaged in one position."""
    begin = CELLS.search(text)
    cells = list(_cells_from(text, begin.end())) if begin else []
    if not cells:
        raise ValueError("no cell is whole")
    return {"cells": cells}, (f"it is damaged, and {len(cells)} of its cells could be read",)


def _cells_from(text: str, at: int) -> Iterator[Any]:
    broken = 0
    while broken < MOST_BROKEN and (found := CELL.search(text, at)):
        try:
            cell, at = DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            at, broken = found.end(), broken + 1
        else:
            yield cell


REPAIRS: tuple[Callable[[str], tuple[Any, Remarks]], ...] = (_without_extra_commas, _beginning, _whole_cells)
