"""Answers in words: a blank one gets 0 points, a changed one is flagged for manual grading.

nbgrader flags every answer that has a manual score each time it is graded, and never flags or zeroes the answer to a
task. Here a student's new notebook is compared with the one that was graded before.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from gradekit.notebook import cells_of, mark
from gradekit.repair.arrange import parse

NO_RESPONSE = "No response."  # nbgrader's comment on a blank answer


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer in words."""

    text: str  # of new cells below a task; of the answer's own cell and new ones below it
    blank: bool  # it is certain that the student wrote no answer


def answers(notebook: Path, release: Path, edited: Collection[str] = ()) -> dict[str, WrittenAnswer]:
    """The answers in words of a graded notebook, by grade_id; `edited` are locked cells that the student edited.

    Words in a cell without metadata, or in a locked text, may answer any question: then none counts as blank. Words
    right below a task answer it, and no other. A task has no cell of its own for the answer, so it counts as blank
    only if all other answers are blank as well.
    """
    cells = cells_of(notebook)
    given = {"", *(_plain(cell) for cell in (cells_of(release) if release.exists() else ()))}
    new = [cell for cell in cells if not mark(cell) and _plain(cell) not in given]
    locked = [cell for cell in cells if mark(cell).get("grade_id") in edited and cell.cell_type != "code"]
    of_tasks = {id(part) for at, cell in enumerate(cells) if mark(cell).get("task") for part in _below(cells, at)}
    elsewhere = bool(locked) or any(_has_words(cell) for cell in new if id(cell) not in of_tasks)
    written = [cell for cell in cells if _is_answer(cell) and _touched(cell)] or any(map(_has_words, new))
    found = {}
    for at, cell in enumerate(cells):
        name, below = str(mark(cell).get("grade_id")), [part for part in _below(cells, at) if _plain(part) not in given]
        if mark(cell).get("task"):
            found[name] = WrittenAnswer(_text(below), not (elsewhere or below or written))
        elif _is_answer(cell):
            found[name] = WrittenAnswer(_text([cell, *below]), not (elsewhere or below or _touched(cell)))
    return found


def _is_answer(cell: NotebookNode) -> bool:
    """Whether a cell is for an answer that is graded manually."""
    return bool(mark(cell).get("solution") and mark(cell).get("grade"))


def _touched(cell: NotebookNode) -> bool:
    return bool(_plain(cell)) and mark(cell).get("checksum") != compute_checksum(cell)


def _has_words(cell: NotebookNode) -> bool:
    """Whether a cell is text, or a code cell that is not Python, or of nothing but comments, names and values.

    >>> [_has_words(NotebookNode(cell_type="code", source=text)) for text in ("Two of them.", "# Two", "two = 1 + 1")]
    [True, True, False]
    """
    tree = parse(cell.source) if cell.cell_type == "code" else None
    return tree is None or all(
        isinstance(part, ast.Expr) and isinstance(part.value, ast.Name | ast.Constant) for part in tree.body
    )


def _below(cells: list[NotebookNode], at: int) -> list[NotebookNode]:
    """The cells from a cell to the next one of nbgrader's."""
    end = next((number for number in range(at + 1, len(cells)) if mark(cells[number])), len(cells))
    return cells[at + 1 : end]


def _text(cells: list[NotebookNode]) -> str:
    return "\n".join(_plain(cell) for cell in cells)


def _plain(cell: NotebookNode) -> str:
    return " ".join(cell.source.split())


def decided(before: Mapping[str, Any], old: WrittenAnswer | None, new: WrittenAnswer) -> dict[str, Any]:
    """Fields of the grade of an answer; `before` is its row before this grading.

    >>> row = {"manual_score": 1.5, "needs_manual_grade": False}
    >>> decided(row, WrittenAnswer("as it was", False), WrittenAnswer("as it was", False))
    {'auto_score': None, 'needs_manual_grade': False}
    >>> decided(row, WrittenAnswer("as it was", False), WrittenAnswer("new words", False))
    {'auto_score': None, 'needs_manual_grade': True}
    >>> decided({"manual_score": None, "needs_manual_grade": True}, None, WrittenAnswer("", True))
    {'auto_score': 0.0, 'needs_manual_grade': False}
    """
    graded_by_person = before.get("manual_score") is not None
    same = old is not None and old.text == new.text
    waits = (not same or bool(before["needs_manual_grade"])) if graded_by_person else not new.blank
    return {"auto_score": 0.0 if new.blank else None, "needs_manual_grade": waits}
