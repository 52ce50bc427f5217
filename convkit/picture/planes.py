"""The planes of numbers: the input with its padding, the kernel, the products with their sum, and the output."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..arithmetic import Axis
from .boxes import Box, Label
from .frame import HEAD, LINE, TALLY_LABEL, TALLY_STEP, UNDER, Frame, Items
from .numerals import numeral
from .scene import Scene
from .sheet import Sheet, cell

PAD_WIDTH, EXTRA_WIDTH = 24, 38  # pixels of a column that has room for these words
WIDE, TALL = 1100, 760  # a picture that keeps within needs no scrolling on most screens


def input_items(frame: Frame) -> Items:
    """A plane for each channel, with the padding around it and the kernel's window on it."""
    scene, sizes, x = frame.scene, frame.sizes, frame.left["input"] + frame.space.index
    rows = [_index(scene, scene.rows, row, frame.space.index) for row in frame.crop.rows]
    columns = [_index(scene, scene.columns, column, sizes.pixel) for column in frame.crop.columns]
    items: Items = []
    for channel in frame.crop.channels:
        top = frame.row_top(channel, "input")
        if scene.channels > 1:
            items.append(plane_name(f"i{channel}-name", x, top, _channel_name(frame, channel)))
        items += indices(f"i{channel}", x, top, sizes.pixel, sizes.cell, rows, columns)
        items += _pixels(frame, channel)
    return items + _windows(frame)


def _channel_name(frame: Frame, channel: int) -> str:
    read = channel in frame.scene.channels_of(frame.focus.filter)
    return f"channel {channel}" if read else f"channel {channel}, not read by filter {frame.focus.filter}"


def plane_name(key: str, x: float, top: float, name: str) -> Label:
    """The words above a plane that is one of several."""
    return Label(key, "note", x, top - HEAD - 5, name)


def indices(key: str, x: float, top: float, width: float, height: float, rows: list[str], columns: list[str]) -> Items:
    """Numbers at the left of a plane and above it."""
    items: Items = [
        Label(f"{key}-r{n}", "index", x - 5, top + (n + 0.5) * height + 3.5, text, "end") for n, text in enumerate(rows)
    ]
    items += [
        Label(f"{key}-c{n}", "index", x + (n + 0.5) * width, top - 5, text, "middle") for n, text in enumerate(columns)
    ]
    return items


def _index(scene: Scene, axis: Axis, place: int, width: float) -> str:
    """The number of a row or a column, or the longest word for padding that fits the width."""
    if 0 <= place < axis.n:
        return str(place)
    if is_extra(scene, axis, place):
        return "extra" if width >= EXTRA_WIDTH else "+1"
    return "pad" if width >= PAD_WIDTH else "\u00b7"


def is_extra(scene: Scene, axis: Axis, place: int) -> bool:
    """The one row (or column) that SAME adds after, and not before."""
    return scene.padding == "same" and axis.after > axis.before and place == axis.n + axis.after - 1


def _input_sheet(frame: Frame, channel: int) -> Sheet:
    crop, sizes = frame.crop, frame.sizes
    x, y = frame.left["input"] + frame.space.index, frame.row_top(channel, "input")
    x, y = x - crop.columns.start * sizes.pixel, y - crop.rows.start * sizes.cell
    return Sheet(channel, x, y, sizes.pixel, sizes.cell, states=sizes.states)


def _pixels(frame: Frame, channel: int) -> Items:
    scene, crop, position, sheet = frame.scene, frame.crop, frame.focus.position, _input_sheet(frame, channel)
    reads = channel in scene.channels_of(frame.focus.filter)
    row_states = {row: axis_states(scene, scene.rows, position[0], row) for row in crop.rows}
    column_states = {column: axis_states(scene, scene.columns, position[1], column) for column in crop.columns}
    items: Items = []
    for row, (row_under, row_extra, row_read) in row_states.items():
        for column, (column_under, column_extra, column_read) in column_states.items():
            padding = scene.is_padding(row, column)
            states: tuple[str, ...] = ()
            if reads and row_under and column_under:
                states = ("tap",) if row_under == column_under == "tap" else ("gap",)
            if padding and (row_extra or column_extra):
                states += ("extra",)
            role = "pad" if padding else "pixel" if row_read and column_read else "unseen"
            value = scene.pixel(row, column, channel)
            box = sheet.box(f"i{channel}", role, row, column, value, states, frame.sizes.short)
            items.append(box._replace(text="") if padding else box)
    return items


