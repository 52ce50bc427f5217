"""Pooling of one channel as a layout: windows, and the largest or the average of their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..arithmetic import make_axis
from .boxes import Box, Layout, Outline
from .crop import crop_around
from .frame import Focus
from .layout import lay_out
from .numerals import numeral
from .scene import Scene

PARTS = ("input", "output")
LEGEND = {"pad": "padding (it does not count)"}  # it is not a zero
LARGEST = {"here": "this output, and its pixel"}

Position = tuple[int, int]


def make_pooling(x: Sequence[Sequence[float]], pool_size: int, strides: int, padding: str, kind: str) -> Scene:
    """The pooling of one channel, x (height, width), by 'max' or 'average'; padding does not count."""
    rows, columns = (make_axis(n, pool_size, strides, padding) for n in (len(x), len(x[0])))
    plane = [[[value] for value in row] for row in x]
    empty = Scene(rows, columns, 1, 1, 1, padding, None, plane, None, None, False, None, False)
    output = [[[_pooled(empty, (row, column), kind)] for column in range(columns.length)] for row in range(rows.length)]
    has_decimals = any(value[0] % 1 != 0 for row in output for value in row)
    return Scene(rows, columns, 1, 1, 1, padding, None, plane, None, None, False, output, has_decimals)


def window(scene: Scene, position: Position) -> list[Position]:
    """The pixels of the image that an output position reads, row by row."""
    return [
        (row, column)
        for row in scene.rows.taps(position[0])
        for column in scene.columns.taps(position[1])
        if not scene.is_padding(row, column)
    ]


def _values(scene: Scene, position: Position) -> list[Any]:
    return [scene.pixel(row, column, 0) for row, column in window(scene, position)]


def _pooled(scene: Scene, position: Position, kind: str) -> Any:
    values = _values(scene, position)
    return max(values) if kind == "max" else sum(values) / len(values)


def best(scene: Scene, position: Position) -> Position:
    """The first pixel of a window that has its largest value."""
    largest = max(_values(scene, position))
    return next(place for place in window(scene, position) if scene.pixel(*place, 0) == largest)


def worked_out(scene: Scene, position: Position, kind: str) -> str:
    """An output in full: its values, and their maximum, or their sum divided by their number."""
    values, result = _values(scene, position), numeral(scene.result(position, 0))
    if kind == "max":
        return f"max({', '.join(map(numeral, values))}) = {result}"
    return f"({' + '.join(map(numeral, values))}) / {len(values)} = {result}"


def lay_out_pooling(
    scene: Scene,
    position: Position,
    kind: str,
    title: str,
    text: str,
    room: float | None = None,
    show: tuple[str, ...] = PARTS,
) -> Layout:
    """Input and output, with the window and, for 'max', the pixel that it lets through."""
    renamed = {**LEGEND, **LARGEST} if kind == "max" else LEGEND
    crop, focus = crop_around(scene, position, 0), Focus(position, 0)
    layout = lay_out(scene, crop, focus, show, room, is_bare=True, renamed=renamed)
    row, column = best(scene, position)
    chosen = f"i0.{row}.{column}" if kind == "max" else ""
    found = [box for box in layout.boxes if box.key == chosen]
    frames = tuple(Outline("best", "echo", box.x, box.y, box.width, box.height) for box in found)
    boxes = tuple(_marked(box, box.key == chosen) for box in layout.boxes)
    outlines = layout.outlines + frames
    return replace(layout, title=title, text=text, boxes=boxes, outlines=outlines)


def _marked(box: Box, is_chosen: bool) -> Box:
    if is_chosen:
        return box._replace(states=(*box.states, "here"))
    return box._replace(value=None) if box.role == "pad" else box
