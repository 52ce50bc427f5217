"""What is on the screen of an explorer, as data: pictures, facts, lines of code, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..picture.boxes import Layout

WIDTH, HEIGHT = 64, 75  # pixels of the photograph
NAME = "Grace Hopper"  # the portrait by James S. Davis that comes with Matplotlib


@dataclass(frozen=True)
class Image:
    """The photograph, or what a filter makes of it, as a recipe: see `photo.pixels`."""

    label: str
    alt: str
    in_gray: bool = False
    kernel: Any = None  # (height, width, channels), or None for the photograph itself
    bias: float = 0.0
    is_absolute: bool = False


@dataclass(frozen=True)
class Panel:
    """One picture, or photographs side by side, or only words."""

    label: str
    layout: Layout | None = None
    images: tuple[Image, ...] = ()
    frame: tuple[int, int, int] | None = None  # row, column and size of the part of the images that is worked out
    moves: bool = False  # whether the focus moves in it
    has_heading: bool = False  # whether the label is shown above it


@dataclass(frozen=True)
class View:
    """All of it. `text` says everything for those who can't see it; `said` is spoken when it changes."""

    panels: tuple[Panel, ...]
    text: str
    said: str = ""
    moment: str = ""  # what happens at the position in focus, in one sentence
    worked_out: str = ""  # and the sum in full
    facts: str = ""  # HTML
    code: tuple[tuple[str, str], ...] = ()  # (library, line)
