"""Padding: SAME and VALID side by side on the same image, and the formula with its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

import numpy as np

from ...arguments import ShapeError
from ...arithmetic import padding_amounts
from ...explain.output_shape import output_shape
from ...layers import Conv2D
from ...picture import Picture, draw
from ..code import lines
from ..covers import covered
from ..guesses import known_ways, numbers
from ..knobs import Settings, Whole
from ..motion import conv_steps
from ..stack import at_one_scale, stacked
from ..tables import bullets, table
from ..topic import Topic
from ..view import Panel, View

SHOWN = ("input", "output")


class Padding(Topic):
    """What happens at the border."""

    name = "padding"
    title = "Padding: SAME and VALID side by side"
    invitation = "Try even and odd kernels, and strides. Both kernels move together, as long as VALID has a place."
    answer_hint = "before and after, such as 2, 2"
    knobs = (
        Whole("n", "Image size (px)", 8, 3, 12),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 6),
        Whole("strides", "Stride (px)", 1, 1, 3),
    )
    questions = (
        {},
        {"n": 8, "kernel_size": 2, "strides": 1},
        {"n": 8, "kernel_size": 3, "strides": 2},
        {"n": 7, "kernel_size": 3, "strides": 2},
        {"n": 9, "kernel_size": 2, "strides": 3},
        {"n": 6, "kernel_size": 4, "strides": 1},
    )

    def ask(self, settings: Settings) -> str:
        """How many zeros, on which side?"""
        n, size = settings["n"], settings["kernel_size"]
        return (
            f"{n} x {n} pixels, a kernel of {size} x {size}, strides={settings['strides']}. "
            "How many zeros does SAME put before each row, and how many after it?"
        )

    def read(self, text: str) -> tuple[float, float]:
        """Two numbers."""
        before, after = numbers(text, (2,), "2, 2")
        return before, after

    def right(self, settings: Settings) -> tuple[int, int]:
        """(before, after)."""
        return padding_amounts(*_axis(settings))

    def say(self, value: tuple[float, float]) -> str:
        """1 before and 2 after."""
        return f"{value[0]:g} before and {value[1]:g} after"

    def ways(self, settings: Settings, guess: tuple[float, float]) -> Iterator[tuple[str, str]]:
        """Known slips in the total, and in sharing it out."""
        yield from known_ways("same-padding", _axis(settings), lambda result: bool(result == guess), in_words=True)

    def cover(self, settings: Settings) -> View:
        """The image and nothing around it."""
        x, _ = _arrays(settings)
        title = f"{settings['n']}\u00d7{settings['n']} pixels: which zeros does SAME put around them?"
        bare = covered(draw(x, np.ones((1, 1)), show=("input",)), title)
        return View((Panel("still", "The image", (bare.svg,)),), text=self.ask(settings), said=self.ask(settings))

    def view(self, settings: Settings) -> View:
        """Both, with what makes them differ."""
        x, kernel = _arrays(settings)
        same = draw(x, kernel, settings["strides"], "same", show=SHOWN)
        panels = [_panel("SAME", same, same, (x, kernel, settings["strides"], "same"))]
        try:
            valid = draw(x, kernel, settings["strides"], "valid", show=SHOWN)
            panels.append(_panel("VALID", valid, same, (x, kernel, settings["strides"], "valid")))
            text = f"SAME: {same.text} VALID: {valid.text}"
            sizes = f"{same.title.partition(': ')[2]} with SAME, {valid.title.partition(': ')[2]} with VALID."
        except ShapeError as error:
            panels.append(Panel("still", f"VALID: {error}"))
            text = f"SAME: {same.text} VALID: {error}"
            sizes = f"{same.title.partition(': ')[2]} with SAME; VALID has no place."
        said = f"SAME puts {self.say(self.right(settings))}."
        shape = (settings["n"], settings["n"], 1)
        return View(
            tuple(panels),
            text=f"{said} {text}",
            said=f"{said} {sizes}",  # a stride may leave the zeros as they are
            facts=_facts(settings),
            code=lines(shape, settings["kernel_size"], 1, (settings["strides"],) * 2, "same", use_bias=False),
        )


def _axis(settings: Settings) -> tuple[int, int, int]:
    return settings["n"], settings["kernel_size"], settings["strides"]


def _arrays(settings: Settings) -> tuple[Any, Any]:
    """Digits, and a kernel of ones: an output is the sum of what the kernel sees."""
    n, size = settings["n"], settings["kernel_size"]
    return np.random.default_rng(8).integers(1, 10, (12, 12))[:n, :n], np.ones((size, size), dtype=int)


def _panel(name: str, picture: Picture, beside: Picture, arrays: tuple[Any, ...]) -> Panel:
    nowhere = "There is no such place: the kernel would hang over the edge."
    moved, shift = stacked(picture, f"{name}: {picture.title.partition(': ')[2]}")
    steps = partial(conv_steps, *arrays, show=SHOWN, shift=shift, nowhere=nowhere)
    return Panel("conv", name, (at_one_scale(moved.svg, moved, beside),), steps=(steps,))


def _facts(settings: Settings) -> str:
    shape = (settings["n"], settings["n"], 1)
    same, valid = (
        Conv2D(1, settings["kernel_size"], strides=settings["strides"], padding=padding, use_bias=False)
        for padding in ("same", "valid")
    )
    before, after = padding_amounts(*_axis(settings))
    try:
        valid_shape, valid_lines = str(valid.output_shape(shape)), _steps(valid, shape)
    except ShapeError as error:
        valid_shape, valid_lines = "none", [escape(str(error))]
    rows = [
        ["output shape", str(same.output_shape(shape)), valid_shape],
        ["zeros before, after", f"{before}, {after}", "0, 0"],
        ["parameters", str(same.count_params(shape)), str(valid.count_params(shape))],
    ]
    return (
        table("What differs, and what does not", ["", "SAME", "VALID"], rows)
        + bullets("SAME along one axis", _steps(same, shape))
        + bullets("VALID along one axis", valid_lines)
    )


def _steps(layer: Conv2D, shape: tuple[int, int, int]) -> list[str]:
    """The steps for the height, one a line."""
    return [escape(part) for part in output_shape(layer, shape).lines[0].split("; ")]
