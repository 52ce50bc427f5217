"""Mistakes can be told apart by their exercise's cases, do what their words say, and say it well."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convkit import arithmetic, ops
from convkit.lesson import EXERCISES, designs
from convkit.lesson.edge_kernel import KINDS, SHAPES
from convkit.lesson.mistakes import counting, lengths, padding
from convkit.lesson.mistakes.slots import Conv
from gradekit.exercise import generic_mistakes
from gradekit.exercise.compare import agrees, plain
from gradekit.exercise.mistake import Found

MISTAKES = {exercise.id: (*exercise.mistakes, *exercise.combined) for exercise in EXERCISES.values()}
MISTAKES = {exercise_id: mistakes for exercise_id, mistakes in MISTAKES.items() if mistakes}
TRAITS = {
    "shift-kernel": designs.SHIFT_TRAITS,
    "wanted-layer": designs.WANTED_TRAITS,
    "halving-layer": designs.HALVING_TRAITS,
    "two-layers": designs.TWO_TRAITS,
}
FORMS = [value for value in vars(generic_mistakes).values() if isinstance(value, Found)]
COUNTED = ("layer-params", "second-layer-params", "same-padding", "output-length", "pointwise-params", "pointwise")


def results(rule, cases):
    """What a rule gives, case by case; "stops" where it ends in an error."""

    def one(args):
        try:
            return plain(rule(*args))
        except (ValueError, IndexError):
            return "stops"

    return [one(args) for args in cases]


def differing(one, other):
    """In how many cases two rows of results differ."""

    def alike(a, b):
        stops = (isinstance(a, str), isinstance(b, str))
        return all(stops) if any(stops) else agrees(a, b)

    return sum(not alike(a, b) for a, b in zip(one, other, strict=True))


def not_told_apart(exercise_id, cases):
    """Wrong rules that the cases can't tell from the right one, or from each other."""
    exercise = EXERCISES[exercise_id]
    right = results(exercise.rule, cases)
    rows = [(mistake.name, results(mistake.rule, cases)) for mistake in MISTAKES[exercise_id]]
    as_right = [name for name, row in rows if differing(row, right) < 2]
    alike = [(a, b) for (a, one), (b, other) in combinations(rows, 2) if not differing(one, other)]
    return as_right, alike


@pytest.mark.parametrize("exercise_id", MISTAKES)
def test_the_cases_tell_every_mistake_and_every_pair_from_the_right_rule_and_from_each_other(exercise_id):
    exercise = EXERCISES[exercise_id]
    assert not_told_apart(exercise_id, (*exercise.visible, *exercise.probes)) == ([], [])


def test_cases_that_cannot_tell_are_found():
    as_right, alike = not_told_apart("second-layer-params", ((2,),))
    assert "in-and-out-swapped" in as_right  # 2 in and 2 out: nothing to see
    assert as_right
    assert alike


@pytest.mark.parametrize(("exercise_id", "least"), [*((name, 8) for name in COUNTED), ("conv2d", 10)])
def test_there_are_enough_mistakes(exercise_id, least):
    assert len({mistake.name for mistake in MISTAKES[exercise_id] if not mistake.both}) >= least


def test_every_exercise_has_its_mistakes_contrasts_and_ideas():
    assert {*MISTAKES, *TRAITS, "edge-filter"} == set(EXERCISES)
    assert all(exercise.next_step and exercise.asks for exercise in EXERCISES.values())
    assert all(EXERCISES[exercise_id].contrasts for exercise_id in MISTAKES)
    assert len(KINDS) + len(SHAPES) >= 8


def texts():
    for exercise_id, mistakes in MISTAKES.items():
        for mistake in (*mistakes, *EXERCISES[exercise_id].patterns):
            if not getattr(mistake, "both", ()):
                yield exercise_id, mistake.name, mistake.did, mistake.helps
    for kind in (*KINDS, *FORMS):
        yield "any", kind.name, kind.did, kind.helps
    for exercise_id, traits in TRAITS.items():
        for trait in traits:
            yield exercise_id, trait.name, trait.did, trait.helps
    for trait in SHAPES:
        yield "edge-filter", trait.name, trait.did, trait.helps


@pytest.mark.parametrize(("exercise_id", "name", "did", "helps"), list(texts()), ids=lambda value: str(value)[:40])
def test_names_and_sentences_are_plain_and_kind(exercise_id, name, did, helps):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    for text in (did, helps):
        assert text[0].isupper() or text[0] == "`"
        assert text.rstrip(")")[-1] in ".?"
        assert text.count("`") % 2 == 0
        assert "  " not in text
        assert not re.search(r"wrong|stupid|obvious|simply|just remember|!|error", text, re.IGNORECASE), text
        assert len(text) <= 330


