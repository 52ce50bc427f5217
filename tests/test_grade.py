"""What `gradekit grade` grades, keeps and makes up for; what it says of it; and what happens when a worker ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gradekit import cli
from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.report import report
from tests import toy
from tests.processes import MARK, gone, hear_ctrl_c, marked
from tests.toy import WRONG, edit, hand_in


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    root = toy.make(tmp_path_factory.mktemp("base"))
    release(root)
    return root


@pytest.fixture
def root(base, tmp_path):
    shutil.copytree(base, tmp_path / "course")
    return tmp_path / "course"


def hidden(root: Path) -> list[str]:
    """What a run has left next to the students' folders."""
    return [path.name for step in ("autograded", "feedback") for path in (root / step).rglob(".*")]


@pytest.mark.parametrize("settings", ["c = get_config()\n", f"{toy.SETTINGS}c.Execute.kernel_name = 'python3'\n"])
def test_a_run_without_the_sandbox_says_so_first(root, capsys, settings):
    (root / "submitted").mkdir()
    assert grade(root).notes == []
    (root / "nbgrader_config.py").write_text(settings)
    (note,) = grade(root).notes
    assert note.startswith("WARNING: no sandbox. What students handed in runs with your rights")
    assert capsys.readouterr().err == f"gradekit: {note}\n"


# What is graded again


def test_a_copy_with_an_older_time_counts_as_changed_and_a_touched_file_does_not(root):
    folder = hand_in(root, "ada", layer_params=WRONG)
    assert grade(root).graded == ["ada"]
    hand_in(root, "ada")
    os.utime(folder / "1-first.ipynb", (1e9, 1e9))
    outcome = grade(root)
    assert (outcome.graded, [row.score for row in report(root)]) == (["ada"], [5])
    later = time.time() + 100
    os.utime(folder / "1-first.ipynb", (later, later))
    assert grade(root).kept == ["ada"], "its content is the same"
    (folder / "data.csv").write_text("1,2\n")
    assert grade(root).graded == ["ada"], "a file next to the notebooks may change what they do"


def test_what_nbgrader_itself_graded_is_kept_and_a_lost_gradebook_is_not_taken_for_graded(root):
    from gradekit.course import course
    from gradekit.grading.nbgrader_steps import autograde

    hand_in(root, "ada")
    autograde(course(root), "ada", {})
    assert grade(root, students=("ada",)).graded == [], "there are scores, and a graded notebook that is newer"
    (root / "gradebook.db").unlink()
    assert grade(root).graded == ["ada"]


def test_a_missing_page_is_written_without_grading(root):
    hand_in(root, "ada")
    grade(root)
    graded, page = root / "autograded/ada/toy/1-first.ipynb", root / "feedback/ada/toy/1-first.html"
    before = graded.stat().st_mtime_ns
    page.unlink()
    outcome = grade(root)
    assert (outcome.graded, outcome.kept, outcome.complete) == ([], ["ada"], True)
    assert page.exists()
    assert graded.stat().st_mtime_ns == before
    os.utime(page, (1e9, 1e9))
    grade(root)
    assert page.stat().st_mtime > 1e9 + 1, "a page of an earlier grading is written again"


def test_a_notebook_that_was_not_graded_is_tried_again_and_costs_the_exit_status(root):
    folder = hand_in(root, "ada")
    hand_in(root, "ben")
    (folder / "2-second.ipynb").write_text("nothing that can be read")
    first, second = grade(root), grade(root)
    assert (first.graded, first.incomplete, first.exit_code) == (["ada", "ben"], ["ada"], 1)
    assert (second.graded, second.kept, second.exit_code) == (["ada"], ["ben"], 1)
    hand_in(root, "ada")
    assert grade(root).exit_code == 0


def test_a_file_in_the_place_of_a_graded_folder_is_replaced(root):
    hand_in(root, "ada")
    (root / "autograded/ada").mkdir(parents=True)
    (root / "autograded/ada/toy").write_text("a file")
    assert grade(root).graded == ["ada"]
    assert grade(root).kept == ["ada"]


