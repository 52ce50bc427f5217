"""Reinsert missing cells of the course, and move graded ones back to their order."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nbformat import NotebookNode

from gradekit.limits import LONGEST_PARSED
from gradekit.notebook import mark
from gradekit.repair.identify import CourseCell, CourseNotebook, locked

WORD = re.compile(r"[^\W\d]\w*")
MAGIC = re.compile(r"(?m)^([^\S\n]*+)[%!].*$")
Metadata = Mapping[str, Mapping[str, Any]]


def positions(cells: list[NotebookNode]) -> dict[str, int]:
    """Positions of the cells with nbgrader metadata, by grade_id."""
    return {str(mark(cell)["grade_id"]): at for at, cell in enumerate(cells) if "grade_id" in mark(cell)}


def reinsert(cells: list[NotebookNode], metadata: Metadata, make: Callable[[str], NotebookNode]) -> list[str]:
    """Insert the missing cells that count, or that set up others; returns their grade_ids."""
    at = positions(cells)
    missing = [
        name
        for name, about in metadata.items()
        if name not in at and (about["grade"] or about["task"] or (locked(about) and about["cell_type"] == "code"))
    ]
    for name in missing:
        _insert(cells, metadata, name, make(name))
    return missing


def reorder(cells: list[NotebookNode], metadata: Metadata) -> list[str]:
    """Move locked cells after the ones that they follow in the course's notebook; returns the grade_ids of those moved.

    A student's own cells and solutions stay where they are.
    """
    at = positions(cells)
    there = [name for name in metadata if name in at]
    rising = set(_longest_rising([at[name] for name in there]))
    moved = [name for name in there if at[name] not in rising and locked(metadata[name])]
    moved += [name for name in there if name not in moved and _too_early(name, there, at, metadata)]
    moved = [name for name in there if name in moved]
    lifted = {name: cells[at[name]] for name in moved}
    for position in sorted((at[name] for name in moved), reverse=True):
        del cells[position]
    for name, cell in lifted.items():
        _insert(cells, metadata, name, cell)
    return moved


def _too_early(name: str, there: list[str], at: Mapping[str, int], metadata: Metadata) -> bool:
    """Whether a graded cell is before a solution that it follows in the course's notebook."""
    before = there[: there.index(name)]
    return locked(metadata[name]) and any(at[other] > at[name] and not locked(metadata[other]) for other in before)


def _insert(cells: list[NotebookNode], metadata: Metadata, name: str, cell: NotebookNode) -> None:
    """Graded cells go after all that precede them; others, which set something up, before all that follow."""
    at, order = positions(cells), list(metadata)
    before = [at[other] for other in order[: order.index(name)] if other in at]
    after = [at[other] for other in order[order.index(name) :] if other in at]
    counts = metadata[name]["grade"] or metadata[name]["task"]
    if counts or not after:
        cells.insert(max(before) + 1 if before else len(cells), cell)
    else:
        cells.insert(min(after), cell)


def _longest_rising(values: list[int]) -> list[int]:
    """The longest increasing subsequence.

    >>> _longest_rising([5, 0, 1, 3, 2])
    [0, 1, 2]
    """
    best: list[list[int]] = []  # of each length, the one that ends lowest
    for value in values:
        length = sum(part[-1] < value for part in best)
        part = [*(best[length - 1] if length else []), value]
        best[length : length + 1] = [part]
    return best[-1] if best else []


def parse(text: str) -> ast.Module | None:
    """The syntax tree of a code cell, with `pass` for each magic; None where it is not Python, or too long.

    >>> ast.unparse(parse("for n in range(2):\\n    !ls"))
    'for n in range(2):\\n    pass'
    """
    try:
        return ast.parse(MAGIC.sub(r"\1pass", text)) if len(text) <= LONGEST_PARSED else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def names(text: str) -> tuple[set[str], set[str]]:
    """(names that a code cell defines, names that it uses). A cell that is not Python defines nothing.

    >>> [sorted(found) for found in names("import numpy as np\\ny = np.ones(n)")]
    [['np', 'y'], ['n', 'np']]
    """
    tree = parse(text)
    if tree is None:
        return set(), set(WORD.findall(text))
    stored: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add((node.asname or node.name).split(".")[0])
    return stored, used


def bring_back(
    cells: list[NotebookNode],
    course: CourseNotebook,
    free: Mapping[int, NotebookNode],
    make: Callable[[CourseCell], NotebookNode],
) -> list[str]:
    """Restore the course's free code cells that others need: retyped ones in place, deleted ones where they were.

    `free` has the free cells that are there, by their position in the course's notebook. Returns the ids of those
    restored. A cell that defines nothing that others use stays away, and so does one that was replaced.
    """
    lost = {
        number: cell
        for number, cell in enumerate(course.cells)
        if cell.kind == "code" and not cell.grade_id and (number not in free or free[number].cell_type != "code")
    }
    there = dict(free)
    back = _needed(cells, lost) if lost else []
    for number in back:
        if number in there:
            retype(there[number], "code")
        else:
            there[number] = make(lost[number])
            cells.insert(_after(cells, course, there, number), there[number])
    return [lost[number].id for number in back]


def _after(cells: list[NotebookNode], course: CourseNotebook, free: Mapping[int, NotebookNode], number: int) -> int:
    """The position after the last cell that precedes it in the course's notebook."""
    marked = {name: cells[at] for name, at in positions(cells).items()}
    before = [free.get(n, marked.get(course.cells[n].grade_id)) for n in range(number)]
    known = {id(cell) for cell in before if cell is not None}
    return max((at for at, cell in enumerate(cells) if id(cell) in known), default=-1) + 1


def _needed(cells: list[NotebookNode], lost: Mapping[int, CourseCell]) -> list[int]:
    """The lost cells that define what the others use, and what those need in turn; in order."""
    stored, used = _union(names(cell.source) for cell in cells if cell.cell_type == "code")
    about = {number: names(cell.text) for number, cell in lost.items()}
    back: set[int] = set()
    while new := [n for n, (defines, _) in about.items() if n not in back and (defines - stored) & used]:
        back.update(new)
        more_stored, more_used = _union(about[number] for number in new)
        stored, used = stored | more_stored, used | more_used
    return sorted(back)


def _union(pairs: Iterable[tuple[set[str], set[str]]]) -> tuple[set[str], set[str]]:
    stored: set[str] = set()
    used: set[str] = set()
    for more_stored, more_used in pairs:
        stored |= more_stored
        used |= more_used
    return stored, used


def retype(cell: NotebookNode, kind: str) -> None:
    """Change a cell's type."""
    for key in ("outputs", "execution_count", "attachments"):
        cell.pop(key, None)
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
