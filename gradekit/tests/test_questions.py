"""The tutorial `gradekit/docs/questions.md` does what it says: a question in one file, from the check to the report."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from gradekit import NotYet, check, practice, register, verify, verify_fresh
from gradekit.cli import main
from gradekit.exercise import registry

TEXT = (Path(__file__).parents[1] / "docs/questions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
FILE, FIRST, CHECK, GRADED, CONFIG = (block for kind, block in BLOCKS if kind == "python")
(SHOWN,) = (block for kind, block in BLOCKS if kind == "text")
HALVES = "ordered[middle] if len(numbers) % 2 else (ordered[middle - 1] + ordered[middle]) / 2"
WRITTEN = {
    "ada": f"ordered, middle = sorted(numbers), len(numbers) // 2\n    return {HALVES}",
    "ben": "return sum(numbers) / len(numbers)",
    "cleo": "return {3: 2}[len(numbers)]",
    "dan": "import statistics\n    return statistics.median(numbers)",
    "eve": "import numpy as np\n    return np.sort(numbers)[(len(numbers) - 1) // 2 : len(numbers) // 2 + 1].mean()",
}
POINTS = {"ada": 2, "ben": 0, "cleo": 0, "dan": 0, "eve": 2}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of this one notebook."""
    marks = {"schema_version": 3, "locked": False, "task": False}
    answer = {"grade_id": "median", "grade": False, "solution": True, **marks}
    graded = {"grade_id": "median-graded", "grade": True, "solution": False, "points": 2, **marks, "locked": True}
    solution = f"def median(numbers):\n    ### BEGIN SOLUTION\n    {WRITTEN['ada']}\n    ### END SOLUTION"
    cells = [
        new_code_cell(FIRST, id="first"),
        new_code_cell(solution, id="median", metadata={"nbgrader": answer}),
        new_code_cell(CHECK, id="check"),
        new_code_cell(GRADED, id="graded", metadata={"nbgrader": graded}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (tmp_path / "source/ps1").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "source/ps1/median.ipynb")
    (tmp_path / "questions.py").write_text(FILE)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_exercises", {})
    monkeypatch.setattr(registry, "_sources", [])
    return tmp_path


def function(body: str):
    names: dict = {}
    exec(f"def median(numbers):\n    {body}", names)
    return names["median"]


def test_the_file_is_short():
    assert len(FILE.splitlines()) <= 40


def test_the_question_is_checked_verified_and_practiced(course, monkeypatch):
    monkeypatch.chdir(course)
    sys.modules.pop("questions", None)
    register("questions:EXERCISES")
    right, mean, ready = (function(WRITTEN[name]) for name in ("ada", "ben", "dan"))
    assert str(check("median", mean)) == SHOWN.strip()
    assert check("median", ready).mistakes == ("ready-made",)
    assert check("median", right).right
    names = {"median": right, "verify": verify}
    exec(re.sub(r"### .*", "", GRADED), names)
    with pytest.raises(NotYet, match="It returns the mean"):
        verify_fresh("median", mean)
    asked = practice("median", seed=5)
    assert asked.check(right(*asked.args)).right
    assert asked.next().level == 2


@pytest.mark.slow
def test_the_question_is_graded_outside_of_the_kernel(course, capsys):
    assert main(["release", "--course", str(course)]) == 0
    for student, body in WRITTEN.items():
        folder = course / "submitted" / student / "ps1"
        shutil.copytree(course / "release/ps1", folder)
        nb = nbformat.read(folder / "median.ipynb", as_version=4)
        nb.cells[1].source = f"def median(numbers):\n    {body}"
        nbformat.write(nb, folder / "median.ipynb")
    assert main(["grade", "--course", str(course)]) == 0, capsys.readouterr()
    capsys.readouterr()
    assert main(["report", "--course", str(course), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["student"]: row["score"] for row in rows} == POINTS
    page = (course / "feedback/ben/ps1/median.html").read_text(encoding="utf-8")
    assert "It returns the mean." in page
    assert "verify_fresh" not in page
