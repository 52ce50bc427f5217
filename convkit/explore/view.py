"""What is on the screen of an explorer, as data: pictures, facts, lines of code, and the same in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["conv", "count", "still", "photo"]
Steps = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One picture. `conv` moves a kernel, `count` fills cells one after the other, `photo` is made of pixels."""

    kind: Kind
    label: str
    svgs: tuple[str, ...] = ()  # with the first filter in focus; more of them where they are small
    more: tuple[Callable[[], str], ...] = ()  # with the other filters in focus, made later
    steps: tuple[
        Callable[[], Steps | None], ...
    ] = ()  # for each of them, made later: what changes while the focus moves
    data: dict[str, Any] = field(default_factory=dict)  # what else the script needs


@dataclass(frozen=True)
class View:
    """All of it. `text` says everything for those who can't see it; `said` is spoken when it changes."""

    panels: tuple[Panel, ...]
    text: str
    said: str = ""
    facts: str = ""  # HTML
    code: tuple[tuple[str, str], ...] = ()  # (library, line)
