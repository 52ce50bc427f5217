"""Mistakes in the values at one position of a convolution: those of conv2d, and which patch is read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradekit import Mistake

from .conv2d import AT_ONE_POSITION, for_part
from .slots import Array, Conv


def position(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
    """The output values at one position, without padding: (batch, filters)."""
    return _product(_patch(x, kernel, row * strides, column * strides), kernel)


def _patch(x: Array, kernel: Array, top: int, left: int) -> Array:
    height, width = kernel.shape[:2]
    patch: Array = x[:, top : top + height, left : left + width]
    return patch


def _product(patch: Array, kernel: Array) -> Array:
    return np.tensordot(patch, kernel, axes=3)


def _at_position(conv: Conv) -> Callable[..., Array]:
    def rule(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
        patch = _patch(x, kernel, row * strides, column * strides)
        return conv.returned(conv.sums(patch, kernel, 1, "VALID")[:, 0, 0], x)

    return rule


def _products(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
    patch = _patch(x, kernel, row * strides, column * strides)
    return patch[..., None] * kernel


def _square_by_taps(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
    """The sum over the taps of a kernel as wide as it is high. Raises IndexError where there are fewer columns."""
    top, left, size = row * strides, column * strides, len(kernel)
    return sum(x[:, top + i, left + j] @ kernel[i, j] for i in range(size) for j in range(size))


def _square_patch(x: Array, kernel: Array, row: int, column: int, strides: int) -> Array:
    """The product with a square patch. Raises ValueError where the kernel is not square."""
    top, left, size = row * strides, column * strides, len(kernel)
    return _product(x[:, top : top + size, left : left + size], kernel)


_SQUARE = "It takes the height of the kernel for its width as well."
_CORNER = "Print the patch that your function cuts out, and compare it with the pixels that you expect there."
_SHAPE = "The result has one row for each image and one column for each filter."

ONE_POSITION = (
    *for_part(AT_ONE_POSITION, _at_position),
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
        "square-kernel-assumed",
        _square_by_taps,
        _SQUARE,
        "A kernel need not be square: `kernel.shape` begins with its height and its width. " + _CORNER,
    ),
    Mistake(
        "square-kernel-assumed",
        _square_patch,
        _SQUARE,
        "A kernel need not be square: `kernel.shape` begins with its height and its width. " + _CORNER,
    ),
    Mistake(
        "images-added-up",
        lambda *case: np.repeat(position(*case).sum(0, keepdims=True), len(case[0]), axis=0),
        "It adds up over the images of the batch, and gives all of them the same values.",
        "Which axes are summed over? Every image of the batch keeps a result of its own.",
    ),
    Mistake(
        "one-too-far",
        lambda x, k, row, column, strides: position(x, k, row + 1, column + 1, strides),
        "It counts the positions from 1.",
        "Positions are counted from 0: position (0, 0) is the top left corner. " + _CORNER,
    ),
    Mistake(
        "filters-first",
        lambda *case: position(*case).T,
        "Its result has a row for each filter and a column for each image.",
        _SHAPE,
    ),
    Mistake(
        "products-not-added-up",
        _products,
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
        "with-the-position-axes",
        lambda *case: position(*case)[:, None, None],
        "Its values are right, in an array with axes for the position.",
        _SHAPE,
    ),
)
