"""A shell line as the first line of the lesson's first cell costs no points."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook

from gradekit.grading.grade import grade
from gradekit.notebook import read, write
from gradekit.release import release
from gradekit.solutions import answer_file, right_answers

ROOT = Path(__file__).parents[1]
NOTEBOOK, POINTS = "6-conv2d.ipynb", 11


def test_a_shell_line_costs_no_points(tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "source", tmp_path / "source")
    release(tmp_path, "conv2d")
    submitted = tmp_path / "submitted/ada/conv2d" / NOTEBOOK
    submitted.parent.mkdir(parents=True)
    answers = right_answers(tmp_path / "source/conv2d")
    assert answer_file(tmp_path / "release/conv2d" / NOTEBOOK, submitted, answers)
    nb = read(submitted)
    first = next(cell for cell in nb.cells if cell.cell_type == "code")
    first.source = f"!pip install -q convkit\n{first.source}"
    write(nb, submitted)
    grade(tmp_path, "conv2d")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        notebooks = book.find_submission("conv2d", "ada").notebooks
        assert sum(one.auto_score or 0 for notebook in notebooks for one in notebook.grades) == POINTS
