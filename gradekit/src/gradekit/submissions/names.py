"""Is this file's name meant for that notebook? Copies, other cases and Unicode; and names as a line shows them."""

from __future__ import annotations

import re
import unicodedata

# No part of a name is tried in two ways: many copies, and a letter behind them, would never come to an end.
COPY = re.compile(
    r"(?i)^(copy[ _]of[ _]|kopie[ _]von[ _])+|([ _.-]*+(copy|kopie)[ _-]*+\d*+|[ _]*+\(\d++\)|[ _]\d++)++$"
)
SUFFIX = re.compile(r"(?i)\.ipynb(\.(txt|json|bak|orig|download))*$")


def is_notebook(name: str) -> bool:
    """Is it a notebook by its name, in any case, with what browsers put behind it?

    >>> [is_notebook(name) for name in ("a.ipynb", "a.IPYNB ", "a.ipynb.txt", "a.py")]
    [True, True, True, False]
    """
    return bool(SUFFIX.search(name.strip()))


def closeness(name: str, wanted: str) -> int | None:
    """How far a file's name is from a notebook's: the same, but for letters, a copy, a part of it; None is another.

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
    """Why nbgrader cannot grade a student whose folder has this name; empty where it can."""
    if set(name) & set("*?["):
        return "nbgrader takes no folder with *, ? or [ in its name. Rename it."
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", name):
        return "nbgrader takes no folder with a line break or another control character in its name. Rename it."
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return "the name of this folder is not UTF-8. Rename it."
    return ""
