"""A prediction: read from what was typed, and answered with what it would be right for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..arguments import ArgumentError, ShapeError
from .knobs import Settings
from .topic import Topic

if TYPE_CHECKING:
    from gradekit.exercise.mistake import Mistake

NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")
MOST_WAYS = 3  # more than these tell nothing


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
    """What is said to a prediction. A wrong one learns what it would be right for, if anything is known."""
    right = topic.right(settings)
    if guess == right:
        return f"You predicted {topic.say(guess)}, and it is {topic.say(right)}. Right."
    sentences = [f"You predicted {topic.say(guess)}; it is {topic.say(right)}."]
    where = list(_right_for(topic, settings, guess))
    if where:
        sentences.append(f"{topic.say(guess)} would be right for {' or for '.join(where[:2])}.")
    ways = _without_twins(topic.ways(settings, guess))
    if len(ways) == 1:
        way, advice = ways[0]
        sentences.append(f"One way to {topic.say(guess)}: {way}. {advice}")
    elif 1 < len(ways) <= MOST_WAYS:
        sentences.append(f"Ways that lead to {topic.say(guess)}: {'; '.join(way for way, _ in ways)}.")
    return " ".join(sentences)


def _right_for(topic: Topic, settings: Settings, guess: Any) -> Iterator[str]:
    """The nearest settings for which the guess is right, one for each knob."""
    seen = set()
    for words, others in topic.neighbours(settings):
        knob = words.partition("=")[0]
        if knob not in seen and _answer(topic, others) == guess:
            seen.add(knob)
            yield words


def _answer(topic: Topic, settings: Settings) -> Any:
    try:
        return topic.right(settings)
    except (ArgumentError, ShapeError):
        return None


def _without_twins(ways: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """One for each sum: two rules that come to the same sum here can't be told apart."""
    found: dict[str, str] = {}
    for way, advice in ways:
        if NUMBER.fullmatch(way) is None:  # 8 = 8 explains nothing
            found[way] = "" if way in found and found[way] != advice else advice
    return list(found.items())


def known_ways(
    exercise_id: str, args: tuple[Any, ...], is_guess: Callable[[Any], bool], in_words: bool = False
) -> Iterator[tuple[str, str]]:
    """The lesson's mistakes whose rule gives the guess here. Two made at once are told only if no single one does.

    Each with its sum, or `in_words` with what was done, and with where to look.
    """
    from gradekit.exercise.registry import find

    asked = find(exercise_id)
    for mistake in _fitting(asked.mistakes, args, is_guess) or _fitting(asked.combined, args, is_guess):
        did = " ".join(part.did for part in mistake.single)
        helps = " ".join(part.helps for part in mistake.single)
        yield (did.rstrip("."), helps) if in_words else (mistake.derive(*args), f"{did} {helps}")


def _fitting(mistakes: Sequence[Mistake], args: tuple[Any, ...], is_guess: Callable[[Any], bool]) -> list[Mistake]:
    return [mistake for mistake in mistakes if is_guess(_result(mistake.rule, args))]


def _result(rule: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a wrong rule gives; some stop with an error, which is no answer."""
    try:
        return rule(*args)
    except Exception:
        return None
