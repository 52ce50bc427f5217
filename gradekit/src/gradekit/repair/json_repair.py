"""The text of a file -> JSON values, as many as can be had."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from gradekit.repair.decode import Remarks
from gradekit.repair.unreadable import DAMAGED, Unreadable

STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'  # one that does not end goes to the end: nothing is read twice
BRACKETS = re.compile(rf"(?s){STRING}|[\[\]{{}}]")
EXTRA_COMMAS = re.compile(rf"(?s)({STRING})|,(?=\s*[,\]}}])")
CELLS = re.compile(r'(?<!\\)"cells"\s*:\s*\[')
CELL = re.compile(r'\{\s*"(?:cell_type|attachments)"\s*:')  # keys of a notebook file are sorted
# What begins a part of a merge -> whose lines come behind it: the first version's, the second one's.
SIDES = {"<" * 7: (0,), "|" * 7: (), "=" * 7: (1,), ">" * 7: (0, 1)}
OPENING, CLOSING = {"[", "{"}, {"]", "}"}
DEEPEST = 60  # levels of brackets; a notebook has ten
MOST_BROKEN = 200  # cells that cannot be read, before the rest is given up

MERGE = "it has two versions at once, between the marks of a merge (<<<<<<<). Ask which one counts."


def parsed(text: str) -> tuple[Any, Remarks]:
    """The JSON value in a text, repaired where that is plain."""
    try:
        return _value(text)
    except RecursionError:
        value, remarks = _value(_shallow(text))
        return value, ("what is nested too deeply in it was left out", *remarks)


def _value(text: str) -> tuple[Any, Remarks]:
    try:
        return _loads(text), ()
    except ValueError:
        pass
    if "\n<<<<<<<" in text:
        return _merged(text), ("the marks of a merge were taken out of it: both versions have the same cells",)
    for repair in REPAIRS:
        try:
            return repair(text)
        except ValueError:
            continue
    raise Unreadable(DAMAGED)


def _int(digits: str) -> int:
    return int(digits) if len(digits) < 300 else 0  # Python refuses to read very long ones


DECODER = json.JSONDecoder(strict=False, parse_int=_int)


def _loads(text: str) -> Any:
    return DECODER.decode(text)


def _shallow(text: str) -> str:
    """The text with `null` for everything that lies too deep."""
    kept, behind, start, depth = [], 0, 0, 0
    for token in BRACKETS.finditer(text):
        if token[0] in OPENING:
            depth += 1
            start = token.start() if depth == DEEPEST else start
        elif token[0] in CLOSING:
            if depth == DEEPEST:
                kept += [text[behind:start], "null"]
                behind = token.end()
            depth -= 1
    rest = [text[behind:start], "null"] if depth >= DEEPEST else [text[behind:]]
    return "".join([*kept, *rest])


def _merged(text: str) -> Any:
    """The notebook that two branches agree upon: the same cells, and differences elsewhere."""
    try:
        ours, theirs = map(_loads, _versions(text))
        same = bool(_texts(ours)) and _texts(ours) == _texts(theirs)
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise Unreadable(MERGE)
    return ours


def _versions(text: str) -> tuple[str, str]:
    """Both versions of a text with the marks of a merge. In one look: a search for all marks at once may never end."""
    versions: tuple[list[str], list[str]] = [], []
    whose: tuple[int, ...] = (0, 1)
    for line in text.split("\n"):
        if line.startswith("<" * 7) or (whose != (0, 1) and line[:7] in SIDES):
            whose = SIDES[line[:7]]
            continue
        for side in whose:
            versions[side].append(line)
    if whose != (0, 1):
        raise ValueError("a merge without its end")
    return "\n".join(versions[0]), "\n".join(versions[1])


def _texts(value: Any) -> list[Any]:
    cells = value.get("cells") if isinstance(value, dict) else None
    return [(cell.get("cell_type"), cell.get("source")) for cell in cells or () if isinstance(cell, dict)]


def _without_extra_commas(text: str) -> tuple[Any, Remarks]:
    return _loads(EXTRA_COMMAS.sub(lambda found: found[1] or "", text)), ("it has commas that do not belong there",)


def _beginning(text: str) -> tuple[Any, Remarks]:
    """A whole notebook with something behind it."""
    value, _ = DECODER.raw_decode(text.lstrip())
    if not isinstance(value, dict):
        raise ValueError("a number or a word at the beginning of something else")
    return value, ("what stands behind its end was left out",)


def _whole_cells(text: str) -> tuple[Any, Remarks]:
    """Every cell that can be read in a file that breaks off, or has a bad spot."""
    begin = CELLS.search(text)
    cells = list(_cells_from(text, begin.end())) if begin else []
    if not cells:
        raise ValueError("no cell is whole")
    return {"cells": cells, "nbformat": 4}, (f"it is damaged, and {len(cells)} of its cells could be read",)


def _cells_from(text: str, at: int) -> Iterator[Any]:
    broken = 0
    while broken < MOST_BROKEN and (found := CELL.search(text, at)):
        try:
            cell, at = DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):  # behind a bad spot, what is a text and what is nested may be mixed up
            at, broken = found.end(), broken + 1
        else:
            yield cell


REPAIRS: tuple[Callable[[str], tuple[Any, Remarks]], ...] = (_without_extra_commas, _beginning, _whole_cells)
