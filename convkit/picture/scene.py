"""What there is to draw: one convolution, its numbers, and what each output position reads.

Numbers are nested lists, not arrays: this module and those that lay out a picture also run in a browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..arithmetic import Axis, make_axis

Plane = Sequence[Sequence[Any]]  # rows of columns of channels (or filters)
Weights = Sequence[Plane]  # kernel rows of kernel columns of channels of filters


@dataclass(frozen=True, eq=False)
class Scene:
    """A convolution of one image. Numbers are None where they are not known: then empty cells are drawn."""

    rows: Axis
    columns: Axis
    channels: int
    filters: int
    groups: int
    padding: Any  # as the caller gave it: 'valid', 'same' or amounts
    activation: str | None  # what a Keras layer does afterwards; not part of the picture
    x: Plane | None  # (height, width, channels)
    kernel: Weights | None  # (kernel height, kernel width, channels / groups, filters)
    bias: Sequence[Any] | None  # (filters,)
    use_bias: bool
    output: Plane | None  # (output height, output width, filters)
    has_decimals: bool  # whether some number is not whole

    @property
    def group_size(self) -> int:
        """Input channels that one filter reads."""
        return self.channels // self.groups

    def channels_of(self, filter: int) -> range:
        """The input channels that this filter reads."""
        group = filter // (self.filters // self.groups)
        return range(group * self.group_size, (group + 1) * self.group_size)

    def pixel(self, row: int, column: int, channel: int) -> Any:
        """The input at a position; padding is zero."""
        if self.is_padding(row, column):
            return 0
        return None if self.x is None else self.x[row][column][channel]

    def is_padding(self, row: int, column: int) -> bool:
        """Whether the position is outside the image."""
        return not (0 <= row < self.rows.n and 0 <= column < self.columns.n)

    def weight(self, i: int, j: int, channel: int, filter: int) -> Any:
        """The kernel's weight for an input channel, counted over the whole input."""
        start = self.channels_of(filter).start
        return None if self.kernel is None else self.kernel[i][j][channel - start][filter]

    def under(self, position: tuple[int, int], i: int, j: int) -> tuple[int, int]:
        """The pixel under weight (i, j) when the kernel is at an output position."""
        first = self.rows.first(position[0]), self.columns.first(position[1])
        return first[0] + i * self.rows.dilation_rate, first[1] + j * self.columns.dilation_rate

    def channel_sum(self, position: tuple[int, int], channel: int, filter: int) -> Any:
        """The products of one channel, added up."""
        if self.x is None or self.kernel is None:
            return None
        total = 0
        for i in range(self.rows.kernel_size):
            for j in range(self.columns.kernel_size):
                row, column = self.under(position, i, j)
                if not self.is_padding(row, column):
                    total += self.x[row][column][channel] * self.weight(i, j, channel, filter)
        return total

    def result(self, position: tuple[int, int], filter: int) -> Any:
        """The output at a position, bias included."""
        return None if self.output is None else self.output[position[0]][position[1]][filter]

    def readers(self, row: int, column: int) -> list[tuple[int, int]]:
        """The output positions that read a pixel."""
        rows = [position for position in range(self.rows.length) if row in self.rows.taps(position)]
        columns = [position for position in range(self.columns.length) if column in self.columns.taps(position)]
        return [(position, other) for position in rows for other in columns]


def small_scene(
    x: Plane,
    kernel: Weights,
    strides: tuple[int, int] = (1, 1),
    padding: str = "valid",
    bias: Any = None,
    dilation_rate: int = 1,
    groups: int = 1,
) -> Scene:
    """A convolution of a small image, worked out product by product: the same numbers in Python and in a browser."""
    rows = make_axis(len(x), len(kernel), strides[0], padding, dilation_rate)
    columns = make_axis(len(x[0]), len(kernel[0]), strides[1], padding, dilation_rate)
    channels, filters = len(x[0][0]), len(kernel[0][0][0])
    numbers = [*flat(x, 3), *flat(kernel, 4), *(bias or [])]
    has_decimals = any(number % 1 != 0 for number in numbers)
    scene = Scene(
        rows, columns, channels, filters, groups, padding, None, x, kernel, bias, bias is not None, None, has_decimals
    )
    output = [
        [[_worked_out(scene, (row, column), filter) for filter in range(filters)] for column in range(columns.length)]
        for row in range(rows.length)
    ]
    return replace(scene, output=output)


def _worked_out(scene: Scene, position: tuple[int, int], filter: int) -> Any:
    total = sum(scene.channel_sum(position, channel, filter) for channel in scene.channels_of(filter))
    return total if scene.bias is None else total + scene.bias[filter]


def flat(numbers: Any, depth: int) -> Iterator[Any]:
    """All numbers of a nested list of this depth."""
    for part in numbers:
        if depth == 1:
            yield part
        else:
            yield from flat(part, depth - 1)


def positions(scene: Scene) -> list[tuple[int, int]]:
    """All output positions, row by row."""
    return [(row, column) for row in range(scene.rows.length) for column in range(scene.columns.length)]
