"""The receptive field of a stack as a layout: a plane for the image and for each layer, with an output's paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..arithmetic import Axis, make_axis, receptive_field
from .boxes import Label, Layout, make_layout
from .frame import HEAD, LINE, Items, best_fit, right_end, text_width
from .legend import Entry, swatches
from .numerals import numeral
from .sheet import GAP, INDEX, Sheet

MARGIN = 6.0
CELLS = (18.0, 16.0)  # heights to choose from, and widths of numbers with two digits
CHARACTER = 6.9  # of a plane's name, in pixels

Position = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Stack:
    """Layers without padding, one after the other, on n x n pixels: what holds along one axis holds along the other."""

    n: int
    axes: tuple[Axis, ...]

    @property
    def lengths(self) -> list[int]:
        """Values along an axis before the first layer, and after each."""
        return [self.n, *(axis.length for axis in self.axes)]

    def paths(self, output: int) -> list[dict[int, int]]:
        """For the pixels and for the values after each layer, how many paths lead from each to an output, on one axis.

        With kernels of ones it is how much the output changes with that value. In two dimensions it is the number for
        the row times the number for the column.
        """
        found = [{output: 1}]
        for axis in reversed(self.axes):
            below: dict[int, int] = {}
            for position, count in found[0].items():
                for pixel in axis.taps(position):
                    below[pixel] = below.get(pixel, 0) + count
            found = [below, *found]
        return found

    def seen(self, layer: int) -> int:
        """Pixels from the first to the last that a value after `layer` layers sees, along an axis."""
        return receptive_field((axis.span, axis.strides) for axis in self.axes[:layer])

    def readers(self, pixel: int) -> list[int]:
        """The outputs along an axis that depend on a pixel."""
        return [output for output in range(self.lengths[-1]) if pixel in self.paths(output)[0]]


def make_stack(n: int, layers: Sequence[tuple[int, int, int]]) -> Stack:
    """Layers of (kernel_size, strides, dilation_rate) on n x n pixels, or ShapeError where one does not fit."""
    axes: list[Axis] = []
    for kernel_size, strides, dilation_rate in layers:
        length = axes[-1].length if axes else n
        axes.append(make_axis(length, kernel_size, strides, "valid", dilation_rate))
    return Stack(n, tuple(axes))


def lay_out_stack(stack: Stack, position: Position, room: float | None = None, show_paths: bool = True) -> Layout:
    """The image and the values after each layer, side by side; with the paths to an output, or the image alone."""
    shown = stack.lengths if show_paths else stack.lengths[:1]
    most = max(stack.paths(0)[0].values())
    cells = [(max(cell, text_width(len(numeral(most * most)), True)), cell) for cell in CELLS]
    wide = [[_width(stack, layer, width) for layer in range(len(shown))] for width, _ in cells]
    width, height = cells[0 if room is None else best_fit(wide, room - 2 * MARGIN)]
    x, top, below = MARGIN, MARGIN, 0.0
    items: Items = []
    for layer, length in enumerate(shown):
        if room is not None and x > MARGIN and x + _width(stack, layer, width) > room:
            x, top, below = MARGIN, top + below, 0.0
        sheet = Sheet(layer, x + INDEX, top + LINE + HEAD, width, height)
        items += _plane(stack, sheet, position, show_paths)
        x += _width(stack, layer, width)
        below = max(below, LINE + HEAD + length * height + GAP)
    bottom = top + below
    if show_paths:
        marks, bottom = swatches(_entries(stack), MARGIN, bottom - 6, (room or x) - 2 * MARGIN)
        items += marks
    right = max(right_end(item) for item in items) + MARGIN
    return make_layout("The receptive field of an output", stack_words(stack, position), items, right, bottom)


def _width(stack: Stack, layer: int, width: float) -> float:
    """Pixels that a plane takes at least, its name and a gap included."""
    return max(INDEX + stack.lengths[layer] * width, CHARACTER * len(_name(stack, layer))) + GAP


def _name(stack: Stack, layer: int) -> str:
    """The words above a plane."""
    n, seen = stack.lengths[layer], stack.seen(layer)
    size = f"{n}\u00d7{n}"
    return f"input {size}" if layer == 0 else f"layer {layer}: {size}, each sees {seen}\u00d7{seen}"


def stack_words(stack: Stack, position: Position) -> str:
    """The whole picture in words."""
    names = [f"{_name(stack, layer)}." for layer in range(len(stack.lengths))]
    rows, columns = (stack.paths(place) for place in position)
    found = [
        f"{'Of the input' if layer == 0 else f'After layer {layer}'}: rows {_spelled(rows[layer])}; "
        f"columns {_spelled(columns[layer])}."
        for layer in range(len(rows))
    ]
    head = f"Paths to the output at row {position[0]}, column {position[1]}, as position: number along that axis."
    return " ".join([*names, head, *found])


def _spelled(paths: dict[int, int]) -> str:
    return ", ".join(f"{place}: {paths[place]}" for place in sorted(paths.keys()))


def _plane(stack: Stack, sheet: Sheet, position: Position, show_paths: bool) -> Items:
    """The cells of a layer, those with a path marked, and a frame from the first to the last of them."""
    layer, last, every = sheet.plane, len(stack.axes), range(stack.lengths[sheet.plane])
    role, key = ("pixel", "i0") if layer == 0 else ("output", "o0") if layer == last else ("sum", f"m{layer}")
    items: Items = [Label(f"h{layer}", "note", sheet.left - INDEX, sheet.top - HEAD - 5, _name(stack, layer))]
    items += sheet.indices(f"n{layer}", len(every), len(every))
    if not show_paths:
        return items + [sheet.box(key, role, row, column, None) for row in every for column in every]
    rows, columns = (stack.paths(place)[layer] for place in position)
    windows = [(min(paths.keys()), max(paths.keys())) for paths in (rows, columns)]
    for row in every:
        for column in every:
            count = rows.get(row, 0) * columns.get(column, 0)
            is_framed = windows[0][0] <= row <= windows[0][1] and windows[1][0] <= column <= windows[1][1]
            seen = "here" if layer == last else "tap"
            states: tuple[str, ...] = (seen,) if count else ("gap",) if is_framed else ()
            box = sheet.box(key, role, row, column, count, states)
            items.append(box if count else box._replace(text=""))
    return [*items, sheet.outline(f"w{layer}", "focus" if layer == last else "window", *windows)]


def _entries(stack: Stack) -> list[Entry]:
    entries: list[Entry] = [("tap", "pixel", ("tap",), "seen, and by how many paths")]
    if any(axis.dilation_rate > 1 or axis.strides > axis.kernel_size for axis in stack.axes):
        entries.append(("gap", "pixel", ("gap",), "skipped"))
    entries.append(("here", "output", ("here",), "this output"))
    return entries
