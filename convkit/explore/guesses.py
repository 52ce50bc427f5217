"""A prediction as it was typed -> numbers."""

from __future__ import annotations

import re

from ..arguments import ArgumentError

NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")


def numbers(text: str, count: tuple[int, ...], example: str) -> tuple[float, ...]:
    """The numbers in what was typed.

    >>> numbers("4 x 4", (1, 2), "4 x 4"), numbers("(0, 1)", (2,), "0, 1")
    ((4, 4), (0, 1))
    """
    whole = text.replace(",", " ") if max(count) > 1 else text  # a comma parts two numbers, or is a decimal point
    found = [_number(word) for word in NUMBER.findall(whole)]
    if len(found) not in count:
        typed = text.strip()[:20]
        begun = f"{typed!r} can't be read. Type your prediction," if typed else "Type your prediction first,"
        raise ArgumentError(f"{begun} such as {example}. A wrong one is as good as a right one.")
    return tuple(found)


def _number(word: str) -> float:
    value = float(word.replace("\u2212", "-").replace(",", "."))
    return int(value) if value == int(value) else value
