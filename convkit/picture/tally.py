"""The products at the position in focus, and how they add up to the output."""

from __future__ import annotations

from .boxes import Box, Label
from .frame import TALLY_LABEL, TALLY_STEP, UNDER, Frame, Items
from .numerals import numeral
from .planes import plane_name

Line = tuple[str, str, str, float | None]  # key, role, words, value


def product_items(frame: Frame) -> Items:
    """A cell for each pixel times weight, and the sum below."""
    scene, crop, x = frame.scene, frame.crop, frame.left["products"]
    channels = frame.read_channels()
    items: Items = []
    for channel in channels:
        top = frame.row_top(channel, "products")
        if scene.channels > 1:
            items.append(plane_name(f"p{channel}-name", x, top, f"channel {channel}"))
        items += [_product(frame, channel, i, j, x, top) for i in crop.kernel_rows for j in crop.kernel_columns]
    return items + _tally(frame, channels, x)


def _product(frame: Frame, channel: int, i: int, j: int, x: float, top: float) -> Box:
    scene, sizes, focus = frame.scene, frame.sizes, frame.focus
    under = scene.under(focus.position, i, j)
    pixel, weight = scene.pixel(*under, channel) or 0, scene.weight(i, j, channel, focus.filter) or 0
    factor = "pad" if scene.is_padding(*under) else numeral(pixel)
    return Box(
        f"p{channel}.{i}.{j}",
        "product",
        x + j * sizes.product,
        top + i * sizes.product_height,
        sizes.product,
        sizes.product_height,
        numeral(pixel * weight),
        note=f"{factor} \u00d7 {numeral(weight)}" if sizes.spelled else "",
        value=pixel * weight,
        data=(("plane", channel), ("row", i), ("col", j), ("pixel", pixel), ("weight", weight)),
    )


def _tally(frame: Frame, channels: list[int], x: float) -> Items:
    """The products added up, line by line, below the last channel's products."""
    sizes, filter = frame.sizes, frame.focus.filter
    left = x + max(len(frame.crop.kernel_columns) * sizes.product - sizes.tally, TALLY_LABEL)
    top = frame.row_top(channels[-1], "products") + len(frame.crop.kernel_rows) * sizes.product_height + UNDER
    items: Items = []
    for n, (key, role, words, value) in enumerate(_lines(frame, channels)):
        y = top + n * TALLY_STEP
        text = "" if value is None else numeral(value)
        items.append(Label(f"t-{key}-name", "sign", left - 7, y + 17.5, words, "end"))
        items.append(Box(f"t-{key}", role, left, y, sizes.tally, 26, text, value=value, data=(("filter", filter),)))
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
