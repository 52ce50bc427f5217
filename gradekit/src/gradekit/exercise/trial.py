"""Try an answer on the fixed cases of an exercise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare import Difference, agrees, comparable
from .mistake import Args
from .model import Exercise
from .run import WAITING, Elsewhere, Outcome, TookTooLong, run

CASE_SECONDS = 1.8  # an answer to one small case takes milliseconds; an import inside it may take a second
ALL_SECONDS = 1.8


@dataclass(frozen=True)
class Tried:
    """One case, what the answer did with it, and the first difference from what is expected."""

    args: Args
    expected: Any
    outcome: Outcome
    difference: Difference | None
    visible: bool  # in the notebook

    @property
    def right(self) -> bool:
        return self.outcome.error is None and self.difference is None

    @property
    def value(self) -> Any:
        return self.outcome.value


@dataclass(frozen=True)
class Trial:
    """All cases that were tried, the notebook's first."""

    cases: tuple[Tried, ...]
    steady: bool = True  # called again with the same arguments, the answer returned the same result

    @property
    def called(self) -> str:
        """The forbidden function that the answer called in the last case, "" for none."""
        return next(iter(self.cases[-1].outcome.called), "") if self.cases else ""


def try_out(asked: Exercise, function: Callable[..., Any] | Elsewhere) -> Trial:
    """Try an answer on the visible cases and the probes.

    It ends after the first case that takes too long or calls a forbidden function.
    """
    cases: list[Tried] = []
    if isinstance(function, Elsewhere):
        todo = [args for args, _ in asked.expected]
        function.prepare([*todo, *todo[:1]], CASE_SECONDS, ALL_SECONDS)
    clock = _Clock()
    for args, expected in asked.expected:
        with_imports = len(sys.modules)
        outcome = run(function, args, CASE_SECONDS, forbidden=asked.forbidden)
        if len(sys.modules) > with_imports:
            clock = _Clock()  # a library is loaded once
        difference = None if outcome.error is not None else asked.read(outcome.value, expected)
        visible = len(cases) < len(asked.visible)
        cases.append(Tried(args, expected, outcome, difference, visible))
        unwritten = len(cases) == 1 and isinstance(outcome.error, NotImplementedError)
        if unwritten or isinstance(outcome.error, TookTooLong) or outcome.called:
            break
        if clock.is_over():
            cases.append(Tried(args, expected, late(len(cases)), None, visible))
            break
    steady = all(case.right for case in cases) or _repeats(function, cases[0])
    return Trial(tuple(cases), steady)


def takes_shortcut(asked: Exercise, function: Callable[..., Any] | Elsewhere) -> bool:
    """Whether the answer calls a function that `asked.shortcuts` lists. False for an answer in another process."""
    if not asked.shortcuts:
        return False
    return bool(run(function, asked.expected[0][0], CASE_SECONDS, forbidden=asked.shortcuts).called)


class _Clock:
    """Measures ALL_SECONDS of processor time, or WAITING times as long by the clock."""

    def __init__(self) -> None:
        self._worked, self._waited = time.process_time(), time.monotonic()

    def is_over(self) -> bool:
        worked, waited = time.process_time() - self._worked, time.monotonic() - self._waited
        return worked > ALL_SECONDS or waited > WAITING * ALL_SECONDS


def late(cases: int) -> Outcome:
    """The outcome of the case at which all of them together have taken too long.

    >>> late(3).error
    TookTooLong('no end after 1.8 s for 3 small cases')
    """
    return Outcome(error=TookTooLong(f"no end after {ALL_SECONDS:g} s for {cases} small cases"))


def _repeats(function: Callable[..., Any] | Elsewhere, first: Tried) -> bool:
    """Whether a second call returns what the first one did. Only results that can be compared are, not errors."""
    before = comparable(first.value)
    if first.outcome.error is not None or not agrees(before, before):
        return True
    second = run(function, first.args, CASE_SECONDS)
    after = comparable(second.value)
    return second.error is not None or after is None or agrees(before, after)


def size(args: Args) -> float:
    """How large a case is: by its numbers, or by the number of items in its arrays and lists.

    >>> size((8, 3, "x")), size((np.zeros((2, 2)), 1))
    (11.0, 5.0)
    """
    return float(sum(_size(value) for value in args))


def _size(value: Any) -> float:
    if isinstance(value, np.ndarray):
        return float(value.size)
    if isinstance(value, int | float):
        return float(value)
    return float(len(value)) if isinstance(value, list | tuple) else 0.0
