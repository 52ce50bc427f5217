"""The backward pass of a convolution, tap by tap: gradients for the input and for the kernel.

Arrays are as in `forward.Convolution`; `grad` has the shape of the output.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arithmetic import Axis

Array = npt.NDArray[Any]


def to_input(grad: Array, kernel: Array, groups: int, rows: Axis, columns: Axis) -> Array:
    """Every output value, times each weight, added to the pixel under that weight: (images, height, width, channels).

    It is the gradient with respect to the input, and a transposed convolution.
    """
    height, width, depth, filters = kernel.shape
    out = np.zeros((len(grad), rows.n, columns.n, groups * depth), np.result_type(grad, kernel))
    weights = kernel.reshape(height, width, depth, groups, filters // groups).transpose(0, 1, 3, 4, 2)
    for i, j, pixels, positions in _taps(rows, columns):
        taken = grad[:, *positions]
        by_group = taken.reshape(-1, groups, filters // groups).swapaxes(0, 1) @ weights[i, j]
        out[:, *pixels] += by_group.swapaxes(0, 1).reshape(*taken.shape[:3], groups * depth)
    return out


def to_kernel(grad: Array, x: Array, kernel_shape: tuple[int, ...], groups: int, rows: Axis, columns: Axis) -> Array:
    """Every output value, times the pixel under each weight, added up for that weight: the shape of the kernel."""
    height, width, depth, filters = kernel_shape
    out = np.zeros((height, width, depth, groups, filters // groups), np.result_type(grad, x))
    for i, j, pixels, positions in _taps(rows, columns):
        read = x[:, *pixels].reshape(-1, groups, depth).transpose(1, 2, 0)
        taken = grad[:, *positions].reshape(-1, groups, filters // groups).swapaxes(0, 1)
        out[i, j] = (read @ taken).swapaxes(0, 1)
    return out.reshape(kernel_shape)


Slices = tuple[slice, slice]


def _taps(rows: Axis, columns: Axis) -> Iterator[tuple[int, int, Slices, Slices]]:
    """The taps of the kernel, with the pixels of the image that each reads, and from which positions."""
    for i in range(rows.kernel_size):
        for j in range(columns.kernel_size):
            (down, top), (across, left) = _tap(rows, i), _tap(columns, j)
            yield i, j, (down, across), (top, left)


def _tap(axis: Axis, tap: int) -> tuple[slice, slice]:
    first, stop = axis.inside(tap, (0, axis.length))
    if first >= stop:  # this tap reads padding alone
        return slice(0, 0), slice(0, 0)
    return slice(axis.pixel(first, tap), axis.pixel(stop - 1, tap) + 1, axis.strides), slice(first, stop)
