"""Mistakes that are no single slip: the whole rule is another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradekit.exercise.mistake import Mistake

from ..slots import Array, Axis, Conv, right_pads, zeros_around
from .kernel import KERNEL
from .rows import BY_HAND, TABLE_OF_STARTS
from .strides import STRIDES


def _window_mean(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    return Conv()(x, kernel, strides, padding) / np.prod(kernel.shape[:3])


def _tap_mean(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    return Conv()(x, kernel, strides, padding) / np.prod(kernel.shape[:2])


def _window_max(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    windows = Conv().windows(x, kernel, strides, padding)
    return np.stack([(windows * np.moveaxis(f, -1, 0)).max(axis=(3, 4, 5)) for f in np.moveaxis(kernel, -1, 0)], -1)


def _not_square(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """`window.T * kernel`, which stops where the kernel is not square."""
    if kernel.shape[0] != kernel.shape[1]:
        raise ValueError("operands could not be broadcast together")
    return Conv(kernel=lambda k: k.swapaxes(0, 1))(x, kernel, strides, padding)


def _padded_for_both(down: bool) -> Any:
    """Zeros as the stride asks on both axes, and then the stride on one of them."""

    def rule(x: Array, kernel: Array, strides: int, padding: str) -> Array:
        rows, columns = (
            right_pads(Axis(n, k, strides, padding == "SAME"))
            for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)
        )
        one_way = Conv(strides=(lambda s: (s, 1)) if down else (lambda s: (1, s)))
        return one_way(zeros_around(x, rows, columns), kernel, strides, "VALID")

    return rule


def _thinned_padded(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """Every strides-th pixel of the image with its zeros, and then no stride any more."""
    rows, columns = (
        right_pads(Axis(n, k, strides, padding == "SAME")) for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)
    )
    return _thinned(zeros_around(x, rows, columns), kernel, strides, "VALID")


def _thinned(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    x = x[:, ::strides, ::strides]
    if padding == "VALID" and any(n < k for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)):
        raise ValueError("the kernel does not fit")
    return Conv()(x, kernel, 1, padding)


_THINNED = (
    "image-thinned-out",
    "It first picks pixels of the image by the stride, and then moves the kernel over those that are left.",
    "The stride says where the kernel starts. In one patch, the pixels stay neighbours. " + TABLE_OF_STARTS,
)


_MEAN = (
    "mean-for-sum",
    "It takes the mean over the patch where a sum belongs.",
    "The kernel says how much each pixel counts. " + BY_HAND,
)


def _mistake(words: tuple[str, str, str], rule: Callable[..., Array]) -> Mistake:
    name, did, helps = words
    return Mistake(name, rule, did, helps)


OTHERS = (
    _mistake(_MEAN, _window_mean),
    _mistake(_MEAN, _tap_mean),
    Mistake(
        "largest-for-sum",
        _window_max,
        "It takes the largest product of the patch where their sum belongs.",
        "That is nearer to max pooling. " + BY_HAND,
    ),
    _mistake(KERNEL[3][1:], _not_square),
    _mistake(_THINNED, _thinned),
    _mistake(_THINNED, _thinned_padded),
    _mistake(STRIDES[1][1:], _padded_for_both(True)),
    _mistake(STRIDES[2][1:], _padded_for_both(False)),
)
