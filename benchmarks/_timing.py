"""Time several ways to do one thing, in turns, and print them as a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

UNITS = [("s", 1.0), ("ms", 1e-3), ("us", 1e-6)]
CONSOLE = Console(width=None if Console().is_terminal else 120)


def seconds(call: Callable[[], object], times: int = 1) -> float:
    """Seconds of one call, from `times` calls in a row."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times


def in_turns(calls: Sequence[Callable[[], object]], rounds: int = 30, least: float = 0.002) -> list[list[float]]:
    """Seconds of every call in every round. All take their turn in a round, so a busy moment hits all alike.

    A turn lasts at least `least` seconds: short calls are repeated. One call before each turn is not counted;
    it brings the caches and the threads back from the one before.
    """
    times = [max(1, int(least / min(seconds(call), seconds(call)))) for call in calls]
    turns: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, count, taken in zip(calls, times, turns, strict=True):
            call()
            taken.append(seconds(call, count))
    return turns


def typical(taken: list[float]) -> float:
    """The median turn."""
    return statistics.median(taken)


def readable(value: float) -> str:
    """Seconds with a unit, three digits.

    >>> readable(0.00123)
    '1.23 ms'
    """
    unit, size = next(((unit, size) for unit, size in UNITS if value >= size), UNITS[-1])
    return f"{value / size:.3g} {unit}"


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print a table: the first column to the left, numbers to the right."""
    table = Table(title=title, title_justify="left", caption=note, caption_justify="left")
    for position, name in enumerate(columns):
        table.add_column(name, justify="right" if position else "left", no_wrap=not position)
    for row in rows:
        table.add_row(*row)
    CONSOLE.print(table)
