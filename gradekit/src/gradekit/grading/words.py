"""Answers in words: a blank one gets 0 points, a changed one is flagged for manual grading, others stay as they are.

nbgrader flags every answer that has a manual score each time it is graded, and never flags or zeroes the answer to a
task. Here a student's new notebook is compared with the one that was graded before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.utils import compute_checksum

from gradekit.notebook import mark, read

if TYPE_CHECKING:
    from nbformat import NotebookNode

NO_RESPONSE = "No response."  # nbgrader's comment on a blank answer


@dataclass(frozen=True)
class Answer:
    """An answer in words."""

    text: str  # of the cell and of new cells below it; of a task, of all cells up to the next one of nbgrader's
    blank: bool  # it is as it was released, and the student has written no words outside of the answers to tasks


def answers(notebook: Path, source: Path, release: Path, edited: Collection[str] = ()) -> dict[str, Answer]:
    """The answers in words of a graded notebook, by grade_id. No answer to a task in `edited` counts as blank.

    Without a source notebook none counts as blank, as it can't be told what was released.
    """
    cells = read(notebook).cells
    known = [read(path).cells for path in (source, release) if path.exists()]  # a release may have a header of its own
    released = [_plain(cell) for part in known for cell in part if not mark(cell)] if source.exists() else None
    given = {*(released or ()), ""}
    of_tasks = {id(part) for at, cell in enumerate(cells) if mark(cell).get("task") for part in _below(cells, at)}
    elsewhere = any(
        cell.cell_type == "markdown" and not mark(cell) and _plain(cell) not in given and id(cell) not in of_tasks
        for cell in cells
    )
    found = {}
    for at, cell in enumerate(cells):
        about, below = mark(cell), _below(cells, at)
        new = [part for part in below if _plain(part) not in given]
        blank = released is not None and not new and not elsewhere
        if about.get("task"):
            text = [_plain(part) for part in below]
            found[str(about["grade_id"])] = Answer("\n".join(text), blank and about["grade_id"] not in edited)
        elif about.get("grade") and about.get("solution"):
            untouched = not _plain(cell) or about.get("checksum") == compute_checksum(cell)
            found[str(about["grade_id"])] = Answer("\n".join(map(_plain, [cell, *new])), blank and untouched)
    return found


def _below(cells: list[NotebookNode], at: int) -> list[NotebookNode]:
    """The cells from a cell to the next one of nbgrader's."""
    end = next((number for number in range(at + 1, len(cells)) if mark(cells[number])), len(cells))
    return cells[at + 1 : end]


def _plain(cell: NotebookNode) -> str:
    return " ".join(cell.source.split())


def decided(before: Mapping[str, Any], old: Answer | None, new: Answer) -> dict[str, Any]:
    """Fields of the grade of an answer; `before` is its row before this grading.

    >>> row = {"manual_score": 1.5, "needs_manual_grade": False}
    >>> decided(row, Answer("as it was", False), Answer("as it was", False))
    {'auto_score': None, 'needs_manual_grade': False}
    >>> decided(row, Answer("as it was", False), Answer("new words", False))
    {'auto_score': None, 'needs_manual_grade': True}
    >>> decided({"manual_score": None, "needs_manual_grade": True}, None, Answer("", True))
    {'auto_score': 0.0, 'needs_manual_grade': False}
    """
    graded_by_person = before.get("manual_score") is not None
    same = old is not None and old.text == new.text
    waits = (not same or bool(before["needs_manual_grade"])) if graded_by_person else not new.blank
    return {"auto_score": 0.0 if new.blank else None, "needs_manual_grade": waits}
