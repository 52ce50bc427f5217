"""Dilation: a kernel with gaps, the pixels it reads, and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...arithmetic import conv_macs, conv_params, kernel_span, output_length
from ...picture.scene import Scene, small_scene
from ..code import Lines, lines
from ..knobs import Choice, Settings, Whole
from ..known import shape_steps, slips
from ..tables import bullets, table
from ..topic import Extent
from .convolution import ConvolutionTopic
from .parameters import both, explained
from .stride import DIGITS, PADDINGS

KERNEL = ((1, 2, -1, 1), (0, 1, 2, -1), (2, -1, 1, 0), (1, 0, -1, 2))


class Dilated(ConvolutionTopic):
    """How far apart the pixels are that a kernel reads."""

    name = "dilated"
    title = "Dilation: a kernel with gaps"
    invitation = "Play, or go to any output value: the pixels it reads light up, with gaps between them."
    knobs = (
        Whole("n", "Image size (px)", 9, 4, 12),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 4),
        Whole("dilation_rate", "Dilation rate (px)", 2, 1, 4),
        Choice("padding", "Padding", "valid", PADDINGS),
    )
    questions: tuple[Settings, ...] = (
        {"n": 9, "kernel_size": 3, "dilation_rate": 3, "padding": "valid"},
        {"n": 10, "kernel_size": 2, "dilation_rate": 4, "padding": "valid"},
        {"n": 8, "kernel_size": 3, "dilation_rate": 2, "padding": "same"},
        {"n": 12, "kernel_size": 4, "dilation_rate": 2, "padding": "valid"},
    )

    def ask(self, settings: Settings) -> str:
        """What the output's size is."""
        n, size = settings["n"], settings["kernel_size"]
        return (
            f"An image of {n} x {n} pixels, a kernel of {size} x {size}, dilation_rate={settings['dilation_rate']}, "
            f"padding={settings['padding']!r}. How many rows and columns does the output have?"
        )

    def right(self, settings: Settings) -> tuple[int, int]:
        """(rows, columns)."""
        length = output_length(*_axis(settings))
        return (length, length)

    def ways(self, settings: Settings, guess: tuple[float, float]) -> list[tuple[str, str, str]]:
        """The lesson's mistakes, which are about valid padding."""
        if settings["padding"] == "same":
            return []
        found = slips("dilated-length", *_sizes(settings))
        return explained("dilated-length", found, both(guess))

    def extent(self, settings: Settings) -> Extent:
        """The output's rows and columns."""
        return (*self.right(settings), 1)

    def scene(self, settings: Settings) -> Scene:
        """Digits, and a kernel of small numbers."""
        n, size, rate = _sizes(settings)
        x = [[[int(digit)] for digit in row[:n]] for row in DIGITS[:n]]
        kernel = [[[[weight]] for weight in row[:size]] for row in KERNEL[:size]]
        return small_scene(x, kernel, (1, 1), settings["padding"], None, rate)

    def result(self, settings: Settings, scene: Scene) -> str:
        """The output's size and the kernel's."""
        return f"The output is {self.say(self.right(settings))}; the kernel spans {scene.rows.span} pixels each way."

    def facts(self, settings: Settings) -> str:
        """No gaps next to the rate on the screen (next to 2, where that is 1), and what the gaps do."""
        _, size, rate = _sizes(settings)
        others = [{**settings, "dilation_rate": other} for other in (1, rate if rate > 1 else 2)]
        lengths = [_length(other) for other in others]
        spans = [kernel_span(size, other["dilation_rate"]) for other in others]
        rows = [
            ["output shape", *(f"({length}, {length}, 1)" if length else "does not fit" for length in lengths)],
            ["kernel spans (px)", *map(str, spans)],
            ["weights", *(f"{conv_params(size, 1, 1, use_bias=False)}" for _ in others)],
            ["multiply-accumulates (MACs)", *(f"{conv_macs((length, length), size, 1, 1)}" for length in lengths)],
        ]
        span = kernel_span(size, rate)
        kept = [
            f"The kernel spans ({size} - 1) * {rate} + 1 = {span} pixels along each axis, and reads {size} of them."
        ]
        if span > size:
            kept += [
                f"A kernel of {span} x {span} without gaps has {span * span} weights; this one has {size * size}.",
                f"After two layers with this rate an output depends on every {_ordinal(rate)} pixel only. This is "
                "called gridding; rates such as 1, 2, 4 in a row avoid it.",
            ]
        kept.append("Keras refuses strides > 1 together with dilation_rate > 1.")
        head = ["", *(f"dilation_rate={other['dilation_rate']}" for other in others)]
        return (
            table("What the dilation changes", head, rows)
            + bullets("Where the size comes from", shape_steps(*_axis(settings))[0])
            + bullets("What the gaps do", kept)
        )

    def code(self, settings: Settings) -> Lines:
        """One filter without a bias."""
        n, size, rate = _sizes(settings)
        return lines((n, n, 1), size, 1, padding=settings["padding"], use_bias=False, dilation_rate=rate)

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All axes, and the lesson's mistakes where nothing is padded."""
        yield "slip_words", ("dilated-length",)
        sizes, kernels, rates = (self.knobs[n].values for n in (0, 1, 2))
        for axis in [(n, kernel, rate) for n in sizes for kernel in kernels for rate in rates]:
            yield "slips", ("dilated-length", *axis)
            for padding in ("valid", "same"):
                yield "shape_steps", (*axis[:2], 1, padding, axis[2])


def _sizes(settings: Settings) -> tuple[int, int, int]:
    return settings["n"], settings["kernel_size"], settings["dilation_rate"]


def _axis(settings: Settings) -> tuple[int, int, int, str, int]:
    """(n, kernel_size, strides, padding, dilation_rate) of both axes."""
    n, size, rate = _sizes(settings)
    return n, size, 1, settings["padding"], rate


def _length(settings: Settings) -> int:
    """The output's length, or 0 where the kernel does not fit."""
    n, size, rate = _sizes(settings)
    return output_length(*_axis(settings)) if settings["padding"] == "same" or kernel_span(size, rate) <= n else 0


def _ordinal(rate: int) -> str:
    return {2: "second", 3: "third", 4: "fourth"}[rate]
