"""Match the cells of a student's notebook to the course's cells, by the surest clue first.

Metadata can be lost, copied, swapped or edited, and some editors drop it all. The text of locked cells, cell ids, the
name that a solution defines and the position between two known cells tell as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from gradekit.hidden_regions import without_regions
from gradekit.notebook import mark

HEAD = re.compile(r"(?m)^(?:def|class)\s+\w+|^\w+(?=\s*=[^=])")  # what a cell defines
Clues = list[str | None]  # for each cell of the student's notebook: the grade_id that it may have


@dataclass(frozen=True)
class CourseCell:
    """A cell of the course's own notebook; `grade_id` is empty where it has no nbgrader metadata."""

    id: str
    kind: str
    text: str
    grade_id: str = ""


@dataclass(frozen=True)
class CourseNotebook:
    """What the course knows of a notebook. Keys are grade_ids."""

    metadata: Mapping[str, Mapping[str, Any]]  # nbgrader's metadata of each cell
    texts: Mapping[str, str]  # as in the gradebook: with hidden tests, without solutions
    cells: Sequence[CourseCell]  # all cells of the notebook in source/; empty where that is not on this machine
    kernel: Mapping[str, str]


@dataclass(frozen=True)
class Identified:
    """The course's cells in a student's notebook."""

    graded: dict[str, int]  # grade_id -> position
    free: dict[int, int]  # position in the course's notebook -> position, for cells without nbgrader metadata
    copies: list[str]  # grade_ids of further copies
    unknown: list[str]  # grade_ids that this notebook does not have
    bare: bool  # no cell has nbgrader metadata


def released(text: str) -> str:
    """A cell's text as students received it, without white space at the ends of lines."""
    return "\n".join(line.rstrip() for line in without_regions(text).strip().split("\n"))


def locked(about: Mapping[str, Any]) -> bool:
    """Whether a cell's text is the instructor's."""
    return bool(not about["solution"] and (about["grade"] or about["locked"] or about["task"]))


def manual(about: Mapping[str, Any]) -> bool:
    """Whether a cell is an answer that a person grades."""
    return bool(about["solution"] and about["grade"])


def identify(cells: Sequence[NotebookNode], course: CourseNotebook) -> Identified:
    """Find the course's cells by the surest clue first; each is found once."""
    claims: Clues = [_claim(cell) for cell in cells]
    ids = {cell.id: cell.grade_id for cell in course.cells if cell.grade_id and cell.id}
    by_id: Clues = [ids.get(cell.get("id", "")) for cell in cells]
    by_text = _by_text(cells, claims, _locked_texts(course))
    graded: dict[str, int] = {}
    for clues in (_both(claims, by_text), by_text, _both(claims, by_id), by_id, claims, _heads(cells, course)):
        _take(graded, clues, course.metadata)
    free = _free(cells, course, set(graded.values()))
    _between(cells, course, graded, free)
    rest = [at for at in range(len(cells)) if at not in set(graded.values())]
    copies = [name for at in rest if (name := by_text[at] or claims[at]) in graded]
    unknown = [name for at in rest if (name := claims[at]) and name not in course.metadata]
    unknown = [re.sub(r"[^\w.-]", "?", name)[:40] for name in unknown]
    return Identified(graded, free, [name for name in copies if name], unknown, not any(claims))


def _claim(cell: NotebookNode) -> str | None:
    name = mark(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def _locked_texts(course: CourseNotebook) -> dict[str, list[str]]:
    """Released text -> the locked cells that have it, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, about in course.metadata.items():
        if locked(about) and (text := released(course.texts[name])):
            found[text].append(name)
    return found


def _by_text(cells: Sequence[NotebookNode], claims: Clues, texts: Mapping[str, list[str]]) -> Clues:
    """The locked cell with the same text; where several have it, the one that is claimed, or the next of them."""
    clues: Clues = []
    seen: dict[str, int] = defaultdict(int)
    for cell, claim in zip(cells, claims, strict=True):
        text = released(cell.source)
        names = texts.get(text, [])
        clues.append(claim if claim in names else names[min(seen[text], len(names) - 1)] if names else None)
        seen[text] += 1
    return clues


def _both(one: Clues, other: Clues) -> Clues:
    return [clue if clue == also else None for clue, also in zip(one, other, strict=True)]


def _take(graded: dict[str, int], clues: Clues, known: Mapping[str, Any]) -> None:
    """Give each cell to the first clue that names it, where both are free."""
    taken = set(graded.values())
    for at, name in enumerate(clues):
        if name is not None and name in known and name not in graded and at not in taken:
            graded[name] = at
            taken.add(at)


def _heads(cells: Sequence[NotebookNode], course: CourseNotebook) -> Clues:
    """For each cell the solution that defines the same name."""
    solutions = {
        head: name for name, about in course.metadata.items() if about["solution"] for head in _head(course.texts[name])
    }
    return [next((solutions[head] for head in _head(cell.source) if head in solutions), None) for cell in cells]


def _head(text: str) -> Iterator[str]:
    yield from (" ".join(found[0].split()) for found in HEAD.finditer(text))


def _free(cells: Sequence[NotebookNode], course: CourseNotebook, taken: set[int]) -> dict[int, int]:
    """Cells of the course without nbgrader metadata, by their id or else their text."""
    ids = {cells[at].get("id", ""): at for at in reversed(range(len(cells))) if at not in taken}
    texts: dict[str, list[int]] = defaultdict(list)
    for at, cell in enumerate(cells):
        if at not in taken:
            texts[cell.source.strip()].append(at)
    found: dict[int, int] = {}
    for number, own in enumerate(course.cells):
        if not own.grade_id:
            clues = [ids[own.id]] if own.id and own.id in ids else []
            clues += texts.get(own.text.strip(), []) if own.text.strip() else []
            found.update((number, at) for at in clues[:10] if number not in found and at not in found.values())
    return found


def _between(
    cells: Sequence[NotebookNode], course: CourseNotebook, graded: dict[str, int], free: dict[int, int]
) -> None:
    """Lost cells between two known ones, where the student's notebook has as many there, of the same kinds."""
    taken = {*graded.values(), *free.values()}
    run: list[CourseCell] = []
    last = -1
    for number, cell in enumerate([*course.cells, None]):
        at = len(cells) if cell is None else graded.get(cell.grade_id, free.get(number))
        if at is None:
            run.append(cell)  # type: ignore[arg-type]  # only the end is None, and it has a position
            continue
        gap = [position for position in range(last + 1, at) if position not in taken]
        if [one.kind for one in run] == [cells[position].cell_type for position in gap]:
            graded.update((one.grade_id, position) for one, position in zip(run, gap, strict=True) if one.grade_id)
        last, run = at, []
