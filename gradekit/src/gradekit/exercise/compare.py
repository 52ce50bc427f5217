"""Is an answer right? Its type first, then its shape, then its values; the first slip found is a Slip.

What was `seen` is the student's own. What is `right` stands beside it: a case of the notebook may tell it, a fresh
one may not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# float32 arithmetic in another order of adding differs in the last digits; a wrong rule differs in the first.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Slip:
    """Where an answer departs ('type', 'shape' or 'values'), what was seen there, and what is right there."""

    where: str
    seen: str
    right: str


Reader = Callable[[Any, Any], Slip | None]  # (value, expected) -> the first slip, or None for a right answer


def count(value: Any, expected: int) -> Slip | None:
    """A whole number: Python's or NumPy's, not a float, a boolean or text.

    >>> count(76, 76), count(76.0, 76).seen
    (None, 'it gave 76.0, a float')
    """
    number = _as_count(value)
    if number is None:
        return Slip("type", f"it gave {_shown(value)}, {_kind(value)}", "a whole number is")
    return None if number == expected else Slip("values", f"it gave {number}", f"{expected} is")


def pair(value: Any, expected: tuple[int, int]) -> Slip | None:
    """Two whole numbers, as a tuple or a list.

    >>> pair((0, 1), (0, 1)), pair([1, 0], (0, 1)).seen
    (None, 'it gave (1, 0)')
    """
    items = list(value) if isinstance(value, tuple | list | np.ndarray) else None
    if items is None:
        return Slip("type", f"it gave {_shown(value)}, {_kind(value)}", "a pair (before, after) is")
    if len(items) != 2:
        return Slip("shape", f"it gave {_shown(value)}, {_many(len(items), 'value')}", "a pair (before, after) is")
    numbers = [_as_count(item) for item in items]
    if None in numbers:
        return Slip("type", f"it gave {_shown(value)}", "a pair of whole numbers is")
    if tuple(numbers) == tuple(expected):
        return None
    return Slip("values", f"it gave ({numbers[0]}, {numbers[1]})", f"({expected[0]}, {expected[1]}) is")


def array(value: Any, expected: np.ndarray) -> Slip | None:
    """An array of numbers: type, then shape, then values within a small tolerance.

    >>> array(np.zeros((4, 4)), np.zeros((1, 4, 4, 1))).seen
    'it gave an array of shape (4, 4)'
    """
    numbers = as_array(value)
    if numbers is None:
        return Slip("type", f"it gave {_shown(value)}, {_kind(value)}", "an array of numbers is")
    if numbers.shape != expected.shape:
        return Slip("shape", f"it gave an array of shape {numbers.shape}", f"the shape {expected.shape} is")
    wrong = ~np.isclose(numbers, expected, rtol=TOLERANCE, atol=TOLERANCE)
    if not wrong.any():
        return None
    place = tuple(int(axis[0]) for axis in np.nonzero(wrong))
    seen = (
        f"{int(wrong.sum())} of {_many(wrong.size, 'value')} differ, the first at {place}: it gave {numbers[place]:g}"
    )
    return Slip("values", seen, f"{expected[place]:g} is")


def yes_no(value: Any, expected: bool) -> Slip | None:
    """True or False, Python's or NumPy's.

    >>> yes_no(True, True), yes_no(False, True).seen
    (None, 'it stayed silent')
    """
    if bool(value) == expected:
        return None
    return Slip("values", *(("it answered", "silence is") if value else ("it stayed silent", "an answer is")))


def as_array(value: Any) -> np.ndarray | None:
    """The numbers of an array, a tensor or nested lists, as float64; None where they are not numbers."""
    if value is None or isinstance(value, str | dict | set):
        return None
    try:
        numbers = np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if numbers.dtype.kind not in "iuf":
        return None
    return numbers.astype(np.float64)


def _as_count(value: Any) -> int | None:
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return int.__pos__(operator.index(value))  # a plain int: one of a student's own kind brings its own ==
    except TypeError:
        return None


def _kind(value: Any) -> str:
    name = type(value).__name__
    if value is None:
        return "which is what a function without return gives back"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _shown(value: Any, width: int = 60) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"something of type {type(value).__name__}"
    return text if len(text) <= width else text[: width - 3] + "..."


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
