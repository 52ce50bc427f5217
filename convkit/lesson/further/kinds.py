"""The exercises on other kinds of convolution: dilated, grouped and separable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradekit import Mistake, Question
from gradekit.exercise.mistake import Args

from ... import arithmetic
from .. import cases, levels, pictures
from ..oracles import built_params, keras_params
from ..quiet import quietly
from ..ready_made import NumberExercise

Generator = np.random.Generator
WHOLE = "Answer with a whole number."

# -- dilated -----------------------------------------------------------------------------------------------------------


def keras_dilated_length(n: int, kernel_size: int, dilation_rate: int) -> int:
    """Length of one axis of the output of a dilated `keras.layers.Conv2D` without padding."""
    with quietly():
        import keras

        layer = keras.layers.Conv2D(1, kernel_size, dilation_rate=dilation_rate)
        return int(layer.compute_output_shape((None, n, n, 1))[1])


_ROW = "Draw a row of pixels, and mark those that a kernel of size 3 reads at its first position, with a rate of 2."

DILATED_MISTAKES = (
    Mistake("dilation-ignored", lambda n, k, d: n - k + 1, "It counts as if the rate were 1.", _ROW),
    Mistake(
        "kernel-times-rate",
        lambda n, k, d: n - k * d + 1,
        "It takes a kernel that is as many times as long as the rate says.",
        "Between k weights there are k - 1 gaps. " + _ROW,
    ),
    Mistake(
        "rate-as-gap",
        lambda n, k, d: n - (k + (k - 1) * d) + 1,
        "It leaves out as many pixels between two weights as the rate says.",
        "With a rate of 1, no pixel is left out. " + _ROW,
    ),
    Mistake(
        "rate-added",
        lambda n, k, d: n - (k + d) + 1,
        "It adds the rate to the kernel size.",
        "A rate of 1 adds 0. " + _ROW,
    ),
    Mistake(
        "one-gap-only",
        lambda n, k, d: n - (k + d - 1) + 1,
        "It widens one gap of the kernel.",
        "Every gap between two weights is widened. " + _ROW,
    ),
    Mistake(
        "two-gaps",
        lambda n, k, d: n - (k + 2 * (d - 1)) + 1,
        "It widens two gaps, as a kernel of size 3 has them, whatever the kernel is.",
        "How many gaps are there between k weights? " + _ROW,
    ),
    Mistake(
        "rate-as-power",
        lambda n, k, d: n - (k - 1) ** d,
        "It takes the rate for a power: the kernel spans (kernel_size - 1) to the power of the rate, plus 1.",
        "Each gap becomes as long as the rate says. Are they added up or multiplied? " + _ROW,
    ),
    Mistake(
        "rate-as-stride",
        lambda n, k, d: (n - k) // d + 1,
        "It takes the rate for a stride.",
        "A stride moves the whole kernel. The rate moves the weights apart. " + _ROW,
    ),
    Mistake(
        "first-position-not-counted",
        lambda n, k, d: n - (k - 1) * d - 1,
        "It counts the steps of the kernel, and not its first position.",
        "A kernel that just fits has one position, and makes no step.",
    ),
    Mistake(
        "one-too-many",
        lambda n, k, d: n - (k - 1) * d + 1,
        "It counts one position too many.",
        "With kernel size 1 there are n positions. What does your function return for it?",
    ),
    Mistake(
        "pixels-spanned",
        lambda n, k, d: (k - 1) * d + 1,
        "It returns how many pixels the kernel spans.",
        "How many positions does a kernel have that spans so many of n pixels?",
    ),
)


def _dilated_level(rates: tuple[int, ...], sizes: tuple[int, ...]) -> Callable[[Generator], Args]:
    def draw(rng: Generator) -> Args:
        size, rate = int(rng.choice(sizes)), int(rng.choice(rates))
        return (size - 1) * rate + int(rng.integers(1, 20)), size, rate

    return draw


def _dilated_question(n: int, kernel_size: int, dilation_rate: int) -> Question:
    return Question(
        f"A Conv2D layer has kernel size {kernel_size}, a dilation rate of {dilation_rate}, strides of 1 and no "
        f"padding. Its input has {n} pixels along an axis. How many output positions are there?",
        WHOLE,
    )


# -- grouped -----------------------------------------------------------------------------------------------------------


_GROUP = "Look at the shapes of the weights: `keras.layers.Conv2D(6, 3, groups=2)` on an image with 4 channels."
_BIAS = "Each filter has one bias, in whichever group it is."

GROUPED_MISTAKES = (
    Mistake(
        "groups-ignored",
        lambda k, c, f, g: (k * k * c + 1) * f,
        "It lets every filter read all channels.",
        "How many channels does a filter read, if the channels are shared between the groups? " + _GROUP,
    ),
    Mistake(
        "one-group-counted",
        lambda k, c, f, g: (k * k * (c // g) + 1) * (f // g),
        "It counts the filters of one group.",
        "All groups have their filters. " + _GROUP,
    ),
    Mistake(
        "filters-divided-instead",
        lambda k, c, f, g: (k * k * c + 1) * (f // g),
        "It divides the parameters of an ordinary layer by the groups, its biases included.",
        "There are as many filters as before. What gets smaller? " + _GROUP,
    ),
    Mistake(
        "divided-twice",
        lambda k, c, f, g: k * k * (c // g) * (f // g) + f,
        "It divides the weights by the groups twice: for the channels, and for the filters.",
        "All groups have their filters. " + _GROUP,
    ),
    Mistake(
        "a-whole-layer-for-each-group",
        lambda k, c, f, g: (k * k * c + 1) * f * g,
        "It counts a whole ordinary layer for each group.",
        "How many filters does one group have, and how many channels do they read? " + _GROUP,
    ),
    Mistake(
        "a-bias-for-each-channel",
        lambda k, c, f, g: (k * k + 1) * (c // g) * f,
        "It counts a bias for every channel that a filter reads.",
        _BIAS,
    ),
    Mistake(
        "channels-multiplied",
        lambda k, c, f, g: (k * k * c * g + 1) * f,
        "It multiplies the channels by the groups.",
        "With more groups, does a filter read more channels, or fewer? " + _GROUP,
    ),
    Mistake("no-bias", lambda k, c, f, g: k * k * (c // g) * f, "It counts weights, and no bias.", _BIAS),
    Mistake("one-bias-for-the-layer", lambda k, c, f, g: k * k * (c // g) * f + 1, "It counts one bias in all.", _BIAS),
    Mistake(
        "a-bias-for-each-group", lambda k, c, f, g: k * k * (c // g) * f + g, "It counts a bias for each group.", _BIAS
    ),
    Mistake(
        "one-channel-for-each-filter",
        lambda k, c, f, g: (k * k + 1) * f,
        "It lets every filter read a single channel.",
        "That is so if there are as many groups as channels. How many channels does a group have here? " + _GROUP,
    ),
    Mistake(
        "kernel-not-squared",
        lambda k, c, f, g: (k * (c // g) + 1) * f,
        "It counts one row of the kernel.",
        "A kernel has a height and a width.",
    ),
    Mistake(
        "in-and-out-swapped",
        lambda k, c, f, g: (k * k * (f // g) + 1) * c,
        "It exchanges channels and filters.",
        "Which of the two does each kernel read? " + _GROUP,
    ),
)


def _grouped_level(least: int, most: int, sizes: tuple[int, ...]) -> Callable[[Generator], Args]:
    def draw(rng: Generator) -> Args:
        groups = int(rng.integers(2, 5))
        numbers = cases.apart(rng, least, most, groups)
        return int(rng.choice(sizes)), *numbers, groups

    return draw


def _grouped_question(kernel_size: int, in_channels: int, filters: int, groups: int) -> Question:
    return Question(
        f"A Conv2D layer has {filters} filters, kernels of {kernel_size} x {kernel_size}, {groups} groups and a bias. "
        f"Its input has {in_channels} channels. How many parameters does it have?",
        WHOLE,
    )


# -- separable ---------------------------------------------------------------------------------------------------------


def _separable_params(kernel_size: int, in_channels: int, filters: int) -> int:
    depthwise = arithmetic.conv_params(kernel_size, in_channels, in_channels, groups=in_channels, use_bias=False)
    return depthwise + arithmetic.conv_params(1, in_channels, filters)


_STEPS = "Count the two steps one after the other: a kernel for each channel, then 1x1 kernels over all channels."
_ONE_BIAS = "SeparableConv2D adds its bias once, at the end: look at the shapes of its weights."

SEPARABLE_MISTAKES = (
    Mistake("as-a-convolution", lambda k, c, f: (k * k * c + 1) * f, "It counts an ordinary convolution.", _STEPS),
    Mistake("no-bias", lambda k, c, f: k * k * c + c * f, "It counts weights, and no bias.", _ONE_BIAS),
    Mistake(
        "a-bias-in-both-steps",
        lambda k, c, f: (k * k + 1) * c + (c + 1) * f,
        "It counts a bias in both steps.",
        _ONE_BIAS,
    ),
    Mistake(
        "bias-in-the-first-step-only",
        lambda k, c, f: (k * k + 1) * c + c * f,
        "It counts the bias in the first step, and not in the second.",
        _ONE_BIAS,
    ),
    Mistake("one-bias-for-the-layer", lambda k, c, f: k * k * c + c * f + 1, "It counts one bias in all.", _ONE_BIAS),
    Mistake("first-step-alone", lambda k, c, f: k * k * c, "It counts the first step alone.", _STEPS),
    Mistake("second-step-alone", lambda k, c, f: (c + 1) * f, "It counts the second step alone.", _STEPS),
    Mistake(
        "a-kernel-for-each-filter",
        lambda k, c, f: k * k * f + (c + 1) * f,
        "It counts a kernel for each filter in the first step.",
        "The first step knows nothing of the filters. " + _STEPS,
    ),
    Mistake(
        "one-kernel-for-all-channels",
        lambda k, c, f: k * k + (c + 1) * f,
        "It counts a single kernel in the first step.",
        "Each channel has a kernel of its own. " + _STEPS,
    ),
    Mistake(
        "kernel-not-squared",
        lambda k, c, f: k * c + (c + 1) * f,
        "It counts one row of each kernel.",
        "A kernel has a height and a width.",
    ),
    Mistake(
        "second-step-as-a-bias",
        lambda k, c, f: k * k * c + f,
        "Of the second step it counts the biases alone.",
        "What does a 1x1 convolution learn, apart from its biases? " + _STEPS,
    ),
    Mistake(
        "one-weight-for-each-filter",
        lambda k, c, f: k * k * c + 2 * f,
        "It counts one weight for each filter of the second step.",
        "A 1x1 kernel reads all channels. How many weights does it have? " + _STEPS,
    ),
    Mistake(
        "a-row-and-a-column",
        lambda k, c, f: 2 * k * c + (c + 1) * f,
        "It counts a row and a column in place of each square kernel.",
        "The first step has a square kernel for each channel. What is separated here are the channels. " + _STEPS,
    ),
    Mistake(
        "steps-multiplied",
        lambda k, c, f: k * k * c * c * f + f,
        "It multiplies the weights of the two steps.",
        "The steps are two layers, one after the other. " + _STEPS,
    ),
    Mistake(
        "steps-multiplied",
        lambda k, c, f: k * k * c * (c + 1) * f,
        "It multiplies the numbers of the two steps.",
        "The steps are two layers, one after the other. " + _STEPS,
    ),
)


def _separable_question(kernel_size: int, in_channels: int, filters: int) -> Question:
    return Question(
        f"A SeparableConv2D layer has {filters} filters, kernels of {kernel_size} x {kernel_size} and a bias. "
        f"Its input has {in_channels} channels. How many parameters does it have?",
        WHOLE,
    )


KINDS = (
    NumberExercise(
        "dilated-length",
        "dilated_length",
        ("n", "kernel_size", "dilation_rate"),
        lambda n, kernel_size, dilation_rate: arithmetic.output_length(n, kernel_size, dilation_rate=dilation_rate),
        picture=pictures.positions,
        asks="How many output positions does a dilated convolution have along one axis, without padding?",
        oracle=keras_dilated_length,
        visible=((8, 3, 1), (8, 3, 2), (8, 3, 3)),
        probes=((12, 4, 2), (15, 5, 3), (20, 2, 5), (9, 5, 2), (14, 1, 3), (23, 6, 4)),
        fresh=lambda rng: [
            ((size - 1) * rate + int(rng.integers(3, 15)), size, rate)
            for size, rate in ((2, 3), (3, 2), (4, 3), (5, 2), (6, 4))
        ],
        mistakes=DILATED_MISTAKES,
        contrasts=(
            ("with a rate of 1", "with larger rates", lambda n, k, d: d == 1),
            ("for odd kernels", "for even kernels", lambda n, k, d: k % 2 == 1),
        ),
        next_step="Try next: a stack of 3x3 layers with rates 1, 2 and 4. How many pixels does one value see?",
        levels=(
            _dilated_level((2,), (2, 3)),
            _dilated_level((2, 3), (3, 4, 5)),
            _dilated_level((3, 4, 5), (4, 5, 6, 7)),
        ),
        question=_dilated_question,
    ),
    NumberExercise(
        "grouped-params",
        "grouped_params",
        ("kernel_size", "in_channels", "filters", "groups"),
        arithmetic.conv_params,
        asks="How many parameters does a Conv2D layer with groups have?",
        oracle=keras_params,
        visible=((3, 4, 8, 1), (3, 4, 8, 2), (3, 4, 8, 4)),
        probes=((2, 6, 9, 3), (1, 8, 4, 2), (5, 6, 4, 2), (3, 12, 8, 4), (4, 10, 15, 5), (2, 9, 6, 3), (7, 4, 6, 2)),
        fresh=lambda rng: [
            (kernel_size, *cases.apart(rng, 2, 8, groups), groups)
            for kernel_size, groups in ((1, 2), (2, 3), (3, 2), (3, 4), (5, 3))
        ],
        mistakes=GROUPED_MISTAKES,
        contrasts=(
            ("with one group", "with more groups", lambda k, c, f, g: g == 1),
            ("with as many groups as channels", "with fewer groups", lambda k, c, f, g: g == c),
        ),
        next_step="Try next: which number of groups makes a layer with 64 channels and 64 filters cheapest?",
        levels=(_grouped_level(1, 3, (2, 3)), _grouped_level(2, 6, (3, 5)), _grouped_level(8, 32, (3, 5, 7))),
        question=_grouped_question,
    ),
    NumberExercise(
        "separable-params",
        "separable_params",
        ("kernel_size", "in_channels", "filters"),
        _separable_params,
        asks="How many parameters does a SeparableConv2D layer have?",
        oracle=lambda kernel_size, in_channels, filters: built_params(
            "SeparableConv2D", in_channels, filters, kernel_size
        ),
        visible=((3, 4, 8), (5, 3, 2)),
        probes=((2, 6, 3), (3, 2, 10), (4, 5, 7), (7, 3, 4), (5, 8, 6), (6, 2, 3)),
        fresh=lambda rng: [(kernel_size, *cases.apart(rng, 2, 29)) for kernel_size in (2, 3, 4, 5, 7)],
        mistakes=SEPARABLE_MISTAKES,
        contrasts=(
            ("with fewer channels than filters", "with more channels than filters", lambda k, c, f: c < f),
            ("for odd kernels", "for even kernels", lambda k, c, f: k % 2 == 1),
        ),
        next_step="Try next: for which kernel size does it save most, with 64 channels and 64 filters?",
        levels=(
            levels.counts((2, 3), (2, 5), (2, 6)),
            levels.counts((3, 5), (4, 16), (8, 20)),
            levels.counts((3, 7), (16, 64), (32, 128)),
        ),
        question=_separable_question,
    ),
)
