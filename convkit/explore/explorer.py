"""What `convkit.explore.NAME()` returns: an explorer that a notebook shows, and that can be saved as a page."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from typing import Any

from ..picture.boxes import Layout
from ..picture.drawing import Picture
from .knobs import start
from .page import fragment, page
from .session import Session
from .topic import Topic
from .view import Image, Panel, View

STYLE = "margin:0.3em 0;max-width:100%"
SUMMARY = "display:list-item;cursor:pointer"  # feedback pages hide the triangle


class Explorer:
    """Shown by a notebook as it is: with controls for a person, as a picture with its text elsewhere.

    `session` is the same without a page; `save` writes a page that needs no kernel and no network.
    """

    def __init__(self, topic: Topic, **settings: Any) -> None:
        self.topic = topic
        self.trouble = ""
        try:
            self.session = Session(topic, start(topic.knobs, settings))
        except Exception as error:  # an explorer never stops a notebook; it says what is wrong
            self.trouble = f"{topic.title} opens with its own settings: {error}"
            self.session = Session(topic, start(topic.knobs, {}))

    def fragment(self) -> str:
        """A part of a page: controls where scripts run, a picture with its words elsewhere."""
        return fragment(self.topic, self.session.settings, self._still()["text/html"], self.trouble)

    def html(self) -> str:
        """A page of its own that plays without a kernel and without a network."""
        return page(self.topic, self.session.settings, self._still()["text/html"])

    def save(self, path: str | Path) -> Path:
        """Write that page to a file.

        >>> import tempfile
        >>> from convkit import explore
        >>> explore.stride().save(Path(tempfile.mkdtemp(), "stride.html")).stat().st_size < 3_000_000
        True
        """
        path = Path(path)
        path.write_text(self.html(), encoding="utf-8")
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = self._still()
        if someone_is_there():
            try:
                bundle["text/html"] = self.fragment()
            except Exception as error:
                print(f"{self.topic.title} is shown as a picture: {error}")
        return bundle

    def _still(self) -> dict[str, Any]:
        """The opening settings, revealed, as HTML and text."""
        title = self.trouble or self.topic.title
        try:
            view = self.topic.view(self.session.settings, self.topic.home(self.session.settings), 0, None)
            return {"text/plain": _as_text(title, view), "text/html": _as_html(title, view)}
        except Exception as error:
            words = f"{title} could not be drawn: {error}"
            return {"text/plain": words, "text/html": _as_html(words, View((Panel(words),), words))}

    def __repr__(self) -> str:
        found: str = self._still()["text/plain"]
        return found


def someone_is_there() -> bool:
    """True in a notebook that a person runs.

    JupyterLab, Notebook and VS Code tell the kernel that they can ask their user for input; nbclient, which runs
    notebooks for nbconvert and nbgrader, tells it that there is no user. NBGRADER_EXECUTION is less reliable: a server
    in which nbgrader met an error passes it on to every kernel that it starts from then on.
    """
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent("shell") or {}
    return bool(request.get("content", {}).get("allow_stdin", False))


def _as_html(title: str, view: View) -> str:
    """Pictures side by side, then everything in words."""
    photos = "".join(_photo(image) for panel in view.panels for image in panel.images)
    pictures = "".join(_panel(panel.layout) for panel in view.panels if panel.layout is not None)
    lines = "".join(f"<li>{escape(name)}: <code>{escape(line)}</code></li>" for name, line in view.code)
    code = f"<ul>{lines}</ul>" if lines else ""
    return (
        f'<div class="convkit-still"><p style="{STYLE}"><strong>{escape(title)}</strong></p>{photos}{pictures}'
        f'{view.facts}<details><summary style="{SUMMARY}">The same in words and in code</summary>'
        f"<p>{escape(view.text)}</p>{code}</details></div>"
    )


def _as_text(title: str, view: View) -> str:
    """The same without any picture."""
    return "\n".join([title, view.text, *(f"{name}: {line}" for name, line in view.code)])


def _panel(layout: Layout) -> str:
    return f'<div style="{STYLE};display:inline-block;vertical-align:top">{Picture(layout).svg}</div>'


def _photo(image: Image) -> str:
    from .photo import source

    return (
        f'<figure style="{STYLE};display:inline-block"><img src="{source(image)}" alt="{escape(image.alt)}" '
        f'width="200" style="image-rendering:pixelated"/><figcaption>{escape(image.label)}</figcaption></figure>'
    )
