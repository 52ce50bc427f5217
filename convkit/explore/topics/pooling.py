"""Pooling: the largest or the average pixel of each window, channel by channel, with nothing to learn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arithmetic import output_length
from ...picture.boxes import Layout
from ...picture.frame import Focus
from ...picture.pooling import PARTS, lay_out_pooling, make_pooling, worked_out
from ...picture.scene import Scene, positions
from ...picture.words import moment
from ..code import pooling_lines
from ..knobs import Choice, Settings, Whole
from ..known import shape_steps
from ..tables import bullets
from ..topic import Extent, Position, Topic, cover, numbers
from ..view import Panel, View
from .stride import DIGITS

KINDS = {"the largest": "max", "the average": "average"}
PADDINGS = {"valid: whole windows": "valid", "same: over the border": "same"}
CHANNELS = 3
FACTORS = (1, 7, 43)  # between the numbers of the channels, modulo 100

Shape = tuple[float, float, float]


class Pooling(Topic):
    """From many pixels to few, without weights."""

    name = "pooling"
    title = "Pooling: one number for each window"
    invitation = "Play, or go to any output value: its window lights up."
    answer_hint = "rows x columns x channels"
    output_plane = "channel"
    knobs = (
        Choice("kind", "Keep", "max", KINDS),
        Whole("n", "Image size (px)", 8, 4, 12),
        Whole("pool_size", "Pool size (px)", 2, 2, 4),
        Whole("strides", "Stride (px)", 2, 1, 4),
        Choice("padding", "Padding", "valid", PADDINGS),
    )
    questions: tuple[Settings, ...] = (
        {"kind": "average", "n": 7, "pool_size": 2, "strides": 2, "padding": "valid"},
        {"kind": "max", "n": 7, "pool_size": 3, "strides": 2, "padding": "same"},
        {"kind": "max", "n": 8, "pool_size": 3, "strides": 1, "padding": "valid"},
        {"kind": "average", "n": 9, "pool_size": 3, "strides": 2, "padding": "same"},
    )

    def ask(self, settings: Settings) -> str:
        """What the output's shape is."""
        n = settings["n"]
        return (
            f"{CHANNELS} channels of {n} x {n} pixels go through {_layer(settings)}. What is the shape of the output?"
        )

    def read(self, text: str) -> Shape:
        """Rows, columns and channels."""
        found = numbers(text, (3,), f"6 x 6 x {CHANNELS}")
        return (found[0], found[1], found[2])

    def right(self, settings: Settings) -> Shape:
        """(rows, columns, channels)."""
        length = output_length(*_axis(settings))
        return (length, length, CHANNELS)

    def say(self, value: Shape) -> str:
        """4 x 4 x 3."""
        return f"{value[0]:g} x {value[1]:g} x {value[2]:g}"

    def ways(self, settings: Settings, guess: Shape) -> list[tuple[str, str, str]]:
        """Channels that were mixed, or windows that were counted by their size."""
        length = output_length(*_axis(settings))
        n, size, strides = settings["n"], settings["pool_size"], settings["strides"]
        if guess[:2] == (length, length):
            one = guess[2] == 1
            did = "It adds the channels up, as a convolution does" if one else "It changes the number of channels"
            return [(did, "", "Pooling takes each channel by itself: as many go out as come in.")]
        if guess == (n // size, n // size, CHANNELS):
            helps = f"Windows start every {strides} pixels, whatever their size."
            return [("It divides by pool_size", f"{n} / {size} rounded down = {n // size}", helps)]
        return []

    def extent(self, settings: Settings) -> Extent:
        """The output's rows, columns and channels."""
        length = output_length(*_axis(settings))
        return (length, length, CHANNELS)

    def cover(self, settings: Settings, room: float | None) -> View:
        """The channels before they are pooled."""
        layout = _picture(settings, _scene(settings), (0, 0), 0, room, ("input",))
        return cover("The input", layout, self.ask(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """All channels, the window on each, and their outputs."""
        scene = _scene(settings)
        n = settings["n"]
        before, after = self.say((n, n, CHANNELS)), self.say(self.right(settings))
        said = f"{_layer(settings)}: {before} becomes {after}, with 0 parameters."
        picture = _picture(settings, scene, position, filter, room)
        result = worked_out(scene, position, filter, settings["kind"])
        return View(
            (Panel("Input and output", picture, moves=True),),
            text=f"{said} {picture.text}",
            said=said,
            moment=f"{moment(scene, position)} Channel {filter}: {result}.",
            facts=_facts(settings, scene),
            code=pooling_lines(settings["kind"], *_axis(settings)),
        )

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The derivation of each size."""
        sizes, pools, strides = (self.knobs[n].values for n in (1, 2, 3))
        for axis in itertools.product(sizes, pools, strides, ("valid", "same")):
            yield "shape_steps", axis

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs whose window a pixel is in."""
        return _scene(settings).readers(row, column)

    def filters_reading(self, settings: Settings, channel: int) -> list[int]:
        """The output's channel of the same number."""
        return [channel]


def _axis(settings: Settings) -> tuple[int, int, int, str]:
    return settings["n"], settings["pool_size"], settings["strides"], settings["padding"]


def _layer(settings: Settings) -> str:
    """As in Keras."""
    kind = "Max" if settings["kind"] == "max" else "Average"
    sizes = f"pool_size={settings['pool_size']}, strides={settings['strides']}, padding={settings['padding']!r}"
    return f"{kind}Pooling2D({sizes})"


def _scene(settings: Settings) -> Scene:
    """Numbers of two digits, others in each channel."""
    n = settings["n"]
    first = [[int(row[column : column + 2]) for column in range(n)] for row in DIGITS[:n]]
    x = [[[number * factor % 100 for factor in FACTORS] for number in row] for row in first]
    return make_pooling(x, settings["pool_size"], settings["strides"], settings["padding"], settings["kind"])


def _picture(
    settings: Settings,
    scene: Scene,
    position: Position,
    channel: int,
    room: float | None,
    show: tuple[str, ...] = PARTS,
) -> Layout:
    """The picture, and in words the outputs of a channel."""
    kind = settings["kind"]
    sums = [f"({row}, {column}): {worked_out(scene, (row, column), channel, kind)}" for row, column in positions(scene)]
    text = f"{_layer(settings)} of channel {channel}, output by output. {'; '.join(sums)}."
    return lay_out_pooling(scene, Focus(position, channel), kind, _layer(settings), text, room, show)


def _facts(settings: Settings, scene: Scene) -> str:
    """Where the size comes from, what is lost, and what a gradient does."""
    pixels, outputs = settings["n"] * settings["n"], scene.rows.length * scene.columns.length
    kept = [
        f"{pixels} pixels of a channel become {outputs} numbers.",
        f"Each channel is pooled by itself: {CHANNELS} go in, {CHANNELS} come out.",
        "There are no weights: 0 parameters.",
    ]
    if settings["kind"] == "max":
        kept.append("In training the gradient of an output goes to the pixel that was the largest, and to no other.")
    else:
        kept.append("In training each pixel of a window gets the same share of its output's gradient.")
    if scene.rows.padded:
        kept.append("Padding does not count: a window at the border has fewer pixels.")
    steps = [step.replace("kernel", "window") for step in shape_steps(*_axis(settings))[0]]
    return bullets("Where the size comes from", steps) + bullets("What pooling keeps", kept)