def axis_states(scene: Scene, axis: Axis, position: int, place: int) -> tuple[str, bool, bool]:
    """(tap, gap or nothing; the extra one of SAME; read by some position) for a row or a column."""
    offset = place - axis.first(position)
    under = ""
    if 0 <= offset < axis.span:
        under = "gap" if offset % axis.dilation_rate else "tap"
    return under, is_extra(scene, axis, place), place in axis.read


def _spanned(axis: Axis, position: int, drawn: range) -> list[int]:
    """What is drawn of the rows or columns that the kernel spans."""
    return [place for place in range(axis.first(position), axis.first(position) + axis.span) if place in drawn]


def _windows(frame: Frame) -> Items:
    """The frame around all that the kernel spans, as far as it is drawn, on each channel that it reads."""
    scene, crop, (row, column) = frame.scene, frame.crop, frame.focus.position
    window = _spanned(scene.rows, row, crop.rows), _spanned(scene.columns, column, crop.columns)
    return [_input_sheet(frame, channel).outline(f"w{channel}", "window", *window) for channel in frame.read_channels()]


def kernel_items(frame: Frame) -> Items:
    """The weights of the filter in focus, a plane for each channel that it reads."""
    return _by_tap(frame, "kernel", _weight)


def _by_tap(frame: Frame, part: str, draw: Callable[[Frame, int, int, int, float, float], Box]) -> Items:
    """A cell for each weight of the kernel, in a plane for each channel that the filter in focus reads."""
    crop, x = frame.crop, frame.left[part]
    items: Items = []
    for channel in frame.read_channels():
        top = frame.row_top(channel, part)
        if frame.scene.channels > 1:
            items.append(plane_name(f"{part[0]}{channel}-name", x, top, f"channel {channel}"))
        items += [draw(frame, channel, i, j, x, top) for i in crop.kernel_rows for j in crop.kernel_columns]
    return items


def _weight(frame: Frame, channel: int, i: int, j: int, x: float, top: float) -> Box:
    sizes, filter = frame.sizes, frame.focus.filter
    sheet = Sheet(channel, x, top, sizes.weight, sizes.cell, states=sizes.states)
    box = sheet.box(f"k{channel}", "weight", i, j, frame.scene.weight(i, j, channel, filter))
    return box._replace(data=(*box.data, ("filter", filter)))


def output_items(frame: Frame) -> Items:
    """A plane for each filter, with the position in focus marked on each."""
    scene, crop, sizes, focus = frame.scene, frame.crop, frame.sizes, frame.focus
    rows, columns = [str(row) for row in crop.output_rows], [str(column) for column in crop.output_columns]
    items: Items = []
    outlines: Items = []
    for filter, (x, top) in _output_places(frame).items():
        if scene.filters > 1:
            items.append(plane_name(f"o{filter}-name", x, top, f"filter {filter}"))
        items += indices(f"o{filter}", x, top, sizes.output, sizes.cell, rows, columns)
        left, first = x - crop.output_columns.start * sizes.output, top - crop.output_rows.start * sizes.cell
        sheet = Sheet(filter, left, first, sizes.output, sizes.cell, states=sizes.states)
        items += [_output_box(frame, sheet, row, column) for row in crop.output_rows for column in crop.output_columns]
        kind = "focus" if filter == focus.filter else "echo"
        outlines.append(sheet.outline(f"f{filter}", kind, [focus.position[0]], [focus.position[1]]))
    return items + outlines


