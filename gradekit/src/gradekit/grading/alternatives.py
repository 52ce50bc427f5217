"""How does a feedback page get its alternative texts? Without being taken apart and put together again.

nbconvert reads every page that it has made with BeautifulSoup, to add an `alt` to the pictures that have none; that is
more than half of the time that a page takes. In the pages of nbgrader's template nothing else is changed.
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Iterator
from typing import Any

PICTURES = "img:not([alt])"
# What does not end goes to the end: nothing is read twice, whatever a student's output is made of.
SCRIPTS = re.compile(
    r"(<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->|<(?:script\b|style\b|!--).*)",
    re.DOTALL | re.IGNORECASE,
)
IMAGE = re.compile(r"""<img\b((?:"[^"]*"|'[^']*'|[^'">])*+)(>?)""", re.IGNORECASE)
ALT = re.compile(r"\salt\s*=", re.IGNORECASE)
NEEDS_MORE = re.compile(r"""\bclass\s*=\s*["'][^"']*\bjp-Notebook\b""")  # of another template


class Picture:
    """One `<img>` without an alternative text."""

    def __init__(self) -> None:
        self.attrs: dict[str, str] = {}


class Page:
    """A page, as far as nbconvert asks about it."""

    def __init__(self, html: str) -> None:
        self.parts = SCRIPTS.split(html)  # every other one is a script, a style or a comment
        self.pictures = [[Picture() for found in IMAGE.finditer(part) if _bare(found)] for part in self.parts[::2]]

    def select(self, selector: str) -> list[Picture]:
        """The pictures without an alternative text; nothing for what only other templates have."""
        return [picture for pictures in self.pictures for picture in pictures] if selector == PICTURES else []

    def __str__(self) -> str:
        done = list(self.parts)
        for number, pictures in enumerate(self.pictures):
            texts = iter([picture.attrs.get("alt", "") for picture in pictures])
            done[2 * number] = IMAGE.sub(lambda found, texts=texts: _with_alt(found, texts), done[2 * number])
        return "".join(done)


def _bare(found: re.Match[str]) -> bool:
    """Is it a whole tag, without an alternative text?"""
    return bool(found[2]) and not ALT.search(found[1])


def _with_alt(found: re.Match[str], texts: Iterator[str]) -> str:
    """The tag, with the next text if it has none.

    >>> str(Page("<p><img src='a.png'/><img alt='' src='b.png'></p>"))
    '<p><img alt="" src=\\'a.png\\'/><img alt=\\'\\' src=\\'b.png\\'></p>'
    """
    return f'<img alt="{next(texts)}"{found[1]}>' if _bare(found) else found[0]


@contextlib.contextmanager
def added_quickly() -> Iterator[None]:
    """In the block, nbconvert adds them in this way wherever that is all that it does to a page."""
    module: Any = importlib.import_module("nbconvert.exporters.html")
    usual = module.BeautifulSoup
    module.BeautifulSoup = lambda html, **how: usual(html, **how) if NEEDS_MORE.search(html) else Page(html)
    try:
        yield
    finally:
        module.BeautifulSoup = usual
