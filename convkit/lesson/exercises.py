"""The table of exercises: every question of the lesson that is graded by a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import arithmetic, ops
from . import fresh, oracles, probes, reading
from .exercise import Args, Exercise

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
    """A kernel of shape (3, 3, 1, 1) as a function: does it answer anywhere in an image?"""
    weights = reading.as_array(kernel)
    if weights is None:
        raise TypeError(f"a kernel is an array of numbers; this is a {type(kernel).__name__}")
    if weights.shape != (3, 3, 1, 1):
        raise TypeError(f"a kernel of shape (3, 3, 1, 1) belongs here; this one has the shape {weights.shape}")
    if not np.isfinite(weights).all():
        raise TypeError("a kernel of numbers belongs here; not all of these are finite")
    weights = weights / (float(np.abs(weights).max()) or 1.0)  # no sum of large numbers is lost in rounding

    def answers(image: np.ndarray) -> bool:
        response = ops.conv2d(image[None, :, :, None], weights)
        return bool(np.abs(response).max() > 1e-3)

    return answers


_VISIBLE_CONV2D: tuple[Args, ...] = ((X, KERNELS, 1, "VALID"), (X, KERNELS, 2, "VALID"), (X, KERNELS, 1, "SAME"))

EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise
    for exercise in (
        Exercise(
            id="layer-params",
            unit=1,
            name="layer_params",
            parameters=("kernel_size", "in_channels", "filters"),
            asks="How many parameters has a Conv2D layer with a square kernel and a bias?",
            read=reading.count,
            rule=arithmetic.conv_params,
            oracle=oracles.keras_params,
            visible=((2, 1, 3), (3, 3, 2), (5, 2, 4)),
            probes=probes.LAYER_PARAMS,
            fresh={"any": fresh.layer_params},
        ),
        Exercise(
            id="second-layer-params",
            unit=1,
            name="second_layer_params",
            parameters=("filters",),
            asks="How many parameters has a second layer with 3x3 kernels, after a first layer with 2 filters?",
            read=reading.count,
            rule=_second_layer,
            oracle=oracles.keras_second_layer_params,
            visible=((2,), (4,)),
            probes=probes.SECOND_LAYER_PARAMS,
            fresh={"any": fresh.second_layer_params},
        ),
        Exercise(
            id="same-padding",
            unit=2,
            name="same_padding",
            parameters=("n", "kernel_size", "strides"),
            asks="How many zeros does SAME add before and after one axis?",
            read=reading.pair,
            rule=_same_padding,
            oracle=oracles.tf_same_padding,
            visible=((8, 3, 1), (8, 2, 1), (8, 3, 2), (7, 3, 2), (9, 2, 3)),
            probes=probes.SAME_PADDING,
            fresh={"any": fresh.same_padding},
        ),
        Exercise(
            id="output-length",
            unit=3,
            name="output_length",
            parameters=("n", "kernel_size", "strides", "padding"),
            asks="How many places are there for a kernel along one axis?",
            read=reading.count,
            rule=arithmetic.output_length,
            oracle=oracles.tf_output_length,
            visible=(
                (8, 3, 1, "valid"),
                (8, 3, 2, "valid"),
                (9, 3, 2, "valid"),
                (8, 3, 2, "same"),
                (7, 3, 2, "same"),
            ),
            probes=probes.OUTPUT_LENGTH,
            fresh={"valid": fresh.output_length_valid, "same": fresh.output_length_same},
        ),
        Exercise(
            id="pointwise-params",
            unit=4,
            name="pointwise_params",
            parameters=("in_channels", "filters"),
            asks="How many parameters has a 1x1 convolution with a bias?",
            read=reading.count,
            rule=_pointwise_params,
            oracle=oracles.keras_pointwise_params,
            visible=((1, 2), (3, 2), (3, 5)),
            probes=probes.POINTWISE_PARAMS,
            fresh={"any": fresh.pointwise_params},
        ),
        Exercise(
            id="pointwise",
            unit=4,
            name="pointwise",
            parameters=("image", "weights"),
            asks="What does a 1x1 convolution without bias make of an image (height, width, channels)?",
            read=reading.array,
            rule=_pointwise,
            oracle=oracles.tf_pointwise,
            visible=((PIXELS, MIX),),
            probes=probes.POINTWISE,
            fresh={"any": fresh.pointwise},
            own_work=True,
            given={"tiny": PIXELS, "two_filters": MIX},
        ),
        Exercise(
            id="conv2d",
            unit=5,
            name="conv2d",
            parameters=("x", "kernel", "strides", "padding"),
            asks="What does a convolution make of a batch of images, as tf.nn.conv2d does it?",
            read=reading.array,
            rule=_conv2d,
            oracle=oracles.tf_conv2d,
            visible=_VISIBLE_CONV2D,
            probes=probes.CONV2D,
            fresh={
                "valid": fresh.conv2d((1, "VALID")),
                "strides": fresh.conv2d((2, "VALID"), (3, "VALID")),
                "same": fresh.conv2d((1, "SAME"), (2, "SAME")),
            },
            own_work=True,
            given={"x": X.astype(np.float32), "kernel": KERNELS.astype(np.float32)},
        ),
        Exercise(
            id="edge-filter",
            unit=5,
            name="edge_kernel",
            parameters=("image",),
            asks="Which 3x3 kernel answers to vertical edges, and to nothing else?",
            read=reading.yes_no,
            rule=_has_vertical_edge,
            oracle=oracles.tf_vertical_edge,
            visible=((VERTICAL,), (HORIZONTAL,), (FLAT,)),
            probes=probes.EDGE_FILTER,
            fresh={"vertical": fresh.edges(vertical=True), "other": fresh.edges(vertical=False)},
            as_function=_detector,
            given={"vertical_edge": VERTICAL, "horizontal_edge": HORIZONTAL, "flat": FLAT},
        ),
    )
}


def exercise(exercise_id: str) -> Exercise:
    """The entry of an exercise, by its id.

    >>> exercise("conv2d").parameters
    ('x', 'kernel', 'strides', 'padding')
    """
    try:
        return EXERCISES[exercise_id]
    except KeyError:
        raise KeyError(f"no exercise is called {exercise_id!r}; there are {', '.join(EXERCISES)}") from None
