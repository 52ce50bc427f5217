"""The tutorial `gradekit/docs/questions.md` does what it says: a question in one file, from the check to the report."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
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
FILE, FIRST, ANSWER, CHECK, GRADED, CONFIG = (block for kind, block in BLOCKS if kind == "python")
(SHOWN,) = (block for kind, block in BLOCKS if kind == "text")
(PACKAGE,) = (block for kind, block in BLOCKS if kind == "toml")
INSTALL, COMMANDS = (block for kind, block in BLOCKS if kind == "console")
(WITHOUT_A_PACKAGE,) = re.findall(r"`(c\.Judge\.exercises = .*?)`", TEXT)
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
    cells = [
        new_code_cell(FIRST, id="first"),
        new_code_cell(ANSWER, id="median", metadata={"nbgrader": answer}),
        new_code_cell(CHECK, id="check"),
        new_code_cell(GRADED, id="graded", metadata={"nbgrader": graded}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (tmp_path / "source/ps1").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "source/ps1/median.ipynb")
    (tmp_path / "questions.py").write_text(FILE)
    (tmp_path / "nbgrader_config.py").write_text(f"{CONFIG}{WITHOUT_A_PACKAGE}\n")
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


def test_every_notebook_finds_the_question_where_its_package_is_installed(course, tmp_path_factory):
    assert INSTALL == "$ pip install .\n"
    (course / "pyproject.toml").write_text(PACKAGE)
    (course / "release").mkdir()  # two folders next to the module: setuptools doesn't guess which of them is meant
    site = tmp_path_factory.mktemp("site")
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", site, course], check=True, timeout=300)
    (built,) = site.glob("*.whl")
    shutil.unpack_archive(built, site, "zip")
    notebook = "\n".join([FIRST, ANSWER, f"print({CHECK.strip()})", GRADED, "print(practice('median', seed=5).level)"])
    done = subprocess.run(
        [sys.executable, "-c", notebook], cwd=site.parent, env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("median: right in all 5 cases")
    assert done.stdout.endswith("\n1\n")


def test_where_no_question_is_known_the_message_says_how_to_make_it_known(course, monkeypatch):
    monkeypatch.setattr(registry, "_installed", dict)
    monkeypatch.setattr(registry, "_exercises", {})
    with pytest.raises(registry.UnknownExercise, match=r"none is registered. Install .* gradekit.register\("):
        check("median", function(WRITTEN["ada"]))


def test_the_question_is_graded_outside_of_the_kernel(course, capsys):
    release, grade, report, page = (line.removeprefix("$ gradekit ").split() for line in COMMANDS.splitlines())
    assert main([*release, "--course", str(course)]) == 0
    assert "ps1: 1 file is free of solutions" in capsys.readouterr().out
    for student, body in WRITTEN.items():
        folder = course / "submitted" / student / "ps1"
        shutil.copytree(course / "release/ps1", folder)
        nb = nbformat.read(folder / "median.ipynb", as_version=4)
        nb.cells[1].source = f"def median(numbers):\n    {body}"
        nbformat.write(nb, folder / "median.ipynb")
    assert main([*grade, "--course", str(course)]) == 0, capsys.readouterr()
    capsys.readouterr()
    assert main([*report, "--course", str(course), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["student"]: row["score"] for row in rows} == POINTS
    feedback = (course / "feedback/ben/ps1/median.html").read_text(encoding="utf-8")
    assert "It returns the mean." in feedback
    assert "verify_fresh" not in feedback
    assert "diagnosis+json" in (course / "autograded/ben/ps1/median.ipynb").read_text(encoding="utf-8")
    assert "of a kind that a page" not in feedback
    page[-1] = str(course / page[-1])
    assert main([*page, "--course", str(course)]) == 0
    assert "It returns the mean." in Path(page[-1]).read_text(encoding="utf-8")
