"""Pictures of mistakes in the class report: they show what NumPy finds, and can be drawn of any result."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convkit.lesson import EXERCISES, pictures
from gradekit.class_report.pictures import of_mistake
from gradekit.judge.records import cases_digest

from .drawn import drawn_cells

DRAWN = {exercise.id: exercise for exercise in EXERCISES.values() if exercise.picture}
ARRAYS = [name for name, exercise in DRAWN.items() if exercise.picture is pictures.outputs and exercise.mistakes]
# Results of a form that no picture fits: not a whole number, not two, not an array.
FORMS = {"half-a-zero", "total-for-a-pair", "one-side-for-a-pair", "a-pair-for-each-axis", "less-than-nothing"}
FORMS |= {"not-rounded", "valid-not-rounded", "same-not-rounded", "a-length-for-each-axis"}
FORMS |= {"products-not-added-up", "channels-not-summed"}


def drawn(html):
    """The cells of all pictures in it."""
    return [cell for svg in re.findall("<svg.*?</svg>", html) for cell in drawn_cells(ElementTree.fromstring(svg))]


def record(exercise, rule):
    """What grading keeps of an answer, where its results are too long to be kept."""

    def passes(args, correct):
        try:
            return exercise.read(rule(*args), correct) is None
        except Exception:
            return False

    passed = [passes(args, correct) for args, correct in exercise.expected]
    return {"of": cases_digest(exercise), "passed": passed, "returned": None}


@pytest.mark.parametrize("name", [name for name in DRAWN if DRAWN[name].mistakes])
def test_nearly_every_mistake_has_a_picture(name):
    exercise = DRAWN[name]
    bare = [
        mistake.name
        for mistake in exercise.mistakes
        if not of_mistake(exercise, mistake.name, record(exercise, mistake.rule))
    ]
    assert set(bare) <= FORMS


@pytest.mark.parametrize("name", ARRAYS)
def test_the_framed_cells_are_those_in_which_numpy_sees_a_difference(name):
    exercise, seen = DRAWN[name], 0
    for mistake in exercise.mistakes:
        for args, correct in exercise.expected:
            try:
                value = np.asarray(mistake.rule(*args), dtype=float)
            except (ValueError, IndexError, TypeError):
                continue
            svg = pictures.outputs(exercise, args, correct, value)
            if svg is None or value.shape != np.shape(correct):
                continue
            seen += 1
            differs = ~np.isclose(value, correct, 1e-4, 1e-4)
            assert f"{differs.sum()} of {differs.size} values differ" in svg
            framed = len(re.findall('class="cv-window"', svg))
            assert 0 < framed <= differs.sum()
            assert framed == differs.sum() or "first output plane" in svg
            assert svg.count("(differs)") == framed, "the words have the same cells"
            break  # one case of each mistake
    assert seen


def test_the_zeros_of_a_picture_are_those_of_the_pair():
    svg = pictures.zeros(EXERCISES["same-padding"], (7, 3, 2), (1, 1), (0, 2))
    correct, incorrect = re.findall("<svg.*?</svg>", svg)
    rows = [sorted(drawn(part), key=lambda cell: cell.corners) for part in (correct, incorrect)]
    assert [[cell.data["role"] for cell in row] for row in rows] == [
        ["pad", *["pixel"] * 7, "pad"],
        [*["pixel"] * 7, "pad", "pad"],
    ]


def test_a_row_for_each_output_position_has_the_pixels_that_it_reads():
    svg = pictures.positions(EXERCISES["dilated-length"], (8, 3, 3), 2, 0)
    read = [(cell.data["row"], cell.data["col"]) for cell in drawn(svg) if cell.classes == {"pixel", "small", "tap"}]
    assert read == [("0", "0"), ("0", "3"), ("0", "6"), ("1", "1"), ("1", "4"), ("1", "7")]


@pytest.mark.parametrize("args", [(3, 2, 2), (2, 1, 3)])
def test_there_is_a_cell_for_each_parameter(args):
    exercise = EXERCISES["layer-params"]
    svg = pictures.parameters(exercise, args, exercise.rule(*args), 1)
    assert len([cell for cell in drawn(svg) if cell.data["role"] in ("weight", "bias")]) == exercise.rule(*args)


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=3),
    st.tuples(st.integers(-3, 40), st.integers(-3, 40)),
    st.lists(st.lists(st.floats(), max_size=3), max_size=3),
    st.lists(st.integers(0, 4), max_size=5).map(lambda shape: np.full(shape, np.inf)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DRAWN)), st.integers(0, 30), ANY)
@example("bias-grad", 0, np.zeros((0, 0, 0)))
def test_any_result_has_a_picture_or_none(name, n, value):
    exercise = DRAWN[name]
    args, correct = exercise.expected[n % len(exercise.expected)]
    drawn = exercise.picture(exercise, args, correct, value)
    assert drawn is None or drawn.count("<svg") == drawn.count("</svg>") > 0


def test_a_picture_follows_the_theme_of_its_page_and_has_words():
    exercise = EXERCISES["conv2d"]
    correct = exercise.expected[0][1]
    svg = of_mistake(exercise, "", record(exercise, lambda *_: correct + 1) | {"returned": [as_kept(correct + 1)]})
    assert re.search(r"--cv-ink:light-dark\(#\w+,\s*#\w+\)", svg)
    assert "@media" not in svg
    assert re.findall(r"<title[^>]*>([^<]*)</title>", svg) == ["x", "kernel", "correct output", "incorrect output"]
    assert svg.count("<desc") == 4


def as_kept(value):
    from gradekit.exercise.serialize import encode

    return {"value": encode(value)}
