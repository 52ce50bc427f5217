"""Autograding for any nbgrader course: questions that name mistakes, a sandbox, and parallel grading.

A student's notebook uses `check`, `verify`, `verify_fresh`, `verify_unchanged` and `practice`; a course's author writes
`Exercise` and `Mistake`, and makes them known with `register`. These need NumPy alone, and are imported at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .exercise.mistake import Diagnosis, Mistake, as_returned
    from .exercise.model import Exercise
    from .exercise.practice import Question, practice
    from .exercise.registry import register
    from .exercise.variant import variant
    from .exercise.verdict import Verdict, check
    from .exercise.verify import NotYet, verify, verify_fresh, verify_unchanged, verify_variant

__version__ = "0.1.0"
__all__ = [
    "Diagnosis",
    "Exercise",
    "Mistake",
    "NotYet",
    "Question",
    "Verdict",
    "as_returned",
    "check",
    "practice",
    "register",
    "variant",
    "verify",
    "verify_fresh",
    "verify_unchanged",
    "verify_variant",
]

_MODULES = {
    "Diagnosis": "mistake",
    "Exercise": "model",
    "Mistake": "mistake",
    "NotYet": "verify",
    "Question": "practice",
    "Verdict": "verdict",
    "as_returned": "mistake",
    "check": "verdict",
    "practice": "practice",
    "register": "registry",
    "variant": "variant",
    "verify": "verify",
    "verify_fresh": "verify",
    "verify_unchanged": "verify",
    "verify_variant": "verify",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'gradekit' has no attribute {name!r}")
    return getattr(import_module(f".exercise.{_MODULES[name]}", __name__), name)
