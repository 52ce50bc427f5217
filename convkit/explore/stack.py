"""The output of a picture moved below its input: narrow enough for two pictures side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ..picture import Picture
from ..picture.boxes import Box, Label, Layout, Outline

Item = TypeVar("Item", Box, Label, Outline)
GAP, MARGIN, TITLE_CHARACTER = 30, 16, 8.3
LONGEST_TITLE = 58  # pictures that stand side by side are drawn at one scale


def stacked(picture: Picture) -> tuple[Picture, tuple[float, float]]:
    """The same boxes, and how far the output was moved. Every item keeps its key, so the same steps move it."""
    layout = picture.layout
    heading = {label.key: label for label in layout.labels}
    bottom = max(box.y + box.height for box in layout.boxes if box.key.startswith("i"))
    left = heading["h-output"].x - heading["h-input"].x
    down = bottom - heading["h-input"].y + GAP
    lowest = max(box.y + box.height for box in layout.boxes if box.key.startswith("o")) + down
    caption = min((label.y - 14 for label in layout.labels if _is_caption(label.key)), default=lowest)
    lower = max(lowest + GAP - caption, 0)

    def move(item: Item) -> Item:
        if _is_output(item.key):
            return item._replace(x=item.x - left, y=item.y + down)
        return item._replace(y=item.y + lower) if _is_caption(item.key) else item

    found = Layout(
        round(max(MARGIN + TITLE_CHARACTER * LONGEST_TITLE, *(_right(move(box)) for box in layout.boxes)) + MARGIN),
        round(layout.height + lower),
        layout.title,
        layout.text,
        tuple(map(move, layout.boxes)),
        tuple(map(move, layout.labels)),
        tuple(map(move, layout.outlines)),
    )
    return replace(picture, layout=found), (-left, down)


def _right(box: Box) -> float:
    return box.x + box.width


def _is_output(key: str) -> bool:
    """Cells, row and column numbers, heading and frame of the output."""
    return key == "h-output" or (key[0] in "of" and key[1:2].isdigit())


def _is_caption(key: str) -> bool:
    return key.startswith("l-") or key == "moment" or (key[0] == "s" and key[1:].isdigit())
