"""The words of a derivation: rows and columns, one and many, and which in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Direction:
    """What the pixels along one axis are called, and where its padding is."""

    name: str
    pixel: str
    before: str
    after: str

    def pixels(self, count: int) -> str:
        """The word that goes with a count: 'row' or 'rows'."""
        return many(count, self.pixel)


HEIGHT = Direction("height", "row", "above", "below")
WIDTH = Direction("width", "column", "left", "right")
DIRECTIONS = (HEIGHT, WIDTH)


def many(count: int, noun: str) -> str:
    """
    >>> many(1, "row"), many(0, "row")
    ('row', 'rows')
    """
    return noun if count == 1 else f"{noun}s"


def counted(count: int, noun: str) -> str:
    """
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {many(count, noun)}"


def ordinal(count: int) -> str:
    """
    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{'th' if 10 < count % 100 < 20 else ending}"


def listed(items: Sequence[object], most: int = 8) -> str:
    """
    >>> listed([1, 2, 4]), listed(range(12))
    ('1, 2 and 4', '0, 1, 2, 3, 4, 5, 6, 7 and 4 more')
    """
    shown = [str(item) for item in items[:most]]
    if len(items) > most:
        return f"{', '.join(shown)} and {len(items) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
