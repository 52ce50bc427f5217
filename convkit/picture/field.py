"""The receptive field of a stack as a layout: a row of cells for each layer, with an output's paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..arithmetic import Axis, make_axis, receptive_field
from ..explain.words import counted
from .boxes import Box, Label, Layout, Outline, make_layout
from .frame import Items, right_end
from .legend import Entry, swatches
from .numerals import numeral

MARGIN, NAME, ROW_GAP = 6.0, 32.0, 8.0  # pixels around the picture, for a row's name and indices, and below a row
CELLS = (34.0, 28.0, 23.0, 19.0)  # widths to choose from
HEIGHT = 24.0

Span = tuple[int, int]  # first and last


@dataclass(frozen=True, eq=False)
class Stack:
    """Layers without padding, one after the other, along one axis of n pixels."""

    n: int
    axes: tuple[Axis, ...]

    @property
    def lengths(self) -> list[int]:
        """Values before the first layer, and after each."""
        return [self.n, *(axis.length for axis in self.axes)]

    def paths(self, output: int) -> list[dict[int, int]]:
        """For the pixels and for the values after each layer, how many paths lead from each to an output.

        With kernels of ones it is how much the output changes with that value.
        """
        found = [{output: 1}]
        for axis in reversed(self.axes):
            below: dict[int, int] = {}
            for position, count in found[0].items():
                for pixel in axis.taps(position):
                    below[pixel] = below.get(pixel, 0) + count
            found = [below, *found]
        return found

    def centers(self) -> list[list[float]]:
        """The middle of what each value sees, in pixels from the left, row by row."""
        found = [[n + 0.5 for n in range(self.n)]]
        for axis in self.axes:
            before = found[-1]
            ends = [(axis.first(place), axis.first(place) + axis.span - 1) for place in range(axis.length)]
            found = [*found, [(before[first] + before[last]) / 2 for first, last in ends]]
        return found

    def seen(self, layer: int) -> int:
        """Pixels from the first to the last that a value after `layer` layers sees."""
        return receptive_field((axis.span, axis.strides) for axis in self.axes[:layer])


def make_stack(n: int, layers: Sequence[tuple[int, int, int]]) -> Stack:
    """Layers of (kernel_size, strides, dilation_rate) on n pixels, or ShapeError where one does not fit."""
    axes: list[Axis] = []
    for kernel_size, strides, dilation_rate in layers:
        length = axes[-1].length if axes else n
        axes.append(make_axis(length, kernel_size, strides, "valid", dilation_rate))
    return Stack(n, tuple(axes))


def lay_out_stack(stack: Stack, output: int, room: float | None = None, show_paths: bool = True) -> Layout:
    """The pixels on top, the values after each layer below; with the paths to an output, or without."""
    cell = _cell(stack, room)
    paths, centers = stack.paths(output), stack.centers()
    rows = len(paths) if show_paths else 1
    items: Items = []
    for row in range(rows):
        top = MARGIN + row * (NAME + HEIGHT + ROW_GAP)
        items.append(Label(f"h{row}", "note", MARGIN, top + 11, row_name(stack, row)))
        items += _row(stack, row, paths[row] if show_paths else {}, centers[row], cell, top + NAME)
    bottom = MARGIN + rows * (NAME + HEIGHT + ROW_GAP)
    if show_paths:
        marks, bottom = swatches(_entries(stack), MARGIN, bottom, (room or stack.n * cell) - 2 * MARGIN)
        items += marks
    width = max(right_end(item) for item in items) + MARGIN
    return make_layout("The receptive field of an output", stack_words(stack, output), items, width, bottom)


def row_name(stack: Stack, row: int) -> str:
    """What is in a row."""
    if row == 0:
        return f"input: {stack.n} pixels"
    return f"after layer {row}: {counted(stack.lengths[row], 'value')}, each sees {counted(stack.seen(row), 'pixel')}"


def stack_words(stack: Stack, output: int) -> str:
    """The whole picture in words."""
    rows = [f"{row_name(stack, row)}." for row in range(len(stack.lengths))]
    found = [
        f"{'Of the input' if row == 0 else f'After layer {row}'}: {_spelled(paths)}."
        for row, paths in enumerate(stack.paths(output))
    ]
    return " ".join([*rows, f"Paths to output {output}, as position: number.", *found])


def _spelled(paths: dict[int, int]) -> str:
    return ", ".join(f"{place}: {paths[place]}" for place in sorted(paths.keys()))


def ends(paths: dict[int, int]) -> Span:
    """The first and the last position that a path leads from."""
    return min(paths.keys()), max(paths.keys())


def _cell(stack: Stack, room: float | None) -> float:
    fitting = [cell for cell in CELLS if room is None or stack.n * cell + 2 * MARGIN <= room]
    return fitting[0] if fitting else CELLS[-1]


def _row(stack: Stack, row: int, paths: dict[int, int], centers: list[float], cell: float, top: float) -> Items:
    """The cells of a row, those with a path marked, and a frame from the first to the last of them."""
    last = len(stack.axes)
    role, key = ("pixel", "i0.0") if row == 0 else ("output", "o0.0") if row == last else ("sum", f"m{row}")
    first, final = ends(paths) if paths else (0, -1)
    items: Items = []
    for place, center in enumerate(centers):
        count = paths.get(place, 0)
        states: tuple[str, ...] = ("tap",) if count else ("gap",) if first < place < final else ()
        if row == last and count:
            states = ("here",)
        text = numeral(count) if count else ""
        data = (("plane", row), ("row", 0), ("col", place))
        x = MARGIN + (center - 0.5) * cell
        items.append(Label(f"n{row}.{place}", "index", x + cell / 2, top - 5, str(place), "middle"))
        items.append(Box(f"{key}.{place}", role, x, top, cell, HEIGHT, text, value=count, states=states, data=data))
    if paths:
        x = MARGIN + (centers[first] - 0.5) * cell
        width = (centers[final] - centers[first] + 1) * cell
        items.append(Outline(f"w{row}", "focus" if row == last else "window", x, top, width, HEIGHT))
    return items


def _entries(stack: Stack) -> list[Entry]:
    entries: list[Entry] = [("tap", "pixel", ("tap",), "seen, and by how many paths")]
    if any(axis.dilation_rate > 1 or axis.strides > axis.kernel_size for axis in stack.axes):
        entries.append(("gap", "pixel", ("gap",), "skipped"))
    entries.append(("here", "output", ("here",), "this output"))
    return entries
