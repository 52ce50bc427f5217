"""A shell line as the first line of a cell costs no points, in a light course and in the lesson."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from gradekit.grading.grade import grade
from gradekit.notebook import read, write
from gradekit.release import release
from gradekit.solutions import answer_file, right_answers
from tests.damaged import lesson

ROOT = Path(__file__).parents[1]
#   notebook, the code cell that begins with a shell line, the line                        points of the notebook
CASES = [
    (lesson.FIRST, "area", "!ls", 3.0),
    ("5-filters", "load", "!pip install -q convkit", 8.0),
]


def hand_in(root: Path, assignment: str, notebook: str, cell_id: str, line: str) -> None:
    folder = root / "submitted/ada" / assignment
    folder.mkdir(parents=True)
    released = root / "release" / assignment / f"{notebook}.ipynb"
    assert answer_file(released, folder / released.name, right_answers(root / "source" / assignment))
    nb = read(folder / released.name)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    cell = next((cell for cell in code if cell.id == cell_id), code[0])
    cell.source = f"{line}\n{cell.source}"
    write(nb, folder / released.name)


@pytest.mark.slow
@pytest.mark.parametrize(("notebook", "cell_id", "line", "expected"), CASES)
def test_a_shell_line_costs_no_points(notebook, cell_id, line, expected, tmp_path):
    if notebook == lesson.FIRST:
        lesson.make(tmp_path)
        assignment = "counts"
    else:
        shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
        shutil.copytree(ROOT / "source", tmp_path / "source")
        release(tmp_path)
        assignment = "conv2d"
    hand_in(tmp_path, assignment, notebook, cell_id, line)
    grade(tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        notebooks = book.find_submission(assignment, "ada").notebooks
        assert sum(one.auto_score or 0 for notebook in notebooks for one in notebook.grades) == expected
