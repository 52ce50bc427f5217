"""Pictures inside a cell of text. A page cannot be made of a cell that shows one which is not there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

Bundle = dict[str, dict[str, str]]  # name -> kind of picture -> base64

MISSING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="24">'
    '<text x="4" y="17" font-size="14">(a lost picture)</text></svg>'
)
STAND_IN = {"image/svg+xml": base64.b64encode(MISSING.encode()).decode()}


def attachments(found: Any, text: str) -> Bundle:
    """The sound pictures of a cell, and a stand-in for each that its text shows and that is not there.

    >>> sorted(attachments({"a.png": {"image/png": "aGk="}, "b.png": 7}, "![](attachment:b.png)"))
    ['a.png', 'b.png']
    """
    kept = dict(_sound(found)) if isinstance(found, dict) else {}
    return {**dict.fromkeys(_shown(text), STAND_IN), **kept}


def _sound(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
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


def _shown(text: str) -> list[str]:
    """The names that nbconvert will look for, as its own reader of Markdown finds them."""
    if "attachment:" not in text:
        return []
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    asked = _Asked()
    try:
        MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=asked)).render(text)
    except Exception:  # whatever a strange text makes of that reader
        return []
    return asked.names


class _Asked(dict[str, dict[str, str]]):
    """Has everything, and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __contains__(self, name: object) -> bool:
        self.names.append(str(name))
        return True

    def __getitem__(self, name: str) -> dict[str, str]:
        return STAND_IN
