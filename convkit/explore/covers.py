"""A picture before the prediction: what is asked stays away, in the drawing and in its words."""

from __future__ import annotations

from dataclasses import replace

from ..picture import Picture
from ..picture.boxes import Box, Label, Layout

MARGIN, TITLE_CHARACTER = 16, 8.9  # pixels


def covered(picture: Picture, title: str) -> Picture:
    """The picture without the size of the output, the pixels that are never read, and the kernel's place."""
    boxes = tuple(_plain(box) for box in picture.layout.boxes if not box.key.startswith("l-"))
    labels = tuple(
        label._replace(text=title) if label.key == "title" else label
        for label in picture.layout.labels
        if not _is_caption(label)
    )
    width = max([box.x + box.width for box in boxes] + [MARGIN + TITLE_CHARACTER * len(title)]) + MARGIN
    height = max(box.y + box.height for box in boxes) + MARGIN
    return replace(picture, layout=Layout(round(width), round(height), title, title, boxes, labels, ()))


def _plain(box: Box) -> Box:
    role = "pixel" if box.role == "unseen" else box.role
    return box._replace(role=role, states=tuple(state for state in box.states if state == "extra"))


def _is_caption(label: Label) -> bool:
    """The legend and the sentences under the planes."""
    sentence = label.key[0] == "s" and label.key[1:].isdigit()
    return sentence or label.kind == "moment" or label.key.startswith("l-")
