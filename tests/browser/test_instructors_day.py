"""An instructor's day, from the release to the export, with exact totals at every step and words read in formgrader."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from gradekit.grading.grade import grade
from gradekit.notebook import read, write
from gradekit.release import release
from gradekit.report import NOTHING, report
from gradekit.solutions import answer_file, right_answers
from tests import toy

from .serve import TOKEN, _wait_for, free_port

pytestmark = pytest.mark.days

WRONG = "def layer_params(kernel_size, in_channels, filters):\n    return kernel_size**2 * in_channels * filters"
SETTINGS = r"""
c.LateSubmissionPlugin.penalty_method = "zero"
c.FileNameCollectorPlugin.named_regexp = r".*?(?P<student_id>[a-z]+)_(?P<timestamp>[\d-]+T[\d-]+)_(?P<file_id>.+)"
"""
ON_TIME, LATE, DUE = "2026-03-05T10-00-00", "2026-03-06T10-00-00", datetime(2026, 3, 5, 12)
# What is typed before formgrader has fetched the points and the comments is lost.
LOADED = """async () => {
  const there = () => ["grades", "comments"].every((kind) => window.formgrader?.[kind]?.loaded);
  while (!there()) await new Promise((done) => setTimeout(done, 50));
}"""


def nbgrader(root: Path, *arguments: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=root, capture_output=True, text=True,
        env={**os.environ, "PATH": path}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def downloaded(root: Path, student: str, time: str, **answers: str) -> None:
    """A student's notebooks as an LMS names them in a download of all submissions."""
    given = {**right_answers(root / "source/toy"), **{name.replace("_", "-"): text for name, text in answers.items()}}
    for released in (root / "release/toy").glob("*.ipynb"):
        answer_file(released, root / "downloaded/toy/archive" / f"{student}_{time}_{released.name}", given)


def collected(root: Path) -> None:
    nbgrader(root, "zip_collect", "toy", "--force")
    shutil.rmtree(root / "downloaded/toy")


def exported(root: Path) -> dict[str, tuple[float, float, float]]:
    """Points, penalty and score by student, as `nbgrader export` writes them."""
    nbgrader(root, "export")
    rows = csv.DictReader((root / "grades.csv").read_text().splitlines())
    names = ("raw_score", "late_submission_penalty", "score")
    return {row["student_id"]: tuple(float(row[name]) for name in names) for row in rows}


def points(root: Path) -> dict[str, tuple[float, float, float]]:
    """The same from our report, which has to agree with the export."""
    found = {row.student: (row.raw, row.penalty, row.score) for row in report(root)}
    assert found == exported(root)
    return found


@contextmanager
def formgrader(root: Path, home: Path, browser) -> Iterator:
    """A page of a Jupyter server in the course, with nbgrader's extensions."""
    port = free_port()
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}"]
    folders = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env={**os.environ, **folders}, stdout=log, stderr=log)
        context = browser.new_context()
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, home / "log")
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.goto(f"http://127.0.0.1:{port}/formgrader?token={TOKEN}")
            yield page
        finally:
            context.close()
            server.terminate()
            server.wait(300)


