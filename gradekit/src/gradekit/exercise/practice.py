"""Practice questions without end, harder from level to level, judged as the exercises are.

Exercise, level and seed determine a question: the same line gives the same question everywhere.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from .compare import Difference, as_array, as_expected
from .error_hints import meaning, stopped
from .find_mistake import predict, single_out
from .mistake import Args, Mistake
from .model import Draw, Exercise
from .registry import ExerciseError, find
from .run import Outcome, run
from .trial import Tried
from .verdict import with_code

SEEDS = 10_000  # a drawn seed is short enough to be said across a room
CANDIDATES = {True: 4, False: 8}  # cases that are drawn for one question; arrays take longer to compare
# JupyterLab's own variables, with what a page elsewhere (nbviewer, a feedback page) falls back to.
FRAME = (
    "color: var(--jp-content-font-color1, inherit); font-family: var(--jp-content-font-family, inherit); "
    "border-left: 3px solid var(--jp-border-color1, currentColor); padding: 0.2em 1em; margin: 0.5em 0"
)
CAPTION = "text-align: left; white-space: nowrap; color: inherit"
CELL = "font-family: var(--jp-code-font-family, monospace); white-space: nowrap"


@dataclass(frozen=True)
class Question:
    """What is asked, how the answer is written, and the tables to look at, by their names."""

    asks: str
    answer: str = ""
    tables: tuple[tuple[str, np.ndarray], ...] = ()

    def __str__(self) -> str:
        parts = [self.asks, *(_text_table(*table) for table in self.tables), self.answer]
        return "\n".join(part for part in parts if part)

    def html(self) -> str:
        """The same as paragraphs and tables."""
        tables = [_html_table(*table) for table in self.tables]
        return "\n".join([paragraph(self.asks), *tables, *([paragraph(self.answer)] if self.answer else [])])


@dataclass(frozen=True, repr=False)
class Practice:
    """One question. `.check(value)` judges an answer, `.next()` asks a harder one, `.solution()` shows the way."""

    exercise: Exercise
    level: int
    seed: int
    package: str = "gradekit"  # that the line to share names
    _tries: list[Any] = field(default_factory=list, compare=False)

    @cached_property
    def args(self) -> Args:
        """The case, in the order of the exercise's parameters: `my_function(*question.args)` tries a function on it."""
        key = [self.seed, self.level, zlib.crc32(self.exercise.id.encode())]
        return draw_case(self.exercise, self.exercise.levels[self.level - 1], np.random.default_rng(key))

    @cached_property
    def question(self) -> Question:
        """What is asked, in words and tables."""
        if self.exercise.question is None:
            return Question(f"{self.exercise.asks} What is `{self.exercise.call(self.args)}`?".strip())
        asked = self.exercise.question(*self.args)
        return Question(asked) if isinstance(asked, str) else asked

    def check(self, value: Any) -> Answer:
        """Judge an answer: a value, or a function, which is called on the case first. The right result is not told."""
        right, text, mistakes = judge(self.exercise, self.args, value)
        if not right:
            self._tries.append(value)
            text += " To see how it is done, call `.solution()` of this question." if len(self._tries) > 1 else ""
        return Answer(right, text, mistakes, self)

    def next(self) -> Practice:
        """Another question, a level higher as long as there is one."""
        return Practice(self.exercise, min(self.level + 1, len(self.exercise.levels)), self.seed + 1, self.package)

    def solution(self) -> Any:
        """The right result and, where the exercise has a solution, the way to it."""
        if self.exercise.solution is None:
            return expected(self.exercise, self.args)
        return self.exercise.solution(*self.args)

    def share(self) -> str:
        """The line of code that gives this question again."""
        return f'{self.package}.practice("{self.exercise.id}", level={self.level}, seed={self.seed})'

    def __str__(self) -> str:
        return f"{self.title}\n{self.question}\n{_HOW}\n{_AGAIN} {self.share()}"

    __repr__ = __str__

    @property
    def title(self) -> str:
        """The exercise, the level and the number of levels."""
        return f"Practice {self.exercise.id}, level {self.level} of {len(self.exercise.levels)}"

    def html(self) -> str:
        """Heading, question and the line to share, without a frame."""
        heading = f'<h4 style="margin: 0.2em 0; font-size: 1em">{escape(self.title)}</h4>'
        return "\n".join([heading, self.question.html(), paragraph(_HOW), paragraph(f"{_AGAIN} `{self.share()}`")])

    def _repr_html_(self) -> str:
        return _framed(self.title, self.html())


_HOW = "Call `.check(your_answer)` on this question, and then `.next()` for another one."
_AGAIN = "The same question again:"


@dataclass(frozen=True, repr=False)
class Answer:
    """The verdict on an answer: whether it is `right`, the `text`, and the `mistakes` that it singles out, by name."""

    right: bool
    text: str
    mistakes: tuple[str, ...]
    asked: Practice

    def __str__(self) -> str:
        return f"{self.text}\n\n{self.asked.next()}" if self.right else self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        said = paragraph(self.text)
        if not self.right:
            return _framed("Not yet", said)
        return _framed("Right", f"{said}\n{self.asked.next().html()}")


