"""One visit to an explorer, without any page: what is set, what was predicted, what may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..arguments import ArgumentError, ShapeError
from .knobs import Settings
from .topic import Extent, Topic
from .view import Panel, View


@dataclass(frozen=True)
class Prediction:
    """What was asked, what was said, and what it is."""

    settings: Settings
    question: str
    said: str
    answer: str
    words: str  # the verdict in full


class Session:
    """What a page shows, and what happens when its controls are used."""

    def __init__(self, topic: Topic, settings: Settings) -> None:
        self.topic = topic
        self.settings = settings
        self.opening = settings
        self.covered = topic.asks
        self.predictions: list[Prediction] = []
        self.position = topic.home(settings)
        self.filter = 0
        self.room: float | None = None

    def turn(self, name: str, value: Any) -> None:
        """Turn one knob."""
        (knob,) = [knob for knob in self.topic.knobs if knob.name == name]
        self.settings = {**self.settings, name: knob.clean(value)}

    def type(self, name: str, row: int, column: int, value: float) -> None:
        """Type one number of a table."""
        rows = [list(line) for line in self.settings[name]]
        rows[row][column] = value
        self.turn(name, rows)

    def predict(self, text: str) -> str:
        """Take a prediction, and say what it was right for. What can't be read says how to write it."""
        try:
            right = self.topic.right(self.settings)
        except (ArgumentError, ShapeError) as error:
            return f"There is nothing to predict here: {error}"
        try:
            guess = self.topic.read(text)
        except ArgumentError as error:
            return f"{error}"
        words = verdict(self.topic, self.settings, guess)
        said, answer = self.topic.say(guess), self.topic.say(right)
        self.predictions.append(Prediction(self.settings, self.question, said, answer, words))
        self.covered = False
        self.position = self.topic.home(self.settings)
        return words

    def ask_another(self) -> None:
        """Cover the answer, and ask the next question that was not answered yet, or else the next one."""
        questions = [self.opening, *({**self.opening, **question} for question in self.topic.questions)]
        asked = [self.topic.ask(made.settings) for made in self.predictions]
        now = self.topic.ask(self.settings)
        others = [question for question in questions if self.topic.ask(question) != now]
        fresh = [question for question in others if self.topic.ask(question) not in asked]
        self.settings = fresh[0] if fresh else others[len(self.predictions) % len(others)]
        self.covered = True
        self.position = self.topic.home(self.settings)
        self.filter = 0

    @property
    def question(self) -> str:
        """What is asked about the present settings."""
        return self.topic.ask(self.settings)

    @property
    def remembered(self) -> str:
        """What was predicted for exactly these settings before, or nothing."""
        found = [made for made in self.predictions if made.settings == self.settings]
        return f"For this you predicted {found[-1].said}; it is {found[-1].answer}." if found else ""

    # ---- where the focus is

    @property
    def extent(self) -> Extent:
        """Rows, columns and filters that the focus can be at; zeros where nothing moves."""
        if self.covered:
            return (0, 0, 0)
        try:
            return self.topic.extent(self.settings)
        except (ArgumentError, ShapeError):
            return (0, 0, 0)

    def go(self, row: int, column: int, filter: int) -> None:
        """Move the focus, or as far as it can go."""
        rows, columns, filters = self.extent
        if rows:
            self.position = max(0, min(row, rows - 1)), max(0, min(column, columns - 1))
            self.filter = max(0, min(filter, filters - 1))

    @property
    def count(self) -> int:
        """How many positions there are."""
        return self.extent[0] * self.extent[1]

    @property
    def index(self) -> int:
        """The number of the position in focus, row by row."""
        return self.position[0] * self.extent[1] + self.position[1]

    def jump(self, index: int) -> None:
        """Move the focus to a position by its number."""
        rows, columns, _ = self.extent
        if rows:
            kept = max(0, min(index, rows * columns - 1))
            self.go(kept // columns, kept % columns, self.filter)

    def readers(self, row: int, column: int) -> list[tuple[int, int]]:
        """The output positions that read a pixel; see `Topic.readers`."""
        return self.topic.readers(self.settings, row, column) if self.count else []

    # ---- what may be seen

    @property
    def view(self) -> View:
        """What may be seen now. Sizes that don't fit show what would."""
        try:
            if self.covered:
                return self.topic.cover(self.settings, self.room)
            self.go(*self.position, self.filter)
            return self.topic.view(self.settings, self.position, self.filter, self.room)
        except (ArgumentError, ShapeError) as error:
            advice = f"This does not fit: {error}"
            return View((Panel(advice),), text=advice, said=advice)


def verdict(topic: Topic, settings: Settings, guess: Any) -> str:
    """What is said to a prediction: what a wrong one would be right for, and its likeliest cause, where known."""
    right = topic.right(settings)
    said = topic.say(guess)
    if guess == right:
        return f"You predicted {said}, and it is {topic.say(right)}. Right."
    sentences = [f"You predicted {said}; it is {topic.say(right)}."]
    where = _right_for(topic, settings, guess)
    if where:
        sentences.append(f"{said} would be right for {' or for '.join(where[:2])}.")
    if not any(_is_about_a_word(words, settings) for words in where[:2]):
        for did, worked, helps in topic.ways(settings, guess)[:1]:
            cause = f"{did[:1].lower()}{did[1:]}" if did.startswith(("It ", "For ", "Where ")) else did
            sentences.append(
                f"The likeliest cause: {cause.removesuffix('.')}{f', {worked}' if worked else ''}. {helps}"
            )
    return " ".join(sentences)


def _is_about_a_word(words: str, settings: Settings) -> bool:
    """Whether another word or switch makes the guess right: that is the likeliest cause, and needs no other."""
    return isinstance(settings.get(words.partition("=")[0]), (str, bool))


def _right_for(topic: Topic, settings: Settings, guess: Any) -> list[str]:
    """The nearest settings for which the guess is right, one for each knob."""
    seen: list[str] = []
    found = []
    for words, others in topic.neighbors(settings):
        knob = words.partition("=")[0]
        if knob not in seen and _answer(topic, others) == guess:
            seen.append(knob)
            found.append(words)
    return found


def _answer(topic: Topic, settings: Settings) -> Any:
    try:
        return topic.right(settings)
    except (ArgumentError, ShapeError):
        return None
