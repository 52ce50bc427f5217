"""Mistakes that any exercise may have: no return, a float for a count, one answer for all cases.

Each shows in what the answer did, without a rule to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, permutations

import numpy as np

from .compare import agrees, plain
from .mistake import Found
from .trial import Tried

NO_RETURN = Found(
    "no-return",
    "It returns None in at least one case.",
    "Go through your function with these arguments, line by line. Does it reach a `return` with a result after it?",
)
PRINT_FOR_RETURN = Found(
    "print-for-return",
    "It prints its result, and returns None.",
    "`print` shows a value to you; `return` passes it to the code that called the function.",
)
FLOATS = Found(
    "float-for-a-count",
    "It gives floats, such as 2.0, where whole numbers are needed.",
    "`/` always gives a float. `//` divides and rounds down, and `int(...)` makes a whole number.",
)
ALWAYS_THE_SAME = Found(
    "always-the-same",
    "It returns the same result whatever its arguments are.",
    "Does it use its parameters? What should change when one of them grows?",
)
SEVERAL_TIMES = Found(
    "counted-several-times",
    "Its result is the same multiple of the correct one in every case.",
    "Something is counted more often than it should be. Which number in your function does not come from its "
    "parameters?",
)
PAGE_ONLY = Found(
    "only-the-cases-of-the-page",
    "It returns the right results for the cases in the notebook, and for no other case that was tried.",
    "The question asks for a rule that holds for other numbers too. Say in words how you found the results in the "
    "notebook, and write that down with the names of the parameters.",
)
CHANGES_INPUT = Found(
    "input-changed-in-place",
    "It changes an array that it was given.",
    "The caller still needs that array. `x = x.copy()` at the start works on a copy; `x += 1` and "
    "`x[...] = 0` write into the array itself, `x = x + 1` does not.",
)
FORBIDDEN_CALL = Found(
    "ready-made",
    "It calls a ready-made function for what this question asks you to write.",
    "Write it yourself, with loops and NumPy. The ready-made one is good to compare with.",
)
REMEMBERS = Found(
    "not-the-same-twice",
    "Called again with the same arguments, it returns another result.",
    "Does it keep something from call to call, such as a variable outside of the function, or a list that grows? Set "
    "it up inside the function.",
)
SUM_NOT_RESET = Found(
    "sum-not-reset",
    "The sum goes on from one value of the result to the next.",
    "Where does the sum start again from 0? It has to, for every value of the result.",
)
RETURN_TOO_EARLY = Found(
    "only-the-first-part-filled",
    "Only the first part of its result is computed, and the rest is zero.",
    "Look how far `return` is indented. Inside a loop it ends the function in the first iteration.",
)
VALUES_AT_OTHER_POSITIONS = Found(
    "values-at-other-positions",
    "All values of its result are right, but many are at another position.",
    "`reshape` arranges the values again, row by row, and moves no axis. `np.transpose`, `np.moveaxis` and "
    "`np.stack(..., axis=-1)` do.",
)


def no_return(cases: Sequence[Tried]) -> Found | None:
    """None in some case, and no error before it."""
    empty = [case for case in cases if case.outcome.error is None and case.value is None]
    if not empty:
        return None
    return PRINT_FOR_RETURN if all(case.outcome.printed.strip() for case in empty) else NO_RETURN


def always_the_same(cases: Sequence[Tried]) -> Found | None:
    """One result for all cases, where not all right results are alike."""
    values = [plain(case.value) for case in cases]
    if len(cases) < 3 or any(case.outcome.error for case in cases) or not all(agrees(v, values[0]) for v in values):
        return None
    return ALWAYS_THE_SAME


def several_times(cases: Sequence[Tried]) -> Found | None:
    """One whole multiple of the right result in all cases, such as a count at each of many positions."""
    pairs = [(plain(case.value), case.expected) for case in cases]
    if len(pairs) < 3 or not all(isinstance(mine, int) and isinstance(want, int) and want for mine, want in pairs):
        return None
    multiples = {divmod(mine, want) for mine, want in pairs}
    many, rest = next(iter(multiples))
    return SEVERAL_TIMES if len(multiples) == 1 and many > 1 and rest == 0 else None


def page_only(cases: Sequence[Tried]) -> Found | None:
    """Right in every visible case; elsewhere always an error, None, or a result that a visible case has."""
    shown, others = ([case for case in cases if case.visible is where] for where in (True, False))
    if len(others) < 3 or not all(case.right for case in shown) or any(case.right for case in others):
        return None
    listed = [plain(case.value) for case in shown]
    first = plain(others[0].value)

    def from_a_list(case: Tried) -> bool:
        value = plain(case.value)
        known = any(agrees(value, other) for other in (*listed, first))
        return case.outcome.error is not None or case.value is None or known

    return PAGE_ONLY if all(from_a_list(case) for case in others) else None


def of_arrays(cases: Sequence[Tried]) -> Found | None:
    """A mistake that shows in the values of an array of the right shape."""
    pairs = [(plain(case.value), np.asarray(case.expected)) for case in cases if not case.right]
    if len(pairs) < 3 or not all(isinstance(mine, np.ndarray) and mine.shape == want.shape for mine, want in pairs):
        return None
    if any(all(agrees(mine, way(want)) for mine, want in pairs) for way in _running_sums(pairs[0][1].ndim)):
        return SUM_NOT_RESET
    if any(all(agrees(mine, _first(want, axes)) for mine, want in pairs) for axes in _some_axes(pairs[0][1].ndim)):
        return RETURN_TOO_EARLY
    if all(agrees(np.sort(mine, axis=None), np.sort(want, axis=None)) for mine, want in pairs):
        return VALUES_AT_OTHER_POSITIONS
    return None


def _running_sums(axes: int) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Sums along loops in any order, that start again after some of the outer ones."""
    for order in permutations(range(axes)):
        for outer in range(axes):
            yield partial(_summed, order=order, outer=outer)


def _summed(want: np.ndarray, order: tuple[int, ...], outer: int) -> np.ndarray:
    turned = want.transpose(order)
    rows = turned.reshape(*turned.shape[:outer], -1).cumsum(axis=-1)
    return rows.reshape(turned.shape).transpose(np.argsort(order))


def _some_axes(axes: int) -> Iterator[tuple[int, ...]]:
    for many in range(1, axes + 1):
        yield from combinations(range(axes), many)


def _first(want: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The result of loops of which those over some axes end in their first turn."""
    at = tuple(slice(0, 1) if axis in axes else slice(None) for axis in range(want.ndim))
    filled = np.zeros_like(want)
    filled[at] = want[at]
    return filled
