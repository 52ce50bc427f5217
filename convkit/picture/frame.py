"""Sizes and places that all parts of a picture share: how large a cell is, where each part begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .boxes import Box, Label, Outline
from .crop import Crop
from .numerals import numeral
from .scene import Scene, flat
from .theme import SMALL_SCALE

MARGIN = 16
HEAD = 18  # room for column numbers above a plane
LINE = 19  # a line of words
UNDER = 12  # below a plane
SPELLED_KERNEL, SPELLED_WIDTH = 5, 400.0  # a wider kernel's products are drawn without their factors
LARGE_PLANE = 10  # planes of more cells get smaller cells
CELLS, LARGE_CELLS = (32.0, 26.0, 22.0, 18.0), (24.0, 20.0, 18.0)  # sizes to choose from, in pixels
TALLY_LABEL = 88  # room for "+ channel 3" and "= output"
TALLY_STEP = 29  # from line to line of the sum
DIGIT, SMALL_DIGIT = 8.6, 6.9  # pixels of a character of a number, and of its factors; DejaVu's, the widest
HEADING_CHARACTER = 7.9
# Pixels of a character of each kind of label, on average and at most.
CHARACTERS = {"title": 8.9, "heading": 8.6, "note": 7.2, "moment": 7.2, "sign": 7.9, "index": 7.9}
PARTS = ("input", "kernel", "products", "output")

Items = list[Box | Label | Outline]


@dataclass(frozen=True)
class Sizes:
    """Cell sizes in pixels, the same for every position of the focus."""

    cell: float  # height of a cell
    small: bool  # whether numbers are a little smaller
    short: bool  # and whether those of the planes have fewer digits
    pixel: float  # widths
    weight: float
    product: float
    product_height: float
    tally: float
    output: float
    spelled: bool  # whether a product shows its two factors

    @property
    def states(self) -> tuple[str, ...]:
        """What every cell of a plane says about itself."""
        return ("small",) if self.small else ()


@dataclass(frozen=True)
class Space:
    """Pixels between things."""

    margin: float = 16.0
    gap: float = 34.0  # between the parts
    index: float = 38.0  # for row numbers at the left of a plane


TIGHT = Space(margin=6.0, gap=18.0, index=28.0)  # in a page of limited room


@dataclass(frozen=True)
class Focus:
    """What is looked at: an output position, a filter, and how many outputs are known (None: all)."""

    position: tuple[int, int]
    filter: int
    revealed: int | None = None


@dataclass(frozen=True)
class Frame:
    """Everything that the parts of a picture need to know."""

    scene: Scene
    crop: Crop
    focus: Focus
    sizes: Sizes
    show: tuple[str, ...]
    heading: float  # baseline of the headings of the first row of parts
    top: float  # of the first plane's cells
    row_step: float  # from one channel's cells to the next one's
    left: dict[str, float]  # where each part begins
    down: dict[str, float]  # and how far below the first row of parts it is
    room: float | None = None  # pixels that the picture may be wide; parts that don't fit go below
    space: Space = Space()

    def row_top(self, channel: int, part: str) -> float:
        """Top of the cells of an input channel in a part."""
        return self.top + self.down[part] + (channel - self.crop.channels.start) * self.row_step

    def read_channels(self) -> list[int]:
        """Channels that are drawn and that the filter in focus reads."""
        return [channel for channel in self.crop.channels if channel in self.scene.channels_of(self.focus.filter)]


def make_frame(
    scene: Scene,
    crop: Crop,
    focus: Focus,
    show: tuple[str, ...],
    room: float | None = None,
    cell: float | None = None,
) -> Frame:
    """Sizes and positions for a scene. Without numbers there are no products to show."""
    if scene.output is None:
        show = tuple(part for part in show if part != "products")
    heading = MARGIN + LINE + 24.0 if room is None else 16.0
    names = LINE if max(scene.channels, scene.filters) > 1 else 0  # planes are named where there are several
    top = heading + 8 + HEAD + names
    space = Space() if room is None else TIGHT
    sizes = _fitting_sizes(scene, crop, show, room, space, cell)
    left, down = _flow(scene, crop, sizes, show, room, top - heading + LINE, space)
    return Frame(scene, crop, focus, sizes, show, heading, top, _row_step(crop, sizes, show), left, down, room, space)


def _fitting_sizes(
    scene: Scene, crop: Crop, show: tuple[str, ...], room: float | None, space: Space, cell: float | None
) -> Sizes:
    """The largest cells with which all parts fit one row, or else each part a row of its own; `cell` if it is given."""
    large = max(len(crop.rows), len(crop.columns), len(crop.output_rows), len(crop.output_columns)) > LARGE_PLANE
    cells = LARGE_CELLS if large else CELLS
    if cell is not None:
        return _sizes(scene, crop, cell, large)
    found = [_sizes(scene, crop, size, large) for size in cells]
    if room is None:
        return found[0]
    widths = [[_width(scene, crop, sizes, part, space) + space.gap for part in show] for sizes in found]
    return found[best_fit(widths, room + space.gap - 2 * space.margin)]


def best_fit(widths: Sequence[Sequence[float]], limit: float) -> int:
    """The first of several sizes with which all parts fit one row, or else each part a row of its own, or the last.

    widths: for each size, from large to small, the width of each part with a gap.
    """
    in_one_row = [n for n, parts in enumerate(widths) if sum(parts) <= limit]
    wrapped = [n for n, parts in enumerate(widths) if max(parts) <= limit]
    return [*in_one_row, *wrapped, len(widths) - 1][0]


def heading_of(scene: Scene, part: str, filter: int) -> str:
    """The words above a part."""
    return {
        "input": f"Input {scene.rows.n}\u00d7{scene.columns.n}",
        "kernel": f"Filter {filter}" if scene.filters > 1 else "Kernel",
        "products": "Pixel \u00d7 weight",
        "output": f"Output {scene.rows.length}\u00d7{scene.columns.length}",
    }[part]


def right_edge(label: Label) -> float:
    """Where a label that starts at its place ends, at most: pictures are at least that wide."""
    return label.x + CHARACTERS[label.kind] * len(label.text)


def right_end(item: Box | Label | Outline) -> float:
    """Where an item ends; labels that are not at the left of their place don't count."""
    if isinstance(item, Label):
        return right_edge(item) if item.anchor == "start" else 0.0
    return item.x + item.width


