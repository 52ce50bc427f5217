"""What is right for a case, what the known wrong rules give for it, and cases on which they all differ."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from ..exercise import Args, Exercise
from ..mistakes import MISTAKES, Mistake
from ..reading import as_array
from .levels import Draw

CANDIDATES = 8  # cases that are drawn, to keep the one on which most wrong rules can be told apart
FEW_CANDIDATES = {"conv2d": 4}  # they take longer to compare
FEW_RESULTS = {"same-padding", "output-length"}  # a small number is met by some pair of mistakes too easily


def expected(asked: Exercise, args: Args) -> Any:
    """What is right. The edge filter's cases bring a kernel along, and ask what it answers."""
    if asked.id == "edge-filter":
        image, kernel = args
        return asked.as_function(kernel[:, :, None, None])(image)
    return asked.rule(*args)


def draw_case(asked: Exercise, draw: Draw, rng: np.random.Generator) -> Args:
    """The first case on which all wrong rules differ; else the one with the fewest that can't be told apart."""
    best, fewest = draw(rng), -1
    for args in (best, *(draw(rng) for _ in range(FEW_CANDIDATES.get(asked.id, CANDIDATES) - 1))):
        alike = _alike(asked, args)
        if fewest < 0 or alike < fewest:
            best, fewest = args, alike
        if alike == 0:
            break
    return best


def told_by(asked: Exercise, args: Args, value: Any) -> Mistake | None:
    """The one known wrong rule that gives `value` here; None where there is none, or more than one."""
    given = _key(value)
    if given is None or given == _key(expected(asked, args)):
        return None
    mistakes = MISTAKES.get(asked.id, ())
    matching = [mistake for mistake, key in zip(mistakes, _keys(mistakes, args), strict=True) if key == given]
    return _only_one(matching, pairs_count=asked.id not in FEW_RESULTS)


def _only_one(matching: list[Mistake], pairs_count: bool) -> Mistake | None:
    """The mistake that all others only add to, where what they add can't be seen on this case."""
    singles = {mistake.name: mistake for mistake in matching if not mistake.both}  # some have two rules to a name
    if len(singles) == 1 and all(set(singles) & set(mistake.names) for mistake in matching):
        return next(iter(singles.values()))
    return matching[0] if len(matching) == 1 and pairs_count else None


def _alike(asked: Exercise, args: Args) -> int:
    """How many single wrong rules share their result with another rule, right or wrong."""
    keys = _keys([mistake for mistake in MISTAKES.get(asked.id, ()) if not mistake.both], args)
    seen = Counter([*keys, _key(expected(asked, args))])
    return sum(key is not None and seen[key] > 1 for key in keys)


def _keys(mistakes: Sequence[Mistake], args: Args) -> list[Hashable]:
    """What each wrong rule gives on a case; None where it gives no numbers."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [_key(_result(mistake, args)) for mistake in mistakes]


def _result(mistake: Mistake, args: Args) -> Any:
    try:
        return mistake.rule(*(value.copy() if isinstance(value, np.ndarray) else value for value in args))
    except Exception:  # many a wrong rule ends in one, and then there is no number to compare
        return None


def _key(value: Any) -> Hashable:
    """A result as something to compare: its shape, and its numbers to the third digit. None for what is no number."""
    numbers = as_array(value)
    return None if numbers is None else (numbers.shape, tuple(np.round(numbers, 3).ravel() + 0.0))
