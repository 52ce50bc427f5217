"""A picture with less on it, for the time before the prediction."""

from __future__ import annotations

from dataclasses import replace

from ..picture.boxes import Box, Label, Layout
from .view import Panel, View

KEPT_IN_LEGEND = ("l-pad", "l-extra")


def cover(label: str, layout: Layout, question: str) -> View:
    """A view of one picture without the pixels that are never read and without the kernel's position, in words too."""
    boxes = tuple(_plain(box) for box in layout.boxes if _is_kept(box.key))
    labels = tuple(label for label in layout.labels if _is_kept(label.key) and not _is_sentence(label))
    labels = tuple(label._replace(text=question) if label.key == "title" else label for label in labels)
    layout = replace(layout, title=question, text=question, boxes=boxes, labels=labels, outlines=())
    return View((Panel(label, layout),), text=question, said=question)


def _plain(box: Box) -> Box:
    role = "pixel" if box.role == "unseen" else box.role
    return box._replace(role=role, states=tuple(state for state in box.states if state in ("extra", "small", "swatch")))


def _is_kept(key: str) -> bool:
    """All but the parts of the legend that explain what is covered."""
    return not key.startswith("l-") or key.startswith(KEPT_IN_LEGEND)


def _is_sentence(label: Label) -> bool:
    return label.kind == "moment" or (label.key[:1] == "s" and label.key[1:].isdigit())
