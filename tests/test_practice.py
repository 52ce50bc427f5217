"""Practice: questions that TensorFlow answers alike, told by a seed, and never giving their result away at first."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convkit
from convkit import practice
from convkit.explain.html import sentence
from convkit.lesson import EXERCISES
from gradekit.exercise.practice import NoQuestion, expected
from gradekit.exercise.registry import UnknownExercise, find

CHOICES = ("shift-kernel", "wanted-layer", "halving-layer", "two-layers")  # one question each
LEVELS = {exercise.id: exercise.levels for exercise in EXERCISES.values() if exercise.id not in CHOICES}
EVERY_LEVEL = [(exercise_id, level) for exercise_id, levels in LEVELS.items() for level in range(1, len(levels) + 1)]
questions = st.builds(
    lambda place, seed: practice(*place, seed=seed), st.sampled_from(EVERY_LEVEL), st.integers(0, 9999)
)


def right_answer(asked):
    return expected(asked.exercise, asked.args)


def by_the_oracle(asked):
    """What TensorFlow or Keras says; the edge filter's question is a convolution and a look at its output."""
    if asked.exercise.id != "edge-filter":
        return asked.exercise.oracle(*asked.args)
    image, kernel = asked.args
    output = find("conv2d").oracle(image[None, :, :, None], kernel[:, :, None, None], 1, "VALID")
    return bool(np.abs(output).max() > 1e-6)


def test_every_exercise_can_be_practised():
    assert all(len(levels) >= 3 for levels in LEVELS.values())


@settings(max_examples=150)
@given(asked=questions)
def test_what_tensorflow_answers_is_right(tf, asked):
    assert asked.check(by_the_oracle(asked)).right


@settings(max_examples=60)
@given(asked=questions)
def test_the_same_line_asks_the_same_question(asked):
    again = eval(asked.share(), {"convkit": convkit})
    assert str(again) == str(asked)
    assert asked.share() in str(asked)


@pytest.mark.parametrize(("exercise_id", "level"), EVERY_LEVEL)
def test_seeds_make_questions_differ(exercise_id, level):
    assert len({str(practice(exercise_id, level, seed=seed).question) for seed in range(12)}) >= 5
    assert len({practice(exercise_id).seed for _ in range(8)}) > 1


def test_the_next_question_is_harder_until_there_is_no_harder():
    asked = practice("layer-params", seed=3)
    levels = [asked.level]
    for _ in range(5):
        asked = asked.next()
        levels.append(asked.level)
    assert levels == [1, 2, 3, 4, 4, 4]
    assert str(asked.question) != str(asked.next().question)
    sizes = [
        np.mean([right_answer(practice("layer-params", level, seed)) for seed in range(20)]) for level in range(1, 5)
    ]
    assert sizes == sorted(sizes)


def test_a_right_answer_gets_one_line_and_the_next_question():
    asked = practice("layer-params", seed=3)
    answer = asked.check(right_answer(asked))
    assert answer.right
    assert answer.mistakes == ()
    line, blank, *rest = str(answer).splitlines()
    assert line == f"Right: {right_answer(asked)}."
    assert blank == ""
    assert "\n".join(rest) == str(asked.next())


