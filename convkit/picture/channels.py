"""A convolution or a pooling of several channels as a layout: planes seen at an angle, one behind another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .boxes import Box, Label, Layout, make_layout
from .crop import Crop, crop_around
from .frame import Items, best_fit, right_end, text_width
from .legend import entries_of, swatches
from .numerals import numeral
from .planes import axis_states
from .scene import Scene, flat
from .sheet import GAP, INDEX, Sheet

MARGIN, HEADING, NAME = 6.0, 34.0, 19.0  # pixels around the picture, of the headings, and of the words below a plane
WIDTHS = (22.0, 20.0, 18.0, 16.0)  # widths to choose from; cells are taller, so that planes look turned
TALLER = 4.0
SUM, SUM_STEP, SIGN = 22.0, 29.0, 76.0  # height of a sum, from one to the next, and room for the words before it
PARTS = ("input", "kernel", "output")

Position = tuple[int, int]


@dataclass(frozen=True)
class CellSizes:
    """Widths of cells, their height, and how much each column is higher than the one before."""

    pixel: float
    weight: float
    output: float
    height: float
    slant: float
    tally: float  # width of a sum


def lay_out_channels(
    scene: Scene,
    position: Position,
    filter: int,
    title: str,
    text: str,
    room: float | None = None,
    show: tuple[str, ...] = PARTS,
) -> Layout:
    """All channels, the weights of the filter in focus below those that it reads, their sums, and all outputs.

    room: pixels that the picture may be wide; planes that don't fit go below.
    """
    crop = crop_around(scene, position, filter)
    sizes = _fitting(scene, crop, room, show)
    right = (room or math.inf) - MARGIN
    items = _inputs(scene, crop, sizes, position, filter, right, show)
    if "output" in show:
        left, top = max(right_end(item) for item in items) + GAP, 0.0
        if left + _across(scene, crop, sizes, "output") > right:
            left, top = MARGIN, _bottom(items) + 8
        items += _outputs(scene, crop, sizes, position, filter, left, top, right)
    bottom = _bottom(items)
    marks, bottom = swatches(entries_of(scene, crop, show), MARGIN, bottom + 8, right - MARGIN)
    items += marks
    return make_layout(title, text, items, max(right_end(item) for item in items) + MARGIN, bottom)


def _bottom(items: Items) -> float:
    """Where cells and the words below them end."""
    return max(item.y + 4 if isinstance(item, Label) else item.y + item.height for item in items)


def _fitting(scene: Scene, crop: Crop, room: float | None, show: tuple[str, ...]) -> CellSizes:
    """The largest cells with which all planes stand in one row, or else the smallest."""
    found = [_sizes(scene, cell) for cell in WIDTHS]
    wide = [[sum(_across(scene, crop, sizes, part) for part in show if part != "kernel")] for sizes in found]
    return found[0 if room is None else best_fit(wide, room - MARGIN)]


def _sizes(scene: Scene, cell: float) -> CellSizes:
    pixels = [numeral(value) for value in flat(scene.x, 3)]
    weights = [numeral(value) for value in flat(scene.kernel, 4)] if scene.kernel else []
    outputs = [numeral(value, short=True) for value in flat(scene.output, 3)]
    pixel, weight, output = (max(cell, _fit(texts)) for texts in (pixels, weights, outputs))
    return CellSizes(pixel, weight, output, cell + TALLER, math.floor(cell / 4), max(34.0, _fit(outputs) + 8))


def _fit(texts: list[str]) -> float:
    return text_width(max([1, *(len(text) for text in texts)]), small=True)


def _step(scene: Scene, crop: Crop, sizes: CellSizes, part: str) -> float:
    """From one plane of a part to the next."""
    if part == "output":
        return len(crop.output_columns) * sizes.output + GAP
    kernel = len(crop.kernel_columns) * sizes.weight if scene.kernel else 0.0
    return max(len(crop.columns) * sizes.pixel, kernel) + GAP


def _across(scene: Scene, crop: Crop, sizes: CellSizes, part: str) -> float:
    """Pixels that all planes of a part take side by side, with row numbers and the sums."""
    if part == "output":
        return INDEX + scene.filters * _step(scene, crop, sizes, part)
    return INDEX + scene.channels * _step(scene, crop, sizes, part) + (SIGN + sizes.tally if scene.kernel else 0.0)


def _spread(count: int, step: float, left: float, right: float) -> list[tuple[float, int]]:
    """The left edge and the row of each plane."""
    across = count if right == math.inf else max(1, min(count, math.floor((right - left + GAP) / step)))
    return [(left + n % across * step, n // across) for n in range(count)]


def _inputs(
    scene: Scene, crop: Crop, sizes: CellSizes, position: Position, filter: int, right: float, show: tuple[str, ...]
) -> Items:
    """A plane for each channel, and below it the filter's weights for that channel and the sum of its products."""
    words = f"Input {scene.rows.n}\u00d7{scene.columns.n}\u00d7{scene.channels}"
    items: Items = [Label("h-input", "heading", MARGIN, 14, words)]
    has_kernel = scene.kernel is not None and "kernel" in show
    plane = len(crop.columns) * sizes.slant + len(crop.rows) * sizes.height + NAME
    weights = len(crop.kernel_columns) * sizes.slant + len(crop.kernel_rows) * sizes.height + NAME
    step = _step(scene, crop, sizes, "input")
    top, x = HEADING, MARGIN
    for channel, (x, row) in enumerate(_spread(scene.channels, step, MARGIN + INDEX, right)):
        top = HEADING + row * (plane + (weights + SUM + 12 if has_kernel else 0))
        items += _input(scene, crop, sizes, position, filter, channel, x, top)
        if has_kernel and channel in scene.channels_of(filter):
            items += _weights(scene, crop, sizes, position, filter, channel, x, top + plane)
    if not has_kernel:
        return items
    x, top = x + step + SIGN - GAP, top + plane
    if x + sizes.tally > right:
        x, top = MARGIN + SIGN, top + weights + SUM + 12
    return items + _tally(scene, sizes, position, filter, x, top)


