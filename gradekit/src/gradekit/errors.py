"""What went wrong, in one line that a user can act on."""

from __future__ import annotations

import errno
from dataclasses import dataclass


class CourseError(Exception):
    """A command can't continue: `str()` is one line, `lines` are details below it."""

    def __init__(self, message: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.lines = lines


@dataclass(frozen=True)
class Trouble:
    """One thing that failed while the rest continued."""

    student: str
    what: str  # one sentence: what is wrong, and what to do about it

    def __str__(self) -> str:
        return f"{self.student}: {self.what}"


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}

# What SQLite says in the middle of a long message -> the same as a sentence.
DATABASE = {
    "disk is full": "no space is left for the gradebook. Make room there and run it again.",
    "disk I/O error": "no space is left for the gradebook, or its disk is failing. Make room there and run it again.",
    "readonly database": "the gradebook can't be written. Make it writable, or choose another folder.",
    "unable to open database": "the gradebook can't be opened. Is its folder there, and writable?",
    "file is not a database": "the gradebook is damaged. Move it aside and put a copy in its place.",
    "database is locked": "the gradebook is in use by another program. Close that, and run this again.",
}


def in_a_line(error: BaseException) -> str:
    """An error of the machine as a sentence with advice.

    >>> in_a_line(OSError(errno.ENOSPC, "No space left on device", "/course/autograded"))
    'no space is left for /course/autograded. Make room there and run it again.'
    >>> in_a_line(ValueError("not JSON: line 3\\nand more"))
    'ValueError: not JSON: line 3'
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return f"no space is left for {_place(error)}. Make room there and run it again."
    if isinstance(error, OSError) and error.errno in CLOSED:
        return f"{_place(error)} can't be written. Make it writable, or choose another folder."
    if isinstance(error, OSError) and error.strerror:
        return f"{f'{error.filename}: ' if error.filename else ''}{error.strerror.lower()}."
    said = next((line for text, line in DATABASE.items() if text in str(error)), None)
    if said:
        return said
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _place(error: OSError) -> str:
    return str(error.filename) if error.filename else "the target"
