"""Courses to grade besides the lesson: nbgrader's own quickstart, and one with pandas and Matplotlib."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradekit.course import course
from gradekit.notebook import write
from gradekit.release import release
from gradekit.solutions import answer_file, right_answers

ADOPTED = "\nimport gradekit.adopt\n\nc = get_config()\ngradekit.adopt.course(c)\n"
PRELOADED = 'c.Preload.modules = ["pandas", "matplotlib.pyplot"]\n'
HEAD = """%matplotlib inline
import matplotlib.pyplot as plt
import pandas as pd

table = pd.read_csv("rain.csv")"""
QUESTIONS = [  # the solution, and its check
    (
        "def means(table):\n    return table.groupby('station').rain.mean()",
        "assert round(means(table)['b'], 1) == 24",
    ),
    (
        "wide = table.pivot_table(index='month', columns='station', values='rain')\nwide.head()",
        "assert wide.shape == (12, 3)",
    ),
    ("fig, ax = plt.subplots()\nwide.plot(ax=ax, title='Rain')\nplt.show()", "assert len(ax.get_lines()) == 3"),
    ("top = table.sort_values('rain').tail(3)\ntop", "assert list(top.rain) == [45, 46, 47]"),
    ("table.hist('rain', by='station')\nrolled = wide.rolling(3).mean()", "assert rolled.iloc[:2].isna().all().all()"),
]


def quickstart(root: Path) -> str:
    """nbgrader's example course: two notebooks of pure Python. Returns the name of its assignment."""
    command = [sys.executable, "-m", "nbgrader", "quickstart", root.name]
    subprocess.run(command, cwd=root.parent, check=True, capture_output=True)
    shutil.rmtree(root / "submitted", ignore_errors=True)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(ADOPTED)
    return "ps1"


def pandas(root: Path) -> str:
    """One notebook that reads a table, groups and pivots it, and draws it. Returns the name of its assignment."""
    if find_spec("pandas") is None:
        raise SystemExit("This course needs pandas: pip install pandas")
    cells = [new_markdown_cell("# Rain"), new_code_cell(HEAD)]
    for number, (solution, check) in enumerate(QUESTIONS):
        text = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cells.append(new_code_cell(text, metadata=_mark(f"answer{number}", solution=True)))
        cells.append(new_code_cell(check, metadata=_mark(f"check{number}", grade=True, locked=True, points=1)))
    write(new_notebook(cells=cells), root / "source" / "rain" / "rain.ipynb")
    rows = [f"{month},{station},{month * 4 + n - 3}" for month in range(1, 13) for n, station in enumerate("abc")]
    (root / "source" / "rain" / "rain.csv").write_text("\n".join(["month,station,rain", *rows, ""]))
    (root / "nbgrader_config.py").write_text(ADOPTED + PRELOADED)
    return "rain"


def _mark(grade_id: str, **about: Any) -> dict[str, Any]:
    flags = {"grade": False, "solution": False, "locked": False, "task": False, **about}
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **flags}}


def hand_in(root: Path, assignment: str, students: int) -> None:
    """Release an assignment, and hand in for a class: each student leaves a quarter of the questions open."""
    release(root, assignment)
    here = course(root, assignment)
    right = right_answers(here.source)
    for number in range(students):
        theirs = root / "submitted" / f"s{number:03}" / assignment
        shutil.copytree(here.release, theirs)
        written = {name: text for at, (name, text) in enumerate(right.items()) if at % 4 != number % 4}
        for path in theirs.glob("*.ipynb"):
            answer_file(path, path, written)