@settings(max_examples=100)
@given(asked=questions)
def test_a_wrong_answer_is_not_told_the_right_one(asked):
    right = right_answer(asked)
    if isinstance(right, bool):
        wrong = not right
    elif isinstance(right, tuple):
        wrong = (right[0] + 1234, right[1] + 1234)
    else:
        wrong = right + 1234
    answer = asked.check(wrong)
    assert not answer.right
    assert str(answer).startswith("Not yet: ")
    if not isinstance(right, bool):
        numbers = {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", answer.text)}
        told = np.ravel(right)[0] if isinstance(right, np.ndarray) else right
        assert isinstance(right, np.ndarray) or not numbers & set(np.ravel(told).tolist())
    assert "solution" not in answer.text
    assert ".solution()" in asked.check(wrong).text  # who tried twice is told where the way is shown


@pytest.mark.parametrize(
    ("exercise_id", "value", "said"),
    [
        ("layer-params", 76.0, "you answered 76.0, a float; a whole number is needed."),
        ("layer-params", None, "you answered None, the result of a function without `return`; a whole number"),
        ("layer-params", "76", "you answered '76', a str; a whole number is needed."),
        ("same-padding", 1, "you answered 1, an int; a pair (before, after) is needed."),
        ("same-padding", (1, 2, 3), "you answered (1, 2, 3), 3 values; a pair (before, after) is needed."),
        ("conv2d", np.ones((9, 9)), "you answered an array of shape (9, 9)."),
        ("conv2d", [[1], [1, 2]], "an array of numbers is needed."),
        ("edge-filter", "yes", "you answered 'yes', a str; True or False is needed."),
    ],
)
def test_an_answer_of_another_kind_is_told_which_kind_is_wanted(exercise_id, value, said):
    answer = practice(exercise_id, seed=1).check(value)
    assert not answer.right
    assert said in answer.text


def test_arrays_may_be_written_without_the_axes_of_size_one():
    asked = practice("conv2d", seed=2)
    right = right_answer(asked)
    assert right.shape == (1, 2, 2, 1)
    for value in (right, right[0], right[0, :, :, 0], right[0, :, :, 0].tolist(), right[0, :, :, 0].astype(int)):
        assert asked.check(value).right
    assert not asked.check(right[0, :, :, 0].ravel()).right
    assert not asked.check(right[0, :, :, 0] + [[0, 0], [0, 1]]).right


def test_a_function_is_tried_on_the_case():
    asked = practice("layer-params", level=2, seed=8)
    assert asked.check(lambda k, c, f: (k * k * c + 1) * f).right
    wrong = asked.check(lambda k, c, f: k * k * c * f)
    assert wrong.mistakes == ("no-bias",)
    stopped = asked.check(lambda k, c, f: k / 0)
    assert "your function stopped with ZeroDivisionError: " in stopped.text
    borrowed = practice("conv2d", seed=1).check(lambda x, kernel, strides, padding: convkit.conv2d(x, kernel))
    assert "Write it yourself" in borrowed.text


# Mistakes.


@pytest.mark.parametrize(("exercise_id", "level"), EVERY_LEVEL)
def test_a_known_mistake_is_named_or_nothing_is(exercise_id, level):
    """What a wrong rule gives is never taken for another rule's; and where it is told, it is told in its words."""
    told = 0
    for seed in range(3):
        asked = practice(exercise_id, level, seed)
        for mistake in find(exercise_id).mistakes:
            try:
                value = mistake.rule(*(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in asked.args))
            except Exception:
                continue
            answer = asked.check(value)
            assert answer.mistakes in ((), mistake.names)
            if answer.mistakes:
                told += 1
                assert not answer.right
                assert mistake.helps in answer.text
    assert told > 0 or exercise_id == "edge-filter"


def test_nearly_all_mistakes_in_counting_can_be_told():
    told, seen = 0, 0
    for exercise_id in ("layer-params", "second-layer-params", "pointwise-params"):
        for level in (2, 3):
            for seed in range(5):
                asked = practice(exercise_id, level, seed)
                for mistake in asked.exercise.mistakes:
                    answer = asked.check(mistake.rule(*asked.args))
                    told += answer.mistakes == mistake.names
                    seen += not answer.right
    assert told / seen > 0.95


def test_a_number_that_no_rule_gives_is_not_explained():
    asked = practice("layer-params", level=2, seed=8)
    answer = asked.check(7919)  # a prime: no product of the layer's numbers
    assert answer.mistakes == ()
    assert answer.text == "Not yet: you answered 7919."


# The way, and how it looks.


@settings(max_examples=60)
@given(asked=questions)
def test_the_solution_ends_in_the_right_result(asked):
    right, shown = right_answer(asked), asked.solution()
    if not hasattr(shown, "sections"):  # a question without a worked solution
        assert np.array_equal(shown, right)
        return
    section = shown.sections[0]
    if not isinstance(right, np.ndarray):
        assert section.result == right
        return
    totals = [float(line.rpartition(" = ")[2].partition(";")[0]) for line in section.lines if "=" in line]
    assert section.result == right.shape
    assert np.array_equal(totals, right.ravel())


@settings(max_examples=40)
@given(asked=questions)
def test_html_says_what_the_text_says(asked):
    html = asked._repr_html_()
    assert sentence(asked.question.answer) in html
    assert sentence(asked.question.asks) in html
    assert html.count("<table>") == len(asked.question.tables)
    assert html.count("<td ") == sum(values.size for _, values in asked.question.tables)
    assert all(f">{name}</caption>" in html for name, _ in asked.question.tables)
    assert not re.search(r"<script|background|rgb\(|#[0-9a-f]{3}", html)
    assert "Not yet" in asked.check(None)._repr_html_()
    assert asked.next().question.html() in asked.check(right_answer(asked))._repr_html_()


def test_what_does_not_exist_is_said():
    with pytest.raises(UnknownExercise, match=r"no exercise has the id 'layers'; there are two-layers, layer-params"):
        practice("layers")
    with pytest.raises(NoQuestion, match=r"level is 9, and layer-params has the levels 1 to 4"):
        practice("layer-params", level=9)
    with pytest.raises(NoQuestion, match=r"level is 0"):
        practice("layer-params", level=0)
    with pytest.raises(NoQuestion, match=r"seed is 'abc'"):
        practice("layer-params", seed="abc")
