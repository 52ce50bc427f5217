"""What a picture says in sentences: title, caption, and a description for those who can't see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..arithmetic import Axis
from ..explain.words import counted
from .crop import Crop, parts_left_out
from .numerals import bracketed, is_rounded, numeral
from .scene import Scene, flat

SPELLED_PRODUCTS = 27  # a sum of more products is given by channel
SPELLED_OUTPUTS = 64  # a larger output is not read out
ROUNDED = "Some numbers are rounded, to at most four significant digits."


def title(scene: Scene) -> str:
    """One line: kernel, settings in Keras' words, sizes."""
    rows, columns = scene.rows, scene.columns
    parts = [f"{_by(rows.kernel_size, columns.kernel_size)} kernel", padding_setting(scene), strides_setting(scene)]
    if max(rows.dilation_rate, columns.dilation_rate) > 1:
        parts.append(f"dilation_rate={_one_or_two(rows.dilation_rate, columns.dilation_rate)}")
    if scene.groups > 1:
        parts.append(f"groups={scene.groups}")
    before = _by(rows.n, columns.n, scene.channels)
    return f"{', '.join(parts)}: {before} becomes {_by(rows.length, columns.length, scene.filters)}"


def padding_setting(scene: Scene) -> str:
    """padding='same', as it is written in code."""
    if isinstance(scene.padding, str):
        return f"padding={scene.padding!r}"
    rows, columns = scene.rows, scene.columns
    return f"padding={((rows.before, rows.after), (columns.before, columns.after))}"


def strides_setting(scene: Scene) -> str:
    """strides=2, or strides=(2, 1)."""
    return f"strides={_one_or_two(scene.rows.strides, scene.columns.strides)}"


def facts(scene: Scene, crop: Crop) -> list[str]:
    """What holds for every position: the padding, the pixels never read, what is not drawn."""
    lines = [_padding_fact(scene)]
    if max(scene.rows.dilation_rate, scene.columns.dilation_rate) > 1:
        lines.append(_dilation_fact(scene))
    unseen = [
        f"{name}{'s' if len(axis.unseen) > 1 else ''} {listed(axis.unseen)}"
        for name, axis in (("row", scene.rows), ("column", scene.columns))
        if axis.unseen
    ]
    lines += [f"Never read: {' and '.join(unseen)}."] if unseen else []
    parts = [f"{name} {listed(drawn)} of {size}" for name, drawn, size in parts_left_out(scene, crop)]
    lines += [f"A part is drawn: {'; '.join(parts)}."] if parts else []
    if scene.activation:
        lines.append(f"The output is drawn before the activation {scene.activation}.")
    return lines


def moment(scene: Scene, position: tuple[int, int]) -> str:
    """Where the kernel stands for an output position."""
    row, column = position
    return (
        f"Output row {row}, column {column} reads {_places('row', scene.rows, row)}, "
        f"{_places('column', scene.columns, column)}."
    )


def longest_moment(scene: Scene) -> str:
    """The longest that `moment` may become while the focus moves."""
    row, column = (
        max((_places(name, axis, n) for n in range(axis.length)), key=len)
        for name, axis in (("row", scene.rows), ("column", scene.columns))
    )
    return f"Output row {scene.rows.length - 1}, column {scene.columns.length - 1} reads {row}, {column}."


def short_saying(scene: Scene, position: tuple[int, int], filter: int) -> str:
    """What happens at a position, in two short sentences: what is read, and what it comes to."""
    return f"{moment(scene, position)} {result_words(scene, position, filter).capitalize()}."


def result_words(scene: Scene, position: tuple[int, int], filter: int) -> str:
    """The sum of a filter's products and its bias, in words."""
    count = scene.rows.kernel_size * scene.columns.kernel_size * scene.group_size
    bias = "" if scene.bias is None else f" + bias {bracketed(scene.bias[filter])}"
    result = numeral(scene.result(position, filter))
    return f"filter {filter}: {counted(count, 'product')}{bias} = {result}"


def description(scene: Scene, crop: Crop, position: tuple[int, int], filter: int, revealed: int | None = None) -> str:
    """Everything the picture says, as text."""
    lines = [f"{title(scene)}.", *facts(scene, crop), moment(scene, position), worked_out(scene, position, filter)]
    lines += [_output_rows(scene, crop, filter, revealed), ROUNDED if _any_rounded(scene, crop) else ""]
    return " ".join([line for line in lines if line])