def _output_places(frame: Frame) -> dict[int, tuple[float, float]]:
    """Left and top of the cells of each filter's plane."""
    crop, sizes, left = frame.crop, frame.sizes, frame.left["output"]
    width = frame.space.index + len(crop.output_columns) * sizes.output + UNDER
    height = HEAD + LINE + len(crop.output_rows) * sizes.cell + UNDER
    across = _planes_across(frame, left, width, height)
    return {
        filter: (
            left + frame.space.index + (n % across) * width,
            frame.top + frame.down["output"] + (n // across) * height,
        )
        for n, filter in enumerate(crop.filters)
    }


def _planes_across(frame: Frame, left: float, width: float, height: float) -> int:
    """How many output planes stand side by side: as many as keep the picture nearest to a screen's shape."""
    count, others = len(frame.crop.filters), frame.row_step * len(frame.crop.channels)
    if frame.room is not None:
        return max(1, min(count, math.floor((frame.room - frame.space.margin + UNDER - left) / width)))

    def worst(across: int) -> float:
        return max((left + across * width) / WIDE, max(-(-count // across) * height, others) / TALL)

    return min(range(1, count + 1), key=worst)


def _output_box(frame: Frame, sheet: Sheet, row: int, column: int) -> Box:
    scene, focus, filter = frame.scene, frame.focus, sheet.plane
    waiting = focus.revealed is not None and row * scene.columns.length + column >= focus.revealed
    here = (row, column) == focus.position and filter == focus.filter
    states = (("waiting",) if waiting else ()) + (("here",) if here else ())
    value = None if waiting else scene.result((row, column), filter)
    return sheet.box(f"o{filter}", "output", row, column, value, states, frame.sizes.short)


Line = tuple[str, str, str, float | None]  # key, role, words, value


def product_items(frame: Frame) -> Items:
    """A cell for each pixel times weight, and the sum below."""
    return _by_tap(frame, "products", _product) + _tally(frame, frame.read_channels(), frame.left["products"])


def _product(frame: Frame, channel: int, i: int, j: int, x: float, top: float) -> Box:
    scene, sizes, focus = frame.scene, frame.sizes, frame.focus
    under = scene.under(focus.position, i, j)
    pixel, weight = scene.pixel(*under, channel) or 0, scene.weight(i, j, channel, focus.filter) or 0
    factor = "pad" if scene.is_padding(*under) else numeral(pixel)
    sheet = Sheet(channel, x, top, sizes.product, sizes.product_height, states=())
    box = sheet.box(f"p{channel}", "product", i, j, pixel * weight)
    note = f"{factor} \u00d7 {numeral(weight)}" if sizes.spelled else ""
    return box._replace(note=note, data=(*box.data, ("pixel", pixel), ("weight", weight)))


def _tally(frame: Frame, channels: list[int], x: float) -> Items:
    """The products added up, line by line, below the last channel's products."""
    sizes, filter = frame.sizes, frame.focus.filter
    left = x + max(len(frame.crop.kernel_columns) * sizes.product - sizes.tally, TALLY_LABEL)
    top = frame.row_top(channels[-1], "products") + len(frame.crop.kernel_rows) * sizes.product_height + UNDER
    items: Items = []
    for n, (key, role, words, value) in enumerate(_lines(frame, channels)):
        y = top + n * TALLY_STEP
        items.append(Label(f"t-{key}-name", "sign", left - 7, y + 17.5, words, "end"))
        items.append(cell(f"t-{key}", role, (left, y, sizes.tally, 26), value, data=(("filter", filter),)))
    return items


def _lines(frame: Frame, channels: list[int]) -> list[Line]:
    scene, focus = frame.scene, frame.focus
    read = scene.channels_of(focus.filter)
    lines: list[Line] = []
    for n, channel in enumerate(channels):
        words = f"{'+ ' if n else ''}channel {channel}" if len(read) > 1 else "sum"
        lines.append((f"c{channel}", "sum", words, scene.channel_sum(focus.position, channel, focus.filter)))
    others = [channel for channel in read if channel not in channels]
    if others:
        rest = sum(scene.channel_sum(focus.position, channel, focus.filter) or 0 for channel in others)
        lines.append(("others", "sum", f"+ {len(others)} more", rest))
    if scene.bias is not None:
        lines.append(("bias", "bias", "+ bias", scene.bias[focus.filter]))
    return [*lines, ("result", "result", "= output", scene.result(focus.position, focus.filter))]
