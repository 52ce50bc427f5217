"""Where one number of a convolution's output comes from: the products that it is the sum of."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

import numpy as np

from ..arguments import ArgumentError, ShapeError, whole
from ..ops import check
from .html import CAPTION, FORMULA, framed, sentence
from .latex import words

Number = int | float
DIGITS = 6  # significant digits that are shown; the data keeps them all


@dataclass(frozen=True)
class Product:
    """One weight and the pixel under it. (row, column) is a position of the input; outside of it is padding."""

    row: int
    column: int
    channel: int  # of the input
    tap: tuple[int, int]  # (row, column) within the kernel
    pixel: Number | None  # None on padding
    weight: Number

    @property
    def is_padding(self) -> bool:
        """Whether the weight is on padding, where there is no pixel."""
        return self.pixel is None

    @property
    def value(self) -> Number:
        """pixel * weight; padding counts as zero."""
        return (0 if self.pixel is None else self.pixel) * self.weight

    def __str__(self) -> str:
        return f"{'pad' if self.pixel is None else _factor(self.pixel)}*{_factor(self.weight)}"


@dataclass(frozen=True)
class ChannelSum:
    """The products within one input channel, row by row."""

    channel: int
    products: tuple[Product, ...]

    @property
    def value(self) -> Number:
        """Their sum."""
        return sum(product.value for product in self.products)

    def __str__(self) -> str:
        return f"{' + '.join(map(str, self.products))} = {_shown(self.value)}"


@dataclass(frozen=True, repr=False)
class Trace:
    """One output value as the sum of its products: by channel, then the bias."""

    image: int
    filter: int
    position: tuple[int, int]  # (row, column) of the output
    channels: tuple[ChannelSum, ...]
    bias: Number | None = None

    @property
    def products(self) -> tuple[Product, ...]:
        """All products, channel by channel."""
        return tuple(product for channel in self.channels for product in channel.products)

    @property
    def value(self) -> Number:
        """The output value."""
        return sum(channel.value for channel in self.channels) + (0 if self.bias is None else self.bias)

    @property
    def title(self) -> str:
        """Which output value it is, and the value."""
        row, column = self.position
        where = f"Image {self.image}, filter {self.filter}, output at row {row}, column {column}"
        return f"{where}: {_shown(self.value)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """A sum for each channel, and where there is more than one thing to add, the sum of sums."""
        if len(self.channels) == 1 and self.bias is None:
            return (str(self.channels[0]), *self.remarks)
        sums = (f"channel {channel.channel}: {channel}" for channel in self.channels)
        return (*sums, f"{self._terms}: {self._total} = {_shown(self.value)}", *self.remarks)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has to be said of the numbers."""
        padded = any(product.is_padding for product in self.products)
        factors = [number for p in self.products for number in (p.pixel, p.weight) if number is not None]
        shown = [*factors, *(channel.value for channel in self.channels), self.value, self.bias or 0]
        rounded = any(float(_shown(number)) != number for number in shown if number == number)
        return ("pad is padding, which counts as 0",) * padded + (f"shown with {DIGITS} digits",) * rounded

    @property
    def _terms(self) -> str:
        channels = "the channels" if len(self.channels) > 1 else "the channel"
        return channels if self.bias is None else f"{channels} and the bias"

    @property
    def _total(self) -> str:
        values = [channel.value for channel in self.channels]
        return " + ".join(map(_factor, values if self.bias is None else [*values, self.bias]))

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])

    __repr__ = __str__  # a notebook keeps it as the text beside the HTML: what a screen reader can always read

    def latex(self) -> str:
        """The sums as an `aligned` block, without dollar signs."""
        rows = [f"&{words(self.title)}"]
        if len(self.channels) == 1 and self.bias is None:
            rows.append(f"& {_latex(self.channels[0])}")
        else:
            rows += [f"&{words(f'channel {channel.channel}: ')} {_latex(channel)}" for channel in self.channels]
            rows.append(f"&{words(self._terms + ': ')} {self._total} = {_shown(self.value)}")
        rows += [f"&{words(remark)}" for remark in self.remarks]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        after = self.lines[len(self.channels) :] if len(self.channels) > 1 or self.bias is not None else self.remarks
        heading = f'<h4 style="margin: 0.2em 0; font-size: 1em">{escape(self.title)}</h4>'
        return framed(self.title, "\n".join([heading, *map(_table, self.channels), *map(sentence, after)]))


