"""How a wrong rule came to its result, in a line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..slots import Conv


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
