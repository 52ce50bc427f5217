"""Compare results: type, then shape, then values; a difference is in the words that a student reads."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# float32 arithmetic in another order of adding differs in the last digits; a wrong rule differs in the first.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Difference:
    """Where a value departs from the expected one ('type', 'shape' or 'values'), what it is, and what is expected.

    `seen` and `right` are noun phrases: "7.0, a float" and "a whole number". `seen` is the student's own. `right` may
    be told for a case of the notebook, never for a fresh one.
    """

    where: str
    seen: str
    right: str

    @property
    def told(self) -> str:
        """Both, to follow a verb such as "returned"."""
        return f"{self.seen}, but {self.right} is {'correct' if self.where == 'values' else 'needed'}"


Reader = Callable[[Any, Any], Difference | None]  # (value, expected) -> the first difference, None for a right value


def as_expected(value: Any, expected: Any) -> Difference | None:
    """Compare by the type of the expected value: a boolean, number, text, tuple, list, dictionary, set or array.

    A whole number may come as a float; `count` is the reader that refuses one.

    >>> as_expected(0.1 + 0.2, 0.3), as_expected("a", "b").seen
    (None, "'a'")
    >>> as_expected({"mean": 0.1 + 0.2}, {"mean": 0.3}), as_expected({2}, {1}).seen
    (None, '{2}')
    """
    if isinstance(expected, bool | np.bool_):
        return truth(value, bool(expected))
    if isinstance(expected, int | float | np.integer | np.floating):
        return number(value, expected)
    if isinstance(expected, np.ndarray):
        return array(value, expected)
    if isinstance(expected, tuple | list) and isinstance(value, tuple | list | np.ndarray):
        return _items(list(value), expected)
    if isinstance(expected, dict) and isinstance(value, dict):
        same = value.keys() == expected.keys() and not any(as_expected(value[key], expected[key]) for key in expected)
        return None if same else Difference("values", shown(value), shown(expected))
    if isinstance(expected, set | frozenset) and isinstance(value, set | frozenset):
        return None if value == expected else Difference("values", shown(value), shown(expected))
    if type(value) is not type(expected):
        return _of_type(value, f"a value of type {type(expected).__name__}")
    return None if value == expected else Difference("values", shown(value), shown(expected))


def _items(values: list[Any], expected: Sequence[Any]) -> Difference | None:
    if len(values) != len(expected):
        return Difference("shape", _many(len(values), "item"), str(len(expected)))
    for index, (value, right) in enumerate(zip(values, expected, strict=True)):
        if found := as_expected(value, right):
            return Difference(found.where, f"{found.seen} at index {index}", found.right)
    return None


def _of_type(value: Any, wanted: str) -> Difference:
    return Difference("type", f"{shown(value)}, {_kind(value)}", wanted)


def truth(value: Any, expected: bool) -> Difference | None:
    """True or False, Python's or NumPy's.

    >>> truth(np.True_, True), truth(1, True).seen
    (None, '1, an int')
    """
    if not isinstance(value, bool | np.bool_):
        return _of_type(value, "True or False")
    return None if bool(value) == expected else Difference("values", str(bool(value)), str(expected))


def number(value: Any, expected: Any) -> Difference | None:
    """A number: exactly a whole one, any other within a relative tolerance of TOLERANCE."""
    numbers = as_array(value)
    if numbers is None or numbers.ndim:
        return _of_type(value, "a number")
    tolerance = 0 if isinstance(expected, int | np.integer) else TOLERANCE
    if np.isclose(numbers, expected, rtol=tolerance, atol=0):
        return None
    return Difference("values", f"{float(numbers):g}", f"{expected:g}")


def count(value: Any, expected: int) -> Difference | None:
    """A whole number: Python's or NumPy's, not a float, a boolean or text.

    >>> count(76, 76), count(76.0, 76).seen
    (None, '76.0, a float')
    """
    number = _as_count(value)
    if number is None:
        return _of_type(value, "a whole number")
    return None if number == expected else Difference("values", str(number), str(expected))


def whole_numbers(*names: str) -> Reader:
    """A reader of several whole numbers, given as a tuple, a list or an array.

    >>> pair = whole_numbers("before", "after")
    >>> pair((0, 1), (0, 1)), pair([1, 0], (0, 1)).seen, pair(1, (0, 1)).right
    (None, '(1, 0)', 'a pair (before, after)')
    """
    wanted = f"{'a pair' if len(names) == 2 else f'a tuple of {len(names)} numbers'} ({', '.join(names)})"

    def read(value: Any, expected: Any) -> Difference | None:
        items = list(value) if isinstance(value, tuple | list | np.ndarray) else None
        if items is None:
            return _of_type(value, wanted)
        if len(items) != len(names):
            return Difference("shape", f"{shown(value)}, {_many(len(items), 'value')}", wanted)
        numbers = tuple(_as_count(item) for item in items)
        if None in numbers:
            return Difference("type", shown(value), f"{wanted.split(' (')[0]} of whole numbers")
        return None if numbers == tuple(expected) else Difference("values", str(numbers), str(tuple(expected)))

    return read


def array(value: Any, expected: np.ndarray) -> Difference | None:
    """An array of numbers: type, then shape, then values within a small tolerance.

    >>> array(np.zeros((4, 4)), np.zeros((1, 4, 4, 1))).seen
    'an array of shape (4, 4)'
    """
    numbers = as_array(value)
    if numbers is None:
        return _of_type(value, "an array of numbers")
    if numbers.shape != expected.shape:
        return Difference("shape", f"an array of shape {numbers.shape}", f"the shape {expected.shape}")
    wrong = ~np.isclose(numbers, expected, rtol=TOLERANCE, atol=TOLERANCE)
    if not wrong.any():
        return None
    position = tuple(int(axis[0]) for axis in np.nonzero(wrong))
    count, of_all = int(wrong.sum()), f"{wrong.sum()} of {wrong.size} values"
    are = "is" if count == 1 else "are"
    seen = f"an array in which {of_all} {are} wrong; at {position} it has {numbers[position]:g}"
    return Difference("values", seen, f"{expected[position]:g}")


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
    if value is None:
        return "the result of a function without `return`"
    return article(type(value).__name__)


def shown(value: Any, width: int = 60) -> str:
    """A value as text on one line, shortened to `width` characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= width else text[: width - 3] + "..."


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def plain(value: Any) -> Any:
    """A result as plain Python: an int, a float, a tuple of such, an array of floats, or None for anything else.

    >>> plain(np.int64(7)), plain(7.0), plain([1, 2]), plain("7")
    (7, 7.0, (1, 2), None)
    """
    if isinstance(value, bool | np.bool_ | str):
        return None
    if isinstance(value, tuple | list) and all(not isinstance(item, tuple | list | np.ndarray) for item in value):
        return tuple(plain(item) for item in value)
    try:
        return int(operator.index(value))
    except TypeError:
        numbers = as_array(value)
    if numbers is None:
        return None
    if numbers.ndim == 1 and numbers.size <= 3:  # a pair, as an array
        return tuple(plain(item) for item in np.asarray(value))
    return float(numbers) if numbers.ndim == 0 else numbers


