"""A course in which made-up students hand in the bank: the nth hands in the nth answer of each exercise."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

from gradekit.release import release
from gradekit.solutions import answer_file
from tests.answers import RIGHT, WRONG, Answer

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = ("conv2d", "conv2d-further")
BANK = [*WRONG, *RIGHT]


def students() -> dict[Answer, str]:
    """Which made-up student hands in which answer."""
    turn: dict[str, int] = defaultdict(int)
    owners = {}
    for answer in BANK:
        owners[answer] = f"student{turn[answer.exercise]:02d}"
        turn[answer.exercise] += 1
    return owners


def release_and_hand_in(root: Path) -> None:
    """A course, and what the made-up students hand in."""
    shutil.copytree(ROOT / "source", root / "source")
    for name in ASSIGNMENTS:
        release(root, name)
    owners = students()
    for student in set(owners.values()):
        mine = {answer.exercise: answer.source for answer, owner in owners.items() if owner == student}
        hand_in(root, student, mine)


def points(root: Path) -> dict[tuple[str, str], float]:
    """What the gradebook has: (student, graded cell) -> points."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        return {
            (submission.student_id, cell.name): cell.auto_score
            for name in ASSIGNMENTS
            for submission in book.assignment_submissions(name)
            for notebook in submission.notebooks
            for cell in notebook.grades
        }


def hand_in(root: Path, student: str, answers: dict[str, str]) -> None:
    """Hand in the notebooks that hold one of the answers."""
    for released in sorted((root / "release").glob("*/*.ipynb")):
        path = root / "submitted" / student / released.parent.name / released.name
        if not answer_file(released, path, answers):
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
