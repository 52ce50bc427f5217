"""Pictures attached to a Markdown cell. nbconvert can't render a cell that refers to one that is missing."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote

Bundle = dict[str, dict[str, str]]  # name -> media type -> base64

MISSING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="24">'
    '<text x="4" y="17" font-size="14">(missing picture)</text></svg>'
)
PLACEHOLDER = {"image/svg+xml": base64.b64encode(MISSING.encode()).decode()}

LONGEST = 1000  # characters of a name
MOST = 10_000  # names of a text that are looked for
REFERENCE = re.compile("attachment:")
# How a name ends, by the character before `attachment:`; otherwise at white space.
ENDS = {"<": re.compile(r"[^<>\n]*"), '"': re.compile(r'[^"]*'), "'": re.compile(r"[^']*")}
WORD = re.compile(r"\S*")


def attachments(found: Any, text: str) -> Bundle:
    """The intact pictures of a cell, and a placeholder for each that its text refers to and that is missing.

    >>> sorted(attachments({"a b.png": {"image/png": "aGk="}, "b.png": 7}, "![](attachment:a%20b.png)"))
    ['a b.png', 'a%20b.png']
    """
    kept = dict(_intact(found)) if isinstance(found, dict) else {}
    by_plain = {unquote(name): data for name, data in kept.items()}
    return {**{name: by_plain.get(unquote(name), PLACEHOLDER) for name in referenced(text)}, **kept}


def _intact(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, kinds in found.items():
        pairs = kinds.items() if isinstance(kinds, dict) else ()
        good = {kind: "".join(data) for kind, data in pairs if _is_picture(kind, data)}
        if good:
            yield name, good


def _is_picture(kind: str, data: Any) -> bool:
    parts = data if isinstance(data, list) else [data]
    if not kind.startswith("image/") or not all(isinstance(part, str) for part in parts):
        return False
    try:
        return bool(base64.b64decode("".join(parts).encode("ascii")))
    except (binascii.Error, ValueError):
        return False


def referenced(text: str) -> set[str]:
    """Every name that nbconvert may look up for a text, in linear time, and a few more where escapes are ambiguous.

    >>> sorted(referenced("![a](attachment:a.png)"))
    ['a.png']
    """
    names: set[str] = set()
    some = islice(REFERENCE.finditer(text), MOST)
    for before, rest in {(text[one.start() - 1 : one.start()], text[one.end() : one.end() + LONGEST]) for one in some}:
        word = WORD.match(rest)[0]  # type: ignore[index]  # it matches everywhere
        target = word[: _unbalanced(word)]
        names |= {target, target.partition("]")[0]}
        if before in ENDS:
            names.add(ENDS[before].match(rest)[0])  # type: ignore[index]
        elif before != "(":  # not the target of a Markdown link
            names |= {word, re.split("[\"'<>]", word, maxsplit=1)[0]}
    names |= {re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", name) for name in names}
    names |= {html.unescape(name) for name in names}
    return names | {quote(name, safe=":/?#@!$&()*+,;=%") for name in names}


def _unbalanced(text: str) -> int:
    """Where the first parenthesis is that closes none; the length of the text without one."""
    depth = 0
    for found in re.finditer(r"\\.|[()]", text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0:
            return found.start()
    return len(text)
