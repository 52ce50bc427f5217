"""What one row of a table of mistakes is, and the hints that several of them share."""

from __future__ import annotations

from typing import Any

Row = tuple[dict[str, Any], str, str, str]  # slots, name, what was done, what helps

TABLE_OF_STARTS = (
    "Write down where the kernel starts along one row, for a length of 8, a kernel of 3 and a stride of 2."
)


BY_HAND = "Work the first value of the case out by hand, product by product."


SAME_HINT = "How far does the kernel reach beyond the image at its last position, and before it at its first?"
