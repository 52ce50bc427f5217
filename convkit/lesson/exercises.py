"""The exercises of both assignments, each with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradekit import Exercise
from gradekit.exercise import compare
from gradekit.exercise.mistake import Args, Contrast
from gradekit.exercise.oracle import true_result

from .. import arithmetic, ops
from . import cases, designs, levels, oracles, pictures, questions, solutions
from .edge_kernel import IMAGES as IMAGES_IN_WORDS
from .edge_kernel import diagnose_kernel
from .further import FURTHER
from .mistakes import conv2d, counting, dense, fields, lengths, one_position, padding, pointwise
from .ready_made import CONVOLUTIONS, SHORTCUTS, NumberExercise

# The brief's image and kernels: small enough to work out any value by hand.
X = np.array([[2, 1, 2, 0, 1], [1, 3, 2, 2, 3], [1, 1, 3, 3, 0], [2, 2, 0, 1, 1], [0, 0, 3, 1, 2]], dtype=float)
KERNELS = np.array([[[2, 0.1], [3, 0.2]], [[0, 0.3], [1, 0.4]]])
X, KERNELS = X[None, :, :, None], KERNELS[:, :, None, :]

# Two images, two channels, and kernels of 2 x 3: they tell apart what one image of one channel can't.
IMAGES = np.arange(48.0).reshape(2, 3, 4, 2) % 7
KERNELS_2X3 = np.arange(24.0).reshape(2, 3, 2, 2) % 5 - 2

# An image to move to the right.
PICTURE = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])

# Dark on the left and bright on the right; dark above bright; and nothing to see.
VERTICAL = np.repeat([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], 6, axis=0)
HORIZONTAL = VERTICAL.T.copy()
FLAT = np.ones((6, 6))

# Three channels, two filters: the first filter keeps the first channel, the second averages the last two.
PIXELS = np.arange(12.0).reshape(2, 2, 3)
MIX = np.array([[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]])


def _moved_right(image: np.ndarray) -> np.ndarray:
    return np.pad(image, ((0, 0), (1, 0)))[:, :-1]


def _detector(kernel: Any) -> Callable[[np.ndarray], bool]:
    """A kernel of shape (3, 3, 1, 1) as a function: whether it responds anywhere in an image."""
    weights = designs.nine_weights(kernel)
    weights = weights / (float(np.abs(weights).max()) or 1.0)  # no sum of large numbers is lost in rounding
    return lambda image: bool(np.abs(ops.conv2d(image[None, :, :, None], weights[:, :, None, None])).max() > 1e-3)


def _response_in_words(image: np.ndarray, value: bool, right: bool) -> str:
    names = (name for name, given in zip(IMAGES_IN_WORDS, _EDGES.values(), strict=True) if np.array_equal(given, image))
    name = next(names, "this image")
    does = f"your kernel {'responds' if value else 'does not respond'} to {name}"
    return does if value == right else f"{does}, and it {'should' if right else 'should not'}"


def _asked(exercise: Exercise) -> Callable[..., int]:
    """What an exercise on a number holds to be correct."""
    return lambda *args: int(true_result(exercise, args))


_EDGES = {"vertical_edge": VERTICAL, "horizontal_edge": HORIZONTAL, "flat": FLAT}
_ARRAYS = {
    "x": X.astype(np.float32),
    "kernel": KERNELS.astype(np.float32),
    "images": IMAGES,
    "kernels": KERNELS_2X3,
}
_VISIBLE_CONV2D: tuple[Args, ...] = (
    (X, KERNELS, 1, "VALID"),
    (IMAGES, KERNELS_2X3, 1, "VALID"),
    (X, KERNELS, 2, "VALID"),
    (X, KERNELS, 1, "SAME"),
)

_AXIS_CONTRASTS: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda n, k, s, *_: s == 1),
    ("where the stride divides n", "where it doesn't divide n", lambda n, k, s, *_: n % s == 0),
    ("for odd kernels", "for even kernels", lambda n, k, s, *_: k % 2 == 1),
    ("for an odd n", "for an even n", lambda n, k, s, *_: n % 2 == 1),
    ("where the stride is not longer than the kernel", "where the stride is longer", lambda n, k, s, *_: s <= k),
)

# The designs below ask these three what a layer does.
_LAYER_PARAMS = NumberExercise(
    "layer-params",
    "layer_params",
    ("kernel_size", "in_channels", "filters"),
    arithmetic.conv_params,
    picture=pictures.parameters,
    asks="How many parameters does a Conv2D layer with a square kernel and a bias have?",
    oracle=oracles.keras_params,
    visible=((2, 1, 3), (3, 3, 2), (5, 2, 4)),
    probes=cases.LAYER_PARAMS,
    fresh=cases.layer_params,
    mistakes=counting.LAYER_PARAMS,
    pairs=counting.layer_pairs,
    contrasts=(
        ("with one input channel", "with more input channels", lambda k, c, f: c == 1),
        ("with kernel size 1", "with larger kernels", lambda k, c, f: k == 1),
        ("for odd kernels", "for even kernels", lambda k, c, f: k % 2 == 1),
        ("with up to three input channels", "with more input channels", lambda k, c, f: c <= 3),
    ),
    next_step="Try next: which grows faster, twice as many filters or a kernel twice as wide? Guess, then ask your "
    "function.",
    levels=(
        levels.counts((2, 5), (2, 6), (2, 8)),
        levels.counts((2, 7), (2, 12), (4, 16)),
        levels.counts((4, 7), (3, 16), (8, 32)),
        levels.counts((5, 11), (16, 64), (32, 128)),
    ),
    question=questions.layer_params,
    solution=solutions.layer_params,
)
_OUTPUT_LENGTH = NumberExercise(
    "output-length",
    "output_length",
    ("n", "kernel_size", "strides", "padding"),
    arithmetic.output_length,
    picture=pictures.positions,
    asks="How many output positions are there along one axis?",
    oracle=oracles.tf_output_length,
    visible=(
        (8, 3, 1, "valid"),
        (8, 3, 2, "valid"),
        (9, 3, 2, "valid"),
        (8, 3, 2, "same"),
        (7, 3, 2, "same"),
    ),
    probes=cases.OUTPUT_LENGTH,
    fresh={"valid": cases.output_length_valid, "same": cases.output_length_same},
    mistakes=lengths.OUTPUT_LENGTH,
    pairs=lengths.pairs,
    contrasts=(
        ("for VALID", "for SAME", lambda n, k, s, padding: padding == "valid"),
        *_AXIS_CONTRASTS,
    ),
    next_step="Try next: how often can a layer with stride 2 follow another before 224 pixels are one?",
    levels=(
        levels.picks(range(8, 31), range(2, 8), (1,), ("valid",)),
        levels.picks(range(8, 31), range(2, 8), (2,), ("valid",)),
        levels.picks(range(8, 31), range(2, 8), (2, 3), ("same",)),
        levels.picks(range(8, 31), range(2, 8), (3, 4, 5), ("valid", "same")),
    ),
    question=questions.output_length,
    solution=solutions.output_length,
)
_RECEPTIVE_FIELD = NumberExercise(
    "receptive-field",
    "receptive_field",
    ("kernel_sizes", "strides"),
    fields.field,
    asks="How many pixels along one axis does a value of the last layer of a stack depend on?",
    oracle=oracles.tf_receptive_field,
    visible=(((3, 3), (1, 1)), ((3, 3), (2, 1)), ((3, 3, 3), (2, 2, 2))),
    probes=cases.RECEPTIVE_FIELD,
    fresh=cases.receptive_field,
    mistakes=fields.RECEPTIVE_FIELD,
    contrasts=(
        ("with strides of 1", "with longer strides", lambda sizes, strides: set(strides) == {1}),
        ("with two layers", "with more layers", lambda sizes, strides: len(sizes) == 2),
        ("with kernels of one size", "with kernels of several sizes", lambda sizes, strides: len(set(sizes)) == 1),
    ),
    next_step="Try next: how many layers with kernel 3 and stride 1 see 15 pixels? And with stride 2?",
    levels=(levels.stack(2, (1,)), levels.stack(2, (2,)), levels.stack(3, (1, 2)), levels.stack(4, (1, 2, 3))),
    question=questions.receptive_field,
)

# The exercises of source/conv2d/; those of source/conv2d-further/ are in further/.
LESSON = (
    Exercise(
        "edge-filter",
        "edge_kernel",
        ("image",),
        lambda image: bool(np.ptp(image, axis=1).any()),
        asks="Which 3x3 kernel responds to vertical edges, and to nothing else?",
        oracle=oracles.tf_vertical_edge,
        visible=((VERTICAL,), (HORIZONTAL,), (FLAT,)),
        probes=cases.EDGE_FILTER,
        fresh={"vertical": cases.edges(vertical=True), "other": cases.edges(vertical=False)},
        next_step="Try next: turn your kernel by 90 degrees, and run both over a photo. What does each of them find?",
        levels=(
            levels.edges(levels.ACROSS, levels.ACROSS.T),
            levels.edges(levels.SOBEL, levels.SOBEL.T, levels.MEAN, levels.SPOT),
            levels.edges(levels.CORNER, levels.LOWEST_ROW, levels.LOWEST_ROW.T, levels.SPOT, levels.MEAN),
        ),
        question=questions.edge_filter,
        solution=solutions.edge_filter,
        practice_rule=lambda image, kernel: _detector(kernel[:, :, None, None])(image),
        as_function=_detector,
        given=_EDGES,
        words=_response_in_words,
        diagnose=diagnose_kernel,
    ),
    Exercise(
        "shift-kernel",
        "shift_kernel",
        ("image",),
        _moved_right,
        picture=pictures.outputs,
        asks="Which 3x3 kernel moves an image by one pixel to the right?",
        oracle=oracles.tf_moved_right,
        visible=((PICTURE,),),
        probes=tuple((_moved_right(PICTURE * scale),) for scale in (1, -2)),
        fresh=cases.shifts,
        next_step="Try next: a kernel that moves the image by half a pixel. What does each output value have to be?",
        as_function=designs.shifted,
        words=designs.shifted_in_words,
        given={"picture": PICTURE},
        diagnose=designs.by_traits(designs.SHIFT_TRAITS, designs.nine_weights, designs.SHIFT_ADVICE),
    ),
    _LAYER_PARAMS,
    NumberExercise(
        "second-layer-params",
        "second_layer_params",
        ("filters",),
        lambda filters: arithmetic.conv_params(3, 2, filters),
        picture=pictures.parameters,
        asks="How many parameters does a second layer with 3x3 kernels have, after a first layer with 2 filters?",
        oracle=lambda filters: oracles.keras_params(3, 2, filters),
        visible=((2,), (4,)),
        probes=cases.SECOND_LAYER_PARAMS,
        fresh=cases.second_layer_params,
        mistakes=counting.SECOND_LAYER_PARAMS,
        pairs=counting.second_layer_pairs,
        contrasts=(
            ("for an even number of filters", "for an odd number", lambda f: f % 2 == 0),
            ("up to four filters", "for more filters", lambda f: f <= 4),
        ),
        next_step="Try next: in a stack of two layers, double the filters of the first. Which rows of the summary "
        "change?",
        levels=(levels.counts((3, 24)), levels.counts((25, 99)), levels.counts((100, 400))),
        question=questions.second_layer_params,
        solution=lambda filters: solutions.layer_params(3, 2, filters),
    ),
    Exercise(
        "wanted-layer",
        "wanted_layer",
        ("what",),
        {designs.PARAMETERS: designs.WANTED, designs.LARGER: True}.__getitem__,
        asks="Which Conv2D layer has exactly 608 parameters, with kernels larger than one pixel?",
        visible=((designs.PARAMETERS,), (designs.LARGER,)),
        next_step="Try next: find a second layer with 608 parameters. Which number of channels does it need?",
        words=designs.parameters_in_words,
        as_function=partial(designs.count_wanted, _asked(_LAYER_PARAMS)),
        diagnose=designs.by_traits(designs.WANTED_TRAITS, designs.wanted_layer, designs.WANTED_ADVICE),
    ),
    Exercise(
        "ring-zeros",
        "ring_zeros",
        ("kernel_size",),
        lambda kernel_size: arithmetic.padding_amounts(2 * kernel_size, kernel_size),
        picture=pictures.zeros,
        asks="How many zeros does SAME add before and after one axis, for a stride of 1?",
        read=compare.whole_numbers("before", "after"),
        oracle=lambda kernel_size: oracles.tf_same_padding(2 * kernel_size, kernel_size, 1),
        shortcuts=SHORTCUTS,
        visible=((3,), (5,), (2,), (1,)),
        probes=cases.RING_ZEROS,
        fresh=cases.ring_zeros,
        mistakes=padding.RING_ZEROS,
        contrasts=(("for odd kernels", "for even kernels", lambda k: k % 2 == 1),),
        next_step="Try next: for which kernels are there as many zeros before as after?",
        levels=(levels.counts((2, 27)), levels.counts((10, 60)), levels.counts((30, 99))),
        question=questions.ring_zeros,
    ),
    _OUTPUT_LENGTH,
    Exercise(
        "halving-layer",
        "halving_layer",
        ("n",),
        {28: 14, 14: 7}.__getitem__,
        asks="Which kernel size, stride and padding turn 28 pixels into 14, and 14 into 7?",
        visible=((28,), (14,)),
        next_step="Try next: a layer that makes 7 of 28 at once. How many answers do you find?",
        words=designs.length_in_words,
        as_function=partial(designs.lengths, _asked(_OUTPUT_LENGTH)),
        diagnose=designs.by_traits(designs.HALVING_TRAITS, designs.halving_layer, designs.HALVING_ADVICE),
    ),
    _RECEPTIVE_FIELD,
    NumberExercise(
        "pointwise-params",
        "pointwise_params",
        ("in_channels", "filters"),
        lambda in_channels, filters: arithmetic.conv_params(1, in_channels, filters),
        picture=pictures.parameters,
        asks="How many parameters does a 1x1 convolution with a bias have?",
        oracle=lambda in_channels, filters: oracles.keras_params(1, in_channels, filters),
        visible=((1, 2), (3, 2), (3, 5)),
        probes=cases.POINTWISE_PARAMS,
        fresh=cases.pointwise_params,
        mistakes=counting.POINTWISE_PARAMS,
        pairs=counting.pointwise_pairs,
        contrasts=(
            ("with one input channel", "with more input channels", lambda c, f: c == 1),
            ("with fewer channels than filters", "with more channels than filters", lambda c, f: c < f),
            ("with up to three input channels", "with more input channels", lambda c, f: c <= 3),
        ),
        next_step="Try next: squeeze 256 channels into 64 with a 1x1 layer, then use 3x3 kernels. What is saved?",
        levels=(levels.counts((2, 12), (2, 12)), levels.counts((8, 32), (8, 32)), levels.counts((32, 256), (32, 256))),
        question=questions.pointwise_params,
        solution=lambda in_channels, filters: solutions.layer_params(1, in_channels, filters),
    ),
    Exercise(
        "pointwise",
        "pointwise",
        ("image", "weights"),
        np.matmul,
        picture=pictures.outputs,
        asks="What is the output of a 1x1 convolution without bias on an image (height, width, channels)?",
        oracle=lambda image, weights: oracles.tf_conv2d(image[None], weights[None, None], 1, "VALID")[0],
        visible=((PIXELS, MIX),),
        probes=cases.POINTWISE,
        fresh=cases.pointwise,
        mistakes=pointwise.POINTWISE,
        patterns=pointwise.POINTWISE_PATTERNS,
        contrasts=(
            ("with two channels", "with other numbers of channels", lambda x, w: w.shape[0] == 2),
            ("with as many filters as channels", "where they differ in number", lambda x, w: w.shape[0] == w.shape[1]),
        ),
        next_step="Try next: weights that turn a color image into shades of gray. Which shape do they have?",
        levels=(levels.pointwise(2, 1, 0, 3), levels.pointwise(2, 2, 0, 4), levels.pointwise(3, 2, -3, 4)),
        question=questions.pointwise,
        solution=solutions.pointwise,
        forbidden=CONVOLUTIONS,
        given={"tiny": PIXELS, "two_filters": MIX},
    ),
    Exercise(
        "same-padding",
        "same_padding",
        ("n", "kernel_size", "strides"),
        arithmetic.padding_amounts,
        picture=pictures.zeros,
        asks="How many zeros does SAME add before and after one axis?",
        read=compare.whole_numbers("before", "after"),
        oracle=oracles.tf_same_padding,
        shortcuts=SHORTCUTS,
        visible=((8, 3, 1), (8, 2, 1), (8, 3, 2), (7, 3, 2), (9, 2, 3)),
        probes=cases.SAME_PADDING,
        fresh=cases.same_padding,
        mistakes=padding.SAME_PADDING,
        pairs=padding.pairs,
        contrasts=_AXIS_CONTRASTS,
        next_step="Try next: which strides make SAME add nothing at all to 12 pixels, with a kernel of 3?",
        levels=(
            levels.picks(range(8, 21), (3, 5, 7), (1,)),
            levels.picks(range(8, 21), (2, 4, 6), (1,)),
            levels.picks(range(8, 21), (3, 4, 5), (2,)),
            levels.picks(range(8, 21), (1, 2, 5, 6, 7), (2, 3, 4)),
        ),
        question=questions.same_padding,
        solution=solutions.same_padding,
    ),
    Exercise(
        "one-position",
        "one_position",
        ("x", "kernel", "row", "column", "strides"),
        one_position.position,
        picture=pictures.outputs,
        asks="What are the values of a convolution at one position, for each image and filter?",
        oracle=lambda x, kernel, row, column, strides: oracles.tf_conv2d(x, kernel, strides, "VALID")[:, row, column],
        visible=((X, KERNELS, 0, 0, 1), (IMAGES, KERNELS_2X3, 1, 0, 1)),
        probes=cases.ONE_POSITION,
        fresh=cases.one_position,
        mistakes=one_position.ONE_POSITION,
        contrasts=(
            ("with a stride of 1", "with longer strides", lambda x, k, row, column, s: s == 1),
            ("with one image", "with a batch of more images", lambda x, k, row, column, s: len(x) == 1),
            ("with one input channel", "with more input channels", lambda x, k, row, column, s: x.shape[3] == 1),
        ),
        next_step="Try next: call it for every position of a small image, and compare with tf.nn.conv2d.",
        levels=(levels.position(1, 1), levels.position(1, 2), levels.position(2, 2)),
        question=questions.one_position,
        forbidden=CONVOLUTIONS,
        given=_ARRAYS,
    ),
    Exercise(
        "conv2d",
        "conv2d",
        ("x", "kernel", "strides", "padding"),
        ops.conv2d,
        picture=pictures.outputs,
        asks="What is the convolution of a batch of images, as tf.nn.conv2d computes it?",
        oracle=oracles.tf_conv2d,
        visible=_VISIBLE_CONV2D,
        probes=cases.CONV2D,
        fresh={
            "valid": cases.conv2d((1, "VALID")),
            "strides": cases.conv2d((2, "VALID"), (3, "VALID")),
            "same": cases.conv2d((1, "SAME"), (2, "SAME")),
        },
        mistakes=conv2d.CONV2D,
        pairs=conv2d.pairs,
        patterns=conv2d.CONV2D_PATTERNS,
        contrasts=(
            ("for VALID", "for SAME", lambda x, k, s, p: p == "VALID"),
            ("with a stride of 1", "with longer strides", lambda x, k, s, p: s == 1),
            ("with VALID and a stride of 1", "in the others", lambda x, k, s, p: s == 1 and p == "VALID"),
            ("with one input channel", "with more input channels", lambda x, k, s, p: x.shape[3] == 1),
            ("with one image", "with a batch of more images", lambda x, k, s, p: len(x) == 1),
            ("with square kernels", "with kernels that are not square", lambda x, k, s, p: k.shape[0] == k.shape[1]),
            ("with square images", "with images that are not square", lambda x, k, s, p: x.shape[1] == x.shape[2]),
            ("with odd kernels", "with even ones", lambda x, k, s, p: k.shape[0] % 2 == k.shape[1] % 2 == 1),
        ),
        aspects={
            "VALID": lambda x, kernel, strides, padding: padding == "VALID" and strides == 1,
            "strides": lambda x, kernel, strides, padding: padding == "VALID" and strides > 1,
            "SAME": lambda x, kernel, strides, padding: padding == "SAME" and strides == 1,
            "SAME with strides": lambda x, kernel, strides, padding: padding == "SAME" and strides > 1,
        },
        next_step="Try next: a 7x7 kernel of ones on a photo, then a row of seven after a column of seven. Compare.",
        levels=(
            levels.conv2d((3, 3, 1), (2, 2), 1, ("VALID",)),
            levels.conv2d((4, 5, 1), (2, 2), 2, ("VALID",)),
            levels.conv2d((3, 4, 1), (3, 2), 1, ("SAME",), least=-2),
            levels.conv2d((4, 3, 2), (2, 2), 1, ("VALID", "SAME"), least=-2),
            levels.conv2d((5, 4, 2), (3, 2), 2, ("VALID", "SAME"), least=-2),
        ),
        question=questions.conv2d,
        solution=solutions.conv2d,
        forbidden=CONVOLUTIONS,
        given=_ARRAYS,
    ),
    NumberExercise(
        "dense-params",
        "dense_params",
        ("height", "width", "channels", "units"),
        lambda height, width, channels, units: (height * width * channels + 1) * units,
        asks="How many parameters does a Dense layer have, after an output (height, width, channels)?",
        oracle=oracles.keras_dense_params,
        visible=((6, 6, 2, 10), (7, 7, 512, 4096)),
        probes=cases.DENSE_PARAMS,
        fresh=cases.dense_params,
        mistakes=dense.DENSE_PARAMS,
        contrasts=(
            ("with one channel", "with more channels", lambda h, w, c, u: c == 1),
            ("for square images", "for images that are not square", lambda h, w, c, u: h == w),
            ("with one unit", "with more units", lambda h, w, c, u: u == 1),
        ),
        next_step="Try next: a 1x1 convolution on the same output, with as many filters as units. How many parameters?",
        levels=(
            levels.counts((2, 4), (2, 4), (2, 3), (2, 5)),
            levels.counts((4, 8), (4, 8), (2, 16), (10, 20)),
            levels.counts((7, 14), (7, 14), (32, 128), (100, 1000)),
        ),
        question=questions.dense_params,
    ),
    Exercise(
        "two-layers",
        "two_layers",
        ("what",),
        {designs.SEEN: designs.FIVE, designs.CHEAPER: True}.__getitem__,
        asks="Which two kernel sizes see as much as one 5x5 kernel, and have fewer parameters?",
        visible=((designs.SEEN,), (designs.CHEAPER,)),
        next_step="Try next: three layers that see 7 pixels. How many parameters do they save?",
        words=designs.stack_in_words,
        as_function=partial(designs.seen_and_cost, _asked(_RECEPTIVE_FIELD), _asked(_LAYER_PARAMS)),
        diagnose=designs.by_traits(designs.TWO_TRAITS, designs.two_layers, designs.TWO_ADVICE),
    ),
)

EXERCISES: dict[str, Exercise] = {exercise.id: exercise for exercise in (*LESSON, *FURTHER)}
