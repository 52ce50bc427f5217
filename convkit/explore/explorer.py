"""What `convkit.explore.NAME()` returns: an explorer that a notebook shows, and that can be saved as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .knobs import start
from .page import fragment, page
from .presence import someone_is_there
from .session import Session
from .still import as_html, as_text
from .topic import Topic
from .view import Panel, View


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
            return {"text/plain": as_text(title, view), "text/html": as_html(title, view)}
        except Exception as error:
            words = f"{title} could not be drawn: {error}"
            return {"text/plain": words, "text/html": as_html(words, View((Panel(words),), words))}

    def __repr__(self) -> str:
        found: str = self._still()["text/plain"]
        return found