def _width(scene: Scene, crop: Crop, sizes: Sizes, part: str, space: Space) -> float:
    """Pixels that a part takes at least, its heading included."""
    kernel_columns = len(crop.kernel_columns)
    widths = {
        "input": space.index + len(crop.columns) * sizes.pixel,
        "kernel": kernel_columns * sizes.weight,
        "products": max(kernel_columns * sizes.product, TALLY_LABEL + sizes.tally),
        "output": space.index + len(crop.output_columns) * sizes.output,
    }
    words = HEADING_CHARACTER * len(heading_of(scene, part, scene.filters - 1))
    return max(widths[part], words + (space.index if part in ("input", "output") else 0))


def _height(scene: Scene, crop: Crop, sizes: Sizes, part: str, row_step: float) -> float:
    """Pixels from a part's first cells to its end."""
    if part == "products":
        lines = min(scene.group_size, len(crop.channels)) + 2
        planes = (len(crop.channels) - 1) * row_step + len(crop.kernel_rows) * sizes.product_height
        return planes + UNDER + lines * TALLY_STEP
    if part == "output":
        return len(crop.filters) * (HEAD + LINE + len(crop.output_rows) * sizes.cell + UNDER) - HEAD - LINE
    rows = len(crop.rows if part == "input" else crop.kernel_rows)
    return (len(crop.channels) - 1) * row_step + rows * sizes.cell + UNDER


