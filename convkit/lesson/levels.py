"""Cases to practise on, harder from level to level: small enough for paper at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradekit.exercise.mistake import Args
from gradekit.exercise.model import Draw

Generator = np.random.Generator


def picks(*options: Sequence[Any]) -> Draw:
    """One of each."""
    return lambda rng: tuple(rng.choice(some).item() for some in options)


def counts(*ranges: tuple[int, int]) -> Draw:
    """Whole numbers, each from its own range, both ends included."""
    return picks(*(range(least, most + 1) for least, most in ranges))


def pointwise(channels: int, filters: int, least: int, most: int) -> Draw:
    """A small image and the weights of a 1x1 convolution."""
    return lambda rng: (
        whole_numbers(rng, least, most, 2, 3, channels),
        whole_numbers(rng, least, most, channels, filters),
    )


def conv2d(
    image: tuple[int, int, int], kernel: tuple[int, int], strides: int, paddings: tuple[str, ...], least: int = 0
) -> Draw:
    """An image (height, width, channels) in a batch of one, and a kernel (height, width) of one filter."""
    return lambda rng: (
        whole_numbers(rng, least, 4, 1, *image),
        whole_numbers(rng, least, 3, *kernel, image[2], 1),
        strides,
        str(rng.choice(paddings)),
    )


def whole_numbers(rng: Generator, least: int, most: int, *shape: int) -> np.ndarray:
    return rng.integers(least, most + 1, size=shape).astype(float)


# Kernels of 3 x 3 by what they respond to.
ACROSS = np.array([[-1.0, 0, 1]] * 3)  # a change from left to right
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
MEAN = np.ones((3, 3))
SPOT = np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])  # a change in any direction
LOWEST_ROW = np.array([[0.0, 0, 0], [0, 0, 0], [-1, 0, 1]])
CORNER = np.array([[1.0, -1, 0], [-1, 1, 0], [0, 0, 0]])  # a change in both directions at once


def edges(*kernels: np.ndarray) -> Draw:
    """An image with an edge, or without one, and a kernel: does it respond anywhere?"""

    def draw(rng: Generator) -> Args:
        dark, bright = sorted(rng.choice(np.arange(10.0), size=2, replace=False))
        image = np.full((5, 6), dark)
        image[:, int(rng.integers(2, 5)) :] = bright if rng.random() < 0.75 else dark
        kernel = kernels[rng.integers(len(kernels))] * rng.choice([-1, 1])
        return (image.T.copy() if rng.random() < 0.5 else image), kernel + 0.0  # no -0

    return draw


def stack(layers: int, strides: tuple[int, ...]) -> Draw:
    """The kernel sizes and the strides of layers, one after the other."""
    return lambda rng: (
        tuple(map(int, rng.choice((2, 3, 4, 5, 6, 7, 9), size=layers))),
        tuple(map(int, rng.choice(strides, size=layers))),
    )


def position(channels: int, strides: int) -> Draw:
    """A batch of one small image, a kernel of one filter, and a position of its output."""

    def draw(rng: Generator) -> Args:
        row, column = (int(index) for index in rng.permutation(2))
        x = whole_numbers(rng, 0, 4, 1, 2 + strides, 3 + strides, channels)
        return x, whole_numbers(rng, -1, 2, 2, 2, channels, 1), row, column, strides

    return draw
