"""What explorers of one convolution share: a picture of it, and predictions of the output's size."""

from __future__ import annotations

from typing import Any

from ...picture.frame import Focus
from ...picture.layout import lay_out
from ...picture.scene import Scene
from ...picture.words import short_saying, worked_out
from ..code import Lines
from ..knobs import Settings
from ..topic import Position, Topic, cover, numbers
from ..view import Panel, View


class OutputSize(Topic):
    """Asks how many rows and columns the output has."""

    answer_hint = "rows x columns, such as 6 x 6"

    def read(self, text: str) -> Any:
        """One number for both, or rows and columns."""
        found = numbers(text, (1, 2), "6 x 6")
        return (found[0], found[-1])

    def say(self, value: Any) -> str:
        """Rows x columns."""
        return f"{value[0]:g} x {value[1]:g}"


class ConvolutionTopic(OutputSize):
    """Shows one convolution: input, kernel, products and output."""

    def scene(self, settings: Settings) -> Scene:
        """What is drawn."""
        raise NotImplementedError

    def result(self, settings: Settings, scene: Scene) -> str:
        """What came out, in a sentence."""
        raise NotImplementedError

    def facts(self, settings: Settings) -> str:
        """What stands below the picture, as HTML."""
        return ""

    def code(self, settings: Settings) -> Lines:
        """The layer in code."""
        raise NotImplementedError

    def others(self, settings: Settings) -> tuple[Panel, ...]:
        """Panels after the picture."""
        return ()

    def cover(self, settings: Settings, room: float | None) -> View:
        """Image and kernel, before they meet."""
        layout = lay_out(self.scene(settings), Focus((0, 0), 0), ("input", "kernel"), room)
        return cover("Image and kernel", layout, self.ask(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The whole convolution, with the kernel at a position."""
        scene = self.scene(settings)
        layout, said = lay_out(scene, Focus(position, filter), room=room), self.result(settings, scene)
        return View(
            (Panel("Input, kernel, products and output", layout, moves=True), *self.others(settings)),
            text=f"{said} {layout.text}",
            said=said,
            moment=short_saying(scene, position, filter),
            worked_out=worked_out(scene, position, filter),
            facts=self.facts(settings),
            code=self.code(settings),
        )

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs that read a pixel."""
        return self.scene(settings).readers(row, column)
