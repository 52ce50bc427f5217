"""A formula with its numbers put in: as text, as LaTeX, and the whole number that it comes to.

The value is worked out together with the writing, so that a step can't state a result that its formula does not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add, mul


@dataclass(frozen=True)
class Formula:
    """`text` and `latex` say the same; `loose` means that a product around it needs brackets."""

    text: str
    latex: str
    value: int
    loose: bool = False

    def __str__(self) -> str:
        return self.text

    @property
    def is_number(self) -> bool:
        """Nothing to work out: the formula is its own result."""
        return self.text == str(self.value)


Term = int | Formula


def number(value: Term) -> Formula:
    """A whole number as a formula; a formula stays as it is."""
    return value if isinstance(value, Formula) else Formula(str(value), str(value), value, loose=value < 0)


def times(*terms: Term) -> Formula:
    """
    >>> str(times(3, 3, 2)), times(3, 3, 2).value, times(3, 3).latex
    ('3 x 3 x 2', 18, '3 \\\\times 3')
    """
    parts = [_in_product(term) for term in terms]
    return Formula(
        " x ".join(part.text for part in parts),
        r" \times ".join(part.latex for part in parts),
        reduce(mul, (part.value for part in parts)),
    )


def plus(*terms: Term) -> Formula:
    """
    >>> str(plus(times(2, 2), 3)), plus(times(2, 2), 3).value
    ('2 x 2 + 3', 7)
    """
    parts = [number(term) for term in terms]
    return Formula(
        " + ".join(part.text for part in parts),
        " + ".join(part.latex for part in parts),
        reduce(add, (part.value for part in parts)),
        loose=len(parts) > 1,
    )


def minus(first: Term, second: Term) -> Formula:
    """
    >>> str(times(minus(4, 1), 2))
    '(4 - 1) x 2'
    """
    left, right = number(first), _in_product(second)
    return Formula(f"{left.text} - {right.text}", f"{left.latex} - {right.latex}", left.value - right.value, loose=True)


def rounded_up(first: Term, second: int) -> Formula:
    """
    >>> str(rounded_up(5, 2)), rounded_up(5, 2).value
    ('5 / 2 rounded up', 3)
    """
    return _quotient(first, second, "up", -(-number(first).value // second))


def rounded_down(first: Term, second: int) -> Formula:
    """
    >>> str(rounded_down(minus(9, 4), 2)), rounded_down(minus(9, 4), 2).value
    ('(9 - 4) / 2 rounded down', 2)
    """
    return _quotient(first, second, "down", number(first).value // second)


def divided(first: Term, second: int) -> Formula:
    """A quotient that comes out even, such as channels by groups.

    >>> str(divided(6, 2)), divided(6, 2).value
    ('6 / 2', 3)
    """
    part = number(first)
    return Formula(
        f"{_in_product(part).text} / {second}", rf"\frac{{{part.latex}}}{{{second}}}", part.value // second, loose=True
    )


def at_least_zero(term: Term) -> Formula:
    """
    >>> str(at_least_zero(minus(7, 8))), at_least_zero(minus(7, 8)).value
    ('max(7 - 8, 0)', 0)
    """
    part = number(term)
    return Formula(f"max({part.text}, 0)", rf"\max({part.latex},\, 0)", max(part.value, 0))


def _quotient(first: Term, second: int, way: str, value: int) -> Formula:
    top = _in_product(first)
    bracket = {"up": "ceil", "down": "floor"}[way]
    fraction = rf"\frac{{{number(first).latex}}}{{{second}}}"
    # Loose, because "rounded up" after a quotient would swallow whatever stands around it.
    return Formula(
        f"{top.text} / {second} rounded {way}", rf"\left\l{bracket} {fraction} \right\r{bracket}", value, loose=True
    )


def _in_product(term: Term) -> Formula:
    part = number(term)
    return Formula(f"({part.text})", f"({part.latex})", part.value) if part.loose else part
