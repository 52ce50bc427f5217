"""The notebooks of both assignments: what they teach, how they are graded, and that they are clean."""

from __future__ import annotations

import ast

import nbformat
import numpy as np
import pytest

from convkit.lesson.exercises import LESSON
from convkit.lesson.further import FURTHER as FURTHER_EXERCISES
from tests.answers import CELLS
from tests.conftest import FURTHER, NOTEBOOKS

SHORT = {path.stem: nbformat.read(path, as_version=4) for path in (*NOTEBOOKS, *FURTHER)}
OF_THE_LESSON = [path.stem for path in NOTEBOOKS]
EACH = pytest.mark.parametrize("name", SHORT)


def cells(name: str, kind: str) -> dict:
    """The cells of a notebook that nbgrader calls 'grade', 'solution' or 'task', by their id."""
    found = [cell for cell in SHORT[name].cells if cell.metadata.get("nbgrader", {}).get(kind)]
    return {cell.metadata.nbgrader.grade_id: cell for cell in found}


# What the lesson has to show: notebook, model, layer (the input is layer 0), output shape, parameters, total.
ROWS = [
    ("2-parameters", "single", 1, (None, 7, 7, 3), 15, 15, "a single layer"),
    ("2-parameters", "rgb", 1, (None, 6, 6, 2), 56, 56, "more than one input channel"),
    ("2-parameters", "stack", 1, (None, 6, 6, 2), 56, 132, "a stack: its first layer"),
    ("2-parameters", "stack", 2, (None, 4, 4, 4), 76, 132, "a stack: its second layer, 4 filters"),
    ("2-parameters", "smaller", 2, (None, 4, 4, 2), 38, 94, "a second layer with 2 filters"),
    ("3-padding", "valid", 1, (None, 6, 6, 2), 20, 20, "VALID"),
    ("3-padding", "same", 1, (None, 8, 8, 2), 20, 20, "SAME"),
    ("4-stride", "every", 1, (None, 8, 8, 2), 20, 20, "stride 1"),
    ("4-stride", "second", 1, (None, 4, 4, 2), 20, 20, "stride 2"),
    ("5-pointwise", "gray", 1, (None, 8, 8, 2), 4, 4, "a 1x1 kernel on one channel"),
    ("5-pointwise", "color", 1, (None, 8, 8, 2), 8, 8, "a 1x1 kernel on three channels"),
]


@pytest.mark.parametrize(
    ("notebook", "model", "layer", "shape", "params", "total", "why"), ROWS, ids=[r[-1] for r in ROWS]
)
def test_a_row_of_the_brief_is_taught_with_its_figures(lesson, notebook, model, layer, shape, params, total, why):
    taught = lesson[notebook][model]
    assert taught.layers[layer].output.shape == shape
    assert taught.layers[layer].count_params() == params
    assert taught.count_params() == total


def test_the_filter_of_the_brief_gives_its_tensor(lesson):
    brief = [
        [[10, 1.9], [10, 2.2], [6, 1.6], [6, 2.0]],
        [[12, 1.4], [15, 2.2], [13, 2.7], [13, 1.7]],
        [[7, 1.7], [11, 1.3], [16, 1.3], [7, 1.0]],
        [[10, 0.6], [7, 1.4], [4, 1.5], [7, 1.4]],
    ]
    assert lesson["1-kernel"]["y"].shape == (1, 4, 4, 2)
    np.testing.assert_allclose(lesson["1-kernel"]["y"][0], brief, rtol=1e-6)


FORMULA = ("layer-params", "second-layer-params", "pointwise-params", "wanted-layer")  # the parameters of a Conv2D


def test_there_are_seven_notebooks_and_about_45_points_and_one_formula_gives_at_most_a_third():
    assert len(OF_THE_LESSON) == 7
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for name in OF_THE_LESSON
        for kind in ("grade", "task")
        for cell in cells(name, kind).values()
    }
    assert sum(points.values()) == 47
    assert sum(points[cell] for exercise in FORMULA for cell in CELLS[exercise]) <= sum(points.values()) / 3


