"""Pictures of a mistake, for the class report: an input, the correct output and the incorrect one, cell by cell.

Each function takes the exercise, the arguments of a case, the correct result and an incorrect one, which can be
anything, and returns HTML, or None where there is nothing to draw. The renderer is loaded when one is called, which no
notebook of a student does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from gradekit import Exercise
from gradekit.exercise.compare import TOLERANCE, as_array
from gradekit.exercise.mistake import Args

from ..arithmetic import make_axis

if TYPE_CHECKING:
    from ..picture.boxes import Layout
    from ..picture.frame import Items

LARGEST, MOST_PLANES = 9, 7  # rows and columns of a plane; planes of a picture
LONGEST_AXIS = 24  # pixels with their padding
WIDEST = 340.0  # pixels of a row of filters
EDGE, HEAD, CELL = 8.0, 40.0, 28.0  # pixels: margin, above the first row of cells, a cell
_drawn = itertools.count()

Plane = tuple[str, str, np.ndarray]  # heading, role of its cells, numbers (rows, columns)


def outputs(exercise: Exercise, args: Args, correct: Any, returned: Any) -> str | None:
    """The arrays of a case and both outputs: the plane with the first difference, whose cells are framed."""
    right, wrong = as_array(correct), as_array(returned)
    if right is None or wrong is None or max(right.ndim, wrong.ndim) > 4 or wrong.size == 0:
        return None
    differs = ~np.isclose(wrong, right, TOLERANCE, TOLERANCE) if wrong.shape == right.shape else np.zeros(wrong.shape)
    if wrong.shape == right.shape:
        at = tuple(np.argwhere(differs)[0]) if differs.any() else ()
        what = f"{int(differs.sum())} of {right.size} values {'differs' if right.size == 1 else 'differ'}"
        what += "; the picture shows the first output plane with one" if right.size != _plane(right, at).size else ""
    else:
        at, what = (), f"the shape is {wrong.shape}, not {right.shape}"
    planes = [
        *_inputs(exercise.parameters, args, at),
        ("correct output", "output", _plane(right, at)),
        ("incorrect output", "output", _plane(wrong, at)),
    ]
    sizes = [length for _, _, values in planes for length in values.shape]
    if (not at and wrong.shape == right.shape) or len(planes) > MOST_PLANES or max(sizes) > LARGEST or min(sizes) < 1:
        return None
    marks = [None] * (len(planes) - 1) + [_plane(differs, at)]
    layouts = [_lay_out(*plane, marked) for plane, marked in zip(planes, marks, strict=True)]
    framed = " Values that differ have a thick frame." if differs.any() else ""
    return _html(f"`{exercise.call(args)}`: {what}.{framed}", layouts)


def _plane(values: np.ndarray, at: tuple[int, ...]) -> np.ndarray:
    """Rows and columns of one image and filter, those of an index or the first ones."""
    image, filter = (at[0], at[-1]) if at else (0, 0)
    if values.ndim == 4:
        values = values[image]
    return np.atleast_2d(values[..., filter] if values.ndim == 3 else values)


def _inputs(names: Sequence[str], args: Args, at: tuple[int, ...]) -> Iterator[Plane]:
    """Images by channel; a kernel (height, width, channels, filters) by channel, for the filter of the index."""
    image, filter = (at[0], at[-1]) if len(at) == 4 else (0, at[-1] if at else 0)
    for name, value in zip(names, args, strict=True):
        if not isinstance(value, np.ndarray):
            continue
        is_kernel = name.startswith("kernel")
        if value.ndim == 4:
            value = value[..., min(filter, value.shape[-1] - 1)] if is_kernel else value[min(image, len(value) - 1)]
        planes = np.moveaxis(np.atleast_3d(value), 2, 0)
        for channel, plane in enumerate(planes):
            heading = f"{name}, channel {channel}" if len(planes) > 1 else name
            yield heading, "weight" if is_kernel else "pixel", plane


def zeros(exercise: Exercise, args: Args, correct: Any, returned: Any) -> str | None:
    """An axis with the zeros that are added before and after it, and with those of the mistake."""
    pairs = correct, returned
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        return None
    pixels = args[0] if exercise.parameters[0] == "n" else 2 * args[0]
    if any(type(zeros) is not int or zeros < 0 or zeros + pixels > LONGEST_AXIS for pair in pairs for zeros in pair):
        return None
    layouts = [
        _axis(f"{kind}: {before} before, {after} after", pixels, before, after)
        for kind, (before, after) in zip(("correct", "incorrect"), pairs, strict=True)
    ]
    return _html(f"`{exercise.call(args)}`: hatched cells are zeros, the others are pixels by number.", layouts)


def _axis(heading: str, pixels: int, before: int, after: int) -> Layout:
    numbers = np.arange(-before, pixels + after)[None]
    return _lay_out(heading, "pixel", numbers, padding=(numbers < 0) | (numbers >= pixels))


def positions(exercise: Exercise, args: Args, correct: Any, returned: Any) -> str | None:
    """The kernel at each of its positions along an axis, a row for each."""
    given = dict(zip(exercise.parameters, args, strict=True))
    axis = make_axis(
        given["n"], given["kernel_size"], given.get("strides", 1), given.get("padding", "valid"),
        given.get("dilation_rate", 1),
    )  # fmt: skip
    if axis.length > LARGEST or axis.n + axis.before + axis.after > LONGEST_AXIS or type(returned) is not int:
        return None
    numbers = np.tile(np.arange(-axis.before, axis.n + axis.after), (axis.length, 1))
    first = np.array([[axis.first(position)] for position in range(axis.length)])
    offsets = numbers - first
    read = (offsets >= 0) & (offsets < axis.span) & (offsets % axis.dilation_rate == 0)
    heading = f"{axis.length} output position{'' if axis.length == 1 else 's'}: a row for each"
    layout = _lay_out(heading, "pixel", numbers, taps=read, padding=(numbers < 0) | (numbers >= axis.n))
    hatched = " Hatched: padding." if axis.before + axis.after else ""
    text = (
        f"`{exercise.call(args)}` is {correct}; the mistake leads to {returned}. Bold: what the kernel reads.{hatched}"
    )
    return _html(text, [layout])


def parameters(exercise: Exercise, args: Args, correct: Any, returned: Any) -> str | None:
    """All parameters of the layer, a cell for each."""
    from ..picture.blocks import CHANNELS, FILTERS, lay_out_kernels

    given = {"kernel_size": 3, "in_channels": 2} if exercise.parameters == ("filters",) else {"kernel_size": 1}
    given |= dict(zip(exercise.parameters, args, strict=True))
    size, channels, filters = given["kernel_size"], given["in_channels"], given["filters"]
    if channels > CHANNELS or filters > FILTERS or size > LARGEST or type(returned) is not int:
        return None
    text = f"`{exercise.call(args)}` is {correct}: count the cells. The mistake leads to {returned}."
    return _html(text, [lay_out_kernels((size, size, channels, filters), room=WIDEST)])


def _lay_out(
    heading: str,
    role: str,
    values: np.ndarray,
    marked: np.ndarray | None = None,
    taps: np.ndarray | None = None,
    padding: np.ndarray | None = None,
) -> Layout:
    """A plane of numbers with its indices. `marked` cells are framed, `taps` are read, `padding` is hatched."""
    from ..picture.boxes import Label, make_layout
    from ..picture.frame import CHARACTERS, DIGIT
    from ..picture.numerals import numeral
    from ..picture.sheet import INDEX, Sheet

    rows, columns = values.shape
    width = max(CELL, DIGIT * max(len(numeral(value)) for value in values.flat) + 6)
    sheet = Sheet(0, EDGE + INDEX, HEAD, width, CELL)
    items: Items = [Label("heading", "heading", EDGE, 16, heading)]
    items += sheet.indices("i", rows if rows > 1 else 0, 0 if padding is not None else columns)
    for row, column in np.ndindex(rows, columns):
        states = ("tap",) if any(_at(some, row, column) for some in (taps, marked)) else ()
        kind = "pad" if _at(padding, row, column) else role
        items.append(sheet.box("v", kind, row, column, values[row, column].item(), states))
        if _at(marked, row, column):
            items.append(sheet.outline(f"f{row}.{column}", "window", [row], [column]))
    size = EDGE + INDEX + columns * width + EDGE, HEAD + rows * CELL + EDGE
    right = 2 * EDGE + CHARACTERS["heading"] * len(heading)
    return make_layout(heading, _in_words(values, marked, padding), items, max(size[0], right), size[1])


def _at(cells: np.ndarray | None, row: int, column: int) -> bool:
    return cells is not None and bool(cells[row, column])


def _in_words(values: np.ndarray, marked: np.ndarray | None, padding: np.ndarray | None) -> str:
    from ..picture.numerals import numeral

    lines = []
    for row, numbers in enumerate(values):
        words = ["zero" if _at(padding, row, column) else numeral(number) for column, number in enumerate(numbers)]
        words = [f"{word} (differs)" if _at(marked, row, column) else word for column, word in enumerate(words)]
        lines.append(f"Row {row}: {', '.join(words)}.")
    return " ".join(lines)


def _html(text: str, layouts: Sequence[Layout]) -> str:
    """The words above the pictures, which stand side by side as far as there is room."""
    from gradekit.exercise.verdict import with_code

    from ..picture.svg import render
    from ..picture.theme import COLORS, ROOT, css

    themed = ";".join(f"--cv-{name}:light-dark({light},{dark})" for name, (light, dark) in COLORS.items())
    svgs = "".join(render(layout, f"m{next(_drawn)}", "page") for layout in layouts)
    style = f"<style>{escape(css('auto'), quote=False)}{ROOT}{{{themed}}}</style>"
    return f'{style}<p>{with_code(text)}</p><div style="display:flex;flex-wrap:wrap;gap:8px">{svgs}</div>'
