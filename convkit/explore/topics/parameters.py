"""The parameters of a layer, drawn and counted: each weight a cell, each bias a cell."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arithmetic import conv_params
from ...explain.words import counted
from ...picture.blocks import lay_out_kernels
from ..code import lines
from ..knobs import Knob, Settings, Switch, Whole
from ..known import count_steps, keras_summary, slip_words, slips
from ..tables import bullets, preformatted
from ..topic import Extent, Position, Topic
from ..view import Panel, View

SIDE = 8  # of the image; it does not count


class Parameters(Topic):
    """What a convolution layer learns."""

    name = "parameters"
    title = "Parameters: what a layer learns"
    invitation = "Each weight is a cell, and each bias. Cells are numbered as they are counted."
    plays = True
    knobs: tuple[Knob, ...] = (
        Whole("kernel_size", "Kernel size (px)", 3, 1, 5),
        Whole("in_channels", "Channels in", 2, 1, 4),
        Whole("filters", "Filters", 4, 1, 8),
        Switch("use_bias", "A bias for each filter", True),
    )
    questions: tuple[Settings, ...] = (
        {"kernel_size": 3, "in_channels": 2, "filters": 2, "use_bias": True},
        {"kernel_size": 2, "in_channels": 1, "filters": 3, "use_bias": True},
        {"kernel_size": 3, "in_channels": 3, "filters": 2, "use_bias": True},
        {"kernel_size": 1, "in_channels": 3, "filters": 2, "use_bias": True},
        {"kernel_size": 5, "in_channels": 2, "filters": 4, "use_bias": False},
    )

    def ask(self, settings: Settings) -> str:
        """How many there are."""
        bias = "each with a bias" if settings["use_bias"] else "without bias"
        size, channels, groups = settings["kernel_size"], settings["in_channels"], settings.get("groups", 1)
        in_groups = f" in {groups} groups" if groups > 1 else ""
        return (
            f"{counted(channels, 'channel')} come{'s' if channels == 1 else ''} in, and the layer has "
            f"{counted(settings['filters'], 'filter')} of {size} x {size} pixels{in_groups}, {bias}. "
            "How many parameters does it have?"
        )

    def right(self, settings: Settings) -> int:
        """The count."""
        size, channels, filters, use_bias, groups = _layer(settings)
        return conv_params(size, channels, filters, groups, use_bias)

    def ways(self, settings: Settings, guess: float) -> list[tuple[str, str, str]]:
        """Known mistakes in counting, which are all about layers with a bias."""
        if not settings["use_bias"]:
            return []
        found = slips("layer-params", settings["kernel_size"], settings["in_channels"], settings["filters"])
        return explained("layer-params", found, guess)

    def extent(self, settings: Settings) -> Extent:
        """A row for each filter, a column for each of its cells."""
        height, width, channels, filters = _shape(settings)
        return (filters, height * width * channels + (1 if settings["use_bias"] else 0), 1)

    def home(self, settings: Settings) -> Position:
        """The last cell: everything is counted."""
        rows, columns, _ = self.extent(settings)
        return (rows - 1, columns - 1)

    def cover(self, settings: Settings, room: float | None) -> View:
        """Nothing to count yet."""
        words = "Predict first. Then the layer is drawn here, number by number."
        return View((Panel(words),), text=words, said=self.ask(settings), code=code(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The kernels, filled and numbered one parameter after the other."""
        rows, columns, _ = self.extent(settings)
        n = position[0] * columns + position[1] + 1
        layout = lay_out_kernels(_shape(settings), use_bias=settings["use_bias"], room=room, counted=n)
        return View(
            (Panel("The kernels", layout, moves=True),),
            text=layout.text,
            said=f"The layer has {self.right(settings)} parameters.",
            moment=f"{n} of {rows * columns}. Filter {position[0]}: {_cell(settings, position[1])}.",
            facts=count_facts(settings),
            code=code(settings),
        )

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All layers."""
        sizes, channels, filters = (knob.values for knob in self.knobs[:3])
        yield "slip_words", ("layer-params",)
        for layer in itertools.product(sizes, channels, filters):
            yield "slips", ("layer-params", *layer)
            for use_bias in (True, False):
                yield "count_steps", (*layer, use_bias, 1)
                yield "keras_summary", (*layer, use_bias, 1)


def explained(exercise_id: str, rows: list[list[Any]], guess: Any) -> list[tuple[str, str, str]]:
    """The slips [result, name, sum] that lead to a guess, in words: (what was done, its sum, where to look)."""
    words = slip_words(exercise_id)
    return [(words[name][0], worked, words[name][1]) for result, name, worked in rows if result == guess]


def both(guess: tuple[float, float]) -> float | None:
    """The number that was given for both axes, if it is one."""
    return guess[0] if guess[0] == guess[1] else None


def _layer(settings: Settings) -> tuple[int, int, int, bool, int]:
    """(kernel_size, channels, filters, use_bias, groups)."""
    sizes = settings["kernel_size"], settings["in_channels"], settings["filters"]
    return (*sizes, settings["use_bias"], settings.get("groups", 1))


def _shape(settings: Settings) -> tuple[int, int, int, int]:
    """Of the kernels: height, width, channels, filters."""
    size, channels, filters, _, _ = _layer(settings)
    return size, size, channels, filters


def _cell(settings: Settings, n: int) -> str:
    """The nth cell of a filter, in words."""
    shape = _shape(settings)
    size = shape[0]
    if n == size * size * shape[2]:
        return "its bias"
    return f"channel {n // (size * size)}, row {n // size % size}, column {n % size}"


def count_facts(settings: Settings) -> str:
    """The count step by step, and what Keras prints."""
    layer = _layer(settings)
    return bullets("The count", count_steps(*layer)) + preformatted("What Keras prints", keras_summary(*layer))


def code(settings: Settings) -> tuple[tuple[str, str], ...]:
    shape = (SIDE, SIDE, settings["in_channels"])
    use_bias, groups = settings["use_bias"], settings.get("groups", 1)
    return lines(shape, settings["kernel_size"], settings["filters"], use_bias=use_bias, groups=groups)
