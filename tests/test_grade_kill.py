"""A grader killed at any moment leaves no student half graded; the next run completes its work.

The class has been graded before, and a person has given points and comments: a run that is killed could spoil them.
Moments are drawn with SEED; set CONVKIT_KILLS for another number of them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import types
from pathlib import Path

import psutil
import pytest

from gradekit.grading.grade import grade
from gradekit.notebook import read
from gradekit.release import release
from tests import toy
from tests.toy import WRONG, hand_in

pytestmark = [
    pytest.mark.days,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="who holds a lock is read from /proc/locks"),
]

SEED = 20261122
KILLS = int(os.environ.get("CONVKIT_KILLS", "20"))
WORKERS_KILLED = 4  # so many of them are kills of a worker; the others are of the grader itself
STUDENTS = ("ada", "ben", "chiara", "dilan")

# Every value that a grading or a person writes, by names in the place of ids, which are drawn at random.
SCORES = """
    select s.student_id, n.name, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade,
           sn.late_submission_penalty, sn.flagged
    from grade g join base_cell c on c.id = g.cell_id join submitted_notebook sn on sn.id = g.notebook_id
    join notebook n on n.id = sn.notebook_id join submitted_assignment s on s.id = sn.assignment_id order by 1, 2, 3"""
COMMENTS = """
    select s.student_id, n.name, c.name, m.auto_comment, m.manual_comment
    from comment m join base_cell c on c.id = m.cell_id join submitted_notebook sn on sn.id = m.notebook_id
    join notebook n on n.id = sn.notebook_id join submitted_assignment s on s.id = sn.assignment_id order by 1, 2, 3"""
COUNTS = "select (select count(*) from student), (select count(*) from submitted_assignment)"


def rows(root: Path) -> dict[str, list[tuple]]:
    """The gradebook by student."""
    with sqlite3.connect(root / "gradebook.db", timeout=300) as book:
        found = [*book.execute(SCORES), *book.execute(COMMENTS)]
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)
        assert book.execute(COUNTS).fetchone() == (len(STUDENTS), len(STUDENTS)), "each student is there once"
    return {student: [row for row in found if row[0] == student] for student in STUDENTS}


def outputs(root: Path) -> dict[str, list]:
    """What the graded notebooks show."""
    files = sorted((root / "autograded").rglob("*.ipynb"))
    return {str(file.relative_to(root)): [cell.get("outputs") for cell in read(file).cells] for file in files}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A class that was graded, read by a person, and has resubmitted."""
    root = toy.make(tmp_path_factory.mktemp("class") / "course")
    release(root)
    for student in STUDENTS:
        hand_in(root, student, layer_params=WRONG, parameters_why="It sees two channels.")
    assert grade(root).complete
    with sqlite3.connect(root / "gradebook.db") as book:
        task = "(select id from base_cell where name = 'parameters-why')"
        book.execute(f"update grade set manual_score = 1.5, extra_credit = 0.5 where cell_id = {task}")
        book.execute("update comment set manual_comment = 'Nicely said.'")
    for number, student in enumerate(STUDENTS):
        hand_in(root, student, **({"second_layer_params": ""} if number % 2 else {}))
    return root


@pytest.fixture(scope="module")
def undisturbed(before, tmp_path_factory):
    """The same class graded without interruption: (gradebook before, gradebook after, graded notebooks, seconds)."""
    root = tmp_path_factory.mktemp("peace") / "course"
    shutil.copytree(before, root)
    old, begun = rows(root), time.monotonic()
    assert grade(root, workers=2).graded == list(STUDENTS)
    return old, rows(root), outputs(root), time.monotonic() - begun


def lock_holders(root: Path) -> list[int]:
    """Process ids of the workers: they hold locks."""
    inode = (root / ".gradebook.db.locks").stat().st_ino
    lines = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return sorted({int(line[4]) for line in lines if line[1] == "POSIX" and int(line[5].split(":")[2]) == inode})


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def run(root: Path) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=grade, args=(root,), kwargs={"workers": 2})
    process.start()
    return process