def trace(
    x: Any,
    kernel: Any,
    position: tuple[int, int],
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: Any = None,
    *,
    image: int = 0,
    filter: int = 0,
) -> Trace:
    """One value of `convkit.conv2d(x, kernel, strides, padding, dilations, bias)`, as the products that make it up.

    x : (n, height, width, c_in)                 images, channels last
    kernel : (kh, kw, c_in / groups, filters)    not flipped; groups follow from the shapes
    position : (row, column)                     of the output; `image` and `filter` choose among the others
    bias : (filters,) or None

    >>> x = np.array([[2, 1, 2], [1, 3, 2], [1, 1, 3]])[None, :, :, None]
    >>> kernel = np.array([[2, 3], [0, 1]])[:, :, None, None]
    >>> print(trace(x, kernel, (0, 0)))
    Image 0, filter 0, output at row 0, column 0: 10
      2*2 + 1*3 + 1*0 + 3*1 = 10
    >>> trace(x, kernel, (2, 2), padding="SAME").value
    6
    """
    work = check(x, kernel, strides, padding, dilations, bias)
    filters, depth = work.kernel.shape[3], work.kernel.shape[2]
    image, filter = _within("image", image, len(work.x)), _within("filter", filter, filters)
    first = filter // (filters // work.groups) * depth  # of the channels that this filter reads
    row, column = _position(position, work.rows.length, work.columns.length)
    rows, columns = work.rows.taps(row), work.columns.taps(column)
    sums = []
    for channel in range(first, first + depth):
        pixels, weights = work.x[image, :, :, channel], work.kernel[:, :, channel - first, filter]
        sums.append(ChannelSum(channel, _products(pixels, weights, channel, rows, columns)))
    return Trace(image, filter, (row, column), tuple(sums), None if work.bias is None else _plain(work.bias[filter]))


def _within(name: str, index: Any, size: int) -> int:
    number = whole(name, index, least=0)
    if number >= size:
        raise ArgumentError(f"{name} is {number}, and has to be {_range(size)}.")
    return number


def _range(size: int) -> str:
    return "0, the only one" if size == 1 else f"one of 0 to {size - 1}"


def _position(position: Any, height: int, width: int) -> tuple[int, int]:
    try:
        row, column = (operator.index(index) for index in position)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"position is {position!r}, and has to be (row, column) of the output, such as (0, 0)."
        ) from None
    if not (0 <= row < height and 0 <= column < width):
        raise ShapeError(
            f"position {(row, column)} is outside the output of {height} x {width}: "
            f"the row has to be {_range(height)}, the column {_range(width)}."
        )
    return row, column


def _products(
    pixels: np.ndarray, weights: np.ndarray, channel: int, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Product, ...]:
    height, width = pixels.shape
    return tuple(
        Product(
            row, column, channel, (i, j),
            _plain(pixels[row, column]) if 0 <= row < height and 0 <= column < width else None,
            _plain(weights[i, j]),
        )
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    )  # fmt: skip


def _plain(number: Any) -> Number:
    """Python's own number: integers grow as they need, and floats are doubles."""
    return int(number) if number.dtype.kind in "iub" else float(number)


def _shown(number: Number) -> str:
    return str(number) if isinstance(number, int) else f"{number + 0.0:.{DIGITS}g}"  # -0.0 reads 0


def _factor(number: Number) -> str:
    shown = _shown(number)
    return f"({shown})" if shown.startswith("-") else shown


def _latex(channel: ChannelSum) -> str:
    terms = " + ".join(
        f"{words('pad') if p.pixel is None else _factor(p.pixel)} \\times {_factor(p.weight)}" for p in channel.products
    )
    return f"{terms} = {_shown(channel.value)}"


def _table(channel: ChannelSum) -> str:
    """The window of one channel, laid out as on the image; a row or column off the image is headed `pad`."""
    lines = [list(line) for _, line in groupby(channel.products, key=lambda product: product.row)]
    columns = [list(column) for column in zip(*lines, strict=True)]
    head = "".join(f'<th scope="col">{_head(line, f"column {line[0].column}")}</th>' for line in columns)
    body = "\n".join(
        f'<tr><th scope="row">{_head(line, f"row {line[0].row}")}</th>{"".join(map(_cell, line))}</tr>'
        for line in lines
    )
    return (
        f'<table>\n<caption style="{CAPTION}">channel {channel.channel}: {channel}</caption>\n'
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _head(line: list[Product], name: str) -> str:
    return "pad" if all(product.is_padding for product in line) else name


def _cell(product: Product) -> str:
    return f'<td style="{FORMULA}">{product} = {_shown(product.value)}</td>'
