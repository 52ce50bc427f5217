"""Does a result agree with what a wrong rule gives? Numbers, pairs and arrays: type first, then shape, then values."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .reading import TOLERANCE, as_array


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
    if isinstance(value, np.ndarray):
        return value.shape == predicted.shape and bool(np.allclose(value, predicted, rtol=TOLERANCE, atol=TOLERANCE))
    return bool(abs(value - predicted) <= 1e-9) if isinstance(value, float) else bool(value == predicted)
