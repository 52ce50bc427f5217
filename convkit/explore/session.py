"""One visit to an explorer, without any widget: what is set, what was predicted, what may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..arguments import ArgumentError, ShapeError
from .guesses import verdict
from .knobs import Settings
from .topic import Topic
from .view import Panel, View


@dataclass(frozen=True)
class Prediction:
    """What was asked, what was said, and what it is."""

    question: str
    said: str
    answer: str
    right: bool
    words: str  # the verdict in full


class Session:
    """What the widgets show, and what happens when they are used."""

    def __init__(self, topic: Topic, settings: Settings) -> None:
        self.topic = topic
        self.settings = settings
        self.covered = True
        self.predictions: list[Prediction] = []
        self._next = 0

    def turn(self, name: str, value: Any) -> None:
        """Turn one knob."""
        knob = next(knob for knob in self.topic.knobs if knob.name == name)
        self.settings = {**self.settings, name: knob.clean(value)}

    def predict(self, text: str) -> str:
        """Take a prediction, and say what it was right for. What can't be read says how to write it."""
        try:
            right = self.topic.right(self.settings)
        except (ArgumentError, ShapeError) as error:
            return f"There is nothing to predict here: {error}"
        try:
            guess = self.topic.read(text)
        except ArgumentError as error:
            return str(error)
        words = verdict(self.topic, self.settings, guess)
        self.predictions.append(
            Prediction(self.question, self.topic.say(guess), self.topic.say(right), guess == right, words)
        )
        self.covered = False
        return words

    def ask_another(self) -> None:
        """Cover the answer, and ask the next question of the list."""
        self._next = (self._next + 1) % len(self.topic.questions)
        self.settings = {**self.settings, **self.topic.questions[self._next]}
        self.covered = True

    @property
    def question(self) -> str:
        """What is asked about the present settings."""
        return self.topic.ask(self.settings)

    @property
    def remembered(self) -> str:
        """What was predicted for the present settings before, or nothing."""
        found = [made for made in self.predictions if made.question == self.question]
        return f"For this you predicted {found[-1].said}; it is {found[-1].answer}." if found else ""

    @property
    def view(self) -> View:
        """What may be seen now. Sizes that don't fit show what would."""
        try:
            return self.topic.cover(self.settings) if self.covered else self.topic.view(self.settings)
        except (ArgumentError, ShapeError) as error:
            advice = f"This does not fit: {error}"
            return View((Panel("still", advice),), text=advice, said=advice)
