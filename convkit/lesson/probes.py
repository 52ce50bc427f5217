"""Cases beside those of the notebook: small, fixed, and chosen so that one mistake can be told from another."""

from __future__ import annotations

from typing import Any

import numpy as np

Args = tuple[Any, ...]

# Channels and filters never alike; kernels of one pixel and of an even size; more than a handful of filters.
LAYER_PARAMS: tuple[Args, ...] = ((1, 2, 3), (2, 4, 9), (3, 2, 5), (4, 6, 5), (5, 3, 8), (7, 5, 2), (4, 7, 1))
SECOND_LAYER_PARAMS: tuple[Args, ...] = ((1,), (3,), (5,), (8,), (16,), (32,))
POINTWISE_PARAMS: tuple[Args, ...] = ((2, 1), (2, 7), (5, 4), (4, 6), (8, 3), (6, 16))

# Totals of 0 to 5, even and odd; strides that divide n and don't; strides larger than the kernel.
SAME_PADDING: tuple[Args, ...] = (
    (6, 5, 1),  # total 4
    (5, 4, 1),  # total 3
    (10, 7, 2),  # total 5
    (9, 5, 2),  # total 4
    (10, 5, 3),  # total 4, and 10 / 3 is not whole
    (11, 6, 3),  # total 4
    (12, 2, 3),  # the last window ends one pixel early
    (8, 1, 3),  # the last window ends one pixel early
    (10, 2, 4),  # none
    (12, 1, 4),  # the last window ends three pixels early
    (7, 1, 1),  # none
    (13, 4, 5),  # total 1
    (9, 8, 1),  # total 7
    (14, 9, 2),  # total 7
    (8, 4, 5),  # total 1
    (9, 7, 5),  # total 3
)

# Rooms that the stride divides and does not; even kernels; a kernel as large as the input; n below a stride.
OUTPUT_LENGTH: tuple[Args, ...] = (
    (10, 4, 3, "valid"),
    (11, 4, 3, "valid"),
    (12, 4, 3, "valid"),
    (7, 7, 1, "valid"),
    (6, 1, 4, "valid"),
    (12, 5, 4, "valid"),
    (10, 5, 3, "same"),
    (10, 4, 1, "same"),
    (12, 4, 3, "same"),
    (11, 2, 3, "same"),
    (13, 5, 4, "same"),
    (9, 1, 4, "same"),
    (10, 3, 4, "same"),
    (7, 2, 1, "same"),
    (9, 4, 2, "same"),
    (11, 6, 2, "same"),
)


def _numbers(seed: int, *shape: int) -> np.ndarray:
    """Quarters that are no halves, never zero: exact in every float type, and nothing cancels by chance."""
    numbers = np.random.default_rng(seed).integers(-8, 8, size=shape)
    return numbers / 2.0 + 0.25


def _whole_numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 9, size=shape)


# Square and not, one channel and several, more filters than channels and fewer; and an image of whole numbers.
POINTWISE: tuple[Args, ...] = (
    (_numbers(1, 2, 4, 3), _numbers(2, 3, 2)),
    (_numbers(3, 5, 2, 2), _numbers(4, 2, 4)),
    (_numbers(5, 3, 3, 3), _numbers(6, 3, 3)),
    (_numbers(7, 3, 3, 2), _numbers(8, 2, 5)),
    (_numbers(9, 4, 4, 4), _numbers(10, 4, 3)),
    (_numbers(11, 3, 5, 2), _numbers(12, 2, 2)),
    (_whole_numbers(13, 3, 3, 2), _numbers(14, 2, 3)),
    (_whole_numbers(15, 2, 2, 4), _numbers(16, 4, 2)),
)


def _conv(seed: int, image: tuple[int, ...], kernel: tuple[int, ...], strides: int, padding: str) -> Args:
    return _numbers(seed, *image), _numbers(seed + 100, *kernel), strides, padding


# The first is the one that most mistakes fail on. Then squares, where height and width can't be mixed up: with an
# even kernel, with a stride that leaves a remainder, with several images; then what is not square, and whole numbers.
CONV2D: tuple[Args, ...] = (
    _conv(1, (2, 6, 5, 2), (3, 2, 2, 3), 2, "SAME"),
    _conv(2, (2, 6, 4, 2), (2, 3, 2, 3), 1, "VALID"),
    _conv(3, (2, 6, 6, 2), (3, 3, 2, 3), 2, "SAME"),
    _conv(4, (1, 7, 7, 2), (3, 3, 2, 2), 2, "VALID"),
    _conv(5, (1, 6, 6, 2), (2, 2, 2, 3), 1, "SAME"),
    _conv(6, (1, 8, 8, 1), (3, 3, 1, 2), 3, "VALID"),
    _conv(7, (2, 5, 5, 3), (4, 4, 3, 2), 1, "SAME"),
    _conv(17, (1, 6, 6, 1), (4, 4, 1, 2), 2, "SAME"),
    _conv(8, (1, 8, 5, 2), (3, 3, 2, 2), 2, "SAME"),
    _conv(9, (1, 4, 7, 1), (2, 2, 1, 2), 1, "VALID"),
    _conv(10, (1, 6, 6, 1), (2, 3, 1, 2), 2, "VALID"),
    _conv(11, (1, 5, 5, 2), (4, 2, 2, 2), 1, "SAME"),
    _conv(18, (1, 4, 9, 1), (2, 3, 1, 2), 2, "SAME"),
    _conv(19, (1, 7, 8, 2), (3, 2, 2, 1), 3, "SAME"),
    _conv(12, (2, 4, 4, 3), (1, 1, 3, 2), 2, "SAME"),
    (_whole_numbers(13, 1, 4, 4, 2), _numbers(14, 2, 2, 2, 2), 1, "VALID"),
    (_whole_numbers(15, 1, 5, 5, 1), _numbers(16, 3, 3, 1, 2), 2, "SAME"),
)


def _edge(height: int, width: int, at: int, low: float, high: float, vertical: bool) -> Args:
    image = np.full((height, width), low)
    (image[:, at:] if vertical else image[at:])[...] = high
    return (image,)


# Edges of every contrast and at several places; bright first and dark first; flat and black.
EDGE_FILTER: tuple[Args, ...] = (
    _edge(6, 9, 2, 0.0, 1.0, vertical=True),
    _edge(7, 7, 4, 9.0, 2.0, vertical=True),
    _edge(9, 6, 3, 3.0, 4.0, vertical=True),
    _edge(9, 6, 2, 0.0, 9.0, vertical=False),
    _edge(7, 7, 3, 8.0, 1.0, vertical=False),
    (np.full((7, 7), 9.0),),
    (np.zeros((5, 5)),),
)
