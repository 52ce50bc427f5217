"""A diagnosis, as data: the check, the graded cells and reports take their words from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .mistake import Args

if TYPE_CHECKING:
    from .trial import Tried

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
