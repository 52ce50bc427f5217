"""Mistakes in a convolution written by hand (`conv2d`): x, kernel, strides, "VALID" or "SAME".

x is (n, h, w, c), kernel (kh, kw, c, filters). Drawn from question threads and trackers: the flip of scipy's
convolve2d, the stride left out of the window or of the output's size, padding by half a kernel, the odd zero in front,
SAME without a stride and thinned out, the last row missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from gradekit.exercise.mistake import Mistake, Pattern, together

from ..slots import Array, Conv, Pair, right_pads, zeros_around
from .results import AXES, BORDER, IMAGES, POSITIONS, RESULT
from .windows import BY_HAND, CHANNELS, KERNEL, PADDING, STRIDES, TABLE_OF_STARTS, Row


def words(rule: Conv, *case: Any) -> str:
    """How this rule comes to its result: where its windows start, or the products of its first value that differs."""
    starts, right_starts = rule.starts(*case), Conv().starts(*case)
    if starts != right_starts:
        rows, columns = (_listed(axis) for axis in starts)
        below = "; below 0 is the padding" if min((0, *starts[0], *starts[1])) < 0 else ""
        return f"the kernel starts at {rows} downwards, and at {columns} to the right{below}"
    mine, right = rule(*case), Conv()(*case)
    if mine.shape != right.shape:
        return ""
    where = tuple(int(axis[0]) for axis in np.nonzero(~np.isclose(mine, right)))
    products = _products(rule, where, *case) if where else ""
    return f"at {where}, {products} = {mine[where]:g}" if products else ""


def _listed(starts: tuple[int, ...]) -> str:
    shown = [str(start) for start in starts[:6]] + ["and so on"] * (len(starts) > 6)
    return ", ".join(shown) or "no position"


def _products(rule: Conv, where: tuple[int, ...], *case: Any) -> str:
    """The sum of products behind one value, where the rule is one and it is short enough to read."""
    plain = Conv(kernel=rule.kernel, strides=rule.strides, same=rule.same, pads=rule.pads, around=rule.around)
    if replace(plain, count=rule.count, steps=rule.steps) != rule:
        return ""
    image, row, column, number = where
    taps = np.moveaxis(rule.kernel(case[1])[..., number], -1, 0)
    window = rule.windows(*case)[image, row, column]
    if window.size > 9:
        return ""
    return " + ".join(f"{_term(a)} x {_term(b)}" for a, b in zip(window.flat, taps.flat, strict=True))


def _term(number: float) -> str:
    return f"({number:g})" if number < 0 else f"{number:g}"


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


def _zeros(x: Array, kernel: Array, strides: int, padding: str) -> list[Pair]:
    """The zeros before and after, along height and width."""
    return [right_pads(axis) for axis in Conv().axes(x, kernel, strides, padding)]


def _padded_for_both(down: bool) -> Any:
    """Zeros as the stride asks on both axes, and then the stride on one of them."""

    def rule(x: Array, kernel: Array, strides: int, padding: str) -> Array:
        rows, columns = _zeros(x, kernel, strides, padding)
        one_way = Conv(strides=(lambda s: (s, 1)) if down else (lambda s: (1, s)))
        return one_way(zeros_around(x, rows, columns), kernel, strides, "VALID")

    return rule


def _thinned_padded(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """Every strides-th pixel of the image with its zeros, and then no stride any more."""
    rows, columns = _zeros(x, kernel, strides, padding)
    return _thinned(zeros_around(x, rows, columns), kernel, strides, "VALID")


def _thinned(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    x = x[:, ::strides, ::strides]
    if padding == "VALID" and any(n < k for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)):
        raise ValueError("the kernel does not fit")
    return Conv()(x, kernel, 1, padding)


def _zeros_around_the_result(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """The result of VALID with zeros around it, until it is as large as that of SAME."""
    y = Conv()(x, kernel, strides, "VALID")
    if padding == "VALID":
        return y
    short = [-(-n // strides) - have for n, have in zip(x.shape[1:3], y.shape[1:3], strict=True)]
    rows, columns = ((zeros // 2, zeros - zeros // 2) for zeros in short)
    return zeros_around(y, rows, columns)


_THINNED = (
    "image-thinned-out",
    "It first picks pixels of the image by the stride, and then moves the kernel over those that are left.",
    "The stride says where the kernel starts. In one patch, the pixels stay neighbors. " + TABLE_OF_STARTS,
)
_MEAN = (
    "mean-for-sum",
    "It takes the mean over the patch where a sum belongs.",
    "The kernel says how much each pixel counts. " + BY_HAND,
)


# The rule, name, what was done, what helps.
_ROWS = (
    (_window_mean, *_MEAN),
    (_tap_mean, *_MEAN),
    (
        _zeros_around_the_result,
        "zeros-around-the-result",
        "For SAME it adds zeros around the result of VALID, and not around the image.",
        "The zeros come first: then the kernel has positions that reach beyond the image. Look at the border of the "
        "result: which pixels should count there?",
    ),
    (
        _window_max,
        "largest-for-sum",
        "It takes the largest product of the patch where their sum belongs.",
        "That is nearer to max pooling. " + BY_HAND,
    ),
    (_not_square, *KERNEL[3][1:]),
    (_thinned, *_THINNED),
    (_thinned_padded, *_THINNED),
    (_padded_for_both(True), *STRIDES[1][1:]),
    (_padded_for_both(False), *STRIDES[2][1:]),
)
OTHERS = tuple(Mistake(name, rule, did, helps) for rule, name, did, helps in _ROWS)

_HW = (
    "height-and-width-mixed-up",
    "It is right where height and width are alike, and not where they differ.",
    "Somewhere one of them is used for the other, in the image or in the kernel. The second axis of x is the height, "
    "the third the width; the first axis of the kernel is its height.",
)


def _square(array: Array, axis: int) -> bool:
    return bool(array.shape[axis] == array.shape[axis + 1])


def _padded(x: Array, kernel: Array, strides: int, padding: str) -> list[int]:
    """Height and width with the zeros of SAME."""
    return [n + sum(zeros) for n, zeros in zip(x.shape[1:3], _zeros(x, kernel, strides, padding), strict=True)]


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

SLOTS = (*KERNEL, *STRIDES, *PADDING, *POSITIONS, *BORDER, *CHANNELS, *IMAGES, *RESULT, *AXES)
AT_ONE_POSITION = (*KERNEL, *CHANNELS, *IMAGES, *RESULT)
AT_ONE_PIXEL = (*CHANNELS, *RESULT, *AXES, *BORDER)


def singles() -> Iterator[tuple[dict[str, Any], Mistake]]:
    for slots, name, did, helps in SLOTS:
        rule = Conv(**slots)
        yield slots, Mistake(name, rule, did, helps, partial(words, rule))


def for_part(rows: Iterable[Row], rule: Callable[[Conv], Callable[..., Array]]) -> list[Mistake]:
    """The mistakes of these rows in an exercise on a part of the convolution. `rule` turns a Conv into its rule."""
    return [Mistake(name, rule(Conv(**slots)), did, helps) for slots, name, did, helps in rows]


# What may be made together with a mistake in another slot, if one of the two is common. The rest is told alone.
_COMMON = {
    "kernel-flipped",
    "stride-ignored",
    "stride-only-in-the-size",
    "always-valid",
    "only-the-first-channel",
    "only-the-first-filter",
    "whole-numbers",
}
_SAME = {
    "stride-ignored + padding-of-stride-1",  # what else would a stride of 1 be padded by
    "stride-ignored + halves-rounded-down",  # for a stride of 1, the small half of a kernel
    "stride-ignored + start-not-counted",  # for a stride of 1, the last start is the start
    "channels-not-summed + only-the-first-filter",  # one after the other, it is the first channel of the first filter
}
_PAIRED = {
    "kernel-flipped",
    "stride-ignored",
    "stride-on-one-axis",
    "stride-only-in-the-size",
    "always-valid",
    "always-same",
    "odd-one-before",
    "all-after",
    "all-before",
    "padding-of-stride-1",
    "half-a-kernel-on-each-side",
    "small-half-on-each-side",
    "halves-rounded-down",
    "last-start-left-out",
    "start-not-counted",
    "channels-not-summed",
    "only-the-first-channel",
    "only-the-last-channel",
    "only-the-first-filter",
    "only-the-first-image",
    "whole-numbers",
}


def pairs() -> Iterator[Mistake]:
    for (one, first), (other, second) in combinations(singles(), 2):
        names = {first.name, second.name}
        if (
            names <= _PAIRED
            and names & _COMMON
            and _group(one) != _group(other)
            and " + ".join((first.name, second.name)) not in _SAME
        ):
            rule = Conv(**one, **other)
            yield together(first, second, rule, partial(words, rule))


def _group(slots: dict[str, Any]) -> str:
    """The part of the work a slot belongs to: two mistakes in one part are not made together."""
    slot = next(iter(slots))
    parts = {"steps": "strides", "spread": "strides", "same": "pads", "around": "pads", "typed": "typed"}
    return parts.get(slot, slot)


CONV2D = (*(mistake for _, mistake in singles()), *OTHERS)
