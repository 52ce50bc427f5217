"""What an explorer is about: its knobs, its questions, how predictions are read, the right answer, and the views."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..arguments import ArgumentError
from ..explain.words import counted
from ..picture.boxes import Box, Label, Layout
from .knobs import Knob, Settings, Table
from .view import Panel, View

NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")
KEPT_IN_LEGEND = ("l-pad", "l-extra")  # of a picture before the prediction

Extent = tuple[int, int, int]  # positions of the focus: rows, columns, filters
Position = tuple[int, int]


class Topic:
    """The pattern of every explorer."""

    name: str
    title: str
    invitation: str  # what there is to do
    answer_hint: str = "a whole number"  # how a prediction is written
    knobs: tuple[Knob, ...]
    questions: tuple[Settings, ...]  # asked after the opening one; each sets some of the knobs
    plays: bool = False  # starts to move by itself when the answer is revealed
    asks: bool = True  # whether there is something to predict
    speed: int = 2  # steps per second at first
    output_plane: str = "filter"  # what the outputs have several planes for
    walks: str = "output"  # the role of the cells that the focus moves over: output, or pixel

    def tables(self, settings: Settings) -> tuple[Table, ...]:
        """The arrays that may be typed in now."""
        return ()

    def idle(self, settings: Settings) -> tuple[str, ...]:
        """Knobs that change nothing now, and are hidden."""
        return ()

    def ask(self, settings: Settings) -> str:
        """The question about these settings."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """A prediction as it was typed -> a value, or an ArgumentError that says how to write it: one number."""
        return numbers(text, (1,), "10")[0]

    def right(self, settings: Settings) -> Any:
        """The right answer."""
        raise NotImplementedError

    def say(self, value: Any) -> str:
        """An answer in words."""
        return f"{value:g}"

    def ways(self, settings: Settings, guess: Any) -> list[tuple[str, str, str]]:
        """How one comes to a wrong answer, the likeliest first: (what was done, its sum, where to look)."""
        return []

    def neighbors(self, settings: Settings) -> list[tuple[str, Settings]]:
        """Settings that differ in one knob, and how they differ in code: a wrong answer may be right there."""
        found = []
        for knob in self.knobs:
            now = settings[knob.name]
            others = [value for value in knob.values if value != now]
            for value in sorted(others, key=lambda value: _distance(value, now)):
                found.append((f"{knob.name}={value!r}", {**settings, knob.name: value}))
        return found

    def extent(self, settings: Settings) -> Extent:
        """How far the focus can move. Raises ShapeError where sizes don't fit."""
        return (1, 1, 1)

    def home(self, settings: Settings) -> Position:
        """Where the focus is at first."""
        return (0, 0)

    def cover(self, settings: Settings, room: float | None) -> View:
        """What may be seen before the prediction. room: pixels that a picture may be wide; None where no page is."""
        raise NotImplementedError

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """Everything, with the focus at a position."""
        raise NotImplementedError

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs that read a pixel of the image; for a focus on pixels, those that add to an output."""
        return []

    def filters_reading(self, settings: Settings, channel: int) -> list[int]:
        """The filters that read a channel, where the picture has several channels."""
        return []

    def readers_words(self, settings: Settings, row: int, column: int, found: list[Position], channel: int = 0) -> str:
        """The same in words."""
        many = counted(len(found), "output")
        filters = self.filters_reading(settings, channel) if found else []
        of = f" of channel {channel}" if filters else ""
        if filters:
            each = f"each of {self.output_plane}s" if len(filters) > 1 else self.output_plane
            many += f" of {each} {', '.join(map(str, filters))}"
        listed = f": {', '.join(f'({one}, {other})' for one, other in found)}" if found else ""
        return f"The pixel at row {row}, column {column}{of} is read for {many}{listed}."

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The functions of `known`, with all arguments that this explorer gives them."""
        return iter(())


def _distance(value: Any, now: Any) -> int:
    """The nearest size comes first; words and switches are all as near."""
    return abs(value - now) if isinstance(value, int) else 0


def numbers(text: str, count: tuple[int, ...], example: str) -> tuple[float, ...]:
    """The numbers in what was typed.

    >>> numbers("4 x 4", (1, 2), "4 x 4"), numbers("(0, 1)", (2,), "0, 1")
    ((4, 4), (0, 1))
    """
    whole = text.replace(",", " ") if max(count) > 1 else text  # a comma parts two numbers, or is a decimal point
    found = [_number(word) for word in NUMBER.findall(whole)]
    if len(found) not in count:
        typed = text.strip()[:20]
        begun = f"{typed!r} can't be read. Type your prediction," if typed else "Type your prediction first,"
        raise ArgumentError(f"{begun} such as {example}. A wrong one is as good as a right one.")
    return tuple(found)


def _number(word: str) -> float:
    value = float(word.replace("\u2212", "-").replace(",", "."))
    return int(value) if value == int(value) else value


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
