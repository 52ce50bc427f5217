"""The strokes that tell a cell's kind without color, as line segments inside the cell."""

from __future__ import annotations

from functools import cache

Segment = tuple[float, float, float, float]  # x1, y1, x2, y2
STEP = 7  # pixels between the lines of a hatch
INSET = 1  # cells are drawn this much smaller than their place, so that borders stay apart


@cache
def segments(mark: str, width: float, height: float) -> tuple[Segment, ...]:
    """The lines of a mark for a cell of this size.

    >>> segments("hatch", 8, 8)
    ((2, 5, 5, 2),)
    """
    if mark == "cross":
        return _corners(width, height)
    if mark == "hatch":
        return _rising(width, height)
    if mark == "crosshatch":
        rising = _rising(width, height)
        return rising + tuple((x1, height - y1, x2, height - y2) for x1, y1, x2, y2 in rising)
    return ()


def _corners(width: float, height: float) -> tuple[Segment, ...]:
    """A cross that leaves the middle free for the number."""
    reach = 0.3 * min(width, height)
    near, far_x, far_y = 3.0, width - 3.0, height - 3.0
    return (
        (near, near, reach, reach),
        (far_x, near, width - reach, reach),
        (near, far_y, reach, height - reach),
        (far_x, far_y, width - reach, height - reach),
    )


def _rising(width: float, height: float) -> tuple[Segment, ...]:
    """Lines from the lower left to the upper right, x + y = constant, clipped to the cell."""
    low, right, bottom = INSET + 1, width - INSET - 1, height - INSET - 1
    lines = []
    for total in range(int(2 * low) + STEP // 2, int(right + bottom), STEP):
        x1, x2 = max(low, total - bottom), min(right, total - low)
        lines.append((x1, total - x1, x2, total - x2))
    return tuple(lines)
