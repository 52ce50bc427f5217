"""Where an answer is right and where not, when no rule is known: height and width mixed up."""

from __future__ import annotations

from gradekit.exercise.mistake import Pattern

from ..slots import Array, Axis, Conv, right_pads

_HW = (
    "height-and-width-mixed-up",
    "It is right where height and width are alike, and not where they differ.",
    "Somewhere one of them is used for the other, in the image or in the kernel. The second axis of x is the "
    "height, the "
    "third the width; the first axis of the kernel is its height.",
)


def _square(array: Array, axis: int) -> bool:
    return bool(array.shape[axis] == array.shape[axis + 1])


def _padded(x: Array, kernel: Array, strides: int, padding: str) -> list[int]:
    """Height and width with the zeros of SAME."""
    sizes = zip(x.shape[1:3], kernel.shape[:2], strict=True)
    return [n + sum(right_pads(Axis(n, k, strides, padding == "SAME"))) for n, k in sizes]


CONV2D_PATTERNS = (
    Pattern(*_HW, lambda x, kernel, *_: _square(x, 1)),
    Pattern(*_HW, lambda x, kernel, *_: _square(kernel, 0)),
    Pattern(*_HW, lambda x, kernel, *_: _square(x, 1) and _square(kernel, 0)),
    Pattern(*_HW, lambda *case: len(set(_padded(*case))) == 1),
    Pattern(*_HW, lambda *case: len(set(Conv()(*case).shape[1:3])) == 1),
    Pattern(
        _HW[0],
        "It is right wherever the image and the kernel are square, and not always where one of them is not.",
        _HW[2],
        lambda x, kernel, *_: _square(x, 1) and _square(kernel, 0),
        by_chance=True,
    ),
)