def give(page, root: Path, student: str, score: float, extra: float | None = None, comment: str = "") -> None:
    """Read a student's words in formgrader, and give points, extra credit and a comment."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        number = book.find_submission_notebook("1-first", "toy", student).id
    page.goto(f"{page.url.partition('/formgrader')[0]}/formgrader/submissions/{number}/?index=0")
    page.locator("#parameters-why").wait_for()
    page.evaluate(LOADED)
    fields = {"parameters-why": score, "parameters-why_extra_credit": extra, "parameters-why-comment": comment}
    for name, value in fields.items():
        if value not in (None, ""):
            kind = "comment" if name.endswith("comment") else "grade"
            with page.expect_response(lambda answer, kind=kind: f"/api/{kind}/" in answer.url and answer.ok):
                page.locator(f"#{name}").fill(str(value))
                page.locator(f"#{name}").press("Tab")


def pages(root: Path) -> dict[str, float]:
    return {
        str(path.relative_to(root / "feedback")): path.stat().st_mtime_ns
        for path in (root / "feedback").rglob("*.html")
    }


def test_an_instructors_day(tmp_path, browser):
    root = toy.make(tmp_path / "course")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(SETTINGS)

    # Release: 3 + 2 points for code, 2 for words.
    release(root)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.update_or_create_assignment("toy", duedate=DUE)
        for student in ("ada", "ben", "late", "zoe"):
            book.add_student(student)

    # Collect and grade. ben is wrong and wrote no words; late is late, and a late submission scores 0 here.
    downloaded(root, "ada", ON_TIME, parameters_why="It sees two channels.")
    downloaded(root, "ben", ON_TIME, layer_params=WRONG)
    downloaded(root, "late", LATE, parameters_why="Two channels.")
    collected(root)
    outcome = grade(root)
    assert (outcome.graded, outcome.troubles, outcome.notes) == (["ada", "ben", "late"], [], [])
    assert points(root) == {"ada": (5, 0, 5), "ben": (2, 0, 2), "late": (5, 5, 0), "zoe": (0, 0, 0)}
    waiting = {row.student: (row.waiting, row.possible, row.state == NOTHING) for row in report(root)}
    assert waiting == {"ada": (2, 7, False), "ben": (0, 7, False), "late": (2, 7, False), "zoe": (0, 7, True)}

    # Words, in formgrader; then the pages that show other points, and no others.
    before = pages(root)
    with formgrader(root, tmp_path, browser) as page:
        give(page, root, "ada", 1.5, extra=1, comment="Nicely said.")
    assert points(root)["ada"] == (7.5, 0, 7.5)
    outcome = grade(root)
    assert (outcome.graded, outcome.refreshed, outcome.kept) == ([], ["ada"], ["ada", "ben", "late"])
    after = pages(root)
    assert [name for name in after if after[name] != before[name]] == ["ada/toy/1-first.html"]
    assert "Nicely said." in (root / "feedback/ada/toy/1-first.html").read_text()
    assert grade(root).refreshed == []

    # A resubmission: ben repairs the code and writes words; ada only her words, which are to be read again.
    downloaded(root, "ben", ON_TIME, parameters_why="One bias for each filter.")
    downloaded(root, "ada", ON_TIME, parameters_why="It sees the two channels that the first layer made.")
    downloaded(root, "late", LATE, parameters_why="Two channels.")
    collected(root)
    outcome = grade(root)
    assert (outcome.graded, outcome.kept) == (["ada", "ben"], ["late"])
    assert points(root) == {"ada": (7.5, 0, 7.5), "ben": (5, 0, 5), "late": (5, 5, 0), "zoe": (0, 0, 0)}
    assert {row.student: row.waiting for row in report(root)} == {"ada": 2, "ben": 2, "late": 2, "zoe": 0}

    # A corrected check: it was worth 2 points and is worth 3. The run says whom it concerns; --again grades them.
    source = root / "source/toy/1-first.ipynb"
    nb = read(source)
    nb.cells[3].metadata.nbgrader.points = 3
    write(nb, source)
    (note,) = grade(root).notes
    assert note.startswith("source/ has changed since the release (layer-params-fresh)")
    release(root)
    outcome = grade(root)
    assert outcome.graded == []
    (note,) = outcome.notes
    assert note.startswith("graded before layer-params-fresh changed: ada, ben, late.")
    outcome = grade(root, again=True)
    assert (outcome.graded, outcome.notes) == (["ada", "ben", "late"], [])
    line = "1-first was made from an earlier release (changed since: layer-params-fresh)"
    assert all(trouble.what.startswith(line) for trouble in outcome.troubles)
    assert points(root) == {"ada": (8.5, 0, 8.5), "ben": (6, 0, 6), "late": (6, 6, 0), "zoe": (0, 0, 0)}
    assert {row.student: row.waiting for row in report(root)} == {"ada": 2, "ben": 2, "late": 2, "zoe": 0}

    # The due date moves by two days: it concerns late alone.
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.update_or_create_assignment("toy", duedate=DUE.replace(day=7))
    (note,) = grade(root).notes
    assert note.startswith("graded before the due date was moved: late.")
    assert note.endswith("--again --student late")
    grade(root, students=("late",), again=True)
    assert points(root)["late"] == (6, 0, 6)

    # A student leaves the course, and is not brought back.
    nbgrader(root, "db", "student", "remove", "ben", "--force")
    outcome = grade(root)
    assert (outcome.graded, outcome.removed, outcome.complete) == ([], ["ben"], True)
    assert points(root) == {"ada": (8.5, 0, 8.5), "late": (6, 0, 6), "zoe": (0, 0, 0)}
