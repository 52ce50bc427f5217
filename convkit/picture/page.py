"""A picture and its steps -> one page with controls, which plays without a network."""

from __future__ import annotations

import html
import json
from importlib import resources
from string import Template
from typing import Any

from .theme import ROOT, Theme, variables

DARK = ":root { --page: #15181b; --ink: #f0f2f4; --line: #8b95a0; --button: #262b31; --focus: #56b4e9; }"
DARK_PICTURE = f"main {ROOT} {{ {variables(dark=True)} }}"  # goes before what the picture says itself


def player(svg: str, title: str, steps: dict[str, Any], theme: Theme, autoplay: bool) -> str:
    """The page as text. It plays at once if asked to, and never where the reader wants less motion."""
    dark = {"auto": f"@media (prefers-color-scheme: dark) {{ {DARK} {DARK_PICTURE} }}", "dark": DARK, "light": ""}[
        theme
    ]
    return Template(read("player.html")).substitute(
        title=html.escape(title),
        svg=svg,
        scheme="light dark" if theme == "auto" else theme,
        dark=dark,
        mover=read("steps.js"),
        steps=json.dumps(steps, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
        autoplay="true" if autoplay else "false",
    )


def read(name: str) -> str:
    """A file that stands beside this one."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
