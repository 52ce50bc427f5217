"""Work of nbconvert and nbgrader that is the same for every student, done once: colors, schemas, alternative texts.

Most cells of a page are the course's own; nbgrader checks its metadata schema for every cell; nbconvert parses every
page with BeautifulSoup to add an `alt` to pictures without one, which takes more than half of a page's time.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from nbconvert.filters.highlight import Highlight2HTML
from nbgrader.nbgraderformat import common

MOST_TEXTS = 2000  # texts whose highlighted form is kept

_validators: dict[str, Any] = {}  # by the text of a schema, which nbgrader reads again for each cell


@contextlib.contextmanager
def cached() -> Iterator[None]:
    """Cache highlighted code and validated schemas in the block."""
    kind: Any = Highlight2HTML
    usual, known = kind.__call__, dict[tuple[Any, ...], str]()

    def highlight(self: Any, source: str, language: str | None = None, metadata: Any = None) -> str:
        magic = (metadata or {}).get("magics_language")
        key = source, language, magic, self.pygments_lexer, repr(self.extra_formatter_options)
        if key not in known:
            if len(known) >= MOST_TEXTS:
                known.clear()
            known[key] = usual(self, source, language, metadata)
        return known[key]

    kind.__call__ = highlight
    common.jsonschema = SimpleNamespace(**{**vars(jsonschema), "validate": validate})
    try:
        yield
    finally:
        kind.__call__ = usual
        common.jsonschema = jsonschema


def validate(instance: Any, schema: Any) -> None:
    """Like `jsonschema.validate`, but check each schema itself only once."""
    text = json.dumps(schema)
    if text not in _validators:
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        _validators[text] = kind(schema)
    error = jsonschema.exceptions.best_match(_validators[text].iter_errors(instance))
    if error is not None:
        raise error


PICTURES = "img:not([alt])"
# An element without an end extends to the end of the page, so that matching takes linear time.
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
    """The part of BeautifulSoup's interface that nbconvert uses to add alternative texts."""

    def __init__(self, html: str) -> None:
        self.parts = SCRIPTS.split(html)  # every other one is a script, a style or a comment
        self.pictures = [[Picture() for found in IMAGE.finditer(part) if _bare(found)] for part in self.parts[::2]]

    def select(self, selector: str) -> list[Picture]:
        """The pictures without an alternative text; nothing for selectors that only other templates need."""
        return [picture for pictures in self.pictures for picture in pictures] if selector == PICTURES else []

    def __str__(self) -> str:
        done = list(self.parts)
        for number, pictures in enumerate(self.pictures):
            texts = iter([picture.attrs.get("alt", "") for picture in pictures])
            done[2 * number] = IMAGE.sub(lambda found, texts=texts: _with_alt(found, texts), done[2 * number])
        return "".join(done)


def _bare(found: re.Match[str]) -> bool:
    """Whether it is a complete tag without an alternative text."""
    return bool(found[2]) and not ALT.search(found[1])


def _with_alt(found: re.Match[str], texts: Iterator[str]) -> str:
    """The tag, with the next text if it has none.

    >>> str(Page("<p><img src='a.png'/><img alt='' src='b.png'></p>"))
    '<p><img alt="" src=\\'a.png\\'/><img alt=\\'\\' src=\\'b.png\\'></p>'
    """
    return f'<img alt="{next(texts)}"{found[1]}>' if _bare(found) else found[0]


@contextlib.contextmanager
def quick_alternatives() -> Iterator[None]:
    """Let nbconvert add alternative texts without parsing the page, where it changes nothing else."""
    module: Any = importlib.import_module("nbconvert.exporters.html")
    usual = module.BeautifulSoup
    module.BeautifulSoup = lambda html, **how: usual(html, **how) if NEEDS_MORE.search(html) else Page(html)
    try:
        yield
    finally:
        module.BeautifulSoup = usual
