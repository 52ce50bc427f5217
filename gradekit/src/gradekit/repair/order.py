"""Where do cells belong that are missing, or that were moved? Behind what they come behind in the course's notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nbformat import NotebookNode

from gradekit.notebook import mark
from gradekit.repair.owners import Marks, locked

Make = Callable[[str], NotebookNode]


def positions(cells: list[NotebookNode]) -> dict[str, int]:
    """Where the known cells are."""
    return {str(mark(cell)["grade_id"]): at for at, cell in enumerate(cells) if "grade_id" in mark(cell)}


def put_back(cells: list[NotebookNode], marks: Marks, make: Make) -> list[str]:
    """Insert the cells that are missing and count, or that set up others; returns their names."""
    at = positions(cells)
    missing = [name for name, about in marks.items() if name not in at and _wanted(about)]
    for name in missing:
        _insert(cells, marks, name, make(name))
    return missing


def _wanted(about: Mapping[str, Any]) -> bool:
    return bool(about["grade"] or about["task"] or (locked(about) and about["cell_type"] == "code"))


def in_order(cells: list[NotebookNode], marks: Marks) -> list[str]:
    """Bring locked cells behind the ones that they follow in the course's notebook; returns the names of those moved.

    A student's own cells and solutions stay where they are.
    """
    at = positions(cells)
    there = [name for name in marks if name in at]
    rising = set(_rising([at[name] for name in there]))
    moved = [name for name in there if at[name] not in rising and locked(marks[name])]
    moved += [name for name in there if name not in moved and _too_early(name, there, at, marks)]
    moved = [name for name in there if name in moved]
    lifted = {name: cells[at[name]] for name in moved}
    for position in sorted((at[name] for name in moved), reverse=True):
        del cells[position]
    for name, cell in lifted.items():
        _insert(cells, marks, name, cell)
    return moved


def _too_early(name: str, there: list[str], at: Mapping[str, int], marks: Marks) -> bool:
    """Does a graded cell stand before a solution that it follows in the course's notebook?"""
    before = there[: there.index(name)]
    return locked(marks[name]) and any(at[other] > at[name] and not locked(marks[other]) for other in before)


def _insert(cells: list[NotebookNode], marks: Marks, name: str, cell: NotebookNode) -> None:
    """Graded cells go behind all that come before them; others, which set something up, before all that come after."""
    at, order = positions(cells), list(marks)
    before = [at[other] for other in order[: order.index(name)] if other in at]
    after = [at[other] for other in order[order.index(name) :] if other in at]
    counts = marks[name]["grade"] or marks[name]["task"]
    if counts or not after:
        cells.insert(max(before) + 1 if before else len(cells), cell)
    else:
        cells.insert(min(after), cell)


def _rising(values: list[int]) -> list[int]:
    """The longest part of a sequence that rises.

    >>> _rising([5, 0, 1, 3, 2])
    [0, 1, 2]
    """
    best: list[list[int]] = []  # the lowest-ending rising part of each length
    for value in values:
        length = sum(part[-1] < value for part in best)
        part = [*(best[length - 1] if length else []), value]
        best[length : length + 1] = [part]
    return best[-1] if best else []
