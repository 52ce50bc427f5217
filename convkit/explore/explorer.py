"""What `convkit.explore.NAME()` gives: an explorer that a notebook shows, alive or as a picture."""

from __future__ import annotations

import sys
from typing import Any

from .knobs import start
from .presence import someone_is_there
from .session import Session
from .still import as_html, as_text
from .topic import Topic
from .view import Panel, View


class Explorer:
    """Shown by a notebook as it is: with controls where someone can use them, as a picture with its text elsewhere.

    `session` is the same without widgets; `widget` builds them.
    """

    def __init__(self, topic: Topic, **settings: Any) -> None:
        self.topic = topic
        self.trouble = ""
        try:
            self.session = Session(topic, start(topic.knobs, settings))
        except Exception as error:  # an explorer never stops a notebook; it says what is wrong
            self.trouble = f"{topic.title} opens with its own settings: {error}"
            self.session = Session(topic, start(topic.knobs, {}))
        self._dashboard: Any = None

    @property
    def dashboard(self) -> Any:
        """The widgets, made when they are first asked for."""
        if self._dashboard is None:
            from .widget import Dashboard

            self._dashboard = Dashboard(self.session)
        return self._dashboard

    @property
    def widget(self) -> Any:
        """All of them in one box."""
        return self.dashboard.box

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = self._still()
        if someone_is_there():
            try:
                bundle |= {**self.widget._repr_mimebundle_(), "text/plain": bundle["text/plain"]}
            except Exception as error:
                print(f"{self.topic.title} is shown as a picture: {error}", file=sys.stdout)
        return bundle

    def _still(self) -> dict[str, Any]:
        """The default settings, revealed, as HTML and text."""
        title = self.trouble or self.topic.title
        try:
            view = self.topic.view(self.session.settings)
            return {"text/plain": as_text(title, view), "text/html": as_html(title, view)}
        except Exception as error:
            words = f"{title} could not be drawn: {error}"
            return {"text/plain": words, "text/html": as_html(words, View((Panel("still", words),), words))}

    def __repr__(self) -> str:
        return self._still()["text/plain"]
