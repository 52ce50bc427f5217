"""When nothing can be graded."""

from __future__ import annotations


class Unreadable(ValueError):
    """There is no notebook in a file: `str()` is a sentence that says why, and what to do."""


DAMAGED = "the file is damaged, or no notebook at all. Ask for it again."
