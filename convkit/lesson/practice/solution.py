"""How a practice question is worked out, shown on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...explain import explain
from ...explain.axis import Window, places
from ...explain.derivation import Derivation, Section
from ...explain.trace import trace
from ...explain.words import Axis
from ...layers import Conv2D
from ..exercise import Args, Exercise
from .rules import expected

PIXELS = Axis("along the axis", "pixel", "before", "after")


def solution(asked: Exercise, args: Args) -> Derivation:
    """The right result of a case, with the steps or sums that lead there."""
    case = asked.call(args) if len(args) == len(asked.parameters) else asked.id
    return Derivation(f"How it comes about: {case}", (_SECTIONS[asked.id](expected(asked, args), *args),))


def _parameters(kernel_size: int, in_channels: int, filters: int) -> Section:
    return explain(Conv2D(filters, kernel_size), (kernel_size, kernel_size, in_channels))["parameters"]


def _axis(result: Any, n: int, kernel_size: int, strides: int, padding: str = "same") -> Section:
    steps = tuple(places(Window(PIXELS, n, kernel_size, strides, padding)))
    return Section("axis", "Result", result, steps)


def _conv2d(result: np.ndarray, x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> Section:
    _, height, width, filters = result.shape
    lines = [
        f"row {row}, column {column}, filter {filter}: " + "; ".join(trace(
            x, kernel, (row, column), strides, padding, filter=filter
        ).lines)
        for row in range(height) for column in range(width) for filter in range(filters)
    ]  # fmt: skip
    return Section("sums", "Shape", result.shape, (), "\n".join(lines))


def _pointwise(result: np.ndarray, image: np.ndarray, weights: np.ndarray) -> Section:
    section = _conv2d(result[None], image[None], weights[None, None], 1, "VALID")
    return replace(section, result=result.shape)


def _edge_filter(result: bool, image: np.ndarray, kernel: np.ndarray) -> Section:
    x, weights = image[None, :, :, None], kernel[:, :, None, None]
    height, width = image.shape[0] - 2, image.shape[1] - 2
    sums = [trace(x, weights, (row, column)) for row in range(height) for column in range(width)]
    told = next((t for t in sums if t.value), sums[0])
    return Section("sums", "Does it answer", result, (), "\n".join([told.title, *told.lines]))


_SECTIONS: dict[str, Callable[..., Section]] = {
    "layer-params": lambda _, *args: _parameters(*args),
    "second-layer-params": lambda _, filters: _parameters(3, 2, filters),
    "pointwise-params": lambda _, *args: _parameters(1, *args),
    "same-padding": _axis,
    "output-length": _axis,
    "pointwise": _pointwise,
    "conv2d": _conv2d,
    "edge-filter": _edge_filter,
}
