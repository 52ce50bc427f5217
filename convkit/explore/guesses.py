"""A prediction: read from what was typed, and answered with what it would be right for."""

from __future__ import annotations

import re
from typing import Any

from ..arguments import ArgumentError, ShapeError
from .knobs import Settings
from .topic import Topic

NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")


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
