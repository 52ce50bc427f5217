"""Strides: which pixels are read, which output each place makes, and what becomes of the sizes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

import numpy as np

from ...arithmetic import output_length, unseen_pixels
from ...explain.output_shape import output_shape
from ...layers import Conv2D
from ...picture import draw
from ..code import lines
from ..covers import covered
from ..guesses import known_ways, numbers
from ..knobs import Choice, Settings, Whole
from ..motion import conv_steps
from ..tables import bullets, table
from ..topic import Topic
from ..view import Panel, View

FILTERS = 2
PADDINGS = {"valid: no zeros": "valid", "same: zeros around": "same"}


class Stride(Topic):
    """How far a kernel moves."""

    name = "stride"
    title = "Stride: how far the kernel moves"
    invitation = "Change the sizes and the strides. Play, or go to any output value: its pixels light up."
    answer_hint = "rows x columns, such as 6 x 6"
    knobs = (
        Whole("height", "Image height (px)", 8, 3, 16),
        Whole("width", "Image width (px)", 8, 3, 16),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 5),
        Whole("strides_down", "Stride down (px)", 2, 1, 4),
        Whole("strides_across", "Stride across (px)", 2, 1, 4),
        Choice("padding", "Padding", "same", PADDINGS),
    )
    questions = (
        {},
        {"padding": "valid", "height": 8, "width": 8, "kernel_size": 3, "strides_down": 2, "strides_across": 2},
        {"padding": "same", "height": 7, "width": 7, "kernel_size": 3, "strides_down": 2, "strides_across": 2},
        {"padding": "valid", "height": 8, "width": 8, "kernel_size": 1, "strides_down": 3, "strides_across": 3},
        {"padding": "same", "height": 9, "width": 7, "kernel_size": 3, "strides_down": 3, "strides_across": 1},
    )

    def ask(self, settings: Settings) -> str:
        """What is the output's size?"""
        return (
            f"An image of {settings['height']} x {settings['width']} pixels, a kernel of {settings['kernel_size']} x "
            f"{settings['kernel_size']}, strides={_strides(settings)}, padding={settings['padding']!r}. "
            "How many rows and columns has the output?"
        )

    def read(self, text: str) -> tuple[float, float]:
        """One number for both, or rows and columns."""
        found = numbers(text, (1, 2), "4 x 4")
        return found[0], found[-1]

    def right(self, settings: Settings) -> tuple[int, int]:
        """(rows, columns)."""
        return _length(settings, "height", "strides_down"), _length(settings, "width", "strides_across")

    def say(self, value: tuple[float, float]) -> str:
        """4 x 4."""
        return f"{value[0]:g} x {value[1]:g}"

    def neighbours(self, settings: Settings) -> Iterator[tuple[str, Settings]]:
        """Another stride for both axes, the other padding, another kernel."""
        for strides in range(1, 5):
            if (strides, strides) != _strides(settings):
                yield f"strides={strides}", {**settings, "strides_down": strides, "strides_across": strides}
        yield from (found for found in super().neighbours(settings) if found[0].startswith(("padding", "kernel_size")))

    def ways(self, settings: Settings, guess: tuple[float, float]) -> Iterator[tuple[str, str]]:
        """Wrong rules for the axis that is wrong; where both are, they have to agree."""
        right = self.right(settings)
        axes = [axis for axis in (0, 1) if guess[axis] != right[axis]]
        found = [set(_ways(settings, axis, guess[axis])) for axis in axes]
        yield from sorted(set.intersection(*found)) if found else ()

    def cover(self, settings: Settings) -> View:
        """Image and kernel, before they meet."""
        picture = draw(*_arrays(settings), show=("input", "kernel"))
        title = f"{_kernel(settings)} on {settings['height']}\u00d7{settings['width']} pixels: what comes out?"
        panel = Panel("still", "Image and kernel", (covered(picture, title).svg,))
        return View((panel,), text=self.ask(settings), said=self.ask(settings))

    def view(self, settings: Settings) -> View:
        """The whole convolution, and what the stride does to it."""
        arrays = _arrays(settings)
        picture = draw(*arrays)
        panel = Panel(
            "conv",
            "The kernel's places",
            (picture.svg,),
            tuple(partial(_svg, arrays, number) for number in range(FILTERS)[1:]),
            tuple(partial(conv_steps, *arrays, filter=number) for number in range(FILTERS)),
        )
        layer, shape = _layer(settings, *_strides_pair(settings)), (settings["height"], settings["width"], 1)
        said = (
            f"The output is {self.say(self.right(settings))}, with {layer.count_params(shape)} parameters and "
            f"{layer.macs(shape)} multiply-accumulates."
        )
        return View(
            (panel,),
            text=f"{said} {picture.text}",
            said=said,
            facts=_facts(settings),
            code=lines(shape, settings["kernel_size"], FILTERS, _strides_pair(settings), settings["padding"]),
        )


