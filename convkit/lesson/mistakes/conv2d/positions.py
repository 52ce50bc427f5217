"""What may go wrong with the kernel's positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..slots import Array, Axis, Conv, Pair, right_count
from .rows import SAME_HINT, TABLE_OF_STARTS, Row


def _last_zero(y: Array) -> Array:
    y = y.copy()
    y[:, -1], y[:, :, -1] = 0, 0
    return y


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


def _first_zero(y: Array) -> Array:
    y = y.copy()
    y[:, 0], y[:, :, 0] = 0, 0
    return y


def _floor_total(axis: Axis) -> Pair:
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
        {"result": _last_zero},
        "last-row-and-column-zero",
        "The last row and the last column of its result are zero.",
        "Do the loops reach the last position? A `range` ends before its last number, and `<` leaves out what "
        "`<=` keeps.",
    ),
    (
        {"result": _first_zero},
        "first-row-and-column-zero",
        "The first row and the first column of its result are zero.",
        "Where do the loops start? Python counts from 0.",
    ),
)
