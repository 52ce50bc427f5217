"""The bank's points are those of nbgrader as it comes too: no setting of this course, its own autograde, one process.

A check decides by its asserts then, in the student's kernel. Kernels are warm ones, for the time alone.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradekit import forkserver
from tests.answers import CELLS, Answer
from tests.bank_course import ASSIGNMENTS, BANK, ROOT, points, release_and_hand_in, students
from tests.processes import outside_pytest

pytestmark = pytest.mark.days

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "plain"
c.Execute.timeout = 120
c.Execute.kernel_name = "gradekit-forked"
"""


@pytest.fixture(scope="module")
def grades(tmp_path_factory) -> dict[tuple[str, str], float]:
    """(student, graded cell) -> points, as `nbgrader autograde` writes them."""
    root: Path = tmp_path_factory.mktemp("plain")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    release_and_hand_in(root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    for command, name in itertools.product(("generate_assignment", "autograde"), ASSIGNMENTS):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, name, "--force"],
            cwd=root, env={**outside_pytest(), "JUPYTER_PATH": str(forkserver.jupyter_path())},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    return points(root)


@pytest.mark.parametrize("answer", BANK, ids=[f"{answer.exercise}: {answer.name}" for answer in BANK])
def test_an_answer_gets_exactly_its_points(answer: Answer, grades):
    student = students()[answer]
    assert tuple(grades[student, cell] for cell in CELLS[answer.exercise]) == answer.points
