"""Padding: SAME and VALID side by side on the same image, and the formula with its numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arguments import ShapeError
from ...arithmetic import conv_params, output_length, padding_amounts
from ...picture.boxes import Layout
from ...picture.frame import Focus
from ...picture.layout import lay_out
from ...picture.scene import Scene, small_scene
from ...picture.words import short_saying
from ..code import lines
from ..knobs import Settings, Whole
from ..known import shape_steps, slips
from ..tables import bullets, table
from ..topic import Extent, Position, Topic, cover, numbers
from ..view import Panel, View
from .parameters import explained

SHOWN = ("input", "output")
WIDE = 720  # pixels of a page on which both pictures stand side by side
DIGITS = (
    "733923686814",
    "644411559383",
    "224298841356",
    "564619528483",
    "914244947645",
    "164322938114",
    "957768312917",
    "599214452753",
    "259335756657",
    "837621765542",
    "439194345571",
    "872383394676",
)


class Padding(Topic):
    """What happens at the border."""

    name = "padding"
    title = "Padding: SAME and VALID side by side"
    invitation = "Try even and odd kernels, and strides. Both kernels move together."
    answer_hint = "before and after, such as 2, 2"
    knobs = (
        Whole("n", "Image size (px)", 8, 3, 12),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 6),
        Whole("strides", "Stride (px)", 1, 1, 3),
    )
    questions: tuple[Settings, ...] = (
        {"n": 8, "kernel_size": 2, "strides": 1},
        {"n": 8, "kernel_size": 3, "strides": 2},
        {"n": 7, "kernel_size": 3, "strides": 2},
        {"n": 9, "kernel_size": 2, "strides": 3},
        {"n": 6, "kernel_size": 4, "strides": 1},
    )

    def ask(self, settings: Settings) -> str:
        """How many zeros, on which side."""
        n, size = settings["n"], settings["kernel_size"]
        return (
            f"{n} x {n} pixels, a kernel of {size} x {size}, strides={settings['strides']}. "
            "How many zeros does SAME put before each row, and how many after it?"
        )

    def read(self, text: str) -> tuple[float, float]:
        """Two numbers."""
        before, after = numbers(text, (2,), "2, 2")
        return (before, after)

    def right(self, settings: Settings) -> tuple[int, int]:
        """(before, after)."""
        return padding_amounts(settings["n"], settings["kernel_size"], settings["strides"], "same")

    def say(self, value: tuple[float, float]) -> str:
        """1 before and 2 after."""
        return f"{value[0]:g} before and {value[1]:g} after"

    def ways(self, settings: Settings, guess: tuple[float, float]) -> list[tuple[str, str, str]]:
        """Known mistakes in the total, and in splitting it."""
        found = slips("same-padding", settings["n"], settings["kernel_size"], settings["strides"])
        return [(did, "", helps) for did, _, helps in explained("same-padding", found, list(guess))]

    def extent(self, settings: Settings) -> Extent:
        """The positions of SAME."""
        length = output_length(settings["n"], settings["kernel_size"], settings["strides"], "same")
        return (length, length, 1)

    def cover(self, settings: Settings, room: float | None) -> View:
        """The image and nothing around it."""
        alone = small_scene(_image(settings["n"]), [[[[1]]]])
        return cover("The image", lay_out(alone, Focus((0, 0), 0), ("input",), room), self.ask(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """Both, with what makes them differ."""
        each = room if room is None or room < WIDE else (room - 12) / 2
        same = _scene(settings, "same")
        layout = lay_out(same, Focus(position, 0), SHOWN, each)
        cell = next(box.height for box in layout.boxes if box.key.startswith("i"))  # both pictures have one scale
        panels = [Panel("SAME", layout, moves=True, has_heading=True)]
        moments, text, sizes = [f"SAME: {short_saying(same, position, 0)}"], f"SAME: {layout.text}", _became(same)
        try:
            valid = _scene(settings, "valid")
            is_there = position[0] < valid.rows.length and position[1] < valid.columns.length
            beside = lay_out(valid, Focus(position if is_there else (0, 0), 0), SHOWN, each, cell)
            panels.append(Panel("VALID", beside if is_there else _without_focus(beside), moves=True, has_heading=True))
            nowhere = "VALID: no such position, because the kernel would reach over the edge."
            moments.append(f"VALID: {short_saying(valid, position, 0)}" if is_there else nowhere)
            text = f"{text} VALID: {beside.text}"
            sizes = f"{sizes} with SAME, {_became(valid)} with VALID."
        except ShapeError as error:
            panels.append(Panel(f"VALID: {error}"))
            text = f"{text} VALID: {error}"
            sizes = f"{sizes} with SAME; VALID has no position."
        said = f"SAME puts {self.say(self.right(settings))}."
        shape = (settings["n"], settings["n"], 1)
        return View(
            tuple(panels),
            text=f"{said} {text}",
            said=f"{said} {sizes}",  # a stride may leave the zeros as they are
            moment=" ".join(moments),
            facts=_facts(settings),
            code=lines(
                shape, settings["kernel_size"], 1, (settings["strides"], settings["strides"]), "same", use_bias=False
            ),
        )

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs of SAME."""
        return _scene(settings, "same").readers(row, column)

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All images, kernels and strides."""
        sizes, kernels, strides = (knob.values for knob in self.knobs)
        yield "slip_words", ("same-padding",)
        for axis in itertools.product(sizes, kernels, strides):
            yield "slips", ("same-padding", *axis)
            for padding in ("same", "valid"):
                yield "shape_steps", (*axis, padding)


def _image(n: int) -> list[list[list[int]]]:
    """Digits, (n, n, 1)."""
    return [[[int(digit)] for digit in row[:n]] for row in DIGITS[:n]]


def _scene(settings: Settings, padding: str) -> Scene:
    """With a kernel of ones an output is the sum of what the kernel sees."""
    size, strides = settings["kernel_size"], settings["strides"]
    ones = [[[[1]] for _ in range(size)] for _ in range(size)]
    return small_scene(_image(settings["n"]), ones, (strides, strides), padding)


def _without_focus(layout: Layout) -> Layout:
    """The picture without a kernel on it."""
    boxes = tuple(
        box._replace(states=tuple(state for state in box.states if state not in ("tap", "here")))
        for box in layout.boxes
    )
    return Layout(layout.width, layout.height, layout.title, layout.text, boxes, layout.labels, ())


def _became(scene: Scene) -> str:
    n, length = scene.rows.n, scene.rows.length
    return f"{n}\u00d7{n}\u00d71 becomes {length}\u00d7{length}\u00d71"


def _facts(settings: Settings) -> str:
    axis = (settings["n"], settings["kernel_size"], settings["strides"])
    length = output_length(*axis, "same")
    before, after = padding_amounts(*axis, "same")
    count = conv_params(settings["kernel_size"], 1, 1, use_bias=False)
    try:
        small = output_length(*axis, "valid")
        valid_shape, valid_steps = f"({small}, {small}, 1)", shape_steps(*axis, "valid")[0]
    except ShapeError as error:
        valid_shape, valid_steps = "none", [f"{error}"]
    rows = [
        ["output shape", f"({length}, {length}, 1)", valid_shape],
        ["zeros before, after", f"{before}, {after}", "0, 0"],
        ["parameters", f"{count}", f"{count}"],
    ]
    return (
        table("What differs, and what does not", ["", "SAME", "VALID"], rows)
        + bullets("SAME along one axis", shape_steps(*axis, "same")[0])
        + bullets("VALID along one axis", valid_steps)
    )
