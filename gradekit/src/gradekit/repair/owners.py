"""Which cell is which? A mark can be lost, copied, swapped or renamed; the text and the cell's id tell as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from gradekit.hidden_regions import without_regions
from gradekit.notebook import mark

Marks = Mapping[str, Mapping[str, Any]]  # grade_id -> nbgrader's metadata of that cell
HEAD = re.compile(r"(?m)^(?:def|class)\s+\w+|^\w+(?=\s*=[^=])")  # what a cell defines


@dataclass(frozen=True)
class Owners:
    """Positions of the known cells, and what was odd about them."""

    at: dict[str, int]  # grade_id -> position
    twice: list[str]
    strange: list[str]  # grade_ids that this notebook does not have


def released(text: str) -> str:
    """A cell's text as its students got it, without white space at the ends of lines."""
    return "\n".join(line.rstrip() for line in without_regions(text).strip().split("\n"))


def locked(about: Mapping[str, Any]) -> bool:
    """Is its text the instructor's?"""
    return bool(not about["solution"] and (about["grade"] or about["locked"] or about["task"]))


def owners(cells: list[NotebookNode], marks: Marks, texts: Mapping[str, str], ids: Mapping[str, str]) -> Owners:
    """Find the known cells. `texts` are those of the gradebook; `ids`: a cell's own id -> the grade_id in source/."""
    claims = [_claim(cell) for cell in cells]
    telling = {released(texts[known]): known for known, about in marks.items() if locked(about)}
    by_text = [telling.get(released(cell.source)) if cell.source.strip() else None for cell in cells]
    at: dict[str, int] = {}
    by_id = [ids.get(cell.get("id", "")) for cell in cells]
    clues = _both(claims, by_text), by_text, _both(claims, by_id), by_id, claims, _heads(cells, marks, texts)
    for clue in clues:  # the surest one first
        _take(at, clue, marks)
    taken = set(at.values())
    free = [(claims[i], by_text[i]) for i in range(len(cells)) if i not in taken]
    twice = [text or claim for claim, text in free if (text or claim) in at]
    strange = [re.sub(r"[^\w.-]", "?", claim)[:40] for claim, _ in free if claim and claim not in marks]
    return Owners(at, [name for name in twice if name], strange)


def _claim(cell: NotebookNode) -> str | None:
    name = mark(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def _both(one: list[str | None], other: list[str | None]) -> list[str | None]:
    return [clue if clue == also else None for clue, also in zip(one, other, strict=True)]


def _take(at: dict[str, int], clues: list[str | None], marks: Marks) -> None:
    """Give a cell to the first that a clue names, where both are free."""
    taken = set(at.values())
    for position, name in enumerate(clues):
        if name in marks and name not in at and position not in taken:
            at[str(name)] = position


def _heads(cells: list[NotebookNode], marks: Marks, texts: Mapping[str, str]) -> list[str | None]:
    """For every cell the solution that defines the same name."""
    solutions = {head: name for name, about in marks.items() if about["solution"] for head in _head(texts[name])}
    return [next((solutions[head] for head in _head(cell.source) if head in solutions), None) for cell in cells]


def _head(text: str) -> Iterator[str]:
    yield from (" ".join(found[0].split()) for found in HEAD.finditer(text))
