"""An edge filter, which is an array: its mistakes, and the diagnosis, by algebra on nine numbers.

On an image whose rows are all alike, a window's response is made of the sums of the kernel's columns; on one whose
columns are all alike, of the sums of its rows. On a flat image it is the sum of all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradekit.exercise.compare import as_array
from gradekit.exercise.mistake import Diagnosis
from gradekit.exercise.model import Exercise
from gradekit.exercise.trial import Tried

from .designs import SHAPE, Trait, by_traits, only

Nine = np.ndarray  # (3, 3)


def sums(kernel: Nine) -> str:
    """What the kernel's own sums are, in words.

    >>> sums(np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]))
    'Its rows add up to 3, 0 and -3, its columns to 0, 0 and 0'
    """
    rows, columns = (_listed(kernel.sum(axis=axis)) for axis in (1, 0))
    return f"Its rows add up to {rows}, its columns to {columns}"


def _listed(numbers: np.ndarray) -> str:
    first, second, third = (f"{number + 0.0:.3g}" for number in np.round(numbers, 9))
    return f"{first}, {second} and {third}"


def _none(numbers: np.ndarray, kernel: Nine) -> bool:
    return bool(np.abs(numbers).max() <= 1e-9 * max(float(np.abs(kernel).max()), 1e-12))


def _rows_cancel(kernel: Nine) -> bool:
    return _none(kernel.sum(axis=1), kernel)


def _columns_cancel(kernel: Nine) -> bool:
    return _none(kernel.sum(axis=0), kernel)


def _cancels(kernel: Nine) -> bool:
    return _none(kernel.sum(), kernel)


def _both(kernel: Nine) -> bool:
    return _cancels(kernel) and not _rows_cancel(kernel) and not _columns_cancel(kernel)


def _diagonal(kernel: Nine) -> bool:
    return _both(kernel) and any(_none(k + k.T, kernel) for k in (kernel, kernel[::-1]))


def _one_sign(kernel: Nine) -> bool:
    return bool(kernel.any()) and bool((kernel >= 0).all() or (kernel <= 0).all())


_FLAT = "Lay it on a flat image, where all pixels are alike: how should it respond there, and how does it?"
_DIRECTION = (
    "Lay it on the image that is dark on the left and bright on the right, once left of the edge and once across it."
)

KINDS = (
    Trait(
        "zeros-only",
        "All nine numbers are zero: it responds to nothing.",
        "Which two parts of a patch should it compare?",
        lambda k: not k.any(),
    ),
    Trait(
        "horizontal-edges",
        "It compares what is above with what is below: it responds to horizontal edges, and not to vertical ones.",
        "A vertical edge runs from top to bottom, and has its dark and bright sides left and right. " + _DIRECTION,
        lambda k: bool(k.any()) and _columns_cancel(k) and not _rows_cancel(k),
    ),
    Trait(
        "corners-only",
        "Each of its rows and each of its columns cancels out: it responds to corners, and to no straight edge.",
        _DIRECTION,
        lambda k: bool(k.any()) and _columns_cancel(k) and _rows_cancel(k),
    ),
    Trait(
        "diagonal-edges",
        "It compares one corner with the opposite one: it responds to vertical and to horizontal edges alike.",
        "Lay it across the edge of an image that is dark above and bright below. What would have to cancel out there?",
        _diagonal,
    ),
    Trait(
        "edges-of-both-directions",
        "It responds to vertical edges, and to horizontal ones too.",
        "Lay it across the edge of an image that is dark above and bright below. What would have to cancel out there?",
        lambda k: _both(k) and not _diagonal(k),
    ),
    Trait(
        "blur",
        "All nine numbers are alike: it averages, and responds to every image that is not black.",
        _FLAT,
        lambda k: bool(k.any()) and bool(np.ptp(k) == 0),
    ),
    Trait(
        "one-pixel",
        "Only one of its weights is not 0: each output value is a multiple of a single pixel.",
        "An edge is a difference between two positions. " + _FLAT,
        lambda k: int(np.count_nonzero(k)) == 1,
    ),
    Trait(
        "one-sign-only",
        "All its numbers have the same sign: it adds pixels up, and compares none.",
        "An edge is a difference: one side has to count against the other. " + _FLAT,
        lambda k: _one_sign(k) and int(np.count_nonzero(k)) > 1 and bool(np.ptp(k) != 0),
    ),
    Trait(
        "responds-to-flat-areas",
        "Its numbers don't cancel out: it responds to an image without any edge.",
        _FLAT,
        lambda k: not _one_sign(k) and not _cancels(k),
    ),
)

# Shapes other than (3, 3, 1, 1).
SHAPES = (
    Trait(
        "channel-axes-missing",
        "It has no axes for the channels that go in and come out.",
        "Its shape has to be (height, width, channels in, filters). `np.reshape(kernel, (3, 3, 1, 1))` adds them.",
        lambda shape: shape in ((3, 3), (3, 3, 1)),
    ),
    Trait(
        "axes-in-another-order",
        "It has the right number of axes in another order.",
        "In Keras and TensorFlow a kernel has the shape (height, width, channels in, filters).",
        lambda shape: shape in ((1, 1, 3, 3), (1, 3, 3, 1)),
    ),
    Trait(
        "nine-in-a-row",
        "Its nine numbers are in one row.",
        "`np.reshape` lays them out. A kernel has the shape (height, width, channels in, filters).",
        lambda shape: shape in ((9,), (1, 9), (9, 1)),
    ),
)


def diagnose_kernel(asked: Exercise, kernel: Any) -> Diagnosis:
    """What the kernel responds to, and which kind of kernel it is."""
    numbers = as_array(kernel)
    if numbers is None or not np.isfinite(numbers).all():
        seen = f"{asked.name} is not an array of numbers: it is {_kind(kernel)}."
        advice = "A kernel is an array of nine numbers, of the shape (3, 3, 1, 1)."
        return Diagnosis(asked.id, asked.name, "no-answer", seen=seen, advice=advice)
    if numbers.shape != SHAPE:
        return _other_shape(asked, numbers)
    return _of_nine(asked, numbers)


def _other_shape(asked: Exercise, numbers: np.ndarray) -> Diagnosis:
    found = only(SHAPES, numbers.shape)
    kinds = only(KINDS, numbers.reshape(3, 3)) if found and numbers.any() else ()
    return Diagnosis(
        asked.id,
        asked.name,
        "mistake" if found else "differs",
        (*found, *kinds),
        seen=f"{asked.name} has the shape {numbers.shape}.",
        derivation=sums(numbers.reshape(3, 3)) if kinds else "",
        advice="" if found else "The question asks for the shape (3, 3, 1, 1): height, width, channels in, filters.",
    )


def _kind(kernel: Any) -> str:
    if isinstance(kernel, np.ndarray):
        return "an array with values that are not finite numbers"
    return "None" if kernel is None else f"of type {type(kernel).__name__}"


IMAGES = ("a vertical edge", "a horizontal edge", "a flat image")  # the visible cases


def _answered(asked: Exercise, cases: tuple[Tried, ...]) -> str:
    shown = [(bool(case.value), name) for case, name in zip(cases, IMAGES, strict=False)]
    to, not_to = ([name for responds, name in shown if responds is wanted] for wanted in (True, False))
    if not to:
        return f"{asked.name} responds to none of the three images."
    but = f", but not to {' or '.join(not_to)}" if not_to else ""
    return f"{asked.name} responds to {', '.join(to[:-1])}{' and ' if to[1:] else ''}{to[-1]}{but}."


_of_nine = by_traits(
    KINDS,
    lambda numbers: numbers.reshape(3, 3),
    "Put it on each of the three images, pixel by pixel, and add up.",
    _answered,
    lambda nine: sums(nine) if nine.any() else "",
)
