"""The output of a picture moved below its input: narrow enough for two pictures side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ..picture import Picture
from ..picture.boxes import Box, Label, Outline
from .covers import bare

Item = TypeVar("Item", Box, Label, Outline)
GAP, MARGIN = 30, 16
LEAST_WIDTH = 400  # pictures that stand side by side are drawn at one scale


def stacked(picture: Picture, title: str) -> tuple[Picture, tuple[float, float]]:
    """The same boxes, and how far the output was moved. Every item keeps its key, so the same steps move it."""
    layout = bare(picture, title).layout
    headings = {label.key: label for label in layout.labels}
    left = headings["h-output"].x - headings["h-input"].x
    below = max(box.y + box.height for box in layout.boxes if box.key.startswith("i"))
    down = below - headings["h-input"].y + GAP

    def move(item: Item) -> Item:
        return item._replace(x=item.x - left, y=item.y + down) if _is_output(item.key) else item

    boxes = tuple(map(move, layout.boxes))
    found = replace(
        layout,
        width=round(max(LEAST_WIDTH, *(box.x + box.width + MARGIN for box in boxes))),
        height=round(max(box.y + box.height for box in boxes) + MARGIN),
        boxes=boxes,
        labels=tuple(map(move, layout.labels)),
        outlines=tuple(map(move, layout.outlines)),
    )
    return replace(picture, layout=found), (-left, down)


def _is_output(key: str) -> bool:
    """Cells, row and column numbers, heading and frame of the output."""
    return key == "h-output" or (key[0] in "of" and key[1:2].isdigit())


def at_one_scale(svg: str, picture: Picture, other: Picture) -> str:
    """The picture with cells as large on the screen as those of another: large images are drawn in smaller cells."""
    factor = min(_cell(other) / _cell(picture), 1.0)
    layout = picture.layout
    drawn = f'width="{layout.width:g}" height="{layout.height:g}"'
    return svg.replace(drawn, f'width="{layout.width * factor:g}" height="{layout.height * factor:g}"', 1)


def _cell(picture: Picture) -> float:
    return next(box.height for box in picture.layout.boxes if box.key.startswith("i"))
