"""Mistakes in the values at one position of a convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradekit import Mistake

Array = np.ndarray


def position(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
    """The output values at one position, without padding: (batch, filters)."""
    return _product(_patch(x, kernel, row * strides, column * strides), kernel)


def _patch(x: Array, kernel: Array, top: int, left: int) -> Array:
    height, width = kernel.shape[:2]
    patch: Array = x[:, top : top + height, left : left + width]
    return patch


def _product(patch: Array, kernel: Array) -> Array:
    return np.tensordot(patch, kernel, axes=3)


def _changed(change: Callable[[Array], Any]) -> Callable[..., Any]:
    return lambda *case: change(position(*case))


def _summed(axes: str) -> Callable[..., Array]:
    def rule(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
        result: Array = np.einsum(axes, _patch(x, kernel, row * strides, column * strides), kernel)
        return result

    return rule


_CORNER = "Print the patch that your function cuts out, and compare it with the pixels that you expect there."
_SHAPE = "The result has one row for each image and one column for each filter."

ONE_POSITION = (
    Mistake(
        "kernel-flipped",
        lambda x, k, *where: position(x, k[::-1, ::-1], *where),
        "It turns the kernel by half a turn before it multiplies.",
        "Keras and TensorFlow don't flip the kernel: see notebook 1.",
    ),
    Mistake(
        "stride-ignored",
        lambda x, k, row, column, strides: position(x, k, row, column, 1),
        "It starts the patch at pixel (row, column), whatever the stride is.",
        "`row` and `column` count positions. At which pixel does position 1 start with a stride of 2?",
    ),
    Mistake(
        "stride-added",
        lambda x, k, row, column, strides: position(x, k, row + strides, column + strides, 1),
        "It adds the stride to the row and the column.",
        "Each position starts a stride after the one before. At which pixel does position 0 start, and position 2?",
    ),
    Mistake(
        "stride-on-the-row-alone",
        lambda x, k, row, column, strides: _product(_patch(x, k, row * strides, column), k),
        "It moves by the stride along the height only.",
        "The stride is the same for both axes. " + _CORNER,
    ),
    Mistake(
        "row-and-column-swapped",
        lambda x, k, row, column, strides: position(x, k, column, row, strides),
        "It takes the row for the column, and the column for the row.",
        "The axes of x are batch, height, width, channels: a row counts along the height. " + _CORNER,
    ),
    Mistake(
        "first-channel-alone",
        lambda x, k, *where: position(x[..., :1], k[:, :, :1], *where),
        "It reads the first input channel only.",
        "A kernel reaches through all channels. Over how many axes of the patch do you add up?",
    ),
    Mistake(
        "batch-added-up",
        _changed(lambda values: values.sum(axis=0)),
        "It adds up the images of the batch.",
        "The sum goes over the height, the width and the channels. " + _SHAPE,
    ),
    Mistake(
        "batch-added-up-in-a-row",
        _changed(lambda values: values.sum(axis=0, keepdims=True)),
        "It adds up the images of the batch.",
        "The sum goes over the height, the width and the channels. " + _SHAPE,
    ),
    Mistake(
        "first-image-alone",
        _changed(lambda values: values[0]),
        "It returns the values of the first image only.",
        _SHAPE,
    ),
    Mistake(
        "first-image-in-a-row",
        _changed(lambda values: values[:1]),
        "It returns the values of the first image only.",
        _SHAPE,
    ),
    Mistake(
        "first-filter-alone",
        _changed(lambda values: values[:, :1]),
        "It returns the values of the first filter only.",
        _SHAPE,
    ),
    Mistake(
        "first-filter-in-a-row",
        _changed(lambda values: values[:, 0]),
        "It returns the values of the first filter only.",
        _SHAPE,
    ),
    Mistake(
        "filters-first",
        _changed(lambda values: values.T),
        "Its result has a row for each filter and a column for each image.",
        _SHAPE,
    ),
    Mistake(
        "filters-added-up",
        _changed(lambda values: values.sum(axis=1)),
        "It adds up the filters.",
        "Each filter gives a value of its own. " + _SHAPE,
    ),
    Mistake(
        "channels-not-added-up",
        _summed("nhwc,hwcf->ncf"),
        "It keeps a value for each input channel.",
        "All channels go into one sum. " + _SHAPE,
    ),
    Mistake(
        "products-not-added-up",
        _summed("nhwc,hwcf->nhwcf"),
        "It returns the products, and not their sum.",
        "Add up over the height, the width and the channels. " + _SHAPE,
    ),
    Mistake(
        "mean-for-sum",
        lambda x, k, *where: position(x, k, *where) / k[..., 0].size,
        "It takes the mean of the products.",
        "A convolution adds the products up. Work out the corner of the first image by hand.",
    ),
    Mistake(
        "with-the-batch-and-position-axes",
        _changed(lambda values: values[:, None, None, :]),
        "Its values are right, in an array with axes for the position.",
        _SHAPE,
    ),
    Mistake(
        "one-too-far",
        lambda x, k, row, column, strides: position(x, k, row + 1, column + 1, strides),
        "It counts the positions from 1.",
        "Positions are counted from 0: position (0, 0) is the top left corner. " + _CORNER,
    ),
)