def _svg(arrays: tuple[Any, ...], number: int) -> str:
    """The picture with another filter in focus."""
    return draw(*arrays, filter=number).svg


def _arrays(settings: Settings) -> tuple[Any, ...]:
    """Arguments of `draw`: digits that are the same for the same size, and two kernels."""
    height, width, size = settings["height"], settings["width"], settings["kernel_size"]
    x = np.random.default_rng(8).integers(0, 10, (16, 16))[:height, :width]
    kernel = np.random.default_rng(size).integers(-1, 3, (size, size, 1, FILTERS))
    return x, kernel, _strides_pair(settings), settings["padding"], 1, np.array([0, 1])


def _strides_pair(settings: Settings) -> tuple[int, int]:
    return settings["strides_down"], settings["strides_across"]


def _strides(settings: Settings) -> Any:
    down, across = _strides_pair(settings)
    return down if down == across else (down, across)


def _kernel(settings: Settings) -> str:
    size = settings["kernel_size"]
    return f"{size}\u00d7{size} kernel, padding={settings['padding']!r}, strides={_strides(settings)}"


def _length(settings: Settings, size: str, strides: str) -> int:
    return output_length(settings[size], settings["kernel_size"], settings[strides], settings["padding"])


def _ways(settings: Settings, axis: int, guess: float) -> Iterator[tuple[str, str]]:
    n, strides = (settings[name] for name in (("height", "strides_down"), ("width", "strides_across"))[axis])
    args = (n, settings["kernel_size"], strides, settings["padding"])
    return known_ways("output-length", args, lambda result: bool(result == guess))


def _layer(settings: Settings, down: int, across: int) -> Conv2D:
    return Conv2D(FILTERS, settings["kernel_size"], strides=(down, across), padding=settings["padding"])


def _facts(settings: Settings) -> str:
    """Single steps beside the stride on the screen (beside a stride of two, where that is single steps), and why."""
    now, shape = _strides_pair(settings), (settings["height"], settings["width"], 1)
    columns = [(1, 1), now if now != (1, 1) else (2, 2)]
    head = ["", *(f"strides={down if down == across else (down, across)}" for down, across in columns)]
    layers = [_layer(settings, *strides) for strides in columns]
    rows = [
        ["output shape", *(str(layer.output_shape(shape)) for layer in layers)],
        ["parameters", *(str(layer.count_params(shape)) for layer in layers)],
        ["multiply-accumulates (MACs)", *(str(layer.macs(shape)) for layer in layers)],
        ["pixels never read", *(_unseen(settings, strides) for strides in columns)],
    ]
    steps = output_shape(_layer(settings, *now), shape).lines[:2]
    return table("What the stride changes", head, rows) + bullets("Where the size comes from", map(escape, steps))


def _unseen(settings: Settings, strides: tuple[int, int]) -> str:
    height, width = settings["height"], settings["width"]
    rows, columns = (
        unseen_pixels(n, settings["kernel_size"], stride, settings["padding"])
        for n, stride in zip((height, width), strides, strict=True)
    )
    return str(height * width - (height - len(rows)) * (width - len(columns)))
