"""docs/privacy.md names each file and each table in which a student's name or answer is found after grading."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gradekit.cli import main
from gradekit.course import course, open_gradebook
from gradekit.solutions import answer_file, right_answers
from tests import toy

PAGE = (Path(__file__).parents[1] / "docs/privacy.md").read_text(encoding="utf-8")
FILES = {
    place: marks.split(" | ") for place, marks in re.findall(r"^\| `([\w./-]+)` \| ((?:yes|no).*?) \|$", PAGE, re.M)
}
TABLES = set(re.findall(r"^\| `(\w+)` \| (?!yes|no)", PAGE, re.M))
NAME, ANSWER = "Xanthippe-Quux", "zanzibar_4711"
WRONG = "def layer_params(kernel_size, in_channels, filters):\n    {0} = kernel_size * filters\n    return {0}"
COMMANDS = """
import contextlib, sys
from gradekit.cli import main
assert main(["grade"]) == 0
assert main(["report", "--html", "report.html"]) == 0
with open("grades.csv", "w") as file, contextlib.redirect_stdout(file):
    assert main(["export"]) == 0
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A home with a graded class, a report and an export, made by processes that have no other folder to write to."""
    home = tmp_path_factory.mktemp("home")
    root = toy.make(home / "course")
    environment = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "jupyter")}
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        (home / name.lower()).mkdir(mode=0o700)
        environment[name] = str(home / name.lower())
    run(root, environment, "from gradekit.release import release; release('.')")
    answers = right_answers(root / "source/toy") | {"layer-params": WRONG.format(ANSWER)}
    for student in (NAME, "ada"):
        for released in (root / "release/toy").glob("*.ipynb"):
            answer_file(released, root / "submitted" / student / "toy" / released.name, answers)
        answers = right_answers(root / "source/toy")
    run(root, environment, COMMANDS)
    return home


def run(root: Path, environment: dict[str, str], code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def found(home: Path, text: str) -> set[str]:
    """The entries of the course's folder, and of others, that have a text in their names or content."""
    places = set()
    for path in home.rglob("*"):
        if path.is_file() and (text in str(path.relative_to(home)) or text.encode() in path.read_bytes()):
            first = path.relative_to(home).parts
            places.add("/".join(first[1:2]) + "/" * (len(first) > 2) if first[0] == "course" else str(path))
    return places


@pytest.mark.parametrize(("text", "column"), [(NAME, 0), (ANSWER, 1)])
def test_the_page_names_each_place(graded, text, column):
    assert found(graded, text) == {place for place, marks in FILES.items() if marks[column] == "yes"}


def test_the_page_names_each_table(graded):
    with sqlite3.connect(graded / "course/gradebook.db") as book:
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: book.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
    named = {table for table, values in rows.items() if any(NAME in map(str, row) for row in values)}
    assert named == TABLES


def test_formgraders_order_is_not_that_of_the_names(graded):
    """Submissions are shown in the order of their ids, which are random."""
    from nbgrader.apps.api import NbGraderAPI

    here = course(graded / "course")
    api = NbGraderAPI(here.directory(), config=here.config())
    found = api.get_notebook_submissions("toy", "1-first")
    assert [one["id"] for one in found] == sorted(one["id"] for one in found)
    assert all(re.fullmatch(r"[0-9a-f]{32}", one["id"]) for one in found)


def test_what_is_forgotten_is_in_no_file_but_those_that_the_page_names(graded, tmp_path):
    shutil.copytree(graded / "course", tmp_path / "course")
    graded = tmp_path
    arguments = ["forget", "--course", str(graded / "course"), "--before", "2100-01-01"]
    before = found(graded, NAME)
    assert main([*arguments, "--dry-run"]) == 0
    assert main(arguments) == 1, "it asks, and no one is here to answer"
    assert found(graded, NAME) == before
    assert main([*arguments, "--yes"]) == 0
    for text, column in ((NAME, 0), (ANSWER, 1)):
        kept = {place for place, marks in FILES.items() if marks[column] == "yes" and marks[2] == "no"}
        assert found(graded, text) == kept
    with open_gradebook(course(graded / "course")) as book:
        assert book.students == []
