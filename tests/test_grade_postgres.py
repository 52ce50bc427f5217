"""Several graders at one course: each takes what no other has taken, and a dead one's students are taken over."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from gradekit.course import CourseFolder
from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.report import report
from tests import postgres, toy
from tests.processes import on_path
from tests.toy import WRONG, edit, hand_in

STUDENTS = [f"s{number}" for number in range(6)]


@pytest.fixture(scope="module")
def address():
    yield from postgres.server()


@pytest.fixture
def url(address, request, tmp_path):
    return postgres.new_database(address, tmp_path.name[:40])


def course_on(root: Path, url: str | None) -> Path:
    """A class of six in a folder, with its gradebook where the url says."""
    toy.make(root)
    if url:
        with open(root / "nbgrader_config.py", "a") as config:
            config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    release(root)
    for number, student in enumerate(STUDENTS):
        hand_in(root, student, **({"layer_params": WRONG} if number % 2 else {}))
    return root


def together(*roots: Path) -> list:
    """One grader for each folder, all at once; their outcomes."""
    context = multiprocessing.get_context("fork")
    with context.Pool(len(roots)) as pool:
        return pool.map(_grade_slowly, roots, chunksize=1)


def _grade_slowly(root: Path):
    return grade(root, workers=1)


def scores(root: Path) -> list:
    return [(row.student, row.score, row.scores) for row in report(root)]


EXPECTED = [(2 if number % 2 else 5) for number in range(6)]


def test_with_postgresql_two_folders_share_a_class(url, tmp_path):
    one = course_on(tmp_path / "one", url)
    two = shutil.copytree(one, tmp_path / "two")
    outcomes = together(one, two)
    assert [outcome.troubles for outcome in outcomes] == [[], []]
    graded = [set(outcome.graded) for outcome in outcomes]
    assert graded[0] | graded[1] == set(STUDENTS)
    assert not graded[0] & graded[1], "no student is graded twice"
    assert graded[0]
    assert graded[1]
    assert [row.score for row in report(one)] == EXPECTED
    for root, students in zip((one, two), graded, strict=True):
        assert {path.name for path in (root / "autograded").iterdir()} == students
        assert {path.name for path in (root / "feedback").iterdir()} == students
    assert grade(one).kept == STUDENTS, "the other folder's are kept too"


def test_the_environment_names_the_gradebook_as_it_does_for_nbgrader(tmp_path, monkeypatch):
    """On Kubernetes the address comes from a secret; a course that names its own gradebook keeps it."""
    monkeypatch.setenv("GRADEKIT_GRADEBOOK", "postgresql+psycopg://grader@database.example.org/conv2d\n")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    here = CourseFolder(tmp_path, "toy")
    assert here.directory().db_url == "postgresql+psycopg://grader@database.example.org/conv2d"
    assert here.gradebook() is None
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///own.db'\n")
    assert here.directory().db_url == f"sqlite:///{tmp_path}/own.db"


@pytest.mark.days  # 25 s
def test_nbgrader_goes_on_from_there(url, tmp_path):
    root = course_on(tmp_path / "course", url)
    assert grade(root, students=("s0", "s1")).graded == ["s0", "s1"]
    command = [sys.executable, "-m", "nbgrader", "autograde", "toy"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=on_path(), timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [row.score for row in report(root)] == EXPECTED
    assert grade(root).kept == STUDENTS


def test_with_one_file_and_one_folder_two_graders_share_a_class(tmp_path):
    root = course_on(tmp_path / "course", None)
    outcomes = together(root, root)
    graded = [set(outcome.graded) for outcome in outcomes]
    assert graded[0] | graded[1] == set(STUDENTS)
    assert not graded[0] & graded[1]
    assert [row.score for row in report(root)] == EXPECTED


@pytest.mark.parametrize("kind", ["postgresql", pytest.param("sqlite", marks=pytest.mark.days)])
def test_a_dead_graders_students_are_taken_over(request, tmp_path, kind):
    root = course_on(tmp_path / "course", request.getfixturevalue("url") if kind == "postgresql" else None)
    edit(root / "submitted/s0/toy/1-first.ipynb", _wait)
    process = multiprocessing.get_context("fork").Process(target=_grade_slowly, args=(root,))
    process.start()
    deadline = time.monotonic() + 60
    while not list((root / "autograded").glob(".gradekit-*/*/*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    other = grade(root, students=("s1", "s2"), workers=1)
    assert other.graded == ["s1", "s2"], "while s0 is taken"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    hand_in(root, "s0")
    assert grade(root).graded == ["s0", "s3", "s4", "s5"]
    assert [row.score for row in report(root)] == EXPECTED


def _wait(nb) -> None:
    """Cells that keep a grader busy until it is killed; each within the time that a cell may take."""
    sleeps = [nbformat.v4.new_code_cell("import time\ntime.sleep(50)", id=f"sleep-{number}") for number in range(6)]
    nb.cells[:0] = sleeps
