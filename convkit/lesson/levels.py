"""Cases to practise on, harder from level to level: small enough for paper at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradekit.exercise.mistake import Args
from gradekit.exercise.model import Draw

Generator = np.random.Generator
Levels = tuple[Draw, ...]


def picks(*options: Sequence[Any]) -> Draw:
    """One of each."""
    return lambda rng: tuple(rng.choice(some).item() for some in options)


def counts(*ranges: tuple[int, int]) -> Draw:
    """Whole numbers, each from its own range, both ends included."""
    return picks(*(range(least, most + 1) for least, most in ranges))


def _pointwise(channels: int, filters: int, least: int, most: int) -> Draw:
    return lambda rng: (
        whole_numbers(rng, least, most, 2, 3, channels),
        whole_numbers(rng, least, most, channels, filters),
    )


def _conv2d(
    image: tuple[int, int, int], kernel: tuple[int, int], strides: int, paddings: tuple[str, ...], least: int = 0
) -> Draw:
    return lambda rng: (
        whole_numbers(rng, least, 4, 1, *image),
        whole_numbers(rng, least, 3, *kernel, image[2], 1),
        strides,
        str(rng.choice(paddings)),
    )


def whole_numbers(rng: Generator, least: int, most: int, *shape: int) -> np.ndarray:
    return rng.integers(least, most + 1, size=shape).astype(float)


# Kernels of 3 x 3 by what they respond to.
_ACROSS = np.array([[-1.0, 0, 1]] * 3)  # a change from left to right
_SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
_MEAN = np.ones((3, 3))
_SPOT = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])  # a change in any direction
_LOWEST_ROW = np.array([[0.0, 0, 0], [0, 0, 0], [-1, 0, 1]])
_CORNER = np.array([[1.0, -1, 0], [-1, 1, 0], [0, 0, 0]])  # a change in both directions at once


def _edges(*kernels: np.ndarray) -> Draw:
    """An image with an edge, or without one, and a kernel: does it respond anywhere?"""

    def draw(rng: Generator) -> Args:
        dark, bright = sorted(rng.choice(np.arange(10.0), size=2, replace=False))
        image = np.full((5, 6), dark)
        image[:, int(rng.integers(2, 5)) :] = bright if rng.random() < 0.75 else dark
        kernel = kernels[rng.integers(len(kernels))] * rng.choice([-1, 1])
        return (image.T.copy() if rng.random() < 0.5 else image), kernel + 0.0  # no -0

    return draw


LAYER_PARAMS: Levels = (
    counts((2, 5), (2, 6), (2, 8)),
    counts((2, 7), (2, 12), (4, 16)),
    counts((4, 7), (3, 16), (8, 32)),
    counts((5, 11), (16, 64), (32, 128)),
)
SECOND_LAYER_PARAMS: Levels = (counts((3, 24)), counts((25, 99)), counts((100, 400)))
POINTWISE_PARAMS: Levels = (counts((2, 12), (2, 12)), counts((8, 32), (8, 32)), counts((32, 256), (32, 256)))
SAME_PADDING: Levels = (
    picks(range(8, 21), (3, 5, 7), (1,)),
    picks(range(8, 21), (2, 4, 6), (1,)),
    picks(range(8, 21), (3, 4, 5), (2,)),
    picks(range(8, 21), (1, 2, 5, 6, 7), (2, 3, 4)),
)
OUTPUT_LENGTH: Levels = (
    picks(range(8, 31), range(2, 8), (1,), ("valid",)),
    picks(range(8, 31), range(2, 8), (2,), ("valid",)),
    picks(range(8, 31), range(2, 8), (2, 3), ("same",)),
    picks(range(8, 31), range(2, 8), (3, 4, 5), ("valid", "same")),
)
POINTWISE: Levels = (_pointwise(2, 1, 0, 3), _pointwise(2, 2, 0, 4), _pointwise(3, 2, -3, 4))
CONV2D: Levels = (
    _conv2d((3, 3, 1), (2, 2), 1, ("VALID",)),
    _conv2d((4, 5, 1), (2, 2), 2, ("VALID",)),
    _conv2d((3, 4, 1), (3, 2), 1, ("SAME",), least=-2),
    _conv2d((4, 3, 2), (2, 2), 1, ("VALID", "SAME"), least=-2),
    _conv2d((5, 4, 2), (3, 2), 2, ("VALID", "SAME"), least=-2),
)
EDGE_FILTER: Levels = (
    _edges(_ACROSS, _ACROSS.T),
    _edges(_SOBEL, _SOBEL.T, _MEAN, _SPOT),
    _edges(_CORNER, _LOWEST_ROW, _LOWEST_ROW.T, _SPOT, _MEAN),
)


def _stack(layers: int, strides: tuple[int, ...]) -> Draw:
    return lambda rng: (
        tuple(map(int, rng.choice((2, 3, 4, 5, 6, 7, 9), size=layers))),
        tuple(map(int, rng.choice(strides, size=layers))),
    )


def _position(channels: int, strides: int) -> Draw:
    def draw(rng: Generator) -> Args:
        row, column = (int(index) for index in rng.permutation(2))
        x = whole_numbers(rng, 0, 4, 1, 2 + strides, 3 + strides, channels)
        return x, whole_numbers(rng, -1, 2, 2, 2, channels, 1), row, column, strides

    return draw


RING_ZEROS: Levels = (counts((2, 27)), counts((10, 60)), counts((30, 99)))
RECEPTIVE_FIELD: Levels = (_stack(2, (1,)), _stack(2, (2,)), _stack(3, (1, 2)), _stack(4, (1, 2, 3)))
ONE_POSITION: Levels = (_position(1, 1), _position(1, 2), _position(2, 2))
DENSE_PARAMS: Levels = (
    counts((2, 4), (2, 4), (2, 3), (2, 5)),
    counts((4, 8), (4, 8), (2, 16), (10, 20)),
    counts((7, 14), (7, 14), (32, 128), (100, 1000)),
)
