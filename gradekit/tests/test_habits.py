"""Harmless habits earn the same points in the sandbox as in plain nbgrader, and in a container without namespaces."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from habits import ALL, NOTEBOOKS, Habit
from nbformat.v4 import new_code_cell, new_notebook

PLAIN = """
c = get_config()
c.CourseDirectory.course_id = "habits"
c.Execute.timeout = 60
"""
SANDBOXED = (
    PLAIN
    + """
import gradekit.adopt
gradekit.adopt.course(c)
c.Preload.modules = ["matplotlib.pyplot"]
"""
)
CONTAINER = SANDBOXED + 'c.SandboxedProvisioner.without = ["users", "pids", "mounts", "network", "ipc"]\n'
CONFIGS = {"plain": PLAIN, "sandboxed": SANDBOXED, "container": CONTAINER}
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def cells(habit: Habit) -> list:
    """The answer and its check, as released and handed in."""
    return [_cell(habit.grade_id, habit.code, solution=True), _check(habit)]


def _check(habit: Habit):
    return _cell(f"{habit.grade_id}-check", f"assert {habit.holds}", grade=True, locked=True, points=1)


def _cell(grade_id: str, source: str, **marks):
    about = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**about, "grade_id": grade_id, **marks}})


def make(root: Path) -> None:
    """Make a released course whose one student has every habit."""
    root.mkdir()
    (root / "nbgrader_config.py").write_text(PLAIN)
    for folder in ("source/a", "submitted/ada/a"):
        (root / folder / "__pycache__").mkdir(parents=True)
        for name, habits in NOTEBOOKS.items():
            nb = new_notebook(cells=[cell for habit in habits for cell in cells(habit)])
            nb.metadata.kernelspec = KERNELSPEC
            nbformat.write(nb, root / folder / f"{name}.ipynb")
        (root / folder / "data.csv").write_text("1,2\n3,4\n")
        (root / folder / "helper.py").write_text("def third(x):\n    return x // 3\n")
    nbgrader("generate_assignment", root)


def nbgrader(command: str, root: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MPL"))}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])  # nbgrader runs `alembic`
    run = [sys.executable, "-m", "nbgrader", command, "a"]
    done = subprocess.run(run, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def points(root: Path, config: str) -> dict[str, float]:
    """Points of each check after `nbgrader autograde` with a configuration."""
    from nbgrader.api import Gradebook

    (root / "nbgrader_config.py").write_text(config)
    nbgrader("autograde", root)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        notebooks = book.find_submission("a", "ada").notebooks
        return {grade.name: grade.auto_score for notebook in notebooks for grade in notebook.grades}


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("habits") / "released"
    make(root)
    return root


CASES = [pytest.param("plain", marks=pytest.mark.days), "sandboxed", pytest.param("container", marks=pytest.mark.days)]


@pytest.fixture(scope="module", params=CASES)
def earned(request, released) -> tuple[str, dict[str, float]]:
    """The name of a configuration, and with it a check -> its points."""
    root = released.with_name(request.param)
    shutil.copytree(released, root)
    return request.param, points(root, CONFIGS[request.param])


@pytest.mark.parametrize("habit", ALL, ids=[habit.name for habit in ALL])
def test_a_habit_earns_what_it_earns_in_plain_nbgrader(habit, earned):
    config, got = earned
    assert got[f"{habit.grade_id}-check"] == (0 if config == "container" and habit.lost else habit.earns)


def test_the_bank_is_large_and_no_name_stands_twice():
    assert len({habit.grade_id for habit in ALL}) == len(ALL) > 100
    assert sum(habit.earns for habit in ALL) > 110
