"""Mistakes in a 3x3 kernel that should answer to vertical edges only. What it answers to is algebra on nine numbers.

On an image whose rows are all alike, a window's response is made of the sums of the kernel's columns; on one whose
columns are all alike, of the sums of its rows. On a flat image it is the sum of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Nine = np.ndarray  # (3, 3)


@dataclass(frozen=True)
class Kind:
    """A kind of kernel with a name, the sentence that says what it does, and the one that helps."""

    name: str
    did: str
    helps: str
    fits: Callable[[Nine], bool]


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


_FLAT = "Lay it on a flat image, where all pixels are alike: what should it answer there, and what does it?"
_DIRECTION = (
    "Lay it on the image that is dark on the left and bright on the right, once left of the edge and once across it."
)

KINDS = (
    Kind(
        "zeros-only",
        "All nine numbers are zero: it answers to nothing.",
        "Which two parts of a patch should it compare?",
        lambda k: not k.any(),
    ),
    Kind(
        "horizontal-edges",
        "It compares what is above with what is below: it answers to horizontal edges, and to vertical ones it "
        "doesn't.",
        "A vertical edge runs from top to bottom, and has its dark and bright sides left and right. " + _DIRECTION,
        lambda k: bool(k.any()) and _columns_cancel(k) and not _rows_cancel(k),
    ),
    Kind(
        "corners-only",
        "Each of its rows and each of its columns cancels out: it answers to corners, and to no straight edge.",
        _DIRECTION,
        lambda k: bool(k.any()) and _columns_cancel(k) and _rows_cancel(k),
    ),
    Kind(
        "diagonal-edges",
        "It compares one corner with the opposite one: it answers to vertical and to horizontal edges alike.",
        "Lay it across the edge of an image that is dark above and bright below. What would have to cancel out there?",
        _diagonal,
    ),
    Kind(
        "edges-of-both-directions",
        "It answers to vertical edges, and to horizontal ones too.",
        "Lay it across the edge of an image that is dark above and bright below. What would have to cancel out there?",
        lambda k: _both(k) and not _diagonal(k),
    ),
    Kind(
        "blur",
        "All nine numbers are alike: it averages, and answers to every image that is not black.",
        _FLAT,
        lambda k: bool(k.any()) and bool(np.ptp(k) == 0),
    ),
    Kind(
        "one-pixel",
        "Only one of its numbers is not zero: it copies the image.",
        "An edge is a difference between two positions. " + _FLAT,
        lambda k: int(np.count_nonzero(k)) == 1,
    ),
    Kind(
        "one-sign-only",
        "All its numbers have the same sign: it adds pixels up, and compares none.",
        "An edge is a difference: one side has to count against the other. " + _FLAT,
        lambda k: _one_sign(k) and int(np.count_nonzero(k)) > 1 and bool(np.ptp(k) != 0),
    ),
    Kind(
        "answers-to-flat-areas",
        "Its numbers don't cancel out: it answers to an image without any edge.",
        _FLAT,
        lambda k: not _one_sign(k) and not _cancels(k),
    ),
)

# Shapes other than (3, 3, 1, 1): name, what was done, what helps, and which shapes.
SHAPES: tuple[tuple[str, str, str, Callable[[tuple[int, ...]], bool]], ...] = (
    (
        "channel-axes-missing",
        "It has no axes for the channels that go in and come out.",
        "A kernel has the shape (height, width, channels in, filters): `kernel[:, :, None, None]` adds two axes.",
        lambda shape: shape in ((3, 3), (3, 3, 1)),
    ),
    (
        "axes-in-another-order",
        "It has the right number of axes in another order.",
        "In Keras and TensorFlow a kernel has the shape (height, width, channels in, filters).",
        lambda shape: shape in ((1, 1, 3, 3), (1, 3, 3, 1)),
    ),
    (
        "nine-in-a-row",
        "Its nine numbers are in one row.",
        "`np.reshape` lays them out. A kernel has the shape (height, width, channels in, filters).",
        lambda shape: shape in ((9,), (1, 9), (9, 1)),
    ),
)
