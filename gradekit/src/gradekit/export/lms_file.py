"""What the formats of the LMSs have in common: entries that are found by a key, and a score for each."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from gradekit.errors import CourseError

MOODLE_LIMIT = 100.0  # points; Moodle's default for a grade item


@dataclass(frozen=True)
class Columns:
    """What the user names where a file leaves it open, by header."""

    score: str | None = None
    feedback: str | None = None
    key: str | None = None  # the column that tells students apart
    limit: float | None = None  # points


@dataclass(frozen=True)
class FileEntry:
    """What the file has on one person."""

    row: int  # from 1, as a spreadsheet counts
    keys: Mapping[str, str]  # header -> id, e-mail or login
    label: str  # the name, for messages
    score: str
    feedback: str = ""
    locked: bool = False  # the LMS would not take another score


@dataclass
class LmsFile(ABC):
    """A file that an LMS gave. `filled` returns the file's bytes with other scores, and changes nothing on disk."""

    format: str
    entries: list[FileEntry] = field(default_factory=list)
    limit: float = MOODLE_LIMIT
    limit_from: str = "Moodle's default; --limit names another"
    has_feedback: bool = False
    decimal_comma: bool = False

    @abstractmethod
    def filled(self, scores: Mapping[int, str], feedback: Mapping[int, str]) -> bytes:
        """The bytes with new scores and feedback, by an entry's row."""


def number(text: str) -> float | None:
    """A score as a number; None for none. Raises ValueError for what is neither.

    >>> number("7,5"), number("-"), number(" ")
    (7.5, None, None)
    """
    if text.strip() in ("", "-"):
        return None
    value = float(text.strip().replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a number of points")
    return value


def written(score: float, decimal_comma: bool) -> str:
    """A score as it is written in a file.

    >>> written(7.0, False), written(7.33333, True)
    ('7', '7,33333')
    """
    text = f"{score:.5f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if decimal_comma else text


def one_column(header: list[str], found: list[int], what: str, option: str) -> int:
    """The only column that fits; CourseError with the headers to choose from for none or several."""
    if len(found) == 1:
        return found[0]
    count = f"{len(found)} columns fit" if found else "no column fits"
    names = tuple(dict.fromkeys(header[i] for i in found) if found else [name for name in header if name.strip()])
    raise CourseError(f"{count} for {what}. Name one: {option} HEADER. There are:", names)


def named_column(header: list[str], name: str, option: str) -> int:
    """The column with this header, in any case."""
    found = [i for i, head in enumerate(header) if head.strip().casefold() == name.strip().casefold()]
    return one_column(header, found, f"{option} {name!r}", option)


def mentions(header: str, assignment: str) -> bool:
    """True where a header has the assignment's name in it as whole words.

    >>> mentions("Assignment: conv2d (Real)", "conv2d"), mentions("Assignment: hw10", "hw1")
    (True, False)
    """
    return re.search(rf"(?<![\w-]){re.escape(assignment.casefold())}(?![\w-])", header.casefold()) is not None
