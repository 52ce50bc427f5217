"""Strides: which pixels are read, which output each position makes, and what becomes of the sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arithmetic import conv_macs, conv_params, output_length, unseen_pixels
from ...picture.scene import Scene, small_scene
from ..code import Lines, lines
from ..knobs import Choice, Settings, Whole
from ..known import shape_steps, slips
from ..tables import bullets, table
from ..topic import Extent
from .convolution import ConvolutionTopic
from .parameters import explained

FILTERS = 2
PADDINGS = {"valid: no zeros": "valid", "same: zeros around": "same"}
DIGITS = (
    "7329136768035433",
    "0154928211318884",
    "0245463609518382",
    "8041439376340632",
    "1183800394776830",
    "1917499103451753",
    "1492347565478276",
    "2076543132909334",
    "4460872382383666",
    "5562818153413479",
    "8793930729765284",
    "9154080214160966",
    "9486423018744971",
    "7085772916200563",
    "6148076826265672",
    "8578134150404460",
)


class Stride(ConvolutionTopic):
    """How far a kernel moves."""

    name = "stride"
    title = "Stride: how far the kernel moves"
    invitation = "Play, or go to any output value: its pixels light up."
    knobs = (
        Whole("height", "Image height (px)", 8, 3, 16),
        Whole("width", "Image width (px)", 8, 3, 16),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 5),
        Whole("strides_down", "Stride down (px)", 2, 1, 4),
        Whole("strides_across", "Stride across (px)", 2, 1, 4),
        Choice("padding", "Padding", "same", PADDINGS),
    )
    questions: tuple[Settings, ...] = (
        {"padding": "valid", "height": 8, "width": 8, "kernel_size": 3, "strides_down": 2, "strides_across": 2},
        {"padding": "same", "height": 7, "width": 7, "kernel_size": 3, "strides_down": 2, "strides_across": 2},
        {"padding": "valid", "height": 8, "width": 8, "kernel_size": 1, "strides_down": 3, "strides_across": 3},
        {"padding": "same", "height": 9, "width": 7, "kernel_size": 3, "strides_down": 3, "strides_across": 1},
    )

    def ask(self, settings: Settings) -> str:
        """What the output's size is."""
        return (
            f"An image of {settings['height']} x {settings['width']} pixels, a kernel of {settings['kernel_size']} x "
            f"{settings['kernel_size']}, strides={_strides(settings)}, padding={settings['padding']!r}. "
            "How many rows and columns does the output have?"
        )

    def right(self, settings: Settings) -> tuple[int, int]:
        """(rows, columns)."""
        return (output_length(*_axis(settings, 0)), output_length(*_axis(settings, 1)))

    def neighbors(self, settings: Settings) -> list[tuple[str, Settings]]:
        """Another stride for both axes, the other padding, another kernel."""
        found = []
        for strides in range(1, 5):
            if (strides, strides) != _pair(settings):
                found.append((f"strides={strides}", {**settings, "strides_down": strides, "strides_across": strides}))
        return found + [row for row in super().neighbors(settings) if row[0].startswith(("padding", "kernel_size"))]

    def ways(self, settings: Settings, guess: tuple[float, float]) -> list[tuple[str, str, str]]:
        """Wrong rules for the axis that is wrong; where both are, they have to agree."""
        right = self.right(settings)
        found = [
            explained("output-length", slips("output-length", *_axis(settings, axis)), guess[axis])
            for axis in (0, 1)
            if guess[axis] != right[axis]
        ]
        return [way for way in (found or [[]])[0] if all(way[0] in [other[0] for other in ways] for ways in found)]

    def extent(self, settings: Settings) -> Extent:
        """The output's rows, columns and filters."""
        return (*self.right(settings), FILTERS)

    def scene(self, settings: Settings) -> Scene:
        """Digits that are the same for the same size, and two kernels."""
        size = settings["kernel_size"]
        x = [[[int(digit)] for digit in row[: settings["width"]]] for row in DIGITS[: settings["height"]]]
        kernel = [[[[weight(i, j, filter) for filter in range(FILTERS)]] for j in range(size)] for i in range(size)]
        return small_scene(x, kernel, _pair(settings), settings["padding"], [0, 1])

    def result(self, settings: Settings, scene: Scene) -> str:
        """Size, parameters and work."""
        shape, size = self.right(settings), settings["kernel_size"]
        return (
            f"The output is {self.say(shape)}, with {conv_params(size, 1, FILTERS)} parameters and "
            f"{conv_macs(shape, size, 1, FILTERS)} multiply-accumulates."
        )

    def facts(self, settings: Settings) -> str:
        """Stride 1 next to the stride on the screen (next to stride 2, where that is 1), and why."""
        now, size = _pair(settings), settings["kernel_size"]
        columns = [(1, 1), now if now != (1, 1) else (2, 2)]
        others = [{**settings, "strides_down": down, "strides_across": across} for down, across in columns]
        sizes = [(output_length(*_axis(other, 0)), output_length(*_axis(other, 1))) for other in others]
        rows = [
            ["output shape", *(f"({rows}, {columns}, {FILTERS})" for rows, columns in sizes)],
            ["parameters", *(f"{conv_params(size, 1, FILTERS)}" for _ in sizes)],
            ["multiply-accumulates (MACs)", *(f"{conv_macs(pair, size, 1, FILTERS)}" for pair in sizes)],
            ["pixels never read", *(_unseen(other) for other in others)],
        ]
        steps = [step for axis in (0, 1) for step in shape_steps(*_axis(settings, axis))[axis]]
        head = ["", *(f"strides={_strides(other)}" for other in others)]
        return table("What the stride changes", head, rows) + bullets("Where the size comes from", steps)

    def code(self, settings: Settings) -> Lines:
        """With both strides."""
        shape = (settings["height"], settings["width"], 1)
        return lines(shape, settings["kernel_size"], FILTERS, _pair(settings), settings["padding"])

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All axes: heights and widths have the same sizes."""
        yield "slip_words", ("output-length",)
        sizes, kernels, strides = (self.knobs[n].values for n in (0, 2, 3))
        for axis in itertools.product(sizes, kernels, strides, ("valid", "same")):
            yield "slips", ("output-length", *axis)
            yield "shape_steps", axis


def _axis(settings: Settings, axis: int) -> tuple[int, int, int, str]:
    """(n, kernel_size, strides, padding) of the height (0) or the width (1)."""
    n, strides = (("height", "strides_down"), ("width", "strides_across"))[axis]
    return settings[n], settings["kernel_size"], settings[strides], settings["padding"]


def weight(i: int, j: int, filter: int) -> int:
    """A whole number from -1 to 2."""
    return (5 * i + 3 * j + 2 * i * j + 7 * filter) % 4 - 1


def _pair(settings: Settings) -> tuple[int, int]:
    return (settings["strides_down"], settings["strides_across"])


def _strides(settings: Settings) -> str:
    down, across = _pair(settings)
    return f"{down}" if down == across else f"({down}, {across})"


def _unseen(settings: Settings) -> str:
    height, width = settings["height"], settings["width"]
    rows, columns = (len(unseen_pixels(*_axis(settings, axis))) for axis in (0, 1))
    return f"{height * width - (height - rows) * (width - columns)}"
