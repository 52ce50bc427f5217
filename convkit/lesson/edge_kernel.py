"""The diagnosis of an edge filter, which is an array: its evidence is algebra on nine numbers, and their shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradekit.exercise.compare import as_array
from gradekit.exercise.diagnosis import Diagnosis, Found
from gradekit.exercise.model import Exercise
from gradekit.exercise.trial import Tried, try_out

from .mistakes.edges import KINDS, SHAPES, sums

SHAPE = (3, 3, 1, 1)


def diagnose_kernel(asked: Exercise, kernel: Any) -> Diagnosis:
    """What the kernel responds to, and which kind of kernel it is."""
    numbers = as_array(kernel)
    if numbers is None or not np.isfinite(numbers).all():
        seen = f"{asked.name} is not an array of numbers: it is {_kind(kernel)}."
        advice = "A kernel is an array of nine numbers, of the shape (3, 3, 1, 1)."
        return Diagnosis(asked.id, asked.name, "no-answer", seen=seen, advice=advice)
    if numbers.shape != SHAPE:
        return _other_shape(asked, numbers)
    cases = try_out(asked, asked.function(kernel)).cases
    right = sum(case.right for case in cases)
    if right == len(cases):
        return Diagnosis(asked.id, asked.name, "right", advice=asked.next_step, right_cases=right, cases=right)
    found = _kinds(numbers.reshape(3, 3))
    return Diagnosis(
        asked.id,
        asked.name,
        "mistake" if found else "differs",
        found,
        seen=_answered(asked, cases),
        derivation=sums(numbers.reshape(3, 3)) if numbers.any() else "",
        advice="" if found else "Put it on each of the three images, pixel by pixel, and add up.",
        right_cases=right,
        cases=len(cases),
    )


def _other_shape(asked: Exercise, numbers: np.ndarray) -> Diagnosis:
    found = tuple(Found(name, did, helps) for name, did, helps, fits in SHAPES if fits(numbers.shape))
    nine = numbers.size == 9 and bool(found) and numbers.any()
    return Diagnosis(
        asked.id,
        asked.name,
        "mistake" if found else "differs",
        (*found, *(_kinds(numbers.reshape(3, 3)) if nine else ())),
        seen=f"{asked.name} has the shape {numbers.shape}.",
        derivation=sums(numbers.reshape(3, 3)) if nine and len(_kinds(numbers.reshape(3, 3))) else "",
        advice="" if found else "The question asks for the shape (3, 3, 1, 1): height, width, channels in, filters.",
    )


def _kinds(nine: np.ndarray) -> tuple[Found, ...]:
    fitting = [kind for kind in KINDS if kind.fits(nine)]
    return tuple(Found(kind.name, kind.did, kind.helps) for kind in fitting) if len(fitting) == 1 else ()


def _kind(kernel: Any) -> str:
    if isinstance(kernel, np.ndarray):
        return "an array with values that are not finite numbers"
    return "None" if kernel is None else f"of type {type(kernel).__name__}"


_IMAGES = ("a vertical edge", "a horizontal edge", "a flat image")


def _answered(asked: Exercise, cases: tuple[Tried, ...]) -> str:
    shown = [case for case in cases if case.visible]
    told = [
        f"{'responds to' if case.value else 'does not respond to'} {name}"
        for case, name in zip(shown, _IMAGES, strict=True)
    ]
    return f"{asked.name} {told[0]}, {told[1]}, and {told[2]}."
