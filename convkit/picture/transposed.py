"""A transposed convolution as a layout: each pixel adds a scaled kernel to the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..arithmetic import Axis, make_axis, transposed_length
from .boxes import Label, Layout, Outline, make_layout
from .frame import HEAD, HEADING_CHARACTER, UNDER, Items, best_fit, right_end
from .legend import Entry, swatches
from .numerals import bracketed, numeral
from .planes import indices
from .sheet import Sheet, cell

PARTS = ("input", "kernel", "products", "output")
MARGIN, GAP, INDEX = 6.0, 20.0, 28.0
CELLS = (30.0, 26.0, 22.0)  # sizes to choose from, in pixels
PRODUCT_WIDTH, PRODUCT_HEIGHT = 50.0, 40.0
HEADING = 16.0  # baseline of a heading
ENTRY_WIDTH, ENTRY_HEIGHT, ROW_GAP = 24.0, 20.0, 6.0  # of the matrix; a gap after each row of the output
NAME_GAP = 8.0  # below the names of rows
MOST_ENTRIES = 49  # in a row of the matrix where no page limits the width

Numbers = Sequence[Sequence[Any]]
Position = tuple[int, int]
Term = tuple[Position, int, int]  # pixel, kernel row, kernel column


@dataclass(frozen=True, eq=False)
class Transposed:
    """A transposed convolution of one image with one channel.

    The axes are those of the convolution in the other direction: its output is x, and it reads the output drawn here.
    """

    rows: Axis
    columns: Axis
    padding: str
    x: Numbers
    kernel: Numbers

    def target(self, position: Position, i: int, j: int) -> Position:
        """The output to which the product of a pixel and a weight is added; outside where padding cuts it off."""
        return self.rows.pixel(position[0], i), self.columns.pixel(position[1], j)

    def is_cut(self, row: int, column: int) -> bool:
        """Whether an output position is cut off."""
        return not (0 <= row < self.rows.n and 0 <= column < self.columns.n)

    def product(self, term: Term) -> Any:
        """Pixel times weight."""
        (row, column), i, j = term
        return self.x[row][column] * self.kernel[i][j]

    def terms(self, row: int, column: int, last: int | None = None) -> list[Term]:
        """What is added to an output, pixel by pixel; up to the pixel with the number `last`, or all."""
        found = [
            ((r, c), i, j)
            for r in range(self.rows.length)
            for i in range(self.rows.kernel_size)
            if self.rows.pixel(r, i) == row
            for c in range(self.columns.length)
            for j in range(self.columns.kernel_size)
            if self.columns.pixel(c, j) == column
        ]
        return [term for term in found if last is None or self.number(term[0]) <= last]

    def number(self, position: Position) -> int:
        """The number of a pixel, row by row."""
        return position[0] * self.columns.length + position[1]

    def total(self, row: int, column: int, last: int | None = None) -> Any:
        """An output, or what has been added to it up to a pixel."""
        return sum(self.product(term) for term in self.terms(row, column, last))


def make_transposed(x: Numbers, kernel: Numbers, strides: int, padding: str) -> Transposed:
    """The transposed convolution of a small image, with the output size of Keras."""
    rows, columns = (
        make_axis(transposed_length(n, taps, strides, padding), taps, strides, padding)
        for n, taps in ((len(x), len(kernel)), (len(x[0]), len(kernel[0])))
    )
    return Transposed(rows, columns, padding, x, kernel)


def title(scene: Transposed) -> str:
    """One line: kernel, settings in Keras' words, sizes."""
    rows, columns = scene.rows, scene.columns
    return (
        f"Transposed convolution, {rows.kernel_size}\u00d7{columns.kernel_size} kernel, strides={rows.strides}, "
        f"padding={scene.padding!r}: {rows.length}\u00d7{columns.length} becomes {rows.n}\u00d7{columns.n}"
    )


def lay_out_transposed(
    scene: Transposed, position: Position, room: float | None = None, show: tuple[str, ...] = PARTS
) -> Layout:
    """Input, kernel, the pixel in focus times the kernel, and the output up to that pixel.

    room: pixels that the picture may be wide; parts that don't fit go below.
    """
    cell = _cell(scene, room, show)
    items: Items = []
    x, top, tallest = MARGIN, HEADING, 0.0
    for part in show:
        heading, width, height = _size(scene, part, cell)
        if room is not None and x > MARGIN and x + width + MARGIN > room:
            x, top, tallest = MARGIN, top + tallest + HEADING, 0.0
        left = x + _index_width(part)
        items.append(Label(f"h-{part}", "heading", left, top, heading))
        items += PARTS_ITEMS[part](scene, position, cell, left, top + 8 + HEAD)
        x += width + GAP
        tallest = max(tallest, height)
    right = max(right_end(item) for item in items) + MARGIN
    marks, bottom = swatches(_entries(scene, show), MARGIN, top + tallest + 2, (room or right) - 2 * MARGIN)
    items += marks
    width = max([right, *(right_end(item) + MARGIN for item in marks)])
    return make_layout(title(scene), " ".join([f"{title(scene)}.", *sums(scene)]), items, width, bottom)


