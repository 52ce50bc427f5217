"""A known mistake, which is a wrong rule with a name and words, and a diagnosis of an answer; both as data.

The check, the graded cells and reports take their words from a diagnosis.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .serialize import encode

if TYPE_CHECKING:
    from .trial import Tried

Args = tuple[Any, ...]
Contrast = tuple[str, str, Callable[..., bool]]  # words where it holds, words where it doesn't, and the condition


def _no_derivation(*_: Any) -> str:
    return ""


@dataclass(frozen=True)
class Mistake:
    """One wrong rule, or two that are made together (`both`).

    `rule` takes the arguments of the student's function and returns what the mistake leads to: a wrong type or an
    exception too. `derive` returns the words of how this rule comes to its result on a case, "" for none.
    """

    name: str
    rule: Callable[..., Any]
    did: str = ""  # "It counts ...": true of every function with these results, however it is written
    helps: str = ""  # where to look next; never the correct number or formula
    derive: Callable[..., str] = _no_derivation
    both: tuple[Mistake, ...] = ()

    @property
    def single(self) -> tuple[Mistake, ...]:
        """The mistakes that were made: this one, or the two that it is made of."""
        return self.both or (self,)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the mistakes that were made.

        >>> Mistake("no-bias", int).names
        ('no-bias',)
        """
        return tuple(mistake.name for mistake in self.single)


def together(
    first: Mistake, second: Mistake, rule: Callable[..., Any], derive: Callable[..., str] = _no_derivation
) -> Mistake:
    """Two mistakes made at once, as one wrong rule."""
    return Mistake(f"{first.name} + {second.name}", rule, derive=derive, both=(first, second))


def as_returned(results: Mapping[Any, Any]) -> Callable[..., Any]:
    """A wrong rule known by its results alone, by case; ValueError for other cases.

    `gradekit report` writes one for answers that no mistake explains. A case that can't be a key of a dictionary, as it
    has arrays, is named by its `case_key`.

    >>> as_returned({(2, 3): 5})(2, 3)
    5
    """

    def rule(*args: Any) -> Any:
        key = case_key(args)
        if key not in results:
            raise ValueError(f"no result is known for {args}")
        return results[key]

    return rule


def case_key(args: Args) -> Any:
    """A case as the key of a dictionary: its arguments, or a digest where they hold an array or a list."""
    try:
        hash(args)
    except TypeError:
        return hashlib.sha256(json.dumps([encode(value) for value in args]).encode()).hexdigest()[:12]
    return args


@dataclass(frozen=True)
class Pattern:
    """A mistake that shows in *where* an answer is correct: in every case with `right_where`, and in no other.

    What it returns elsewhere, or whether it stops there, depends on how it was written. With `by_chance` it may be
    correct in some of the others too.
    """

    name: str
    did: str
    helps: str
    right_where: Callable[..., bool]
    by_chance: bool = False


Kind = Literal[
    "right",  # in every case that was tried
    "mistake",  # known ones are singled out by the evidence
    "differs",  # not correct, and nothing more is known
    "stopped",  # with an error
    "slow",
    "unwritten",
    "no-answer",  # not a function where one is needed, not an array where one is needed
]


@dataclass(frozen=True)
class Found:
    """A known mistake that the evidence singles out: what was done, and what could help."""

    name: str
    did: str
    helps: str


@dataclass(frozen=True)
class Diagnosis:
    """What was seen of an answer. It never holds a correct result."""

    exercise: str
    answer: str  # the name of the student's function or array
    kind: Kind
    found: tuple[Found, ...] = ()
    seen: str = ""  # the call of the smallest case that is not right, and what came of it
    derivation: str = ""  # how a known mistake comes to that result
    advice: str = ""  # where to look, if no mistake is named; the next step, if all cases are correct
    steps: tuple[tuple[str, bool], ...] = ()  # the aspects of the exercise, and whether they hold
    notes: tuple[str, ...] = ()  # what else was seen: prints, changed arguments, where it is right
    case: Args | None = None  # the arguments of that smallest case
    right_cases: int = 0
    cases: int = 0
    tried: tuple[Tried, ...] = field(default=(), repr=False, compare=False)  # the fixed cases, for reports

    @property
    def right(self) -> bool:
        """Right in every case that was tried."""
        return self.kind == "right"

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of the mistakes, empty unless the evidence singles them out."""
        return tuple(found.name for found in self.found)
