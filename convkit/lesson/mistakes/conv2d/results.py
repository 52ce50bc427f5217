"""What may go wrong with the result of a convolution: its positions, channels, images, filters, axes and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..slots import Array, AxisCase, Conv, Pair, last_zeroed, right_count, zeroed
from .windows import SAME_HINT, TABLE_OF_STARTS, Row


def _without_border(at_center: bool) -> Any:
    """SAME's size, with values only where the kernel fits: no zeros were added around the image."""

    def spread(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
        if not same:
            return y
        fits = Conv()(x, kernel, 1 if at_center else strides, "VALID")
        full = np.zeros((len(y), *x.shape[1:3], y.shape[-1]))
        top, left = (kernel.shape[0] // 2, kernel.shape[1] // 2) if at_center else (0, 0)
        full[:, top : top + fits.shape[1], left : left + fits.shape[2]] = fits
        return full[:, ::strides, ::strides] if at_center else full[:, : y.shape[1], : y.shape[2]]

    return spread


def _floor_total(axis: AxisCase) -> Pair:
    total = max((axis.n // axis.s - 1) * axis.s + axis.k - axis.n, 0) if axis.same else 0
    return total // 2, total - total // 2


POSITIONS: tuple[Row, ...] = (
    (
        {"count": lambda axis, room: axis.n // axis.s if axis.same else right_count(axis, room)},
        "same-rounded-down",
        "For SAME it rounds the number of positions down.",
        "SAME has a position at the start, and one more after every stride inside the image. " + TABLE_OF_STARTS,
    ),
    (
        {"pads": _floor_total, "count": right_count},
        "same-rounded-down",
        "For SAME it rounds the number of positions down, and pads for that number.",
        "SAME has a position at the start, and one more after every stride inside the image. " + TABLE_OF_STARTS,
    ),
    (
        {"spread": _without_border(at_center=False)},
        "border-left-zero",
        "For SAME it makes the result large enough, and fills it only as far as the kernel fits into the image.",
        "The zeros of SAME go around the image, before the patches are cut out. " + SAME_HINT,
    ),
    (
        {"spread": _without_border(at_center=True)},
        "border-left-zero",
        "For SAME it makes the result large enough, and leaves zeros around the values where the kernel fits.",
        "The zeros of SAME go around the image, before the patches are cut out. " + SAME_HINT,
    ),
    (
        {"count": lambda axis, room: -(-(room - axis.k) // axis.s)},
        "last-start-left-out",
        "It leaves out the last position of each row and each column, where it just touches the end.",
        "A `range` ends before its last number. Try a kernel as large as the image: how many positions are there?",
    ),
    (
        {"count": lambda axis, room: (room - axis.k) // axis.s},
        "start-not-counted",
        "It counts the steps of the kernel, and not the position where it starts: a row and a column are missing.",
        "A kernel that makes no step is at one position already. Try a kernel as large as the image.",
    ),
    (
        {"count": lambda axis, room: (room - axis.k + 1) // axis.s},
        "divided-too-late",
        "It counts the positions of a stride of 1, and divides by the stride, rounded down.",
        "The first position always counts. " + TABLE_OF_STARTS,
    ),
    (
        {"count": lambda axis, room: -(-(room - axis.k) // axis.s) + 1},
        "rounded-up",
        "It counts one position more where the last step leaves the image, as if zeros came after it.",
        "Does a position count where the kernel does not fit? " + TABLE_OF_STARTS,
    ),
    (
        {"result": lambda y: y[:, 1:, 1:]},
        "first-start-left-out",
        "The first row and the first column of the result are missing.",
        "Where does the first position start? Python counts from 0.",
    ),
    (
        {"result": lambda y: y[:, :-1]},
        "last-row-left-out",
        "The last row of the result is missing.",
        "Do the loops reach the last position downwards? A `range` ends before its last number.",
    ),
    (
        {"result": lambda y: y[:, :, :-1]},
        "last-column-left-out",
        "The last column of the result is missing.",
        "Do the loops reach the last position to the right? A `range` ends before its last number.",
    ),
)

# Rows and columns of the result that were not filled in.
BORDER: tuple[Row, ...] = (
    (
        {"result": last_zeroed},
        "last-row-and-column-zero",
        "The last row and the last column of its result are zero.",
        "Do the loops reach the last position? A `range` ends before its last number, and `<` leaves out what "
        "`<=` keeps.",
    ),
    (
        {"result": lambda y: zeroed(y, np.s_[:, 0], np.s_[:, :, 0])},
        "first-row-and-column-zero",
        "The first row and the first column of its result are zero.",
        "Where do the loops start? Python counts from 0.",
    ),
)


_BATCH = (
    "`x` is a batch: its first axis counts images. Is there a 0 in your code where the number of the image belongs?"
)


def _repeat(y: Array, which: int, axis: int) -> Array:
    return np.broadcast_to(np.take(y, [which], axis=axis), y.shape)


IMAGES: tuple[Row, ...] = (
    (
        {"result": lambda y: y[:1]},
        "only-the-first-image",
        "It gives the result for the first image of the batch only.",
        _BATCH,
    ),
    (
        {"result": lambda y: y[0]},
        "only-the-first-image",
        "It gives the result for the first image only, and without the batch axis.",
        "`x` is a batch: its first axis counts images, and the result has one as well.",
    ),
    (
        {"result": lambda y: zeroed(y, np.s_[1:])},
        "only-the-first-image",
        "It works on the first image of the batch only: for the others the result is zero.",
        _BATCH,
    ),
    (
        {"result": lambda y: _repeat(y, 0, 0)},
        "only-the-first-image",
        "It gives the first image's result for every image of the batch.",
        _BATCH,
    ),
    (
        {"result": lambda y: y.sum(axis=0, keepdims=True)},
        "images-summed",
        "It adds the images of the batch up.",
        "Which axes are summed over? Every image of the batch keeps a result of its own.",
    ),
    (
        {"result": lambda y: y.sum(axis=0)},
        "images-summed",
        "It adds the images of the batch up, and their axis is gone.",
        "Which axes are summed over? Every image of the batch keeps a result of its own.",
    ),
)

RESULT: tuple[Row, ...] = (
    (
        {"result": lambda y: y[..., :1]},
        "only-the-first-filter",
        "It gives the result of the first filter only.",
        "Each filter has a result of its own. How many filters are there?",
    ),
    (
        {"result": lambda y: y[..., 0]},
        "only-the-first-filter",
        "It gives the result of the first filter only, and without an axis for the filters.",
        "Each filter has a result of its own. How many filters are there?",
    ),
    (
        {"result": lambda y: _repeat(y, 0, -1)},
        "first-filter-for-all",
        "It gives the first filter's result for every filter.",
        "Is there a 0 in your code where the number of the filter belongs?",
    ),
    (
        {"result": lambda y: _repeat(y, -1, -1)},
        "last-filter-for-all",
        "It gives the last filter's result for every filter.",
        "If there is a loop over the filters: does each turn fill in its own part of the result?",
    ),
    (
        {"result": lambda y: y * (np.arange(y.shape[-1]) < y.shape[-1] - 1)},
        "last-filter-zero",
        "The result of the last filter is zero.",
        "Does the loop reach the last filter? `range(n)` runs from 0 to n - 1.",
    ),
    (
        {"result": lambda y: y.sum(axis=-1, keepdims=True)},
        "filters-summed",
        "It adds the results of all filters up.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: y.sum(axis=-1)},
        "filters-summed",
        "It adds the results of all filters up, and their axis is gone.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: np.broadcast_to(y.sum(axis=-1, keepdims=True), y.shape)},
        "filters-summed",
        "It adds the results of all filters up, and gives that sum for each of them.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: np.cumsum(y, axis=-1)},
        "sum-not-reset",
        "The sum goes on from one filter to the next.",
        "Where does the sum start again from 0? It has to, for every value of the result.",
    ),
    (
        {"result": np.squeeze},
        "axes-of-length-1-lost",
        "Its result has lost its axes of length 1, as by `squeeze`.",
        "An axis of length 1 is still an axis: that of a single image, filter, row or column.",
    ),
    (
        {"result": lambda y: np.maximum(y, 0)},
        "negative-values-cut",
        "It turns negative values into zeros, as relu does.",
        "An activation is not part of this question. What does the sum give for a negative weight?",
    ),
    (
        {"result": np.abs},
        "sign-lost",
        "It gives every value without its sign.",
        "A sum of products may be negative, and stays so.",
    ),
    (
        {"result": lambda y: y + 1},
        "one-added",
        "It adds 1 to every value, as a bias of 1 would.",
        "The question asks for a convolution without a bias.",
    ),
    (
        {"result": np.zeros_like},
        "zeros-only",
        "It gives zeros only.",
        "The result is made, and nothing is written into it. Do the loops run, and do they assign?",
    ),
    (
        {"typed": lambda y, x: np.trunc(y)},
        "whole-numbers",
        "It keeps whole numbers only: what comes after the point is cut off.",
        "What type has the array that takes the results? `np.zeros(shape)` holds floats; `dtype=int` and `astype(int)` "
        "don't.",
    ),
    (
        {"typed": lambda y, x: y.astype(x.dtype)},
        "type-of-the-image",
        "The result has the number type of the image, and an image of whole numbers cuts off what comes after the "
        "point.",
        "`np.zeros_like` and the `dtype` of the image take the type along. Which type can hold the products?",
    ),
)

AXES: tuple[Row, ...] = (
    (
        {"result": lambda y: y.swapaxes(1, 2)},
        "height-and-width-swapped",
        "Height and width are swapped in the result.",
        "Try an image that is not square, and compare the shape of your result with that of the image.",
    ),
    (
        {"result": lambda y: np.moveaxis(y, -1, 1)},
        "filters-before-height",
        "It puts the filters before the height, as other libraries do.",
        "Here the channels are last, in the image and in the result.",
    ),
)
