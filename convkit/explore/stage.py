"""The widget that shows the pictures, and moves their focus in the browser without asking the kernel."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

import anywidget
import traitlets

from ..picture.page import read as picture_file
from ..picture.theme import css

PICTURE_STYLE = f"<style>{escape(css('auto'))}</style>"  # as it stands in every picture


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """The renderer's mover and the stage in one module: nothing else is fetched."""
    own = ("drawn.js", "player.js", "photo.js", "names.js", "stage.js")
    return picture_file("steps.js") + "".join(map(_own, own))


class Stage(anywidget.AnyWidget):
    """Pictures, player, facts and code. `screen` is what is seen; `motion` follows, and says what can move."""

    _esm = _script()
    _css = css("auto") + _own("stage.css")

    title = traitlets.Unicode().tag(sync=True)
    screen: Any = traitlets.Dict().tag(sync=True)
    motion: Any = traitlets.Dict().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)  # spoken when it changes
    typed: Any = traitlets.Dict().tag(sync=True)  # from the browser: a number of a table