def practice(
    exercise_id: str, level: int | None = None, seed: int | None = None, *, package: str = "gradekit"
) -> Practice:
    """A question of an exercise to practice on, of the easiest level by default. A seed gives the same question again.

    `package` is the one that the line to share names. Raises UnknownExercise for an unknown id, NoQuestion for a level
    that the exercise does not have.

    >>> from gradekit import Exercise, register
    >>> register(Exercise("double", "double", ("n",), lambda n: 2 * n, levels=[lambda rng: (int(rng.integers(9)),)]))
    >>> print(practice("double", seed=7).question)
    What is `double(n=6)`?
    """
    asked = find(exercise_id)
    if not asked.levels:
        raise NoQuestion(f"{asked.id} has no levels to practice on")
    level = 1 if level is None else _whole("level", level, 1)
    if level > len(asked.levels):
        raise NoQuestion(f"level is {level}, and {asked.id} has the levels 1 to {len(asked.levels)}.")
    drawn = np.random.default_rng().integers(SEEDS) if seed is None else _whole("seed", seed, 0)
    return Practice(asked, level, int(drawn), package)


class NoQuestion(ExerciseError, ValueError):
    """There is no practice question with this level or seed."""


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise NoQuestion(f"{name} is {value!r}; a whole number of at least {least} is needed.")
    return int(value)


def expected(asked: Exercise, args: Args) -> Any:
    """The right result of a case to practice on."""
    return (asked.practice_rule or asked.rule)(*args)


def draw_case(asked: Exercise, draw: Draw, rng: np.random.Generator) -> Args:
    """The first drawn case on which all wrong rules differ; else the one with the fewest that can't be told apart."""
    best, fewest = draw(rng), -1
    right = expected(asked, best)
    for args in (best, *(draw(rng) for _ in range(CANDIDATES[isinstance(right, np.ndarray)] - 1))):
        alike = _alike(asked, args)
        if fewest < 0 or alike < fewest:
            best, fewest = args, alike
        if alike == 0:
            break
    return best


def _alike(asked: Exercise, args: Args) -> int:
    """How many wrong rules share their result with another rule, right or wrong."""
    keys = [_key(mistake, args) for mistake in asked.mistakes]
    right = as_array(expected(asked, args))
    seen = Counter([*keys, None if right is None else _rounded(right)])
    return sum(key is not None and seen[key] > 1 for key in keys)


def _key(mistake: Mistake, args: Args) -> Hashable:
    """What a wrong rule returns on a case, as something to compare; None where it returns no numbers."""
    try:
        numbers = as_array(predict(mistake, args))
    except Exception:  # many a wrong rule raises one, and then there is no number to compare
        return None
    return None if numbers is None else _rounded(numbers)


def _rounded(numbers: np.ndarray) -> Hashable:
    return numbers.shape, tuple(np.round(numbers, 3).ravel() + 0.0)


# -- one answer --------------------------------------------------------------------------------------------------------


def judge(asked: Exercise, args: Args, answer: Any) -> tuple[bool, str, tuple[str, ...]]:
    """Whether an answer is right, what to say to it, and the names of the mistakes that it singles out."""
    outcome = Outcome(answer)
    if callable(answer) and not hasattr(answer, "shape"):
        outcome = run(answer, args, forbidden=asked.forbidden)
        if outcome.called:
            return False, "Not yet: your function called a ready-made one. Write it yourself.", ()
        if outcome.error is not None:
            return False, f"Not yet: your function {stopped(outcome)} {meaning(asked, outcome)}", ()
    right = expected(asked, args)
    value = _fitted(outcome.value, right)
    read = asked.read if asked.practice_rule is None else as_expected
    difference = read(value, right)
    if difference is None:
        return True, f"Right: {f'all {right.size} numbers' if isinstance(right, np.ndarray) else right}.", ()
    mistake, _ = single_out(asked, [Tried(args, right, Outcome(value), difference, visible=True)])
    text = f"Not yet: {_seen(difference, right)}"
    return (False, f"{text} {_explained(mistake)}", mistake.names) if mistake else (False, text, ())


def _fitted(value: Any, right: Any) -> Any:
    """An array that was written without the axes of the batch or of the only filter, with them."""
    numbers = as_array(value)
    if numbers is None or not isinstance(right, np.ndarray):
        return value
    return numbers.reshape(right.shape) if numbers.shape in _short_shapes(right.shape) else value


def _short_shapes(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    images = [shape, shape[1:]] if len(shape) == 4 and shape[0] == 1 else [shape]
    for image in images:
        yield image
        if image[-1] == 1:
            yield image[:-1]


def _seen(difference: Difference, right: Any) -> str:
    """What is seen in the answer, and the kind of answer that is needed; never the right numbers or their shape."""
    told = difference.where == "type" or (difference.where == "shape" and not isinstance(right, np.ndarray))
    return f"you answered {difference.seen}" + (f"; {difference.right} is needed." if told else ".")


def _explained(mistake: Mistake) -> str:
    did = " ".join(single.did for single in mistake.single)
    helps = " ".join(single.helps for single in mistake.single)
    return f"A wrong rule gives exactly this: {did[:1].lower()}{did[1:]} {helps}".rstrip()


# -- how it is shown ---------------------------------------------------------------------------------------------------


def paragraph(text: str) -> str:
    """Text as an HTML paragraph, what is between backticks as code."""
    return f'<p style="margin: 0.3em 0">{with_code(text)}</p>'


def _framed(title: str, content: str) -> str:
    return f'<section aria-label="{escape(title)}" style="{FRAME}">\n{content}\n</section>'


def _text_table(name: str, values: np.ndarray) -> str:
    cells = [[f"{value:g}" for value in row] for row in values]
    width = max(len(cell) for row in cells for cell in row)
    return "\n".join([f"{name}:", *("  " + " ".join(cell.rjust(width) for cell in row) for row in cells)])


def _html_table(name: str, values: np.ndarray) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f'<td style="{CELL}">{value:g}</td>' for value in row) + "</tr>" for row in values
    )
    return f'<table>\n<caption style="{CAPTION}">{escape(name)}</caption>\n<tbody>\n{rows}\n</tbody>\n</table>'
