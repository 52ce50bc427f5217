"""The kernel on its way over an image: what `convkit.animate` shows. It has no question and no knobs."""

from __future__ import annotations

from typing import Any

from ...arithmetic import Axis
from ...picture.frame import Focus
from ...picture.layout import lay_out
from ...picture.scene import Scene
from ...picture.words import short_saying, title, worked_out
from ..knobs import Settings
from ..topic import Extent, Position, Topic
from ..view import Panel, View


class Moving(Topic):
    """One convolution. Its settings are the scene as plain data, see `scene_settings`."""

    name = "animation"
    title = "A convolution, step by step"
    invitation = "Arrow keys move the kernel."
    answer_hint = ""
    knobs = ()
    questions = ()
    asks = False
    speed = 1

    def extent(self, settings: Settings) -> Extent:
        """The output's rows, columns and filters."""
        scene = _scene(settings)
        return (scene.rows.length, scene.columns.length, scene.filters)

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The picture at a position. Outputs after it are empty where they are revealed one by one."""
        scene = _scene(settings)
        n = position[0] * scene.columns.length + position[1] + 1
        focus = Focus(position, filter, n if settings["reveal"] and room is not None else None)
        layout = lay_out(scene, focus, tuple(settings["show"]), room)
        return View(
            (Panel(title(scene), layout, moves=True),),
            text=layout.text,
            moment=short_saying(scene, position, filter) if scene.output else layout.text,
            worked_out=worked_out(scene, position, filter),
        )

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs that read a pixel."""
        return _scene(settings).readers(row, column)


FIELDS = (
    "channels",
    "filters",
    "groups",
    "padding",
    "activation",
    "x",
    "kernel",
    "bias",
    "use_bias",
    "output",
    "has_decimals",
)


def scene_settings(scene: Scene, show: tuple[str, ...], reveal: bool) -> Settings:
    """A scene as plain data, and how it is shown."""
    axes = {"rows": _numbers(scene.rows), "columns": _numbers(scene.columns)}
    return {**axes, "show": show, "reveal": reveal, **{name: getattr(scene, name) for name in FIELDS}}


def _numbers(axis: Axis) -> list[int]:
    return [axis.n, axis.kernel_size, axis.strides, axis.dilation_rate, axis.before, axis.after, axis.length]


def _scene(settings: Settings) -> Scene:
    rest: list[Any] = [settings[name] for name in FIELDS]
    return Scene(Axis(*settings["rows"]), Axis(*settings["columns"]), *rest)
