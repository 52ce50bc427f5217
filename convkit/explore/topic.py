"""What an explorer is about: its knobs, its questions, the right answer, and the view. Plain Python, no widget."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from .knobs import Knob, Settings, Table
from .view import View


class Topic:
    """The pattern that every explorer fills in."""

    name: str
    title: str
    invitation: str  # what there is to do
    answer_hint: str  # how a prediction is written
    knobs: tuple[Knob, ...]
    questions: tuple[Settings, ...]  # the first one is asked first; each sets some of the knobs

    plays: bool = False  # starts to move by itself when the answer is revealed

    def tables(self, settings: Settings) -> tuple[Table, ...]:
        """The arrays that may be typed in now."""
        return ()

    def idle(self, settings: Settings) -> Collection[str]:
        """Knobs that change nothing now, and are put away."""
        return ()

    def ask(self, settings: Settings) -> str:
        """The question about these settings."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """A prediction as it was typed -> a value, or an ArgumentError that says how to write it."""
        raise NotImplementedError

    def right(self, settings: Settings) -> Any:
        """The right answer."""
        raise NotImplementedError

    def say(self, value: Any) -> str:
        """An answer in words."""
        return str(value)

    def ways(self, settings: Settings, guess: Any) -> Iterator[tuple[str, str]]:
        """How one comes to a wrong answer: (its sum, what was done and where to look)."""
        return iter(())

    def neighbours(self, settings: Settings) -> Iterator[tuple[str, Settings]]:
        """Settings that differ in one knob, and how they differ in code: a wrong answer may be right there."""
        for knob in self.knobs:
            now = settings[knob.name]
            for value in sorted(knob.values, key=lambda value, now=now: _distance(value, now)):
                if value != now:
                    yield f"{knob.name}={value!r}", {**settings, knob.name: value}

    def cover(self, settings: Settings) -> View:
        """What may be seen before the prediction."""
        raise NotImplementedError

    def view(self, settings: Settings) -> View:
        """Everything."""
        raise NotImplementedError


def _distance(value: Any, now: Any) -> int:
    """The nearest size comes first; words and switches are all as near."""
    return abs(value - now) if isinstance(value, int) else 0
