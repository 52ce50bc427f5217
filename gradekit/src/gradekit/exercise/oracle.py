"""Ask the oracle of an exercise, in this process or in another one that has its framework loaded."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

from .mistake import Args
from .model import Exercise

MOST_KEPT = 1000  # results of a grader
LARGEST_KEPT = 16_000  # bytes of one with its arguments

Answerer = Callable[[str, Args], Any]  # the id of an exercise and the arguments of a case -> the true result
_elsewhere: Answerer | None = None
_kept: dict[tuple[str, Any, bytes], bytes] = {}  # the least recently used first


def answered_by(elsewhere: Answerer | None) -> None:
    """Let a grader's function answer for all oracles from now on, once for each case; None for this process."""
    global _elsewhere
    _elsewhere = elsewhere


def true_result(asked: Exercise, args: Args) -> Any:
    """The result that grading compares with: that of the exercise's oracle, or of its rule where it has none."""
    if _elsewhere is None or asked.oracle is None:
        return here(asked, args)
    try:
        case = asked.id, asked.oracle, pickle.dumps(args)
        kept = _kept.pop(case, None)
    except Exception:  # a case that can't be told from others
        return _elsewhere(asked.id, args)
    if kept is not None:
        _kept[case] = kept
        return pickle.loads(kept)  # a copy: what a reader does to it stays there
    found = _elsewhere(asked.id, args)
    _keep(case, found)
    return found


def _keep(case: tuple[str, Any, bytes], found: Any) -> None:
    """Keep a result for the next student, where it is small."""
    try:
        whole = pickle.dumps(found)
    except Exception:  # an object of a framework
        return
    if len(case[2]) + len(whole) <= LARGEST_KEPT:
        _kept[case] = whole
    while len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]


def here(asked: Exercise, args: Args) -> Any:
    """The same, always computed in this process."""
    return (asked.oracle or asked.rule)(*copy.deepcopy(args))