def _flow(
    scene: Scene, crop: Crop, sizes: Sizes, show: tuple[str, ...], room: float | None, head: float, space: Space
) -> tuple[dict[str, float], dict[str, float]]:
    """Where each part begins: side by side, and below where the room ends."""
    lefts: dict[str, float] = {}
    downs: dict[str, float] = {}
    x, down, tallest = space.margin, 0.0, 0.0
    row_step = _row_step(crop, sizes, show)
    for part in show:
        width = _width(scene, crop, sizes, part, space)
        if room is not None and x > space.margin and x + width + space.margin > room + 1:
            x, down, tallest = space.margin, down + tallest + head, 0.0
        lefts[part] = x
        downs[part] = down
        x += width + space.gap - (12 if part == "products" and room is None else 0)
        tallest = max(tallest, _height(scene, crop, sizes, part, row_step))
    return lefts, downs


def _sizes(scene: Scene, crop: Crop, cell: float, large: bool) -> Sizes:
    short = large and scene.has_decimals
    planes = _texts(scene.x, short, crop.rows, crop.columns, crop.channels)
    pixels = _texts(scene.x, False, crop.rows, crop.columns, crop.channels)
    weights = _weight_texts(scene, crop)
    outputs = _texts(scene.output, short, crop.output_rows, crop.output_columns, crop.filters)
    factors = math.ceil(SMALL_DIGIT * (max(4, pixels) + weights + 2))  # "pad" for a pixel, and a sign with spaces
    columns = scene.columns.kernel_size
    spelled = columns <= SPELLED_KERNEL and columns * factors <= SPELLED_WIDTH
    product, tally = (text_width(_product_characters(scene, many), small=False) for many in (False, True))
    return Sizes(
        cell=cell,
        small=cell < CELLS[0],
        short=short,
        pixel=max(cell, text_width(planes, cell < CELLS[0])),
        weight=max(cell, text_width(weights, cell < CELLS[0])),
        product=max(32.0, product, factors if spelled else 0),
        tally=max(32.0, tally),
        product_height=44.0 if spelled else cell,
        output=max(cell, text_width(outputs, cell < CELLS[0])),
        spelled=spelled,
    )


def text_width(characters: int, small: bool) -> float:
    """Pixels of a cell that a number of so many characters fits."""
    return math.ceil(DIGIT * SMALL_SCALE * characters + 3 if small else DIGIT * characters + 7)


def _texts(plane: Any, short: bool, rows: range, columns: range, planes: range) -> int:
    """The longest number drawn of a plane, in characters."""
    if plane is None:
        return 1
    lengths = [
        len(numeral(plane[row][column][channel], short))
        for row in range(max(rows.start, 0), min(rows.stop, len(plane)))
        for column in range(max(columns.start, 0), min(columns.stop, len(plane[0])))
        for channel in range(planes.start, min(planes.stop, len(plane[0][0])))
    ]
    return max(lengths, default=1)


def _weight_texts(scene: Scene, crop: Crop) -> int:
    """The longest weight drawn, in characters."""
    if scene.kernel is None:
        return 1
    parts = [row[j] for row in scene.kernel[: len(crop.kernel_rows)] for j in crop.kernel_columns]
    return max(_texts(parts, False, range(len(parts)), range(scene.group_size), crop.filters), 1)


def _product_characters(scene: Scene, many: bool) -> int:
    """Room for any product (or for a sum of many), so that no cell grows while the focus moves."""
    if scene.x is None or scene.kernel is None:
        return 1
    if scene.has_decimals:
        return 8
    largest = max(abs(value) for value in flat(scene.x, 3)) * max(abs(value) for value in flat(scene.kernel, 4))
    taps = scene.rows.kernel_size * scene.columns.kernel_size * scene.group_size
    bias = 0 if scene.bias is None else max(abs(value) for value in scene.bias)
    return len(numeral(-largest * taps - bias if many else -largest))


def _row_step(crop: Crop, sizes: Sizes, show: tuple[str, ...]) -> float:
    heights = {
        "input": len(crop.rows) * sizes.cell,
        "kernel": len(crop.kernel_rows) * sizes.cell,
        "products": len(crop.kernel_rows) * sizes.product_height,
    }
    return max([0.0, *(height for part, height in heights.items() if part in show)]) + HEAD + LINE + UNDER
