"""A convolution or a pooling of several channels as a layout: planes seen at an angle, one behind another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .boxes import Box, Label, Layout, make_layout
from .crop import Crop, crop_around
from .frame import Focus, Items, best_fit, right_end, text_width
from .legend import entries_of, swatches
from .numerals import numeral
from .planes import axis_states
from .scene import Scene, flat
from .sheet import GAP, INDEX, Sheet, cell

MARGIN, HEADING, NAME = 6.0, 34.0, 19.0  # pixels around the picture, of the headings, and of the words below a plane
WIDTHS = (22.0, 20.0, 18.0, 16.0)  # widths to choose from; cells are taller, so that planes look turned
TALLER = 4.0
SUM, SUM_STEP, SIGN = 22.0, 29.0, 76.0  # height of a sum, from one to the next, and room for the words before it
PARTS = ("input", "kernel", "output")


@dataclass(frozen=True)
class CellSizes:
    """Widths of cells, their height, and how much each column is higher than the one before."""

    pixel: float
    weight: float
    output: float
    height: float
    slant: float
    tally: float  # width of a sum


@dataclass(frozen=True)
class Draft:
    """What all parts of the picture need to know."""

    scene: Scene
    crop: Crop
    focus: Focus
    sizes: CellSizes
    right: float  # where planes go below

    def sheet(self, plane: int, width: float, x: float, top: float, rows: range, columns: range) -> Sheet:
        """A plane whose highest corner is at `top`, and where its cells end below its first column."""
        slant, height = self.sizes.slant, self.sizes.height
        first = top + len(columns) * slant - rows.start * height + columns.start * slant
        return Sheet(plane, x - columns.start * width, first, width, height, slant)

    def tall(self, rows: range, columns: range) -> float:
        """Pixels from a plane's highest corner to the next thing below its name."""
        return len(columns) * self.sizes.slant + len(rows) * self.sizes.height + NAME

    def name(self, key: str, words: str, x: float, top: float, rows: range, columns: range) -> Label:
        """The words below a plane."""
        return Label(f"{key}-name", "note", x, top + self.tall(rows, columns) - NAME + 14, words)

    def sum(self, key: str, role: str, x: float, y: float, value: float) -> Box:
        """A number that was added up."""
        return cell(f"t-{key}", role, (x, y, self.sizes.tally, SUM), value, (), (("filter", self.focus.filter),))


def lay_out_channels(
    scene: Scene, focus: Focus, title: str, text: str, room: float | None = None, show: tuple[str, ...] = PARTS
) -> Layout:
    """All channels, the weights of the filter in focus below those that it reads, their sums, and all outputs.

    room: pixels that the picture may be wide; planes that don't fit go below.
    """
    crop = crop_around(scene, focus.position, focus.filter)
    sizes = _fitting(scene, crop, room, show)
    draft = Draft(scene, crop, focus, sizes, (room or math.inf) - MARGIN)
    items = _inputs(draft)
    if "output" in show:
        left, top = max(right_end(item) for item in items) + GAP, 0.0
        if left + _across(scene, crop, sizes, "output") > draft.right:
            left, top = MARGIN, _bottom(items) + 8
        items += _outputs(draft, left, top)
    marks, bottom = swatches(entries_of(scene, crop, show), MARGIN, _bottom(items) + 8, draft.right - MARGIN)
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


def _inputs(draft: Draft) -> Items:
    """A plane for each channel, and below it the filter's weights for that channel and the sum of its products."""
    scene, crop = draft.scene, draft.crop
    words = f"Input {scene.rows.n}\u00d7{scene.columns.n}\u00d7{scene.channels}"
    items: Items = [Label("h-input", "heading", MARGIN, 14, words)]
    plane = draft.tall(crop.rows, crop.columns)
    below = draft.tall(crop.kernel_rows, crop.kernel_columns) + SUM + 12 if scene.kernel else 0.0
    step = _step(scene, crop, draft.sizes, "input")
    top, x = HEADING, MARGIN
    for channel, (x, row) in enumerate(_spread(scene.channels, step, MARGIN + INDEX, draft.right)):
        top = HEADING + row * (plane + below)
        items += _input(draft, channel, x, top)
        if scene.kernel and channel in scene.channels_of(draft.focus.filter):
            items += _weights(draft, channel, x, top + plane)
    if not scene.kernel:
        return items
    x, top = x + step + SIGN - GAP, top + plane
    if x + draft.sizes.tally > draft.right:
        x, top = MARGIN + SIGN, top + below
    return items + _tally(draft, x, top)


