"""Serialize results as JSON and back: what may leave a process in which a student's code has run.

Decoding runs no code: numbers, text, lists, dictionaries, sets and arrays of numbers; for anything else, the name of
its type and its repr.
"""

from __future__ import annotations

import base64
import builtins
import json
import math
import operator
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .run import Outcome, TookTooLong

LONGEST_TEXT = 4000  # characters
MOST_ITEMS = 1000  # of a list; a student's array of results is an array
MOST_BYTES = 2_000_000  # of an array
DEEPEST = 4  # lists in lists
KINDS = "biuf"  # of NumPy: booleans, whole numbers, floats
KIND = re.compile(r"[<>|=][biuf]\d{1,2}")  # as NumPy writes one of them; it reads much more than that
MOST_AXES = 32


class Placeholder:
    """Placeholder for a value that can't be serialized: its type's name and its repr are those of the value."""

    text = ""

    def __repr__(self) -> str:
        return self.text


def encode(value: Any, depth: int = 0) -> Any:
    """A value in JSON's types.

    >>> encode((1, 2.5))
    {'tuple': [{'int': '1'}, {'float': '2.5'}]}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)[:LONGEST_TEXT]
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in KINDS and value.nbytes <= MOST_BYTES:
        return _encode_array(value)
    if isinstance(value, dict) and len(value) <= MOST_ITEMS and depth < DEEPEST:
        return {"dict": [[_encode_key(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]}
    if isinstance(value, set | frozenset) and len(value) <= MOST_ITEMS and depth < DEEPEST:
        items = (_encode_key(item, depth + 1) for item in value)
        return {"set": sorted(items, key=json.dumps)}  # of the same set, the same
    if isinstance(value, tuple | list) and len(value) <= MOST_ITEMS and depth < DEEPEST:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(item, depth + 1) for item in value]}
    if (found := _encode_number(value) or _encode_tensor(value)) is not None:
        return found
    return {"something": type(value).__name__[:100], "text": _text(value)}


def _encode_key(value: Any, depth: int) -> Any:
    """A key, or an item of a set. No set is: one of sets whose hashes collide takes hours to decode."""
    return encode(value, DEEPEST if isinstance(value, frozenset) else depth)


def _encode_array(value: np.generic | np.ndarray) -> dict[str, Any]:
    kind = "scalar" if isinstance(value, np.generic) else "array"
    data = base64.b64encode(np.asarray(value).tobytes()).decode()
    return {kind: np.asarray(value).dtype.str, "shape": list(value.shape), "data": data}


def _encode_number(value: Any) -> dict[str, str] | None:
    try:
        if isinstance(value, float):
            return {"float": float.__repr__(value)}
        return {"int": str(int.__pos__(operator.index(value)))}
    except (TypeError, ValueError):  # not a number, or one too long to be written
        return None


def _encode_tensor(value: Any) -> dict[str, Any] | None:
    if not hasattr(value, "shape"):
        return None
    try:
        numbers = np.asarray(value)
    except Exception:  # a student's object may raise anything
        return None
    if numbers.dtype.kind not in KINDS or numbers.nbytes > MOST_BYTES:
        return None
    return {"tensor": type(value).__name__[:100], "text": _text(value), **_encode_array(numbers)}


def _text(value: Any) -> str:
    try:
        return repr(value)[:LONGEST_TEXT]
    except Exception:
        return f"a value of type {type(value).__name__[:100]}"


def decode(data: Any) -> Any:
    """The value that was encoded, or a placeholder for it.

    Raises ValueError for data that `encode` never makes.

    >>> decode(encode((1, 2.5))), decode(encode({"strides": 2}))
    ((1, 2.5), {'strides': 2})
    """
    try:
        return _decode(data, 0)
    except Exception as problem:  # a forged reply may hold anything
        raise ValueError(f"not plain data: {type(problem).__name__}") from None


def _decode(data: Any, depth: int) -> Any:
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, str):
        return clean(data)
    if not isinstance(data, dict):
        raise ValueError(f"not plain data: {type(data).__name__}")
    for kind in ("tuple", "list"):
        if kind in data:
            items = _items(data[kind], depth)
            return tuple(items) if kind == "tuple" else items
    if "dict" in data:
        pairs = _listed(data["dict"], depth)
        return {_decode(key, depth + 1): _decode(item, depth + 1) for key, item in pairs}
    if "set" in data:
        return set(_items(data["set"], depth))
    for kind, read in _READERS.items():
        if kind in data:
            return read(data)
    raise ValueError("not plain data: none of the known kinds")


def _items(items: Any, depth: int) -> list[Any]:
    return [_decode(item, depth + 1) for item in _listed(items, depth)]


def _listed(items: Any, depth: int) -> list[Any]:
    if not isinstance(items, list) or depth >= DEEPEST or len(items) > MOST_ITEMS:
        raise ValueError("a list is needed, not too long and not too deep")
    return items


def clean(text: Any) -> str:
    """A text that can be written to a file, shortened to LONGEST_TEXT."""
    if not isinstance(text, str):
        raise ValueError("a text is needed")
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def _array(data: dict[str, Any]) -> np.ndarray:
    name = data.get("array", data.get("scalar"))
    if not isinstance(name, str) or not KIND.fullmatch(name):
        raise ValueError("not an array of numbers")
    shape, content = data["shape"], base64.b64decode(data["data"], validate=True)
    if len(content) > MOST_BYTES or len(shape) > MOST_AXES or any(type(length) is not int for length in shape):
        raise ValueError("too much of an array")
    values = np.frombuffer(content, np.dtype(name))
    if min(shape, default=0) < 0 or math.prod(shape) != values.size:
        raise ValueError("the shape does not fit the data")
    return values.reshape(shape)


def _tensor(data: dict[str, Any]) -> Placeholder:
    numbers = _array(data)

    def give(self: Any, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return numbers.astype(dtype) if dtype else numbers

    return _something(data["tensor"], data["text"], shape=numbers.shape, __array__=give)


def _something(name: Any, text: Any, **more: Any) -> Placeholder:
    made: Placeholder = type(clean(name), (Placeholder,), {"text": clean(text), **more})()
    return made


_READERS: dict[str, Any] = {
    "int": lambda data: int(clean(data["int"])),
    "float": lambda data: float(clean(data["float"])),
    "tensor": _tensor,
    "scalar": lambda data: _array(data)[()],
    "array": _array,
    "something": lambda data: _something(data["something"], data["text"]),
}


def encode_outcome(outcome: Outcome) -> dict[str, Any]:
    """What one call did, in JSON's types.

    >>> encode_outcome(Outcome(3))["value"]
    {'int': '3'}
    """
    error, kinds = outcome.error, type(outcome.error).__mro__[:20]
    return {
        "value": encode(outcome.value),
        "error": None if error is None else {"kinds": [kind.__name__[:100] for kind in kinds], "text": _said(error)},
        "line": outcome.line[:LONGEST_TEXT],
        "printed": outcome.printed[:LONGEST_TEXT],
        "warned": outcome.warned[:LONGEST_TEXT],
        "given": [encode(value) for value in outcome.given],
        "called": list(outcome.called[:1]),
    }


def decode_outcome(data: Any, args: Sequence[Any]) -> Outcome:
    """What one call with these arguments did, as its reply says; whether it changed them is decided here.

    Raises ValueError for data that `encode_outcome` never makes.

    >>> decode_outcome(encode_outcome(Outcome(error=ZeroDivisionError("by zero"))), []).error
    ZeroDivisionError('by zero')
    """
    try:
        error, after = data["error"], data["given"]
        return Outcome(
            value=decode(data["value"]),
            error=None if error is None else _error(error["kinds"], clean(error["text"])),
            line=clean(data["line"]),
            printed=clean(data["printed"]),
            warned=clean(data["warned"]),
            changed=tuple(at for at, (one, then) in enumerate(zip(args, after, strict=True)) if encode(one) != then),
            called=tuple(clean(name) for name in data["called"]),
        )
    except Exception as problem:  # a forged reply may hold anything
        raise ValueError(f"not the outcome of a call: {type(problem).__name__}") from None


def _said(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_TEXT]
    except Exception:
        return ""


def _error(kinds: Any, text: str) -> BaseException:
    """An exception with this name, of the first of these kinds that Python itself has."""
    names = [clean(name) for name in kinds]
    if names[0] == "TookTooLong":
        return TookTooLong(text)
    known = (getattr(builtins, name, None) for name in names)
    base = next((kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception | SystemExit)), None)
    base = base or Exception
    if base.__name__ == names[0] and base in (ValueError, TypeError, NotImplementedError, ZeroDivisionError):
        return base(text)
    kind: Any = type(
        names[0], (base,), {"__str__": lambda self: text, "__repr__": lambda self: f"{names[0]}({text!r})"}
    )
    made: BaseException = kind.__new__(kind)
    return made
