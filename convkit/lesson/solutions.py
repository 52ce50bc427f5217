"""How the practice questions are worked out, shown on request."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import arithmetic, ops
from ..arithmetic import make_axis
from ..explain import explain
from ..explain.derivation import Derivation, Section
from ..explain.output_shape import Window, positions
from ..explain.trace import trace
from ..explain.words import Direction
from ..layers import Conv2D

PIXELS = Direction("along the axis", "pixel", "before", "after")


def layer_params(kernel_size: int, in_channels: int, filters: int) -> Derivation:
    """The parameters of a layer with a square kernel and a bias."""
    section = explain(Conv2D(filters, kernel_size), (kernel_size, kernel_size, in_channels))["parameters"]
    return _derivation(f"kernel {kernel_size} x {kernel_size}, {in_channels} channels in, {filters} filters", section)


def same_padding(n: int, kernel_size: int, strides: int) -> Derivation:
    """The zeros that SAME adds before and after one axis."""
    return _axis(arithmetic.padding_amounts(n, kernel_size, strides), n, kernel_size, strides, "same")


def output_length(n: int, kernel_size: int, strides: int, padding: str) -> Derivation:
    """The number of output positions along one axis."""
    return _axis(arithmetic.output_length(n, kernel_size, strides, padding), n, kernel_size, strides, padding)


def _axis(result: Any, n: int, kernel_size: int, strides: int, padding: str) -> Derivation:
    steps = tuple(positions(Window(PIXELS, make_axis(n, kernel_size, strides, padding), padding)))
    title = f"{n} pixels, kernel {kernel_size}, strides {strides}, padding {padding!r}"
    return _derivation(title, Section("axis", "Result", result, steps))


def conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> Derivation:
    """Every value of a convolution of one image as a sum."""
    return _sums(x, kernel, strides, padding, ops.conv2d(x, kernel, strides, padding).shape)


def pointwise(image: np.ndarray, weights: np.ndarray) -> Derivation:
    """Every value of a 1x1 convolution as a sum."""
    return _sums(image[None], weights[None, None], 1, "VALID", (*image.shape[:2], weights.shape[1]))


def _sums(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str, shape: tuple[int, ...]) -> Derivation:
    height, width, filters = shape[-3:]
    lines = [
        f"row {row}, column {column}, filter {filter}: " + "; ".join(trace(
            x, kernel, (row, column), strides, padding, filter=filter
        ).lines)
        for row in range(height) for column in range(width) for filter in range(filters)
    ]  # fmt: skip
    return _derivation("every value", Section("sums", "Shape", shape, (), "\n".join(lines)))


def edge_filter(image: np.ndarray, kernel: np.ndarray) -> Derivation:
    """One value of the response: the first nonzero one if there is any."""
    x, weights = image[None, :, :, None], kernel[:, :, None, None]
    height, width = image.shape[0] - 2, image.shape[1] - 2
    sums = [trace(x, weights, (row, column)) for row in range(height) for column in range(width)]
    told = next((t for t in sums if t.value), sums[0])
    section = Section("sums", "Is any value not 0", bool(told.value), (), "\n".join([told.title, *told.lines]))
    return _derivation("one value of the response", section)


def _derivation(of: str, section: Section) -> Derivation:
    return Derivation(f"How to get there: {of}", (section,))
