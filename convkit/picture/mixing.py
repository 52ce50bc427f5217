"""One pixel of several channels, mixed by 1x1 filters: a line for each product, and the sums below."""

from __future__ import annotations

from .boxes import Box, Data, Label, Layout, make_layout
from .frame import Items
from .scene import Scene
from .sheet import cell

MARGIN, LINE = 6.0, 28.0
CELL = 25.0  # height
NAME, PIXEL, WEIGHT, PRODUCT, SIGN = 62.0, 42.0, 52.0, 66.0, 18.0  # widths
BLOCK = NAME + PIXEL + WEIGHT + PRODUCT + 2 * SIGN + 22.0


def lay_out_mix(scene: Scene, names: tuple[str, ...], focus: int, room: float | None, title: str) -> Layout:
    """The picture of a convolution of one pixel with kernels of one pixel; `focus` is the filter in focus."""
    across = scene.filters if room is None else max(1, min(scene.filters, int((room - 2 * MARGIN + 22) // BLOCK)))
    tall = LINE * (len(names) + 3) + 10
    items: Items = []
    for filter in range(scene.filters):
        items += _block(scene, names, filter, focus, MARGIN + filter % across * BLOCK, 4 + filter // across * tall)
    rows = -(-scene.filters // across)
    width = 2 * MARGIN + across * BLOCK - 22
    return make_layout(title, title, items, width, rows * tall + 4)


def _block(scene: Scene, names: tuple[str, ...], filter: int, focus: int, left: float, top: float) -> Items:
    weight_x = left + NAME + PIXEL + SIGN
    product_x = weight_x + WEIGHT + SIGN
    items: Items = [Label(f"h{filter}", "heading", left, top + 16, f"Filter {filter}")]
    for channel, name in enumerate(names):
        y = top + LINE * (channel + 1) - 4
        pixel, weight = scene.pixel(0, 0, channel), scene.weight(0, 0, channel, filter)
        place = (("plane", channel), ("row", 0), ("col", 0), ("filter", filter))
        items.append(Label(f"n{filter}.{channel}", "note", left, y + 17, name))
        items.append(_cell(f"i{filter}.{channel}", "pixel", left + NAME, y, PIXEL, pixel, place))
        items.append(Label(f"x{filter}.{channel}", "sign", weight_x - 13, y + 17, "\u00d7"))
        items.append(_cell(f"k{filter}.{channel}", "weight", weight_x, y, WEIGHT, weight, place))
        items.append(Label(f"e{filter}.{channel}", "sign", product_x - 13, y + 17, "="))
        items.append(_cell(f"p{filter}.{channel}", "product", product_x, y, PRODUCT, pixel * weight, place))
    y = top + LINE * (len(names) + 1) - 4
    if scene.bias is not None:
        items.append(Label(f"b{filter}-name", "sign", product_x - 7, y + 17, "+ bias", "end"))
        items.append(_cell(f"b{filter}", "bias", product_x, y, PRODUCT, scene.bias[filter], (("filter", filter),)))
        y += LINE
    items.append(Label(f"o{filter}-name", "sign", product_x - 7, y + 17, "= output", "end"))
    place = (("plane", filter), ("row", 0), ("col", 0), ("filter", filter))
    output = _cell(f"o{filter}.0.0", "output", product_x, y, PRODUCT, scene.result((0, 0), filter), place)
    return [*items, output._replace(states=("here",) if filter == focus else ())]


def _cell(key: str, role: str, x: float, y: float, width: float, value: float, data: Data) -> Box:
    return cell(key, role, (x, y, width, CELL), value, (), data)
