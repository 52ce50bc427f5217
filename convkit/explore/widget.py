"""An explorer in the notebook: controls of ipywidgets around a stage. It shows a Session, and holds nothing itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection
from html import escape
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from .knobs import Amount, Choice, Knob, Switch, Table, Whole
from .session import Session
from .stage import PICTURE_STYLE, Stage
from .view import Panel

STILL = 0.25  # seconds without a change until motion is worked out
OPEN, BREATH = 0.02, 0.005
LETTERS = 0.15  # seconds until the last letters of a prediction have come


class Dashboard:
    """Widgets for a session. `box` is the whole."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stage = Stage(title=session.topic.title)
        self.controls = {knob.name: _control(knob, session.settings[knob.name]) for knob in _turned(session)}
        self.question = widgets.HTML()
        self.verdict = widgets.HTML()
        self.guess = widgets.Text(
            description="Your prediction", placeholder=session.topic.answer_hint, style={"description_width": "initial"}
        )
        self.predict = widgets.Button(description="Predict", button_style="primary")
        self.another = widgets.Button(description="Next question")
        self.box = self._assemble()
        self._serial, self._busy, self._play = 0, False, False
        self._waiting: asyncio.TimerHandle | None = None
        self._listen()
        self.show(OPEN)

    def _assemble(self) -> Any:
        head = widgets.HTML(
            f'<p class="cvx-title"><strong>{escape(self.session.topic.title)}</strong></p>'
            f"<p>{escape(self.session.topic.invitation)}</p>"
        )
        asked = widgets.HBox([self.guess, self.predict, self.another]).add_class("cvx-row")
        controls = widgets.HBox(list(self.controls.values())).add_class("cvx-row")
        rows = [head, self.question, asked, self.verdict, controls, self.stage]
        return widgets.VBox(rows).add_class("convkit-explorer").add_class(f"convkit-{self.session.topic.name}")

    def _listen(self) -> None:
        for name, control in self.controls.items():
            control.observe(self._safely(lambda change, name=name: self._turned(name, change["new"])), "value")
        self.stage.observe(self._safely(lambda change: self._typed(change["new"])), "typed")
        self.predict.on_click(self._safely(lambda _: self._predicted()))
        self.another.on_click(self._safely(lambda _: self._another()))
        self.guess.on_msg(self._safely(lambda _, content, __: self._entered(content)))

    def _safely(self, call: Callable[..., Any]) -> Callable[..., None]:
        """An error inside becomes a sentence in the explorer, never a traceback in the notebook."""

        def act(*args: Any) -> None:
            try:
                call(*args)
            except Exception as error:
                self._tell(f"Something went wrong here: {error}")

        return act

    def _turned(self, name: str, value: Any) -> None:
        if not self._busy:
            self.session.turn(name, value)
            self.show(STILL)

    def _typed(self, cell: dict[str, Any]) -> None:
        if cell:
            rows = [list(row) for row in self.session.settings[cell["table"]]]
            rows[cell["row"]][cell["column"]] = cell["value"]
            self._turned(cell["table"], rows)

    def _entered(self, content: dict[str, Any]) -> None:
        if content.get("event") == "submit":
            self._soon(self._predicted)

    def _soon(self, call: Callable[[], None]) -> None:
        """A little later: Enter overtakes the last letters, which the browser holds back while the kernel is busy."""
        try:
            asyncio.get_running_loop().call_later(LETTERS, self._safely(call))
        except RuntimeError:
            call()

    def _predicted(self) -> None:
        words = self.session.predict(self.guess.value)
        self._play = self.session.topic.plays and not self.session.covered
        self.show(OPEN, said=False)
        self._tell(words)

    def _another(self) -> None:
        self.session.ask_another()
        self._busy = True
        try:
            for name, control in self.controls.items():
                control.value = self.session.settings[name]
            self.guess.value = ""
        finally:
            self._busy = False
        self.show(OPEN)

    def show(self, pause: float, said: bool = True) -> None:
        """Everything as it is now, the pictures first; motion follows when nothing has changed for a while."""
        view = self.session.view
        self._serial += 1
        self.stage.screen = {
            "serial": self._serial,
            "panels": [_sent(panel) for panel in view.panels],
            "facts": view.facts,
            "code": [list(line) for line in view.code],
            "tables": [self._table(knob) for knob in self.session.topic.tables(self.session.settings)],
            "predictions": [[made.question, made.words.replace("`", "")] for made in self.session.predictions],
            "said": view.said if said else "",
        }
        asked = "Predict." if self.session.covered else "Asked:"
        self.question.value = f"<p><strong>{asked}</strong> {escape(self.session.question)}</p>"
        self._say(self.session.remembered)
        self._hide(self.session.topic.idle(self.session.settings))
        self._plan(pause, view.panels)

    def _table(self, knob: Table) -> dict[str, Any]:
        return {"name": knob.name, "label": knob.label, "rows": self.session.settings[knob.name]}

    def _hide(self, idle: Collection[str]) -> None:
        for name, control in self.controls.items():
            control.layout.display = "none" if name in idle else None

    def _plan(self, pause: float, panels: tuple[Panel, ...]) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._later(pause, lambda: self._set_in_motion([], panels))

    def _set_in_motion(self, made: list[Any], panels: tuple[Panel, ...]) -> None:
        """One thing at a time, so that a control that is turned meanwhile is heard soon."""
        wanted = [make for panel in panels for make in (*panel.more, *panel.steps)]
        if len(made) < len(wanted):
            made.append(wanted[len(made)]())
            return self._later(BREATH, lambda: self._set_in_motion(made, panels))
        found = iter(made)
        sent = [
            {"more": [_unstyled(next(found)) for _ in panel.more], "steps": [next(found) for _ in panel.steps]}
            for panel in panels
        ]
        play, self._play = self._play, False
        self.stage.motion = {"serial": self._serial, "panels": sent, "play": play}

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        """On the kernel's event loop after a while; at once where there is no loop, as in a test."""
        self._waiting = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._safely(call)()
        else:
            self._waiting = loop.call_later(seconds, self._safely(call))

    def _tell(self, words: str) -> None:
        self._say(words)
        self.stage.said = words.replace("`", "")

    def _say(self, words: str) -> None:
        marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))
        self.verdict.value = f'<p class="cvx-verdict">{marked}</p>' if words else ""


def _turned(session: Session) -> list[Knob]:
    return [knob for knob in session.topic.knobs if not isinstance(knob, Table)]


def _sent(panel: Panel) -> dict[str, Any]:
    """A panel on its way to the stage."""
    return {"kind": panel.kind, "label": panel.label, "svgs": list(map(_unstyled, panel.svgs)), **panel.data}


def _unstyled(svg: str) -> str:
    """Without the style sheet, which the stage has once for all pictures."""
    return svg.replace(PICTURE_STYLE, "", 1)


def _control(knob: Knob, value: Any) -> Any:
    style = {"description_width": "initial"}
    if isinstance(knob, Whole):
        return widgets.IntSlider(value, knob.least, knob.most, description=knob.label, style=style)
    if isinstance(knob, Amount):
        form = ".2f" if knob.step < 1 else ".0f"
        return widgets.FloatSlider(
            value,
            min=knob.least,
            max=knob.most,
            step=knob.step,
            description=knob.label,
            style=style,
            readout_format=form,
        )
    if isinstance(knob, Choice):
        return widgets.Dropdown(options=list(knob.options.items()), value=value, description=knob.label, style=style)
    assert isinstance(knob, Switch)
    return widgets.Checkbox(value, description=knob.label, indent=False)