@EACH
def test_a_notebook_has_the_frame_of_a_course(name):
    first, last = SHORT[name].cells[0].source, SHORT[name].cells[-1].source
    for part in ("You will learn to", "You need", "minutes"):
        assert part in first
    for part in ("## Key points", "convkit.practice(", "q.next()", "**References:**", "License: BSD-3-Clause"):
        assert part in last
    stems = OF_THE_LESSON if name in OF_THE_LESSON else [path.stem for path in FURTHER]
    following = stems[stems.index(name) + 1 :]
    assert f"**Next:** `{following[0]}.ipynb`" in last if following else "**Well done!**" in last


@EACH
def test_a_graded_cell_says_whether_there_are_hidden_cases(name):
    for cell in cells(name, "grade").values():
        said = " ".join(line for line in cell.source.splitlines() if line.startswith("# Graded"))
        hidden = "BEGIN HIDDEN TESTS" in cell.source
        assert ("idden cases" in said and "o hidden cases" not in said) if hidden else "o hidden cases" in said, cell.id


@EACH
def test_a_notebook_is_clean(name):
    notebook = SHORT[name]
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize(("exercises", "notebooks"), [(LESSON, NOTEBOOKS), (FURTHER_EXERCISES, FURTHER)])
def test_every_exercise_is_asked_once_and_in_order(exercises, notebooks):
    asked = [cell for path in notebooks for cell in cells(path.stem, "solution")]
    assert asked == [exercise.id for exercise in exercises]


@EACH
def test_every_exercise_of_a_notebook_is_checked_and_graded(name):
    asked = set(cells(name, "solution"))
    assert list(cells(name, "grade")) == [cell for exercise in CELLS if exercise in asked for cell in CELLS[exercise]]
    code = "\n".join(cell.source for cell in SHORT[name].cells if cell.cell_type == "code")
    for exercise in asked:
        assert f'convkit.check("{exercise}"' in code


@EACH
def test_a_graded_cell_shows_a_case_and_ends_without_a_value(name):
    # With nbgrader, a last line with a value earns points by that value: 28 == 27 would earn them all.
    for cell in cells(name, "grade").values():
        visible = cell.source.split("### BEGIN HIDDEN TESTS")[0]
        assert "verify" in visible
        for source in (visible, cell.source):
            last = ast.parse(source).body[-1]
            assert isinstance(last, ast.Expr)
            assert last.value.func.id.startswith("verify")
        assert 1 <= cell.metadata.nbgrader.points <= 3


@EACH
def test_at_most_one_question_asks_for_words_and_it_has_a_marking_scheme(name):
    for task in cells(name, "task").values():
        assert "To the student" in task.source
        assert "=== BEGIN MARK SCHEME ===" in task.source
        assert "=== END MARK SCHEME ===" in task.source
        after = SHORT[name].cells[SHORT[name].cells.index(task) + 1]
        assert after.source == "*Write your answer here.*"
    assert len(cells(name, "task")) == (1 if name in OF_THE_LESSON and name != "6-conv2d" else 0)


@EACH
def test_code_cells_are_short(name):
    for cell in SHORT[name].cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader"):
            assert len(cell.source.splitlines()) <= 24, cell.id


@EACH
def test_the_errors_of_the_brief_are_not_taught(name):
    text = "\n".join(cell.source for cell in SHORT[name].cells)
    assert "stride=" not in text, "the argument is called strides"
    assert "1D convolution" not in text, "a 1x1 kernel is a convolution in two dimensions"
    assert "evenly" not in text or "Some texts say" in text


def test_it_is_said_that_the_kernel_is_not_flipped():
    assert "cross-correlation" in "".join(cell.source for cell in SHORT["1-kernel"].cells)
