"""What an explorer is about: its knobs, its questions, the right answer, and the view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..explain.words import counted
from .guesses import numbers
from .knobs import Knob, Settings, Table
from .view import View

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
