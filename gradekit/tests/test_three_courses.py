"""Ordinary courses that adopt gradekit in one line: every cell's score is the one that plain nbgrader gives."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from three_courses import COURSES, UniversityCourse

from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.solutions import answer_file

pytestmark = pytest.mark.days

SCORES = """select sa.student_id, b.name, g.auto_score, g.needs_manual_grade from grade g
    join submitted_notebook sn on g.notebook_id = sn.id
    join submitted_assignment sa on sn.assignment_id = sa.id join base_cell b on g.cell_id = b.id"""


def scores(root: Path) -> dict[tuple[str, str], tuple[float, bool]]:
    """(student, cell) -> (automatic score, whether a person has to read it)."""
    with sqlite3.connect(root / "gradebook.db") as book:
        return {(student, cell): (points, bool(reads)) for student, cell, points, reads in book.execute(SCORES)}


def nbgrader(root: Path, command: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader runs `alembic`
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", command, "hw1"],
        cwd=root, env={**os.environ, "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def hand_in(course: UniversityCourse, root: Path) -> None:
    for student, answers in course.students().items():
        folder = root / "submitted" / student / "hw1"
        shutil.copytree(root / "release/hw1", folder)
        answer_file(root / f"release/hw1/{course.name}.ipynb", folder / f"{course.name}.ipynb", answers)


@pytest.mark.parametrize("course", COURSES, ids=[course.name for course in COURSES])
def test_every_cell_gets_the_score_of_plain_nbgrader(course, tmp_path):
    plain, adopted = tmp_path / "plain", tmp_path / "adopted"
    for root in (plain, adopted):
        course.make(root)
    with (adopted / "nbgrader_config.py").open("a") as config:
        config.write("import gradekit.adopt; gradekit.adopt.course(c)\n")
    nbgrader(plain, "generate_assignment")
    release(adopted)
    for root in (plain, adopted):
        hand_in(course, root)

    nbgrader(plain, "autograde")
    outcome = grade(adopted)

    expected = scores(plain)
    assert scores(adopted) == expected
    assert outcome.graded == sorted(course.students())
    full = {student for student in course.students() if all(got for (who, cell), (got, _) in expected.items()
            if who == student and cell != "discussion")}  # fmt: skip
    assert full == {"right", "other"}, "the bank has right and wrong answers, in the eyes of plain nbgrader"
