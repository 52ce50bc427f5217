"""Questions without end, harder from level to level, judged as the exercises are.

A question is told by its exercise, level and seed: whoever runs the same line gets the same question.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from ...arguments import ArgumentError, whole
from ...explain.derivation import Derivation
from ...explain.html import framed, sentence
from ..exercise import Args, Exercise
from ..exercises import exercise
from .judge import Judged, judge
from .levels import LEVELS
from .rules import draw_case
from .solution import solution
from .words import Question, question

__all__ = ["Answer", "Practice", "practice"]

SEEDS = 10_000  # a seed that is drawn is short enough to be told across a room


@dataclass(frozen=True, repr=False)
class Practice:
    """One question. `.check(value)` judges an answer, `.next()` asks a harder one, `.solution()` shows the way."""

    exercise: Exercise
    level: int
    seed: int
    _tries: list[Any] = field(default_factory=list, compare=False)

    @cached_property
    def args(self) -> Args:
        """The case, in the order of the exercise's parameters: `my_function(*question.args)` tries a function on it."""
        key = [self.seed, self.level, zlib.crc32(self.exercise.id.encode())]
        return draw_case(self.exercise, LEVELS[self.exercise.id][self.level - 1], np.random.default_rng(key))

    @cached_property
    def question(self) -> Question:
        """What is asked, in words and tables."""
        return question(self.exercise.id, self.args)

    def check(self, value: Any) -> Answer:
        """Right or not yet, and why not. A function is called on the case first. The right result is not told."""
        judged = judge(self.exercise, self.args, value)
        if not judged.right:
            self._tries.append(value)
        return Answer(judged, self, tries=len(self._tries))

    def next(self) -> Practice:
        """Another question, a level higher as long as there is one."""
        return Practice(self.exercise, min(self.level + 1, len(LEVELS[self.exercise.id])), self.seed + 1)

    def solution(self) -> Derivation:
        """The right result and how it comes about."""
        return solution(self.exercise, self.args)

    def share(self) -> str:
        """The line that gives this question again."""
        return f'convkit.practice("{self.exercise.id}", level={self.level}, seed={self.seed})'

    def __str__(self) -> str:
        return f"{self.title}\n{self.question}\nThe same question again: {self.share()}"

    __repr__ = __str__

    @property
    def title(self) -> str:
        """Such as 'Practice layer-params, level 1 of 4'."""
        return f"Practice {self.exercise.id}, level {self.level} of {len(LEVELS[self.exercise.id])}"

    def html(self) -> str:
        """Heading, question and the line to share, without a frame."""
        heading = f'<h4 style="margin: 0.2em 0; font-size: 1em">{escape(self.title)}</h4>'
        return "\n".join([heading, self.question.html(), sentence(f"The same question again: `{self.share()}`")])

    def _repr_html_(self) -> str:
        return framed(self.title, self.html())


@dataclass(frozen=True, repr=False)
class Answer:
    """What became of an answer: `.right`, the `.mistakes` that its number gives away, and the text."""

    judged: Judged
    asked: Practice
    tries: int  # answers to this question so far that were not right

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.judged.right

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Names of the known mistake that gives just this result; empty where none does, or more than one."""
        return self.judged.mistakes

    @property
    def text(self) -> str:
        """One line for a right answer; what was seen and where to look for any other."""
        if self.right or self.tries < 2:
            return self.judged.text
        return f"{self.judged.text} To see the way, ask for .solution() of this question."

    def __str__(self) -> str:
        return f"{self.text}\n\n{self.asked.next()}" if self.right else self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        said = sentence(self.text)
        return framed(self.judged.word, f"{said}\n{self.asked.next().html()}" if self.right else said)


def practice(exercise_id: str, level: int | None = None, seed: int | None = None) -> Practice:
    """A fresh question of an exercise, of the easiest level if none is said. A seed gives the same question again.

    Errors: KeyError for an unknown exercise, ArgumentError for a level that it does not have.

    >>> asked = practice("layer-params", level=1, seed=7)
    >>> asked.share()
    'convkit.practice("layer-params", level=1, seed=7)'
    >>> asked.check(0).right
    False
    """
    asked = exercise(exercise_id)
    levels = len(LEVELS[asked.id])
    level = 1 if level is None else whole("level", level)
    if level > levels:
        raise ArgumentError(f"level is {level}, and {asked.id} has the levels 1 to {levels}.")
    drawn = np.random.default_rng().integers(SEEDS) if seed is None else whole("seed", seed, least=0)
    return Practice(asked, level, int(drawn))