@pytest.mark.parametrize("exercise_id", ["layer-params", "second-layer-params", "pointwise-params", "dense-params"])
def test_a_derivation_adds_up_to_what_the_mistake_gives(exercise_id):
    exercise = EXERCISES[exercise_id]
    for mistake in MISTAKES[exercise_id]:
        for args in (*exercise.visible, *exercise.probes):
            words = mistake.derive(*args)
            if not words:
                assert mistake.name in (
                    "first-layer-counted-too",
                    "times-the-positions",
                )  # words would tell the right sum
                continue
            assert re.fullmatch(r"[\d x+^()-]+", words), words
            assert eval(words.replace("x", "*")) == mistake.rule(*args), (mistake.name, args, words)


@pytest.mark.parametrize("exercise_id", ["same-padding", "output-length", "conv2d"])
def test_every_case_has_a_derivation_where_it_differs(exercise_id):
    exercise = EXERCISES[exercise_id]
    for mistake in MISTAKES[exercise_id]:
        for args in (*exercise.visible, *exercise.probes):
            try:
                wrong = plain(mistake.rule(*args))
            except (ValueError, IndexError):
                continue
            if not agrees(wrong, plain(exercise.rule(*args))) and mistake.name != "kernel-transposed":
                assert isinstance(mistake.derive(*args), str)
                assert mistake.derive(*args) or exercise_id == "conv2d", (mistake.name, args)


# -- the right rules that the wrong ones are made from -----------------------------------------------------------------

SIZES = st.integers(1, 12)


@given(SIZES, SIZES, SIZES)
def test_an_unchanged_count_is_right(kernel_size, in_channels, filters):
    layer = kernel_size, in_channels, filters
    right = counting.by_formula("right", counting.count(), "", "")
    assert right.rule(*layer) == arithmetic.conv_params(*layer) == eval(right.derive(*layer).replace("x", "*"))


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6))
def test_unchanged_lengths_and_padding_are_right(n, kernel_size, strides):
    axis = n, kernel_size, strides
    assert lengths.same(*axis) == arithmetic.output_length(*axis, "same")
    assert padding.halves(padding.total(*axis)) == arithmetic.padding_amounts(*axis)
    if kernel_size <= n:
        assert lengths.valid(*axis) == arithmetic.output_length(*axis, "valid")


@given(st.data())
def test_an_unchanged_convolution_is_right(data):
    draw = lambda most: data.draw(st.integers(1, most))  # noqa: E731
    kernel_shape = (draw(4), draw(4), draw(3), draw(3))
    image_shape = (draw(2), kernel_shape[0] + draw(5) - 1, kernel_shape[1] + draw(5) - 1, kernel_shape[2])
    rng = np.random.default_rng(draw(1000))
    x, kernel = rng.integers(-8, 9, image_shape) / 4, rng.integers(-8, 9, kernel_shape) / 4
    strides, mode = draw(3), data.draw(st.sampled_from(["VALID", "SAME"]))
    ours, right = Conv()(x, kernel, strides, mode), ops.conv2d(x, kernel, strides, mode)
    assert ours.shape == right.shape
    np.testing.assert_allclose(ours, right, atol=1e-9)


def test_what_the_field_notes_say_of_76():
    said = {
        ("no-bias",): 72,
        ("channels-forgotten",): 40,
        ("no-bias", "channels-forgotten"): 36,
        ("three-channels-assumed",): 112,
        ("a-bias-per-channel-of-each-kernel",): 80,
        ("one-bias-for-the-layer",): 73,
        ("in-and-out-swapped",): 74,
        ("one-filter",): 19,
    }
    rules = {mistake.names: mistake.rule for mistake in (*counting.SECOND_LAYER_PARAMS, *counting.second_layer_pairs())}
    assert {names: rules[names](4) for names in said} == said


# -- kernels -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-3, 3), min_size=9, max_size=9))
def test_a_kernel_is_right_or_of_exactly_one_kind(numbers):
    exercise, nine = EXERCISES["edge-filter"], np.array(numbers, float).reshape(3, 3)
    answers = exercise.function(nine[:, :, None, None])
    cases = (*exercise.visible, *exercise.probes)
    right = all(exercise.read(answers(*args), exercise.rule(*args)) is None for args in cases)
    fitting = [kind.name for kind in KINDS if kind.fits(nine)]
    assert len(fitting) == (0 if right else 1), fitting
