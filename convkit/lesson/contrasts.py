"""Where an answer is right and where not: what all its right cases have in common, and none of its wrong ones.

That is seen, and not guessed: it is said where no known mistake is singled out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .exercise import Args

Contrast = tuple[str, str, Callable[..., bool]]  # words where it holds, words where it doesn't, and what holds


def _alike(array: Any, axis: int) -> bool:
    return bool(array.shape[axis] == array.shape[axis + 1])


_LENGTHS: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda n, k, s, *_: s == 1),
    ("where the stride divides n", "where it doesn't divide n", lambda n, k, s, *_: n % s == 0),
    ("for odd kernels", "for even kernels", lambda n, k, s, *_: k % 2 == 1),
    ("for an odd n", "for an even n", lambda n, k, s, *_: n % 2 == 1),
    ("where the stride is not longer than the kernel", "where the stride is longer", lambda n, k, s, *_: s <= k),
)

CONTRASTS: dict[str, tuple[Contrast, ...]] = {
    "layer-params": (
        ("with one input channel", "with more input channels", lambda k, c, f: c == 1),
        ("with kernel size 1", "with larger kernels", lambda k, c, f: k == 1),
        ("for odd kernels", "for even kernels", lambda k, c, f: k % 2 == 1),
        ("with up to three input channels", "with more input channels", lambda k, c, f: c <= 3),
    ),
    "second-layer-params": (
        ("for an even number of filters", "for an odd number", lambda f: f % 2 == 0),
        ("up to four filters", "for more filters", lambda f: f <= 4),
    ),
    "pointwise-params": (
        ("with one input channel", "with more input channels", lambda c, f: c == 1),
        ("with fewer channels than filters", "with more channels than filters", lambda c, f: c < f),
        ("with up to three input channels", "with more input channels", lambda c, f: c <= 3),
    ),
    "same-padding": _LENGTHS,
    "output-length": (
        ("for VALID", "for SAME", lambda n, k, s, padding: padding == "valid"),
        *_LENGTHS,
    ),
    "pointwise": (
        ("with two channels", "with other numbers of channels", lambda x, w: w.shape[0] == 2),
        ("with as many filters as channels", "where they differ in number", lambda x, w: w.shape[0] == w.shape[1]),
    ),
    "conv2d": (
        ("for VALID", "for SAME", lambda x, k, s, p: p == "VALID"),
        ("with a stride of 1", "with longer strides", lambda x, k, s, p: s == 1),
        ("with VALID and a stride of 1", "in the others", lambda x, k, s, p: s == 1 and p == "VALID"),
        ("with one input channel", "with more input channels", lambda x, k, s, p: x.shape[3] == 1),
        ("with one image", "with a batch of more images", lambda x, k, s, p: len(x) == 1),
        ("with square kernels", "with kernels that are not square", lambda x, k, s, p: _alike(k, 0)),
        ("with square images", "with images that are not square", lambda x, k, s, p: _alike(x, 1)),
        ("with odd kernels", "with even ones", lambda x, k, s, p: k.shape[0] % 2 == k.shape[1] % 2 == 1),
    ),
}


def contrast(exercise_id: str, right: Sequence[Args], wrong: Sequence[Args]) -> str:
    """What tells the right cases from the wrong ones, "" where nothing does, or where there are too few of either.

    >>> contrast("output-length", [(8, 3, 1, "valid"), (9, 3, 2, "valid")], [(8, 3, 2, "same"), (7, 3, 2, "same")])
    'It is right in all cases tried for VALID, and in none for SAME.'
    """
    if min(len(right), len(wrong)) < 2:
        return ""
    for here, there, holds in CONTRASTS.get(exercise_id, ()):
        if all(holds(*args) for args in right) and not any(holds(*args) for args in wrong):
            return f"It is right in all cases tried {here}, and in none {there}."
        if all(holds(*args) for args in wrong) and not any(holds(*args) for args in right):
            return f"It is right in all cases tried {there}, and in none {here}."
    return ""