def _input(
    scene: Scene, crop: Crop, sizes: CellSizes, position: Position, filter: int, channel: int, x: float, top: float
) -> Items:
    rows, columns = crop.rows, crop.columns
    rise = len(columns) * sizes.slant
    sheet = Sheet(
        channel, x - columns.start * sizes.pixel, top + rise - rows.start * sizes.height - columns.start * sizes.slant,
        sizes.pixel, sizes.height, sizes.slant,
    )  # fmt: skip
    reads = channel in scene.channels_of(filter)
    items: Items = []
    if channel == 0:
        items += sheet.indices("i0", scene.rows.n, scene.columns.n, (rows.start, columns.start))
    row_states = {row: axis_states(scene, scene.rows, position[0], row) for row in rows}
    column_states = {column: axis_states(scene, scene.columns, position[1], column) for column in columns}
    for row, (row_under, row_extra, row_read) in row_states.items():
        for column, (column_under, column_extra, column_read) in column_states.items():
            is_padding = scene.is_padding(row, column)
            states: tuple[str, ...] = ("tap",) if reads and row_under and column_under else ()
            states += ("extra",) if is_padding and (row_extra or column_extra) else ()
            role = "pad" if is_padding else "pixel" if row_read and column_read else "unseen"
            value = None if is_padding else scene.pixel(row, column, channel)
            items.append(sheet.box(f"i{channel}", role, row, column, value, states))
    if reads:
        window = [[place for place in part if axis_states(scene, axis, at, place)[0]] for part, axis, at in
                  ((rows, scene.rows, position[0]), (columns, scene.columns, position[1]))]  # fmt: skip
        items.append(sheet.outline(f"w{channel}", "window", *window))
    bottom = top + rise + len(rows) * sizes.height
    return [*items, Label(f"i{channel}-name", "note", x, bottom + 14, f"channel {channel}")]


def _weights(
    scene: Scene, crop: Crop, sizes: CellSizes, position: Position, filter: int, channel: int, x: float, top: float
) -> Items:
    rise = len(crop.kernel_columns) * sizes.slant
    sheet = Sheet(channel, x, top + rise, sizes.weight, sizes.height, sizes.slant)
    items: Items = [
        sheet.box(f"k{channel}", "weight", i, j, scene.weight(i, j, channel, filter))
        for i in crop.kernel_rows
        for j in crop.kernel_columns
    ]
    bottom = top + rise + len(crop.kernel_rows) * sizes.height
    value = scene.channel_sum(position, channel, filter)
    items.append(Label(f"k{channel}-name", "note", x, bottom + 14, f"filter {filter}"))
    return [*items, _sum(f"c{channel}", "sum", x, bottom + NAME + 2, sizes, value, filter)]


def _sum(key: str, role: str, x: float, y: float, sizes: CellSizes, value: float, filter: int) -> Box:
    return Box(f"t-{key}", role, x, y, sizes.tally, SUM, numeral(value), value=value, data=(("filter", filter),))


def _tally(scene: Scene, sizes: CellSizes, position: Position, filter: int, x: float, top: float) -> Items:
    """The sums of the channels added up, and the bias."""
    total = sum(scene.channel_sum(position, channel, filter) for channel in scene.channels_of(filter))
    lines = [("all", "sum", "sum", total)]
    lines += [] if scene.bias is None else [("bias", "bias", "+ bias", scene.bias[filter])]
    lines.append(("result", "result", "= output", scene.result(position, filter)))
    items: Items = []
    for n, (key, role, words, value) in enumerate(lines):
        y = top + 12 + n * SUM_STEP
        items.append(Label(f"t-{key}-name", "sign", x - 7, y + 16, words, "end"))
        items.append(_sum(key, role, x, y, sizes, value, filter))
    return items


def _outputs(
    scene: Scene,
    crop: Crop,
    sizes: CellSizes,
    position: Position,
    filter: int,
    left: float,
    top: float,
    right: float,
) -> Items:
    """A plane for each filter, with the position in focus marked on each."""
    rows, columns = range(scene.rows.length), range(scene.columns.length)
    words = f"Output {len(rows)}\u00d7{len(columns)}\u00d7{scene.filters}"
    items: Items = [Label("h-output", "heading", left, top + 14, words)]
    rise, name = len(columns) * sizes.slant, "filter" if scene.kernel else "channel"
    down = rise + len(rows) * sizes.height
    for plane, (x, line) in enumerate(_spread(scene.filters, _step(scene, crop, sizes, "output"), left + INDEX, right)):
        y = top + HEADING + line * (down + NAME + 6)
        sheet = Sheet(plane, x, y + rise, sizes.output, sizes.height, sizes.slant)
        if plane == 0:
            items += sheet.indices("o0", len(rows), len(columns))
        for row in rows:
            for column in columns:
                states = ("here",) if (row, column) == position and plane == filter else ()
                value = scene.result((row, column), plane)
                items.append(sheet.box(f"o{plane}", "output", row, column, value, states, short=True))
        kind = "focus" if plane == filter else "echo"
        items.append(sheet.outline(f"f{plane}", kind, [position[0]] * 2, [position[1]] * 2))
        items.append(Label(f"o{plane}-name", "note", x, y + down + 14, f"{name} {plane}"))
    return items
