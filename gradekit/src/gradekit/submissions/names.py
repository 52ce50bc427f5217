"""Names of files: which notebook one is meant for, when it was written, and how a message shows it."""

from __future__ import annotations

import re
import unicodedata

# Possessive: many copies followed by a letter would otherwise be tried in exponentially many ways.
COPY = re.compile(
    r"(?i)^(copy[ _]of[ _]|kopie[ _]von[ _])+|([ _.-]*+(copy|kopie)[ _-]*+\d*+|[ _]*+\(\d++\)|[ _]\d++)++$"
)
SUFFIX = re.compile(r"(?i)\.ipynb(\.(txt|json|bak|orig|download))*$")


def is_notebook(name: str) -> bool:
    """Whether it is a notebook by its name, in any case, with an ending that a browser added.

    >>> [is_notebook(name) for name in ("a.ipynb", "a.IPYNB ", "a.ipynb.txt", "a.py")]
    [True, True, True, False]
    """
    return bool(SUFFIX.search(name.strip()))


def closeness(name: str, wanted: str) -> int | None:
    """Distance of a file's name from a notebook's: 0 equal, 1 in other letters, 2 a copy, 3 a part of it, or None.

    >>> names = "1-a.ipynb", " 1-A.IPYNB", "1-a (1).ipynb", "1-a-Copy2.ipynb", "ada_1-a.ipynb", "2-b.ipynb"
    >>> [closeness(name, "1-a") for name in names]
    [0, 1, 2, 2, 3, None]
    """
    if name == f"{wanted}.ipynb":
        return 0
    stem, goal = _plain(SUFFIX.sub("", name.strip())), _plain(wanted)
    if stem == goal:
        return 1
    if _plain(COPY.sub("", COPY.sub("", stem))) == goal:
        return 2
    return 3 if re.search(rf"(?<!\w){re.escape(goal)}(?!\w)", stem.replace("_", " ")) else None


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()).strip(" .")


STAMP = re.compile(r"(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_.T ]+(\d\d)[-_.h:]?(\d\d)(?:[-_.:]?(\d\d))?)?")


def written_time(name: str) -> tuple[int, ...]:
    """The time that a name contains, as learning platforms write it; empty without one.

    >>> written_time("hw1_ada_attempt_2026-03-01-10-20-30_1-counts.ipynb")
    (2026, 3, 1, 10, 20, 30)
    """
    found = STAMP.search(name)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key in which numbers count as such.

    >>> sorted(["attempt 10", "attempt 9"], key=natural)
    ['attempt 9', 'attempt 10']
    """
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d{1,9})", name)]


def shown(name: str) -> str:
    """A name as a line can hold it.

    >>> print(shown("a b.ipynb"), shown("a\\nb"))
    a b.ipynb 'a\\nb'
    """
    short = name if len(name) <= 80 else f"{name[:60]}...{name[-15:]}"
    return short if short.isprintable() else ascii(short)


def some(names: list[str], most: int = 3) -> str:
    """A few names, and how many more there are.

    >>> some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + rest


def unfit(name: str) -> str:
    """Why nbgrader can't grade a student whose folder has this name; empty where it can."""
    if set(name) & set("*?["):
        return "nbgrader does not support *, ? or [ in the name of a folder. Rename it."
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", name):
        return "nbgrader does not support control characters in the name of a folder. Rename it."
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return "the name of this folder is not UTF-8. Rename it."
    return ""
