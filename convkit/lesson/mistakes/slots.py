"""A convolution with slots, right or wrong: its windows, its padding, and what is added up.

A mistake fills one slot, or two, wrongly; two mistakes in different slots may be made together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from ...arithmetic import padding_amounts

Array = np.ndarray
Pair = tuple[int, int]

# To an answer that may not have come to `padding` yet, and to one whose comparison never holds.
PADDING_READ = (
    "Where does your function use `padding`? If it compares `padding` with a string, upper and lower case differ."
)


@dataclass(frozen=True)
class AxisCase:
    """One axis: pixels, taps of the kernel, stride, and whether SAME is asked for."""

    n: int
    k: int
    s: int
    same: bool


@cache  # a check asks thousands of times
def right_pads(axis: AxisCase) -> Pair:
    return padding_amounts(axis.n, axis.k, axis.s, "same" if axis.same else "valid")


def same_total(axis: AxisCase) -> int:
    return sum(right_pads(replace(axis, same=True)))


def right_count(axis: AxisCase, room: int) -> int:
    return (room - axis.k) // axis.s + 1


def zeros_around(x: Array, rows: Pair, columns: Pair) -> Array:
    n, height, width, channels = x.shape
    padded = np.zeros((n, height + sum(rows), width + sum(columns), channels))
    padded[:, rows[0] : rows[0] + height, columns[0] : columns[0] + width] = x
    return padded


def zeroed(values: Array, *places: Any) -> Array:
    """A copy with zeros at these places."""
    copy = values.copy()
    for place in places:
        copy[place] = 0
    return copy


def last_zeroed(values: Array) -> Array:
    """A copy with zeros in the last row and the last column of the second and third axes."""
    return zeroed(values, np.s_[:, -1], np.s_[:, :, -1])


def _as_it_is(values: Array) -> Array:
    return values


@dataclass(frozen=True)
class Conv:
    """tf.nn.conv2d where no slot is changed.

    >>> Conv()(np.ones((1, 5, 5, 1)), np.ones((2, 2, 1, 2)), 1, "VALID").shape
    (1, 4, 4, 2)
    """

    kernel: Callable[[Array], Array] = _as_it_is
    strides: Callable[[int], Pair] = lambda s: (s, s)
    same: Callable[[bool], bool] = lambda same: same
    pads: Callable[[AxisCase], Pair] = right_pads  # zeros before and after
    around: Callable[[Array, Pair, Pair], Array] = zeros_around
    count: Callable[[AxisCase, int], int] = right_count  # (axis, pixels with padding) -> positions
    steps: Callable[[int], Pair] | None = None  # between positions, if not the strides above
    channels: Callable[[Array], Array] = lambda y: y.sum(axis=-2)  # (n, h, w, channels, filters) -> (n, h, w, filters)
    result: Callable[[Array], Array] = _as_it_is
    spread: Callable[[Array, Array, Array, int, bool], Array] | None = None  # values into another size of result
    typed: Callable[[Array, Array], Array] | None = None  # (result, x) -> the result in another type

    def __call__(self, x: Array, kernel: Array, strides: int, padding: str) -> Array:
        y = self.sums(x, kernel, strides, padding)
        if self.spread:
            y = self.spread(y, x, kernel, strides, padding == "SAME")
        return self.returned(y, x)

    def sums(self, x: Array, kernel: Array, strides: int, padding: str) -> Array:
        """(n, h, w, filters): the sum of products at each position."""
        windows = self.windows(x, kernel, strides, padding)
        return self.channels(np.einsum("nhwcij,ijcf->nhwcf", windows, self.kernel(kernel)))

    def returned(self, y: Array, x: Array) -> Array:
        """What the function returns for these sums, of any shape with images first and filters last."""
        y = self.result(y)
        return self.typed(y, x) if self.typed else y

    def windows(self, x: Array, kernel: Array, strides: int, padding: str) -> Array:
        """(n, h, w, channels, kh, kw): what every window reads, zeros beyond the padded image."""
        (rows, columns), padded, counts, steps = self._placed(x, kernel, strides, padding)
        return _cut(padded, (rows.k, columns.k), counts, steps)

    def starts(self, x: Array, kernel: Array, strides: int, padding: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The rows and the columns of the image where windows start; those in the padding are negative."""
        axes, padded, counts, steps = self._placed(x, kernel, strides, padding)
        before = [
            self.pads(axis)[0] if size > axis.n else 0 for axis, size in zip(axes, padded.shape[1:3], strict=True)
        ]
        rows, columns = (
            tuple(i * step - first for i in range(count))
            for count, step, first in zip(counts, steps, before, strict=True)
        )
        return rows, columns

    def axes(self, x: Array, kernel: Array, strides: int, padding: str) -> list[AxisCase]:
        """Height and width."""
        taps, same = self.kernel(kernel), self.same(padding == "SAME")
        return [AxisCase(x.shape[1 + i], taps.shape[i], self.strides(strides)[i], same) for i in (0, 1)]

    def _placed(
        self, x: Array, kernel: Array, strides: int, padding: str
    ) -> tuple[list[AxisCase], Array, list[int], Pair]:
        """Both axes, the padded images, how many windows there are along each, and how far they are apart."""
        axes = self.axes(x, kernel, strides, padding)
        padded = self.around(x, *(self.pads(axis) for axis in axes))
        counts = [max(self.count(axis, size), 0) for axis, size in zip(axes, padded.shape[1:3], strict=True)]
        return axes, padded, counts, self.steps(strides) if self.steps else (axes[0].s, axes[1].s)


def _cut(padded: Array, taps: tuple[int, ...], counts: list[int], steps: Pair) -> Array:
    need = [max((count - 1) * step + k, k) for count, step, k in zip(counts, steps, taps, strict=True)]
    short = [max(want - have, 0) for want, have in zip(need, padded.shape[1:3], strict=True)]
    room = zeros_around(padded, (0, short[0]), (0, short[1])) if any(short) else padded
    image, row, column, channel = room.strides
    return np.lib.stride_tricks.as_strided(
        room,
        (len(room), *counts, room.shape[3], *taps),
        (image, row * steps[0], column * steps[1], channel, row, column),
        writeable=False,
    )
