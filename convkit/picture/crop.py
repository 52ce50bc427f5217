"""Which part of a large convolution is drawn: the neighbourhood of the position in focus."""

from __future__ import annotations

from dataclasses import dataclass

from .scene import Axis, Scene

WHOLE_PIXELS = 16  # an image up to this size is drawn whole, with its padding
WHOLE_WITH_PADDING = 24
PART = 12  # rows or columns of a larger one
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
    return Crop(
        rows=_input_part(scene.rows, position[0]),
        columns=_input_part(scene.columns, position[1]),
        output_rows=_part(range(scene.rows.length), position[0], WHOLE_PIXELS),
        output_columns=_part(range(scene.columns.length), position[1], WHOLE_PIXELS),
        kernel_rows=range(min(scene.rows.kernel_size, PART)),
        kernel_columns=range(min(scene.columns.kernel_size, PART)),
        channels=_planes(scene.channels, read.start),
        filters=_planes(scene.filters, filter),
    )


def is_whole(scene: Scene, crop: Crop) -> bool:
    """Whether everything is drawn, wherever the focus is."""
    sizes = (
        (crop.rows, scene.rows.n + scene.rows.before + scene.rows.after),
        (crop.columns, scene.columns.n + scene.columns.before + scene.columns.after),
        (crop.output_rows, scene.rows.length),
        (crop.output_columns, scene.columns.length),
        (crop.kernel_rows, scene.rows.kernel_size),
        (crop.kernel_columns, scene.columns.kernel_size),
        (crop.channels, scene.channels),
        (crop.filters, scene.filters),
    )
    return all(len(part) == size for part, size in sizes)


def _input_part(axis: Axis, position: int) -> range:
    everything = range(-axis.before, axis.n + axis.after)
    if axis.n <= WHOLE_PIXELS and len(everything) <= WHOLE_WITH_PADDING:
        return everything
    first = axis.first(position)
    if axis.span >= PART:
        return _clamped(everything, first)
    return _clamped(everything, first - (PART - axis.span) // 2)


def _part(everything: range, focus: int, limit: int) -> range:
    return everything if len(everything) <= limit else _clamped(everything, focus - PART // 2)


def _clamped(everything: range, start: int) -> range:
    start = max(everything.start, min(start, everything.stop - PART))
    return range(start, min(start + PART, everything.stop))


def _planes(count: int, focus: int) -> range:
    start = max(0, min(focus, count - PLANES))
    return range(start, min(start + PLANES, count))