def _input(draft: Draft, channel: int, x: float, top: float) -> Items:
    scene, (rows, columns), position = draft.scene, (draft.crop.rows, draft.crop.columns), draft.focus.position
    sheet = draft.sheet(channel, draft.sizes.pixel, x, top, rows, columns)
    reads = channel in scene.channels_of(draft.focus.filter)
    items: Items = [draft.name(f"i{channel}", f"channel {channel}", x, top, rows, columns)]
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
        window = [row for row in rows if row_states[row][0]], [column for column in columns if column_states[column][0]]
        items.append(sheet.outline(f"w{channel}", "window", *window))
    return items


def _weights(draft: Draft, channel: int, x: float, top: float) -> Items:
    scene, focus, rows, columns = draft.scene, draft.focus, draft.crop.kernel_rows, draft.crop.kernel_columns
    sheet = draft.sheet(channel, draft.sizes.weight, x, top, rows, columns)
    items: Items = [
        sheet.box(f"k{channel}", "weight", i, j, scene.weight(i, j, channel, focus.filter))
        for i in rows
        for j in columns
    ]
    items.append(draft.name(f"k{channel}", f"filter {focus.filter}", x, top, rows, columns))
    value = scene.channel_sum(focus.position, channel, focus.filter)
    return [*items, draft.sum(f"c{channel}", "sum", x, top + draft.tall(rows, columns) + 2, value)]


def _tally(draft: Draft, x: float, top: float) -> Items:
    """The sums of the channels added up, and the bias."""
    scene, position, filter = draft.scene, draft.focus.position, draft.focus.filter
    total = sum(scene.channel_sum(position, channel, filter) for channel in scene.channels_of(filter))
    lines = [("all", "sum", "sum", total)]
    lines += [] if scene.bias is None else [("bias", "bias", "+ bias", scene.bias[filter])]
    lines.append(("result", "result", "= output", scene.result(position, filter)))
    items: Items = []
    for n, (key, role, words, value) in enumerate(lines):
        y = top + 12 + n * SUM_STEP
        items.append(Label(f"t-{key}-name", "sign", x - 7, y + 16, words, "end"))
        items.append(draft.sum(key, role, x, y, value))
    return items


def _outputs(draft: Draft, left: float, top: float) -> Items:
    """A plane for each filter, with the position in focus marked on each."""
    scene, focus, sizes = draft.scene, draft.focus, draft.sizes
    rows, columns = range(scene.rows.length), range(scene.columns.length)
    words = f"Output {len(rows)}\u00d7{len(columns)}\u00d7{scene.filters}"
    items: Items = [Label("h-output", "heading", left, top + 14, words)]
    name = "filter" if scene.kernel else "channel"
    step = _step(scene, draft.crop, sizes, "output")
    for plane, (x, line) in enumerate(_spread(scene.filters, step, left + INDEX, draft.right)):
        y = top + HEADING + line * (draft.tall(rows, columns) + 6)
        sheet = draft.sheet(plane, sizes.output, x, y, rows, columns)
        if plane == 0:
            items += sheet.indices("o0", len(rows), len(columns))
        for row in rows:
            for column in columns:
                states = ("here",) if (row, column) == focus.position and plane == focus.filter else ()
                value = scene.result((row, column), plane)
                items.append(sheet.box(f"o{plane}", "output", row, column, value, states, short=True))
        kind = "focus" if plane == focus.filter else "echo"
        items.append(sheet.outline(f"f{plane}", kind, [focus.position[0]], [focus.position[1]]))
        items.append(draft.name(f"o{plane}", f"{name} {plane}", x, y, rows, columns))
    return items
