"""Ask the oracle of an exercise, in this process or in another one that has its framework loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .mistake import Args
from .model import Exercise

Answerer = Callable[[str, Args], Any]  # the id of an exercise and the arguments of a case -> the true result
_elsewhere: Answerer | None = None


def answered_by(elsewhere: Answerer | None) -> None:
    """Let another process answer for all oracles from now on; None for this one."""
    global _elsewhere
    _elsewhere = elsewhere


def true_result(asked: Exercise, args: Args) -> Any:
    """The result that grading compares with: that of the exercise's oracle, or of its rule where it has none."""
    return here(asked, args) if _elsewhere is None or asked.oracle is None else _elsewhere(asked.id, args)


def here(asked: Exercise, args: Args) -> Any:
    """The same, always computed in this process."""
    return (asked.oracle or asked.rule)(*args)