def sums(scene: Transposed, only: Position | None = None) -> list[str]:
    """Every output as a sum in words; with `only`, the outputs that this pixel adds to."""
    return [
        f"Output ({row}, {column}) = {spelled(scene, row, column)}."
        for row in range(scene.rows.n)
        for column in range(scene.columns.n)
        if only is None or any(term[0] == only for term in scene.terms(row, column))
    ]


def spelled(scene: Transposed, row: int, column: int) -> str:
    """An output's products and their sum, in full."""
    terms = scene.terms(row, column)
    if not terms:
        return "0, nothing is added"
    products = [f"{numeral(scene.x[r][c])} \u00d7 {bracketed(scene.kernel[i][j])}" for (r, c), i, j in terms]
    return f"{' + '.join(products)} = {numeral(scene.total(row, column))}"


def _cell(scene: Transposed, room: float | None, show: tuple[str, ...]) -> float:
    """The largest cells with which all parts fit one row, or else each part fits the room."""
    if room is None:
        return CELLS[0]
    widths = [[_size(scene, part, cell)[1] + GAP for part in show] for cell in CELLS]
    return CELLS[best_fit(widths, room + GAP - 2 * MARGIN)]


def _size(scene: Transposed, part: str, cell: float) -> tuple[str, float, float]:
    """The heading of a part, and its width and height in pixels, the heading included."""
    rows, columns = scene.rows, scene.columns
    heading, down, across = {
        "input": (f"Input {rows.length}\u00d7{columns.length}", rows.length, columns.length),
        "kernel": ("Kernel", rows.kernel_size, columns.kernel_size),
        "products": ("Pixel \u00d7 kernel", rows.kernel_size, columns.kernel_size),
        "output": (
            f"Output {rows.n}\u00d7{columns.n}",
            rows.before + rows.n + rows.after,
            columns.before + columns.n + columns.after,
        ),
    }[part]
    width, height = (PRODUCT_WIDTH, PRODUCT_HEIGHT) if part == "products" else (cell, cell)
    wide = _index_width(part) + max(across * width, HEADING_CHARACTER * len(heading))
    return heading, wide, down * height + HEAD + UNDER + 4


def _index_width(part: str) -> float:
    """Pixels for row numbers at the left of a part."""
    return INDEX if part in ("input", "output") else 0.0


def _input(scene: Transposed, position: Position, cell: float, left: float, top: float) -> Items:
    rows, columns = range(scene.rows.length), range(scene.columns.length)
    sheet = Sheet(0, left, top, cell, cell, states=())
    items = indices("i0", left, top, cell, cell, [str(row) for row in rows], [str(column) for column in columns])
    for row in rows:
        for column in columns:
            states = ("tap",) if (row, column) == position else ()
            items.append(sheet.box("i0", "pixel", row, column, scene.x[row][column], states))
    return [*items, sheet.outline("w0", "window", [position[0]], [position[1]])]


def _kernel(scene: Transposed, position: Position, cell: float, left: float, top: float) -> Items:
    sheet = Sheet(0, left, top, cell, cell, states=())
    return [
        sheet.box("k0", "weight", i, j, weight) for i, row in enumerate(scene.kernel) for j, weight in enumerate(row)
    ]


def _products(scene: Transposed, position: Position, cell: float, left: float, top: float) -> Items:
    """A cell for each weight; those that are cut off are dotted."""
    items: Items = []
    sheet, pixel = Sheet(0, left, top, PRODUCT_WIDTH, PRODUCT_HEIGHT, states=()), scene.x[position[0]][position[1]]
    for i, row in enumerate(scene.kernel):
        for j, weight in enumerate(row):
            states = ("gap",) if scene.is_cut(*scene.target(position, i, j)) else ()
            box = sheet.box("p0", "product", i, j, pixel * weight, states)
            items.append(box._replace(note=f"{numeral(pixel)} \u00d7 {numeral(weight)}"))
    return items


def _output(scene: Transposed, position: Position, cell: float, left: float, top: float) -> Items:
    """The output up to the pixel in focus, what is cut off around it, and the frame of the kernel."""
    rows, columns = (range(-axis.before, axis.n + axis.after) for axis in (scene.rows, scene.columns))
    names = [[_index(axis, place) for place in part] for axis, part in ((scene.rows, rows), (scene.columns, columns))]
    items = indices("o0", left, top, cell, cell, *names)
    sheet = Sheet(0, left - columns.start * cell, top - rows.start * cell, cell, cell, states=())
    covered = _targets(scene, position)
    for row in rows:
        for column in columns:
            is_cut = scene.is_cut(row, column)
            value = None if is_cut else scene.total(row, column, scene.number(position))
            states = ("tap",) if (row, column) in covered else ()
            items.append(sheet.box("o0", "pad" if is_cut else "output", row, column, value, states))
    first, last = covered[0], covered[-1]
    return [*items, sheet.outline("w1", "window", [first[0], last[0]], [first[1], last[1]])]