def comparable(value: Any) -> Any:
    """A result as the rule of a mistake may return it: plain, a boolean, text, and such in a list, dictionary or set.

    None for anything else.

    >>> comparable(np.True_), comparable("a"), comparable(np.int64(7)), comparable(["a", 7]), comparable({"a": 7})
    (True, 'a', 7, ('a', 7), {'a': 7})
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return set(value)
    found = plain(value)
    if isinstance(value, tuple | list) and (found is None or isinstance(found, tuple)):
        return tuple(map(comparable, value))
    return found


def whole(value: Any) -> Any:
    """A plain result with the floats that are whole numbers as ints: a count may come as a float.

    >>> whole(72.0), whole((0.5, 1.0))
    (72, (0.5, 1))
    """
    if isinstance(value, tuple):
        return tuple(whole(item) for item in value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def agrees(value: Any, predicted: Any) -> bool:
    """Are these two plain results the same, type and shape included?

    >>> agrees(3, 3), agrees(3.0, 3), agrees((0, 1), (0, 1)), agrees(np.zeros((1, 2)), np.zeros(2))
    (True, False, True, False)
    """
    if value is None or type(value) is not type(predicted):
        return False
    if isinstance(value, tuple):
        return len(value) == len(predicted) and all(agrees(*both) for both in zip(value, predicted, strict=True))
    if isinstance(value, dict):
        return value.keys() == predicted.keys() and all(agrees(value[key], predicted[key]) for key in value)
    if isinstance(value, np.ndarray):
        return value.shape == predicted.shape and bool(np.allclose(value, predicted, rtol=TOLERANCE, atol=TOLERANCE))
    return bool(abs(value - predicted) <= 1e-9) if isinstance(value, float) else bool(value == predicted)


def article(noun: str) -> str:
    """The noun with its article.

    >>> article("int"), article("list")
    ('an int', 'a list')
    """
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"
