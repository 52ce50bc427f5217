"""An answer is tried on cases: for each, what happened and what is not right about it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .agree import agrees, plain
from .exercise import Args, Exercise
from .exercises import EXERCISES
from .reading import Slip
from .run import Elsewhere, Outcome, TookTooLong, run

CASE_SECONDS = 1.8  # an answer to one small case takes milliseconds; an import inside it may take a second
ALL_SECONDS = 1.8


@dataclass(frozen=True)
class Tried:
    """One case, what the answer did with it, and the first thing that is not right; `visible` on the page."""

    args: Args
    expected: Any
    outcome: Outcome
    slip: Slip | None
    visible: bool

    @property
    def right(self) -> bool:
        return self.outcome.error is None and self.slip is None

    @property
    def value(self) -> Any:
        return self.outcome.value


@dataclass(frozen=True)
class Trial:
    """All cases that were tried, the notebook's first, and a library's convolution that the answer called."""

    cases: tuple[Tried, ...]
    called: str = ""
    steady: bool = True  # called again with the same arguments, it gave the same result


def try_out(asked: Exercise, function: Callable[..., Any] | Elsewhere) -> Trial:
    """Try an answer on the cases of the notebook and on the probes. It ends with the first that takes too long."""
    cases: list[Tried] = []
    called = ""
    todo = _expected(asked.id)
    if isinstance(function, Elsewhere):
        function.prepare([args for args, _, _ in (*todo, todo[0])], CASE_SECONDS, ALL_SECONDS)
    until = time.monotonic() + ALL_SECONDS
    for args, expected, visible in todo:
        begun, modules = time.monotonic(), len(sys.modules)
        outcome = run(function, args, CASE_SECONDS)
        called = outcome.called[0] if asked.own_work and outcome.called else ""
        if len(sys.modules) > modules:
            until += time.monotonic() - begun  # it loaded a library, once
        slip = None if outcome.error is not None else asked.read(outcome.value, expected)
        cases.append(Tried(args, expected, outcome, slip, visible))
        unwritten = len(cases) == 1 and isinstance(outcome.error, NotImplementedError)
        if unwritten or isinstance(outcome.error, TookTooLong) or called:
            break
        if time.monotonic() > until:
            cases.append(Tried(args, expected, late(len(cases)), None, visible))
            break
    steady = all(case.right for case in cases) or _again(function, cases[0])
    return Trial(tuple(cases), called, steady)


def late(cases: int) -> Outcome:
    """The outcome of the case at which all of them together have taken too long.

    >>> late(3).error
    TookTooLong('no end after 1.8 s for 3 small cases')
    """
    return Outcome(error=TookTooLong(f"no end after {ALL_SECONDS:g} s for {cases} small cases"))


def _again(function: Callable[..., Any] | Elsewhere, first: Tried) -> bool:
    """Does a second call give what the first one gave? Only results are compared, and no errors."""
    before = plain(first.value)
    if first.outcome.error is not None or before is None:
        return True
    second = run(function, first.args, CASE_SECONDS)
    after = plain(second.value)
    return second.error is not None or after is None or agrees(before, after)


@cache
def _expected(exercise_id: str) -> tuple[tuple[Args, Any, bool], ...]:
    """Every case with its right result, by the rule that needs NumPy alone."""
    asked = EXERCISES[exercise_id]
    cases = [(args, True) for args in asked.visible] + [(args, False) for args in asked.probes]
    return tuple((args, asked.rule(*args), visible) for args, visible in cases)


def size(args: Args) -> float:
    """How large a case is: by its numbers, or by what its arrays hold.

    >>> size((8, 3, "valid")), size((np.zeros((2, 2)), 1))
    (11.0, 5.0)
    """
    return float(sum(_size(value) for value in args))


def _size(value: Any) -> float:
    if isinstance(value, np.ndarray):
        return float(value.size)
    return float(value) if isinstance(value, int | float) else 0.0
