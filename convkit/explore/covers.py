"""A picture with less on it: before the prediction without what is asked, and beside others without its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..picture import Picture
from ..picture.boxes import Box, Label, Layout

MARGIN = 16
CHARACTER = {"title": 8.9, "heading": 7.9}  # pixels; 7 for other kinds


def covered(picture: Picture, title: str) -> Picture:
    """Without the size of the output, the pixels that are never read, and the kernel's place: in words, too."""
    found = bare(picture, title)
    boxes = tuple(map(_plain, found.layout.boxes))
    return replace(found, layout=replace(found.layout, text=title, boxes=boxes, outlines=()))


def bare(picture: Picture, title: str, names: Mapping[str, str] | None = None, sentences: bool = False) -> Picture:
    """Without legend and, unless asked for, sentences; under another title; some words on it get other names."""
    layout = picture.layout
    boxes = tuple(box for box in layout.boxes if not box.key.startswith("l-"))
    kept = (label for label in layout.labels if sentences or not _is_caption(label))
    labels = tuple(_label(label, title, names or {}) for label in kept)
    width = max([box.x + box.width for box in boxes] + [label.x + _width(label) for label in labels])
    height = max([box.y + box.height for box in boxes] + [label.y for label in labels])
    size = round(width + MARGIN), round(height + MARGIN)
    return replace(picture, layout=Layout(*size, title, layout.text, boxes, labels, layout.outlines))


def _width(label: Label) -> float:
    """Pixels to the right of where a label is anchored."""
    return CHARACTER.get(label.kind, 7.0) * len(label.text) if label.anchor == "start" else 0.0


def _label(label: Label, title: str, names: Mapping[str, str]) -> Label:
    text = title if label.key == "title" else label.text
    for old, new in names.items():
        text = text.replace(old, new)
    return label._replace(text=text)


def _plain(box: Box) -> Box:
    role = "pixel" if box.role == "unseen" else box.role
    return box._replace(role=role, states=tuple(state for state in box.states if state == "extra"))


def _is_caption(label: Label) -> bool:
    """The legend and the sentences under the planes."""
    sentence = label.key[0] == "s" and label.key[1:].isdigit()
    return sentence or label.kind == "moment" or label.key.startswith("l-")
