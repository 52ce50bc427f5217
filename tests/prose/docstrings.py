"""Which lines of a module's docstrings are prose, and does a formula in one give what the code computes?"""

from __future__ import annotations

import ast
import doctest
import inspect
import io
import math
import re
import tokenize
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from convkit.arguments import ArgumentError, ShapeError
from tests.prose.templates import NAMES

# In a docstring "two" is mostly grammar ("between any two rows"); from three on a word is a number.
WORDS = "three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|hundredth|thousandth"
NUMBER = re.compile(rf"\b\d|\b(?:{WORDS})s?\b", re.IGNORECASE)  # no digit within a name: `tf_conv2d`, `bias_0`
STYLE = re.compile(r"\bkeras2\.10\b")
SIZES = range(1, 6)
ARITHMETIC = {"ceil": math.ceil, "max": max, "min": min}


def states_a_number(line: str) -> bool:
    """Does a line of a docstring state a number? Names such as `tf_conv2d`, float32 and `bias_0` don't count."""
    return bool(NUMBER.search(NAMES.sub(" ", STYLE.sub(" ", line))))


def lines(source: str, module: str) -> Iterator[str]:
    """Each line of prose in the docstrings of a module, after the name of what it belongs to."""
    for name, text in _docstrings(ast.parse(source), module):
        for line in _prose(text):
            yield f"{name}: {line}"


def _docstrings(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Every text that stands by itself, as a docstring does: also one below an attribute."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant) and isinstance(child.value.value, str):
            yield name, inspect.cleandoc(child.value.value)
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _docstrings(child, f"{name}.{child.name}" if named else name)


def _prose(text: str) -> Iterator[str]:
    """The lines that no doctest runs, and the comments in those that one does."""
    for part in doctest.DocTestParser().parse(text):
        if isinstance(part, doctest.Example):
            tokens = tokenize.generate_tokens(io.StringIO(part.source).readline)
            yield from (token.string for token in tokens if token.type == tokenize.COMMENT)
        else:
            yield from filter(None, map(str.strip, part.splitlines()))


def formula(text: str, function: Callable[..., Any], **also: Callable[..., Any]) -> str:
    """A formula as it stands in a docstring, if it gives what the function gives; otherwise where it does not.

    The function's parameters are the formula's letters, and each goes through some sizes; `also` are further letters,
    worked out from these. Sizes that the function refuses are left out.
    """
    letters = list(inspect.signature(function).parameters)
    tried = 0
    for sizes in product(SIZES, repeat=len(letters)):
        try:
            right = function(*sizes)
        except (ArgumentError, ShapeError):
            continue
        known = dict(zip(letters, sizes, strict=True))
        known |= {letter: work_out(*sizes) for letter, work_out in also.items()}
        found = _value(text, known)
        if found != right:
            return f"[{text} is {found} for {known}, and the code says {right}]"
        tried += 1
    return text if tried > len(SIZES) // 2 else f"[{text} was tried {tried} times]"


def comes_to(text: str, right: Any) -> str:
    """A sum of plain numbers as it stands in a docstring, if it comes to what the code says."""
    return text if _value(text, {}) == right else f"[{text} is {_value(text, {})}, and the code says {right}]"


def only(takes: Callable[[int], Any]) -> int:
    """The one whole number that the code takes at a place."""
    (found,) = [number for number in range(-3, 7) if _accepts(takes, number)]
    return found


def refused(call: Callable[[int], Any], value: int) -> str:
    """A value, if the code refuses it."""
    return f"[{value} is taken]" if _accepts(call, value) else str(value)


def _accepts(call: Callable[[int], Any], value: int) -> bool:
    try:
        call(value)
    except (ArgumentError, ShapeError):
        return False
    return True


def _value(text: str, known: dict[str, Any]) -> Any:
    return eval(text, {"__builtins__": {}}, ARITHMETIC | known)
