"""The exercises of the lesson, each with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradekit import Exercise
from gradekit.exercise import compare
from gradekit.exercise.mistake import Args

from .. import arithmetic, ops
from . import cases, contrasts, levels, oracles, questions, solutions
from .edge_kernel import diagnose_kernel
from .mistakes import conv2d, counting, lengths, padding, pointwise

# The brief's image and kernels: small enough to work out any value by hand.
X = np.array([[2, 1, 2, 0, 1], [1, 3, 2, 2, 3], [1, 1, 3, 3, 0], [2, 2, 0, 1, 1], [0, 0, 3, 1, 2]], dtype=float)
KERNELS = np.array([[[2, 0.1], [3, 0.2]], [[0, 0.3], [1, 0.4]]])
X, KERNELS = X[None, :, :, None], KERNELS[:, :, None, :]

# Dark on the left and bright on the right; dark above bright; and nothing to see.
VERTICAL = np.repeat([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], 6, axis=0)
HORIZONTAL = VERTICAL.T.copy()
FLAT = np.ones((6, 6))

# Three channels, two filters: the first filter keeps the first channel, the second averages the last two.
PIXELS = np.arange(12.0).reshape(2, 2, 3)
MIX = np.array([[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]])

# Ready-made convolutions, where the student is to write one.
CONVOLUTIONS = tuple(
    f"{library}.{name}"
    for library in (
        "tensorflow",
        "keras",
        "tf_keras",
        "torch",
        "jax",
        "scipy.signal",
        "scipy.ndimage",
        "cv2",
        "skimage",
        "convkit.ops",
    )
    for name in ("*conv[0-9]*", "*conv", "*conv_*", "*convol*", "*correlat*", "filter2d")
)


def _second_layer(filters: int) -> int:
    return arithmetic.conv_params(3, 2, filters)


def _pointwise_params(in_channels: int, filters: int) -> int:
    return arithmetic.conv_params(1, in_channels, filters)


def _pointwise(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return image @ weights


def _conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> np.ndarray:
    return ops.conv2d(x, kernel, strides, padding)


def _same_padding(n: int, kernel_size: int, strides: int) -> tuple[int, int]:
    return arithmetic.padding_amounts(n, kernel_size, strides, "same")


def _has_vertical_edge(image: np.ndarray) -> bool:
    return bool(np.ptp(image, axis=1).any())


def _detector(kernel: Any) -> Callable[[np.ndarray], bool]:
    """A kernel of shape (3, 3, 1, 1) as a function: whether it responds anywhere in an image."""
    weights = compare.as_array(kernel)
    if weights is None:
        raise TypeError(f"a kernel is an array of numbers; this is {compare.article(type(kernel).__name__)}")
    if weights.shape != (3, 3, 1, 1):
        raise TypeError(f"a kernel of shape (3, 3, 1, 1) is needed; this one has the shape {weights.shape}")
    if not np.isfinite(weights).all():
        raise TypeError("a kernel of numbers is needed; not all of these are finite")
    weights = weights / (float(np.abs(weights).max()) or 1.0)  # no sum of large numbers is lost in rounding

    def responds(image: np.ndarray) -> bool:
        response = ops.conv2d(image[None, :, :, None], weights)
        return bool(np.abs(response).max() > 1e-3)

    return responds


def _response(value: Any, expected: bool) -> compare.Difference | None:
    if bool(value) == expected:
        return None
    words = ("it responds", "no response is") if value else ("it does not respond", "a response is")
    return compare.Difference("values", *words)


def _kernel_responds(image: np.ndarray, kernel: np.ndarray) -> bool:
    return _detector(kernel[:, :, None, None])(image)


_VISIBLE_CONV2D: tuple[Args, ...] = ((X, KERNELS, 1, "VALID"), (X, KERNELS, 2, "VALID"), (X, KERNELS, 1, "SAME"))

_ALL = (
    Exercise(
        "layer-params",
        "layer_params",
        ("kernel_size", "in_channels", "filters"),
        arithmetic.conv_params,
        unit=1,
        asks="How many parameters does a Conv2D layer with a square kernel and a bias have?",
        oracle=oracles.keras_params,
        read=compare.count,
        visible=((2, 1, 3), (3, 3, 2), (5, 2, 4)),
        probes=cases.LAYER_PARAMS,
        fresh=cases.layer_params,
        mistakes=counting.LAYER_PARAMS,
        pairs=counting.layer_pairs,
        contrasts=contrasts.LAYER_PARAMS,
        next_step="Try next: which grows faster, twice as many filters or a kernel twice as wide? Guess, then ask your "
        "function.",
        levels=levels.LAYER_PARAMS,
        question=questions.layer_params,
        solution=solutions.layer_params,
    ),
    Exercise(
        "second-layer-params",
        "second_layer_params",
        ("filters",),
        _second_layer,
        unit=1,
        asks="How many parameters does a second layer with 3x3 kernels have, after a first layer with 2 filters?",
        oracle=oracles.keras_second_layer_params,
        read=compare.count,
        visible=((2,), (4,)),
        probes=cases.SECOND_LAYER_PARAMS,
        fresh=cases.second_layer_params,
        mistakes=counting.SECOND_LAYER_PARAMS,
        pairs=counting.second_layer_pairs,
        contrasts=contrasts.SECOND_LAYER_PARAMS,
        next_step="Try next: in a stack of two layers, double the filters of the first. Which rows of the summary "
        "change?",
        levels=levels.SECOND_LAYER_PARAMS,
        question=questions.second_layer_params,
        solution=solutions.second_layer_params,
    ),
    Exercise(
        "same-padding",
        "same_padding",
        ("n", "kernel_size", "strides"),
        _same_padding,
        unit=2,
        asks="How many zeros does SAME add before and after one axis?",
        read=compare.whole_numbers("before", "after"),
        oracle=oracles.tf_same_padding,
        visible=((8, 3, 1), (8, 2, 1), (8, 3, 2), (7, 3, 2), (9, 2, 3)),
        probes=cases.SAME_PADDING,
        fresh=cases.same_padding,
        mistakes=padding.SAME_PADDING,
        pairs=padding.pairs,
        contrasts=contrasts.SAME_PADDING,
        next_step="Try next: which strides make SAME add nothing at all to 12 pixels, with a kernel of 3?",
        levels=levels.SAME_PADDING,
        question=questions.same_padding,
        solution=solutions.same_padding,
    ),
    Exercise(
        "output-length",
        "output_length",
        ("n", "kernel_size", "strides", "padding"),
        arithmetic.output_length,
        unit=3,
        asks="How many output positions are there along one axis?",
        oracle=oracles.tf_output_length,
        read=compare.count,
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
        contrasts=contrasts.OUTPUT_LENGTH,
        next_step="Try next: how often can a layer with stride 2 follow another before 224 pixels are one?",
        levels=levels.OUTPUT_LENGTH,
        question=questions.output_length,
        solution=solutions.output_length,
    ),
    Exercise(
        "pointwise-params",
        "pointwise_params",
        ("in_channels", "filters"),
        _pointwise_params,
        unit=4,
        asks="How many parameters does a 1x1 convolution with a bias have?",
        oracle=oracles.keras_pointwise_params,
        read=compare.count,
        visible=((1, 2), (3, 2), (3, 5)),
        probes=cases.POINTWISE_PARAMS,
        fresh=cases.pointwise_params,
        mistakes=counting.POINTWISE_PARAMS,
        pairs=counting.pointwise_pairs,
        contrasts=contrasts.POINTWISE_PARAMS,
        next_step="Try next: squeeze 256 channels into 64 with a 1x1 layer, then use 3x3 kernels. What is saved?",
        levels=levels.POINTWISE_PARAMS,
        question=questions.pointwise_params,
        solution=solutions.pointwise_params,
    ),
    Exercise(
        "pointwise",
        "pointwise",
        ("image", "weights"),
        _pointwise,
        unit=4,
        asks="What is the output of a 1x1 convolution without bias on an image (height, width, channels)?",
        oracle=oracles.tf_pointwise,
        visible=((PIXELS, MIX),),
        probes=cases.POINTWISE,
        fresh=cases.pointwise,
        mistakes=pointwise.POINTWISE,
        patterns=pointwise.POINTWISE_PATTERNS,
        contrasts=contrasts.POINTWISE,
        next_step="Try next: weights that turn a color image into shades of gray. Which shape do they have?",
        levels=levels.POINTWISE,
        question=questions.pointwise,
        solution=solutions.pointwise,
        forbidden=CONVOLUTIONS,
        given={"tiny": PIXELS, "two_filters": MIX},
    ),
    Exercise(
        "conv2d",
        "conv2d",
        ("x", "kernel", "strides", "padding"),
        _conv2d,
        unit=5,
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
        contrasts=contrasts.CONV2D,
        aspects={
            "VALID": lambda x, kernel, strides, padding: padding == "VALID" and strides == 1,
            "strides": lambda x, kernel, strides, padding: padding == "VALID" and strides > 1,
            "SAME": lambda x, kernel, strides, padding: padding == "SAME" and strides == 1,
            "SAME with strides": lambda x, kernel, strides, padding: padding == "SAME" and strides > 1,
        },
        next_step="Try next: a 7x7 kernel of ones on a photo, then a row of seven after a column of seven. Compare.",
        levels=levels.CONV2D,
        question=questions.conv2d,
        solution=solutions.conv2d,
        forbidden=CONVOLUTIONS,
        given={"x": X.astype(np.float32), "kernel": KERNELS.astype(np.float32)},
    ),
    Exercise(
        "edge-filter",
        "edge_kernel",
        ("image",),
        _has_vertical_edge,
        unit=5,
        asks="Which 3x3 kernel responds to vertical edges, and to nothing else?",
        read=_response,
        oracle=oracles.tf_vertical_edge,
        visible=((VERTICAL,), (HORIZONTAL,), (FLAT,)),
        probes=cases.EDGE_FILTER,
        fresh={"vertical": cases.edges(vertical=True), "other": cases.edges(vertical=False)},
        next_step="Try next: turn your kernel by 90 degrees, and run both over a photo. What does each of them find?",
        levels=levels.EDGE_FILTER,
        question=questions.edge_filter,
        solution=solutions.edge_filter,
        practice_rule=_kernel_responds,
        as_function=_detector,
        given={"vertical_edge": VERTICAL, "horizontal_edge": HORIZONTAL, "flat": FLAT},
        diagnose=diagnose_kernel,
    ),
)

EXERCISES: dict[str, Exercise] = {exercise.id: exercise for exercise in _ALL}