def _padding_fact(scene: Scene) -> str:
    rows, columns = scene.rows, scene.columns
    if not (rows.before or rows.after or columns.before or columns.after):
        return f"{padding_setting(scene)}: no zeros are added."
    amounts = f"{counted(rows.before, 'row')} above, {rows.after} below, {counted(columns.before, 'column')} left"
    extra = [
        words
        for words, axis in (("row goes to the bottom", rows), ("column goes to the right", columns))
        if scene.padding == "same" and axis.after > axis.before
    ]
    tail = f" The extra {' and the extra '.join(extra)}." if extra else ""
    return f"{padding_setting(scene)} adds zeros: {amounts}, {columns.after} right.{tail}"


def _dilation_fact(scene: Scene) -> str:
    rows, columns = scene.rows, scene.columns
    rate = _one_or_two(rows.dilation_rate, columns.dilation_rate)
    return f"dilation_rate={rate}: the kernel spans {_by(rows.span, columns.span)} pixels and skips those between."


def _places(name: str, axis: Axis, position: int) -> str:
    taps = axis.taps(position)
    inside = [tap for tap in taps if 0 <= tap < axis.n]
    padded = len(taps) - len(inside)
    if not inside:
        return f"{counted(padded, name)} of padding"
    plus = f" plus {padded} of padding" if padded else ""
    return f"{name}{'s' if len(inside) > 1 else ''} {listed(inside)}{plus}"


def worked_out(scene: Scene, position: tuple[int, int], filter: int) -> str:
    """The sum of a position in full; empty where the numbers are not known."""
    if scene.output is None:
        return ""
    read = scene.channels_of(filter)
    taps = [
        (i, j, channel)
        for channel in read
        for i in range(scene.rows.kernel_size)
        for j in range(scene.columns.kernel_size)
    ]
    if len(taps) <= SPELLED_PRODUCTS:
        total = " + ".join(_spelled(scene, position, *tap, filter) for tap in taps)
    else:
        sums = [scene.channel_sum(position, channel, filter) for channel in read]
        total = f"{len(taps)} products"
        if len(sums) > 1:
            total += "; by channel " + " + ".join(bracketed(value or 0) for value in sums[:SPELLED_PRODUCTS])
            total += " + ..." if len(sums) > SPELLED_PRODUCTS else ""
    bias = "" if scene.bias is None else f" + bias {bracketed(scene.bias[filter])}"
    result = scene.result(position, filter)
    return f"Filter {filter}, pixel \u00d7 weight: {total}{bias} = {numeral(result or 0)}."


def _spelled(scene: Scene, position: tuple[int, int], i: int, j: int, channel: int, filter: int) -> str:
    pixel = scene.pixel(*scene.under(position, i, j), channel) or 0
    return f"{bracketed(pixel)} \u00d7 {bracketed(scene.weight(i, j, channel, filter) or 0)}"


def _output_rows(scene: Scene, crop: Crop, filter: int, revealed: int | None) -> str:
    if scene.output is None or revealed is not None or parts_left_out(scene, crop):
        return ""
    if scene.rows.length * scene.columns.length > SPELLED_OUTPUTS:
        return ""
    rows = "; ".join(" ".join(numeral(cell[filter]) for cell in row) for row in scene.output)
    return f"Output of filter {filter}, row by row: {rows}."


def _any_rounded(scene: Scene, crop: Crop) -> bool:
    """Whether some number drawn is not exact. Whole numbers that are printed in full are."""
    drawn: list[Any] = []
    if scene.x is not None:
        rows = scene.x[max(crop.rows.start, 0) : crop.rows.stop]
        drawn += [pixel for row in rows for pixel in row[max(crop.columns.start, 0) : crop.columns.stop]]
    if scene.output is not None:
        rows = scene.output[crop.output_rows.start : crop.output_rows.stop]
        drawn += [cell for row in rows for cell in row[crop.output_columns.start : crop.output_columns.stop]]
    if scene.kernel is not None:
        drawn += [cell for row in scene.kernel for column in row for cell in column]
    return any(is_rounded(value) for value in flat(drawn, 2))


def listed(numbers: Sequence[int] | Iterable[int]) -> str:
    """0 to 2, or 0, 2, 4."""
    numbers = list(numbers)
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    if len(numbers) > 8:
        return f"{', '.join(map(str, numbers[:4]))}, ... {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _by(*sizes: int) -> str:
    return "\u00d7".join(map(str, sizes))


def _one_or_two(height: int, width: int) -> str:
    return str(height) if height == width else f"({height}, {width})"