def moments() -> list[tuple[float, bool]]:
    """(when, as a part of an undisturbed run; whether a worker is killed)"""
    draw = random.Random(SEED)
    return [(draw.random(), number < WORKERS_KILLED) for number in range(KILLS)]


@pytest.mark.parametrize(("moment", "worker"), moments())
def test_killed_and_resumed_the_gradebook_is_that_of_an_undisturbed_run(before, undisturbed, tmp_path, moment, worker):
    old, new, shown, seconds = undisturbed
    root = tmp_path / "course"
    shutil.copytree(before, root)
    process = run(root)
    time.sleep(moment * seconds)
    workers = lock_holders(root)
    if worker and workers:
        os.kill(workers[0], signal.SIGKILL)
        process.join(60)
        assert process.exitcode == 0
    else:
        process.kill()
        process.join()
        after_the_kill = rows(root)
        for student in STUDENTS:
            assert after_the_kill[student] in (old[student], new[student]), "half written"
    outcome = grade(root, workers=2)
    assert (outcome.troubles, outcome.complete) == ([], True)
    assert set(outcome.graded) | set(outcome.kept) == set(STUDENTS)
    assert rows(root) == new
    assert outputs(root) == shown
    assert gone(workers), "a worker outlives the grader"
    pages = [f"{student}/toy/{name}.html" for student in STUDENTS for name in ("1-first", "2-second")]
    assert sorted(str(page.relative_to(root / "feedback")) for page in (root / "feedback").rglob("*.html")) == pages
    left = [path.name for step in ("autograded", "feedback") for path in (root / step).rglob(".*")]
    assert left == [], "what the killed run was making"
    assert grade(root).kept == list(STUDENTS)


# A random moment seldom meets the few milliseconds in which a result is put in place: here each step is met.
STEPS = ["before the scores", "before the notebooks", "in the middle of them", "before the pages", "before the end"]


def _graded_up_to(root: Path, step: str) -> None:
    """Grade ada in this process, and kill it at a step."""
    from gradekit.course import course
    from gradekit.grading import gradebook, ledger, student

    def die(*arguments, **settings) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    in_place = student.Workspace._in_place
    if step == "before the scores":
        gradebook.merge = die
    elif step == "in the middle of them":
        replaced = iter([os.replace, die])
        student.os = types.SimpleNamespace(replace=lambda *paths: next(replaced)(*paths))
    elif step == "before the end":
        ledger.complete = die
    else:
        last = "autograded" if step == "before the notebooks" else "feedback"
        student.Workspace._in_place = lambda space, part, who: die() if part == last else in_place(space, part, who)
    here = course(root)
    workspace = student.Workspace(here, Path(tempfile.mkdtemp(dir=root)))
    with workspace.engine.begin() as connection:
        known = ledger.read(connection, here.assignment, "ada")
        ledger.grade_again(connection, here, {"ada": known}, "test")
    workspace.grade("ada", known.entry.run)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_of_putting_a_result_in_place(before, undisturbed, tmp_path, step):
    old, new, shown, _ = undisturbed
    root = tmp_path / "course"
    shutil.copytree(before, root)
    process = multiprocessing.get_context("fork").Process(target=_graded_up_to, args=(root, step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert rows(root)["ada"] == (old if step == STEPS[0] else new)["ada"]
    assert grade(root).graded == list(STUDENTS)
    assert (rows(root), outputs(root)) == (new, shown)
    assert [path.name for path in (root / "autograded").rglob(".*")] == []


def test_a_run_that_was_killed_leaves_no_process(before, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(before, root)
    process = run(root)
    deadline = time.monotonic() + 60
    while not lock_holders(root) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    workers = lock_holders(root)
    assert len(workers) == 2
    process.kill()
    process.join()
    assert gone(workers)
    assert lock_holders(root) == []