def test_where_no_notebook_was_graded_pages_are_not_mentioned(root):
    folder = hand_in(root, "ada")
    for path in folder.iterdir():
        path.write_text("junk")
    outcome = grade(root)
    assert [trouble.what.partition(":")[0] for trouble in outcome.troubles] == [
        "1-first was not graded",
        "2-second was not graded",
    ]
    assert outcome.exit_code == 1


def test_an_interrupted_again_goes_on_where_it_was(root):
    for student in ("ada", "ben", "eve"):
        hand_in(root, student)
    assert grade(root).graded == ["ada", "ben", "eve"]

    def stop_at_ben(done: int, total: int, student: str) -> None:
        if student == "ben":
            raise KeyboardInterrupt

    first = grade(root, again=True, progress=stop_at_ben, workers=1)
    assert (first.graded, first.interrupted) == (["ada"], True)
    second = grade(root, again=True, progress=stop_at_ben, workers=1)
    assert (second.graded, second.kept, second.interrupted) == ([], ["ada"], True)
    note = "An earlier --again was interrupted: this run grades the 2 of 3 students it left."
    assert second.notes == [note]
    third = grade(root)
    assert (third.graded, third.kept) == (["ben", "eve"], ["ada"])
    assert grade(root, students=("ada",), again=True).graded == ["ada"], "the next one is a new one"


# What it says


def test_json_says_what_was_done_and_the_exit_status_agrees(root, capsys):
    hand_in(root, "ada")
    (root / "submitted/empty/toy").mkdir(parents=True)
    (root / "submitted/pdf/toy").mkdir(parents=True)
    (root / "submitted/pdf/toy/answers.pdf").write_text("not a notebook")
    assert cli.main(["grade", "toy", "--course", str(root), "--workers", "1", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["graded"], said["missing"], said["failed"], said["workers"]) == (["ada"], ["empty"], ["pdf"], 1)
    assert said["students"] == ["ada", "empty", "pdf"]
    assert said["troubles"] == [{"student": "pdf", "what": "handed in no notebook for toy."}]
    assert (said["interrupted"], said["complete"], said["exit_code"]) == (False, False, 1)
    assert said["seconds"] > 0
    assert cli.main(["grade", "--course", str(root), "--student", "ada"]) == 0
    assert "0 graded, 1 kept (nothing new was handed in" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--workers", "0"], ["toy", "--assignment", "other"], ["--wokers", "2"]])
def test_wrong_usage_ends_with_two(root, wrong, capsys):
    assert cli.main(["grade", "--course", str(root), *wrong]) == 2
    assert "Usage" in capsys.readouterr().err


def test_no_worker_at_all_is_refused(root):
    hand_in(root, "ada")
    with pytest.raises(CourseError, match=r"workers is 0; at least one is needed"):
        grade(root, workers=0)


# Workers


def test_four_workers_grade_what_one_grades(root, tmp_path):
    for number in range(6):
        hand_in(root, f"s{number}", **({"layer_params": WRONG} if number % 2 else {}))
    alone = shutil.copytree(root, tmp_path / "alone")
    many, one = grade(root, workers=4), grade(alone, workers=1)
    assert (many.graded, many.workers, one.workers) == (one.graded, 4, 1)
    assert report(root) == report(alone)
    assert hidden(root) == []


def test_without_warm_kernels_workers_are_ordinary_processes(root, monkeypatch):
    monkeypatch.setenv("GRADEKIT_FORKSERVER", "off")
    hand_in(root, "ada", layer_params=WRONG)
    outcome = grade(root)
    assert (outcome.graded, outcome.troubles) == (["ada"], [])
    assert outcome.slow == "GRADEKIT_FORKSERVER is off"
    assert [row.score for row in report(root)] == [2]


def test_a_student_who_ends_two_workers_is_left_out_and_the_others_are_graded(root, monkeypatch):
    """A worker ends for want of memory, say: here it is killed each time that it takes up this student."""
    from gradekit.grading import pool

    for student in ("ada", "ben", "chiara"):
        hand_in(root, student)
    assign = pool.Pool._assign

    def deadly(self, worker) -> None:
        assign(self, worker)
        if worker.student == "ben":
            os.kill(worker.process.pid, signal.SIGKILL)

    monkeypatch.setattr(pool.Pool, "_assign", deadly)
    outcome = grade(root, workers=2)
    assert (outcome.graded, outcome.failed, outcome.exit_code) == (["ada", "chiara"], ["ben"], 1)
    assert [trouble.what for trouble in outcome.troubles] == [
        "not graded: the process that graded this ended, twice (without a message)."
    ]
    monkeypatch.undo()
    assert grade(root).graded == ["ben"]
    assert hidden(root) == []


@pytest.mark.days
def test_a_student_who_blocks_a_worker_is_left_out_and_the_others_are_graded(root, monkeypatch):
    from gradekit.grading import pool

    assert pool.longest(course(root)) == 2 * (600 + pool.STEPS * 60)
    folder = hand_in(root, "slow")
    edit(folder / "1-first.ipynb", lambda nb: nb.cells[0].update(_sleeping()))
    hand_in(root, "ada")
    monkeypatch.setattr(pool, "longest", lambda here: 25.0)
    outcome = grade(root, workers=2)
    assert (outcome.graded, outcome.failed) == (["ada"], ["slow"])
    line = "not graded: the process that graded this ended, twice (it took longer than 25 s)."
    assert [trouble.what for trouble in outcome.troubles] == [line]
    assert grade(root, students=("ada",)).kept == ["ada"]
    assert hidden(root) == [], "the next run clears away what a killed worker has left"


def test_after_ctrl_c_no_worker_is_left(root):
    folder = hand_in(root, "slow")
    edit(folder / "1-first.ipynb", lambda nb: nb.cells[0].update(_sleeping()))
    command = [sys.executable, "-u", "-m", "gradekit.cli", "grade", "--course", str(root)]
    env = {**os.environ, "GRADEKIT_FORKSERVER_LINGER": "0", MARK: root.parent.name}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, preexec_fn=hear_ctrl_c) as run:
        try:
            next(line for line in run.stdout if re.search("1 of 1: slow", line))
            time.sleep(3)
            assert len(marked(root.parent.name)) > 1, "the grader and a worker"
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=120)
        finally:
            run.kill()
    assert run.returncode == 130
    assert hidden(root) == []
    assert gone(root.parent.name)


