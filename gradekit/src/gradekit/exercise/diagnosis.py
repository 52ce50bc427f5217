"""What a diagnosis is: data, from which the check in the notebook, the graded cells and reports take their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .exercise import Args

Kind = Literal[
    "right",  # in every case tried
    "mistake",  # known ones are singled out by the evidence
    "differs",  # not right, and nothing more is known
    "stopped",  # with an error
    "slow",
    "unwritten",
    "no-answer",  # no function where a function belongs, no array where an array belongs
]


@dataclass(frozen=True)
class Found:
    """A known mistake that the evidence singles out: what was done, and what could help."""

    name: str
    did: str
    helps: str


@dataclass(frozen=True)
class Diagnosis:
    """What was seen of an answer. Nothing in it tells what would be right."""

    exercise: str
    answer: str  # the name of the student's function or array
    kind: Kind
    found: tuple[Found, ...] = ()
    seen: str = ""  # the call of the smallest case that is not right, and what came of it
    derivation: str = ""  # how a known mistake comes to that result
    advice: str = ""  # where to look, if no mistake is named; an idea to try next, if all is right
    notes: tuple[str, ...] = ()  # what else was seen: prints, changed arguments, where it is right
    case: Args | None = None  # the arguments of that smallest case
    right_cases: int = 0
    cases: int = 0

    @property
    def right(self) -> bool:
        """Right in every case that was tried."""
        return self.kind == "right"

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of the mistakes, empty unless the evidence singles them out."""
        return tuple(found.name for found in self.found)
