"""The parameters of a layer as a layout: a block for each filter, cells for weights and bias."""

from __future__ import annotations

from typing import Any

from ..arithmetic import conv_params
from .boxes import Box, Label, Layout, make_layout
from .crop import WINDOW
from .frame import LINE, MARGIN, Items, right_edge
from .numerals import numeral
from .scene import flat
from .sheet import cell

FILTERS, CHANNELS = 8, 4  # drawn of each
CELL, NARROW_CELL = 26.0, 22.0
BLOCK_GAP = 14.0
NAME = 66.0  # room for "filter 0"

Shape = tuple[int, int, int, int]  # kernel height, kernel width, channels that a filter reads, filters
Numbers = Any  # nested lists, or None where the numbers are not known


def lay_out_kernels(
    shape: Shape,
    weights: Numbers = None,
    biases: Numbers = None,
    use_bias: bool = True,
    room: float | None = None,
    counted: int | None = None,
) -> Layout:
    """A row of planes for each filter, and how many parameters there are.

    room: pixels that the picture may be wide; several filters then stand side by side, without the title.
    counted: cells that are filled so far, filter by filter, each with its number in the count; None fills all of them.
    """
    text = kernels_text(shape, use_bias)
    cell_height = CELL if room is None else NARROW_CELL
    top = MARGIN + (LINE + 12.0 if room is None else 4.0)
    items: Items = []
    x = float(MARGIN)
    height = min(shape[0], WINDOW) * cell_height
    for filter in range(min(shape[3], FILTERS)):
        has_heads = room is not None or filter == 0
        block = _block(filter, x, top, cell_height, shape, weights, biases, use_bias, has_heads)
        right = max(right_edge(item) for item in block if isinstance(item, Label)) + BLOCK_GAP
        items += block
        if room is not None and right + (right - x) <= room:
            x = right + BLOCK_GAP
        else:
            x, top = float(MARGIN), top + height + BLOCK_GAP + (LINE if has_heads else 0)
    return _layout(items, text, room, counted)


def kernels_text(shape: Shape, use_bias: bool) -> str:
    """What is drawn, and the count worked out."""
    height, width, channels, filters = shape
    total = conv_params((height, width), channels, filters, use_bias=use_bias)
    many = f"{filters} filter{'s' if filters > 1 else ''}"
    of = "1 channel" if channels == 1 else f"each of {channels} channels"
    bias = ", and a bias each" if use_bias else ", no bias"
    per_filter = f"({height}*{width}*{channels} + 1)" if use_bias else f"{height}*{width}*{channels}"
    hidden = "" if filters <= FILTERS and channels <= CHANNELS and max(height, width) <= WINDOW else " A part is drawn."
    in_all = f"{per_filter} * {filters} = {total} parameters.{hidden}"
    return f"{many} of {height}\u00d7{width} weights for {of}{bias}: {in_all}"


def _block(
    filter: int,
    left: float,
    top: float,
    height: float,
    shape: Shape,
    weights: Numbers,
    biases: Numbers,
    use_bias: bool,
    has_heads: bool,
) -> Items:
    """The planes of one filter, its bias and its count; with the names of its channels where it has heads."""
    rows, columns = min(shape[0], WINDOW), min(shape[1], WINDOW)
    width, x, head = _cell_width(weights, biases, height), left + NAME, top + 8
    top += LINE if has_heads else 0
    items: Items = [Label(f"f{filter}", "heading", left, top + rows * height / 2 + 5, f"filter {filter}")]
    for channel in range(min(shape[2], CHANNELS)):
        if has_heads:
            items.append(Label(f"c{filter}.{channel}", "note", x, head, f"ch. {channel}"))
        for i in range(rows):
            for j in range(columns):
                value = None if weights is None else weights[i][j][channel][filter]
                data = (("filter", filter), ("plane", channel), ("row", i), ("col", j))
                place = (x + j * width, top + i * height, width, height)
                items.append(cell(f"k{filter}.{channel}.{i}.{j}", "weight", place, value, (), data))
        x += columns * width + BLOCK_GAP
    if use_bias:
        if has_heads:
            items.append(Label(f"b{filter}-name", "note", x, head, "bias"))
        place = (x, top + (rows - 1) * height / 2, width, height)
        value = biases[filter] if biases else None
        items.append(cell(f"b{filter}", "bias", place, value, (), (("filter", filter),)))
        x += width + BLOCK_GAP
    count = shape[0] * shape[1] * shape[2] + (1 if use_bias else 0)
    return [*items, Label(f"n{filter}", "note", x, top + rows * height / 2 + 4, f"{count} parameters")]


def _cell_width(weights: Numbers, biases: Numbers, least: float) -> float:
    values = [*(biases or []), *(flat(weights, 4) if weights is not None else [])]
    return max(least, 8.0 * max((len(numeral(value)) for value in values[:4096]), default=1) + 6)


def _layout(items: Items, text: str, room: float | None, counted: int | None) -> Layout:
    boxes = [item for item in items if isinstance(item, Box)]
    if counted is not None:
        boxes = [box._replace(text=str(n), states=_states(n, counted)) for n, box in enumerate(boxes, start=1)]
    bottom = max(box.y + box.height for box in boxes) + 12 + LINE
    head, _, total = text.partition(": ")
    if counted is not None and counted < len(boxes):
        total = f"{counted} so far"
    labels = [item for item in items if isinstance(item, Label)]
    if room is None:
        labels.append(Label("title", "title", MARGIN, MARGIN + 13, head))
    labels.append(Label("sum", "moment", MARGIN, bottom, total))
    width = max(right_edge(label) for label in labels) + MARGIN
    return make_layout(head, text, [*boxes, *labels], width, bottom + MARGIN)


def _states(n: int, counted: int) -> tuple[str, ...]:
    """How the nth cell looks while cells are filled one after the other."""
    return ("here", "small") if n == counted else ("waiting", "small") if n > counted else ("small",)