def test_an_orphaned_worker_writes_nothing(root, monkeypatch):
    from gradekit.grading import ledger, nbgrader_steps
    from gradekit.grading.student import Workspace

    hand_in(root, "ada", layer_params=WRONG)
    assert grade(root).graded == ["ada"]
    hand_in(root, "ada")
    ending, usual = threading.Event(), nbgrader_steps.autograde

    def interrupted(*arguments, **folders):
        """An interrupt that turns into a fault of the notebook."""
        ending.set()
        done = usual(*arguments, **folders)
        done.faults["1-first"] = "the kernel died"
        return done

    monkeypatch.setattr(nbgrader_steps, "autograde", interrupted)
    private = root.parent / "private"
    private.mkdir()
    workspace = Workspace(course(root), private, ending)
    with workspace.engine.connect() as connection:
        known = ledger.read(connection, "toy", "ada").entry
    with pytest.raises(KeyboardInterrupt):
        workspace.grade("ada", known.run)
    workspace.close()
    monkeypatch.undo()
    assert [row.score for row in report(root)] == [2]
    assert (grade(root).graded, [row.score for row in report(root)]) == (["ada"], [5])


def test_a_worker_that_cannot_begin_leaves_nothing_behind(root):
    from nbgrader.api import Gradebook
    from nbgrader.nbgraderformat import common

    from gradekit.grading.student import Workspace

    (root / "feedback").write_text("a file where a folder has to be")
    private = root.parent / "private"
    private.mkdir()
    usual, files = (Gradebook.__init__, Gradebook.close, common.jsonschema), sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(FileExistsError):
        Workspace(course(root), private)
    assert (Gradebook.__init__, Gradebook.close, common.jsonschema) == usual
    assert sorted(os.listdir("/proc/self/fd")) == files, "no claim, and no gradebook is open"
    assert list((root / "autograded").iterdir()) == []
    (root / "feedback").unlink()
    hand_in(root, "ada")
    assert grade(root).graded == ["ada"]


def _sleeping() -> dict:
    return {"cell_type": "code", "source": "import time\ntime.sleep(600)", "outputs": [], "execution_count": None}
