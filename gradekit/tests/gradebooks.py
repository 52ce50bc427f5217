"""A course with one assignment and its gradebook, made with nbgrader's own API: no kernel, nothing graded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from sqlalchemy import text

from gradekit.course import course, listening, open_gradebook

ASSIGNMENT = "hw1"


@dataclass(frozen=True)
class Student:
    """One student of a toy gradebook; `score` is what the program gave, None for nothing handed in."""

    id: str
    score: float | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    lms_user_id: str | None = None
    penalty: float = 0.0
    waits: bool = False  # for the points of a person


def make(root: Path, students: Iterable[Student], max_score: float = 8, by_hand: float = 2) -> Path:
    """Write a course whose only notebook has a cell with `max_score` points, and one that a person grades."""
    notebook = root / f"source/{ASSIGNMENT}/1.ipynb"
    notebook.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell("# One", id="title")]), notebook)
    (root / "gradebook.db").write_bytes(_empty_gradebook())
    with open_gradebook(course(root)) as book:
        for pragma in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=MEMORY"):  # hundreds of commits wait for no disk
            book.db.execute(text(pragma))
        book.add_assignment(ASSIGNMENT)
        book.add_notebook("1", ASSIGNMENT)
        book.add_grade_cell("program", "1", ASSIGNMENT, max_score=max_score, cell_type="code")
        book.add_grade_cell("words", "1", ASSIGNMENT, max_score=by_hand, cell_type="markdown")
        for student in students:
            _add(book, student)
    return root


@cache
def _empty_gradebook() -> bytes:
    """nbgrader starts a program for every new gradebook: once is enough."""
    with tempfile.TemporaryDirectory() as folder, listening(), Gradebook(f"sqlite:///{folder}/gradebook.db"):
        return Path(folder, "gradebook.db").read_bytes()


def _add(book, student: Student) -> None:
    names = {name: getattr(student, name) for name in ("first_name", "last_name", "email", "lms_user_id")}
    book.add_student(student.id, **names)
    if student.score is None:
        return
    book.add_submission(ASSIGNMENT, student.id)
    program = book.find_grade("program", "1", ASSIGNMENT, student.id)
    program.auto_score, program.needs_manual_grade = student.score, False
    words = book.find_grade("words", "1", ASSIGNMENT, student.id)
    words.manual_score, words.needs_manual_grade = (None if student.waits else 0.0), student.waits
    book.find_submission_notebook("1", ASSIGNMENT, student.id).late_submission_penalty = student.penalty
    book.db.commit()
