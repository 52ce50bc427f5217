"""Which part of a large convolution is drawn: the neighbourhood of the position in focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..arithmetic import Axis
from .scene import Scene

WHOLE_PIXELS = 16  # an image up to this size is drawn whole, with its padding
WHOLE_WITH_PADDING = 24
PART = 9, 9  # rows and columns of a larger one
WINDOW = 12  # most rows or columns of a window or a kernel
WIDE_PART = 7, 5  # of one whose numbers have decimals
PLANES = 4  # channels or filters drawn


@dataclass(frozen=True)
class Crop:
    """What is drawn; the positions are those of the whole convolution."""

    rows: range
    columns: range
    output_rows: range
    output_columns: range
    kernel_rows: range
    kernel_columns: range
    channels: range
    filters: range


def crop_around(scene: Scene, position: tuple[int, int], filter: int) -> Crop:
    """The part around an output position and a filter."""
    read = scene.channels_of(filter)
    part = WIDE_PART if scene.has_decimals else PART
    return Crop(
        rows=_input_part(scene.rows, position[0], part[0]),
        columns=_input_part(scene.columns, position[1], part[1]),
        output_rows=_output_part(scene.rows, position[0], part[0]),
        output_columns=_output_part(scene.columns, position[1], part[1]),
        kernel_rows=range(min(scene.rows.kernel_size, WINDOW)),
        kernel_columns=range(min(scene.columns.kernel_size, WINDOW)),
        channels=_planes(scene.channels, read.start),
        filters=_planes(scene.filters, filter),
    )


def parts_left_out(scene: Scene, crop: Crop) -> list[tuple[str, Sequence[int], int]]:
    """What is drawn of the parts that are not drawn whole: the name, the places drawn, and how many there are."""
    parts = (
        ("rows", [row for row in crop.rows if 0 <= row < scene.rows.n], scene.rows.n),
        ("columns", [column for column in crop.columns if 0 <= column < scene.columns.n], scene.columns.n),
        ("output rows", crop.output_rows, scene.rows.length),
        ("output columns", crop.output_columns, scene.columns.length),
        ("kernel rows", crop.kernel_rows, scene.rows.kernel_size),
        ("kernel columns", crop.kernel_columns, scene.columns.kernel_size),
        ("channels", crop.channels, scene.channels),
        ("filters", crop.filters, scene.filters),
    )
    return [part for part in parts if len(part[1]) < part[2]]


def _input_part(axis: Axis, position: int, size: int) -> range:
    everything = range(-axis.before, axis.n + axis.after)
    if axis.n <= WHOLE_PIXELS and len(everything) <= WHOLE_WITH_PADDING:
        return everything
    size = min(max(size, axis.span), WINDOW)  # the whole window, unless that is larger still
    return _clamped(everything, axis.first(position) - max(size - axis.span, 0) // 2, size)


def _output_part(axis: Axis, position: int, size: int) -> range:
    everything = range(axis.length)
    return everything if axis.length <= WHOLE_PIXELS else _clamped(everything, position - size // 2, size)


def _clamped(everything: range, start: int, size: int) -> range:
    start = max(everything.start, min(start, everything.stop - size))
    return range(start, min(start + size, everything.stop))


def _planes(count: int, focus: int) -> range:
    start = max(0, min(focus, count - PLANES))
    return range(start, min(start + PLANES, count))
