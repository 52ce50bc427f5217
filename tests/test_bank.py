"""The grading is right: every answer of the bank goes through nbgrader's autograde, and gets its points, cell by cell.

A made-up student hands in the first answer of every exercise, the next one the second of every exercise, and so on.
"""

from __future__ import annotations

import shutil

import pytest

from gradekit.grading.grade import grade
from tests.answers import CELLS, RIGHT, WRONG
from tests.bank_course import ASSIGNMENTS, BANK, ROOT, points, release_and_hand_in, students
from tests.conftest import FURTHER, NOTEBOOKS

pytestmark = pytest.mark.days

WAITS = "a tensor, a product per weight, a print"  # it needs TensorFlow, for no convolution: a person decides


@pytest.fixture(scope="module")
def grades(tmp_path_factory) -> dict[tuple[str, str], float]:
    """(student, graded cell) -> points, after one run over everything."""
    root = tmp_path_factory.mktemp("bank")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    release_and_hand_in(root)
    expected = ("was not handed in", "may need a library")  # the second for a ready-made convolution
    for name in ASSIGNMENTS:
        outcome = grade(root, name)
        assert outcome.graded == sorted(path.parent.name for path in (root / "submitted").glob(f"*/{name}"))
        assert [trouble for trouble in outcome.troubles if not any(part in trouble.what for part in expected)] == []
    return points(root)


def test_the_bank_is_large_enough_and_no_name_stands_twice():
    names = [(answer.exercise, answer.name) for answer in BANK]
    assert len(set(names)) == len(names)
    assert len(WRONG) >= 40
    assert {answer.exercise for answer in WRONG} == {answer.exercise for answer in RIGHT} == set(CELLS)
    assert len(NOTEBOOKS) == 7
    assert len(FURTHER) == 4


@pytest.mark.parametrize("answer", BANK, ids=[f"{answer.exercise}: {answer.name}" for answer in BANK])
def test_an_answer_gets_exactly_its_points(answer, grades):
    student = students()[answer]
    got = tuple(grades[student, cell] for cell in CELLS[answer.exercise])
    assert got == ((None,) * len(answer.points) if answer.name == WAITS else answer.points)


def test_right_answers_get_full_marks():
    full = {answer.exercise: answer.points for answer in RIGHT}
    for answer in RIGHT:
        assert answer.points == full[answer.exercise]
    for answer in WRONG:
        assert sum(answer.points) < sum(full[answer.exercise]), answer.name
