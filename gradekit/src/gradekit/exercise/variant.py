"""Individual variants: the visible cases of a question are drawn from a name that the notebook holds.

The name is written in a cell of the notebook, so that its variant stays the same on every computer and whatever the
student's login is. It is no secret and no proof of identity: grading reads the same cell, and tries the same cases.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

import numpy as np

from .model import Exercise

LONGEST = 2000  # characters of a cell that chooses a variant: longer ones, which cost much to parse, are not read
_name = ""  # of the notebook that is open or graded


def variant(name: str, /) -> None:
    """Choose the variant of a name, such as a login, for the questions of this notebook that have variants.

    Upper and lower case, and spaces at the ends, make no difference.

    >>> variant("Ada ")
    Variant: ada
    """
    global _name
    _name = _seed(name)
    print(f"Variant: {_name}" if _name else "Write your login between the quotation marks: variant('...')")


def name() -> str:
    """The name whose variant is chosen; "" for none."""
    return _name


@contextmanager
def variant_of(name: str) -> Iterator[str]:
    """The variant of a name inside the block, which gets the name in its lower case."""
    global _name
    former, _name = _name, _seed(name)
    try:
        yield _name
    finally:
        _name = former


def chosen(sources: list[str]) -> str:
    """The name in the last `variant("...")` of the cells of a notebook, which are read and not run; "" for none.

    >>> chosen(["import gradekit", "from gradekit import variant\\nvariant('ada')", "%matplotlib inline"])
    'ada'
    """
    found = ""
    for source in sources:
        if "variant" not in source or len(source) > LONGEST:
            continue
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            match node:
                case ast.Expr(ast.Call(ast.Name("variant") | ast.Attribute(attr="variant"), [ast.Constant(str(name))])):
                    found = _seed(name)
    return found


def individual(exercise: Exercise) -> Exercise:
    """An exercise that has variants, with the cases of the chosen name."""
    return _drawn(exercise, _name)


@lru_cache(maxsize=512)
def _drawn(exercise: Exercise, name: str) -> Exercise:
    assert exercise.variants
    digest = hashlib.sha256(f"{exercise.id}\n{name}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest))
    return replace(exercise, visible=tuple(exercise.variants(rng)), variants=None)


def _seed(name: str) -> str:
    return name.strip().casefold()