PARTS_ITEMS = {"input": _input, "kernel": _kernel, "products": _products, "output": _output}


def _targets(scene: Transposed, position: Position) -> list[Position]:
    return [
        scene.target(position, i, j) for i in range(scene.rows.kernel_size) for j in range(scene.columns.kernel_size)
    ]


def _index(axis: Axis, place: int) -> str:
    return str(place) if 0 <= place < axis.n else "\u00b7"


def _entries(scene: Transposed, show: tuple[str, ...]) -> list[Entry]:
    if "output" not in show:
        return []
    entries: list[Entry] = [("tap", "pixel", ("tap",), "this pixel, and the outputs that it is added to")]
    if scene.rows.before or scene.rows.after:
        entries.append(("cut", "pad", (), "cut off by padding='same'"))
    return entries


def lay_out_matrix(scene: Transposed, position: Position, room: float | None = None) -> Layout:
    """The same as a matrix product: a row for each pixel, a column for each output, and their sums below.

    Only the rows of the output that fit the room are drawn, from the one where the pixel in focus begins.
    """
    left = MARGIN + 2 * ENTRY_WIDTH + GAP
    across = scene.columns.n * ENTRY_WIDTH + ROW_GAP
    most = MOST_ENTRIES * ENTRY_WIDTH if room is None else room - left - MARGIN + ROW_GAP
    count = min(max(1, int(most // across)), scene.rows.n)
    start = max(0, min(scene.rows.first(position[0]), scene.rows.n - count))
    drawn, top, pixels = range(start, start + count), HEADING + NAME_GAP, scene.rows.length * scene.columns.length
    items: Items = [Label("h-x", "heading", MARGIN + ENTRY_WIDTH + 6, HEADING, "x")]
    items += [Label(f"r{row}", "note", left + (row - start) * across, HEADING, f"row {row}") for row in drawn]
    for pixel in range(pixels):
        items += _matrix_row(scene, position, pixel, drawn, left, top + pixel * ENTRY_HEIGHT)
    y = top + pixels * ENTRY_HEIGHT + 8
    items.append(Label("h-y", "sign", left - 7, y + 14.5, "x\u1d40 C", "end"))
    covered = _targets(scene, position)
    for row in drawn:
        sheet = Sheet(0, left + (row - start) * across, y - row * ENTRY_HEIGHT, ENTRY_WIDTH, ENTRY_HEIGHT)
        for column in range(scene.columns.n):
            states = ("tap",) if (row, column) in covered else ()
            value = scene.total(row, column, scene.number(position))
            items.append(sheet.box("o0", "output", row, column, value, states))
    here = top + scene.number(position) * ENTRY_HEIGHT
    items.append(Outline("w0", "window", left, here, count * across - ROW_GAP, ENTRY_HEIGHT))
    words = matrix_words(scene)
    if count < scene.rows.n:
        words += f" Output rows {start} to {start + count - 1} are drawn."
    return make_layout("The matrix C", words, items, left + count * across - ROW_GAP + MARGIN, y + ENTRY_HEIGHT + 8)


def matrix_words(scene: Transposed) -> str:
    """What the matrix is, with its size."""
    pixels, outputs = scene.rows.length * scene.columns.length, scene.rows.n * scene.columns.n
    return (
        f"C has a row for each of {pixels} pixels and a column for each of {outputs} outputs: a row is the kernel, "
        "laid down where its pixel puts it."
    )


def _matrix_row(scene: Transposed, position: Position, pixel: int, drawn: range, left: float, y: float) -> Items:
    """A pixel and its row of the matrix."""
    r, c = pixel // scene.columns.length, pixel % scene.columns.length
    across = scene.columns.n * ENTRY_WIDTH + ROW_GAP
    states = ("tap",) if (r, c) == position else ()
    place = (MARGIN + ENTRY_WIDTH, y, ENTRY_WIDTH, ENTRY_HEIGHT)
    data = (("plane", 0), ("row", r), ("col", c))
    items: Items = [
        Label(f"x-name{pixel}", "index", MARGIN + ENTRY_WIDTH - 4, y + 14.5, f"{r},{c}", "end"),
        cell(f"x.{pixel}", "pixel", place, scene.x[r][c], ("small", *states), data),
    ]
    weights = {scene.target((r, c), i, j): weight for i, row in enumerate(scene.kernel) for j, weight in enumerate(row)}
    for row in drawn:
        first = row * scene.columns.n  # entry of the matrix
        x = left + (row - drawn.start) * across - first * ENTRY_WIDTH
        sheet = Sheet(0, x, y - pixel * ENTRY_HEIGHT, ENTRY_WIDTH, ENTRY_HEIGHT)
        for column in range(scene.columns.n):
            weight = weights.get((row, column))
            role, own = ("pixel", ()) if weight is None else ("weight", states)
            items.append(sheet.box("c", role, pixel, first + column, weight or 0, own))
    return items
