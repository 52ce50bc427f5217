"""A course of two small notebooks without TensorFlow: the same kinds of cells as the lesson, graded in a second."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradekit import notebook
from gradekit.solutions import answer_file, right_answers

CONFIG = Path(__file__).parents[1] / "nbgrader_config.py"  # of the lesson, for tests that need TensorFlow loaded
SETTINGS = """import gradekit.adopt

c = get_config()
gradekit.adopt.course(c)
c.CourseDirectory.course_id = "convkit"
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your answer here")'}
c.ClearSolutions.text_stub = "Write your answer here."
c.Execute.timeout = 60
"""

RIGHT = "return (kernel_size * kernel_size * in_channels + 1) * filters"
HIDDEN = "assert layer_params(7, 5, 3) == 738, 'fresh cases came out wrong'"
HIDDEN_TWO = "assert second_layer_params(6) == 114, 'other filters came out wrong'"
WRONG = "def layer_params(kernel_size, in_channels, filters):\n    return kernel_size**2 * in_channels * filters"
SCHEME = "One point for the bias, one point for the two input channels."


def _meta(grade_id: str, points: int | None = None, **flags: bool) -> dict:
    grader = {"grade_id": grade_id, "grade": False, "solution": False, "locked": False, "task": False, **flags}
    return {"nbgrader": {**grader, "schema_version": 3, **({} if points is None else {"points": points})}}


def solution(grade_id: str, head: str, body: str):
    text = f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return new_code_cell(text, id=grade_id, metadata=_meta(grade_id, solution=True))


def check(grade_id: str, points: int, visible: str, hidden: str = ""):
    region = f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS" if hidden else ""
    return new_code_cell(visible + region, id=grade_id, metadata=_meta(grade_id, points, grade=True, locked=True))


def task(grade_id: str, points: int):
    text = f"Why 76?\n\n=== BEGIN MARK SCHEME ===\n{SCHEME}\n=== END MARK SCHEME ==="
    return new_markdown_cell(text, id=grade_id, metadata=_meta(grade_id, points, task=True, locked=True))


def first():
    return [
        new_markdown_cell("# Parameters", id="title"),
        solution("layer-params", "def layer_params(kernel_size, in_channels, filters):", RIGHT),
        check("layer-params-small", 1, "assert layer_params(2, 1, 3) == 15, 'a bias per filter?'"),
        check("layer-params-fresh", 2, "assert layer_params(3, 3, 2) == 56, 'channels?'", HIDDEN),
        task("parameters-why", 2),
        new_markdown_cell("Write your answer here.", id="parameters-answer"),
    ]


def second():
    return [
        new_markdown_cell("# The second layer", id="title"),
        solution("second-layer-params", "def second_layer_params(filters):", "return (3 * 3 * 2 + 1) * filters"),
        check("second-layer-params-fresh", 2, "assert second_layer_params(4) == 76, 'bias?'", HIDDEN_TWO),
    ]


def write(path: Path, cells: list) -> None:
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), path)


def make(root: Path) -> Path:
    """Write a toy course into a folder; it adopts gradekit and loads nothing heavy."""
    write(root / "source/toy/1-first.ipynb", first())
    write(root / "source/toy/2-second.ipynb", second())
    (root / "nbgrader_config.py").write_text(SETTINGS)
    return root


def hand_in(root: Path, student: str, **answers: str) -> Path:
    """Write a student's two notebooks with correct answers, except for those given; the folder."""
    right = right_answers(root / "source/toy")
    given = {**right, **{grade_id.replace("_", "-"): text for grade_id, text in answers.items()}}
    for released in (root / "release/toy").glob("*.ipynb"):
        answer_file(released, root / "submitted" / student / "toy" / released.name, given)
    return root / "submitted" / student / "toy"


def edit(path: Path, change) -> None:
    """Apply a function to a notebook file."""
    nb = notebook.read(path)
    change(nb)
    notebook.write(nb, path)
