"""What a picture is made of, before it is text or paint: boxes, words and outlines with places in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Anchor = Literal["start", "middle", "end"]
Data = tuple[tuple[str, float], ...]


class Box(NamedTuple):
    """A cell: what it is, where it is, what is printed in it."""

    key: str  # unique in its picture, the same for every position of the focus
    role: str  # pixel, pad, unseen, weight, product, output, sum, bias
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    note: str = ""  # a smaller line above the text, such as 3 x 2 above 6
    value: float | None = None  # exact
    states: tuple[str, ...] = ()  # tap, gap, extra, focus, waiting, swatch
    data: Data = ()  # plane, row, column and what else a script may ask for
    slant: float = 0.0  # how much higher the right edge is, for planes in depth; in SVG only


class Label(NamedTuple):
    """Words or an index next to the cells."""

    key: str
    kind: str  # heading, title, index, note, sign
    x: float
    y: float  # of the baseline
    text: str
    anchor: Anchor = "start"


class Outline(NamedTuple):
    """A frame on top of cells: the window of the kernel, the output in focus."""

    key: str
    kind: str  # window, focus
    x: float
    y: float
    width: float
    height: float
    slant: float = 0.0


@dataclass(frozen=True)
class Layout:
    """A whole picture as data."""

    width: float
    height: float
    title: str
    text: str  # what the picture says, for those who can't see it
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    outlines: tuple[Outline, ...]


def make_layout(title: str, text: str, items: list[Box | Label | Outline], width: float, height: float) -> Layout:
    """A picture of whole pixels from its items, in any order."""
    return Layout(
        width=round(width),
        height=round(height),
        title=title,
        text=text,
        boxes=tuple(item for item in items if isinstance(item, Box)),
        labels=tuple(item for item in items if isinstance(item, Label)),
        outlines=tuple(item for item in items if isinstance(item, Outline)),
    )
