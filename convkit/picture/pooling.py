"""Pooling as a layout: windows on each channel, and the largest or the average of their pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..arithmetic import make_axis
from .boxes import Layout, Outline
from .channels import lay_out_channels
from .frame import Focus
from .numerals import numeral
from .scene import Plane, Scene

PARTS = ("input", "output")
LEGEND = {"l-pad-name": "padding (it does not count)"}  # it is not a zero
LARGEST = {"l-here-name": "this output, its pixel"}

Position = tuple[int, int]


def make_pooling(x: Plane, pool_size: int, strides: int, padding: str, kind: str) -> Scene:
    """The pooling of each channel of x (height, width, channels) by 'max' or 'average'; padding does not count."""
    rows, columns = (make_axis(n, pool_size, strides, padding) for n in (len(x), len(x[0])))
    count = len(x[0][0])
    empty = Scene(rows, columns, count, count, count, padding, None, x, None, None, False, None, False)
    output = [
        [[_pooled(empty, (row, column), channel, kind) for channel in range(count)] for column in range(columns.length)]
        for row in range(rows.length)
    ]
    return replace(empty, output=output)


def window(scene: Scene, position: Position) -> list[Position]:
    """The pixels of the image that an output position reads, row by row."""
    return [
        (row, column)
        for row in scene.rows.taps(position[0])
        for column in scene.columns.taps(position[1])
        if not scene.is_padding(row, column)
    ]


def _values(scene: Scene, position: Position, channel: int) -> list[Any]:
    return [scene.pixel(row, column, channel) for row, column in window(scene, position)]


def _pooled(scene: Scene, position: Position, channel: int, kind: str) -> Any:
    values = _values(scene, position, channel)
    return max(values) if kind == "max" else sum(values) / len(values)


def best(scene: Scene, position: Position, channel: int) -> Position:
    """The first pixel of a window that has its largest value."""
    largest = max(_values(scene, position, channel))
    return next(place for place in window(scene, position) if scene.pixel(*place, channel) == largest)


def worked_out(scene: Scene, position: Position, channel: int, kind: str) -> str:
    """An output in full: its values, and their maximum, or their sum divided by their number."""
    values, result = _values(scene, position, channel), numeral(scene.result(position, channel))
    if kind == "max":
        return f"max({', '.join(map(numeral, values))}) = {result}"
    return f"({' + '.join(map(numeral, values))}) / {len(values)} = {result}"


def lay_out_pooling(
    scene: Scene,
    focus: Focus,
    kind: str,
    title: str,
    text: str,
    room: float | None = None,
    show: tuple[str, ...] = PARTS,
) -> Layout:
    """Input and output, with the window and, for 'max', the pixel that it lets through."""
    layout = lay_out_channels(scene, focus, title, text, room, show)
    row, column = best(scene, focus.position, focus.filter)
    chosen = f"i{focus.filter}.{row}.{column}" if kind == "max" else ""
    frames = [
        Outline("best", "echo", box.x, box.y, box.width, box.height, box.slant)
        for box in layout.boxes
        if box.key == chosen
    ]
    boxes = tuple(box._replace(states=(*box.states, "here")) if box.key == chosen else box for box in layout.boxes)
    words = {**LEGEND, **LARGEST} if kind == "max" else LEGEND
    labels = tuple(label._replace(text=words.get(label.key, label.text)) for label in layout.labels)
    return replace(layout, boxes=boxes, labels=labels, outlines=(*layout.outlines, *frames))
