"""Pictures attached to a Markdown cell: those that are intact, and those that its text refers to."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

LONGEST = 1000  # characters of a name
MOST = 10_000  # names of a text that are looked for
REFERENCE = re.compile("attachment:")
# How a name ends, by the character before `attachment:`; otherwise at white space.
ENDS = {"<": re.compile(r"[^<>\n]*"), '"': re.compile(r'[^"]*'), "'": re.compile(r"[^']*")}
WORD = re.compile(r"\S*")


def intact(found: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The intact pictures of a cell's attachments: name, and media type -> base64.

    >>> dict(intact({"a.png": {"image/png": "aGk="}, "b.png": 7}))
    {'a.png': {'image/png': 'aGk='}}
    """
    for name, kinds in found.items() if isinstance(found, dict) else ():
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
