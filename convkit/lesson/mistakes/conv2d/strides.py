"""What may go wrong with the stride."""

from __future__ import annotations

import numpy as np

from ..slots import Array, Pair
from .rows import TABLE_OF_STARTS, Row


def _stride_1_size(x: Array, kernel: Array, same: bool) -> Pair:
    sizes = [n if same else n - k + 1 for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)]
    return sizes[0], sizes[1]


def _with_holes(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
    full = np.zeros((len(y), *_stride_1_size(x, kernel, same), y.shape[-1]))
    full[:, ::strides, ::strides] = y
    return full


def _in_the_corner(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
    full = np.zeros((len(y), *_stride_1_size(x, kernel, same), y.shape[-1]))
    full[:, : y.shape[1], : y.shape[2]] = y
    return full


STRIDES: tuple[Row, ...] = (
    (
        {"strides": lambda s: (1, 1)},
        "stride-ignored",
        "It moves the kernel one pixel at a time, whatever the stride is.",
        TABLE_OF_STARTS,
    ),
    (
        {"strides": lambda s: (s, 1)},
        "stride-on-one-axis",
        "It uses the stride downwards, and moves one pixel at a time to the right.",
        "The stride counts along both axes. Compare the two loops, and the two sizes of the result.",
    ),
    (
        {"strides": lambda s: (1, s)},
        "stride-on-one-axis",
        "It uses the stride to the right, and moves one pixel at a time downwards.",
        "The stride counts along both axes. Compare the two loops, and the two sizes of the result.",
    ),
    (
        {"steps": lambda s: (1, 1)},
        "stride-only-in-the-size",
        "It makes the result as small as the stride asks, and still moves the kernel one pixel at a time.",
        "Where does the kernel start for the second value? " + TABLE_OF_STARTS,
    ),
    (
        {"steps": lambda s: (s, 1)},
        "stride-on-one-axis",
        "It moves the kernel by the stride downwards, and by one pixel to the right.",
        "The stride counts along both axes. Compare where the kernel starts in the rows and in the columns.",
    ),
    (
        {"steps": lambda s: (1, s)},
        "stride-on-one-axis",
        "It moves the kernel by the stride to the right, and by one pixel downwards.",
        "The stride counts along both axes. Compare where the kernel starts in the rows and in the columns.",
    ),
    (
        {"spread": _with_holes},
        "stride-leaves-holes",
        "It writes each value where its position starts, so that zeros are left between them.",
        "The second position gives the second value. Where in the result does it belong?",
    ),
    (
        {"spread": _in_the_corner},
        "stride-not-in-the-size",
        "It makes the result as large as for a stride of 1; the values are in its first rows and columns, and zeros "
        "fill the rest.",
        "How many positions are there with this stride? " + TABLE_OF_STARTS,
    ),
)
