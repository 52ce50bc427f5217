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
# First characters of a line of a merge conflict -> the versions that the lines after it belong to.
SIDES = {"<" * 7: (0,), "|" * 7: (), "=" * 7: (1,), ">" * 7: (0, 1)}
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
        return _merged(text), ("a merge conflict was resolved: both versions have the same cells",)
    for repair in REPAIRS:
        try:
            return repair(text)
        except (ValueError, RecursionError):
            continue
    raise Unreadable(ASK)


def _merged(text: str) -> Any:
    """The notebook of a merge conflict whose two versions have the same cells."""
    try:
        ours, theirs = map(DECODER.decode, _versions(text))
        same = bool(_sources(ours)) and _sources(ours) == _sources(theirs)
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise Unreadable(MERGE)
    return ours


def _versions(text: str) -> tuple[str, str]:
    """Both versions of a text with a merge conflict, in one pass."""
    versions: tuple[list[str], list[str]] = [], []
    sides: tuple[int, ...] = (0, 1)
    for line in text.split("\n"):
        if line.startswith("<" * 7) or (sides != (0, 1) and line[:7] in SIDES):
            sides = SIDES[line[:7]]
            continue
        for side in sides:
            versions[side].append(line)
    if sides != (0, 1):
        raise ValueError("a conflict without its end")
    return "\n".join(versions[0]), "\n".join(versions[1])


def _sources(value: Any) -> list[Any]:
    cells = value.get("cells") if isinstance(value, dict) else None
    return [(cell.get("cell_type"), cell.get("source")) for cell in cells or () if isinstance(cell, dict)]


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
