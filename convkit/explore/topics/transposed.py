"""A transposed convolution: each pixel adds a scaled kernel to the output; and its matrix."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arithmetic import transposed_length
from ...explain.words import counted
from ...picture.numerals import numeral
from ...picture.transposed import (
    Transposed,
    lay_out_matrix,
    lay_out_transposed,
    make_transposed,
    matrix_words,
    spelled,
    sums,
    title,
)
from ..code import transposed_lines
from ..knobs import Choice, Settings, Whole
from ..known import slips
from ..tables import bullets
from ..topic import Extent, Position, cover
from ..view import Panel, View
from .convolution import OutputSize
from .parameters import both, explained

X = ((1, 2, 3, 1), (3, 1, 0, 2), (2, 0, 1, 3), (1, 3, 2, 1))
KERNEL = ((1, 2, 1, 3), (3, 0, 2, 1), (1, 2, -1, 2), (2, 1, 3, 0))
PADDINGS = {"valid: keep all": "valid", "same: input size times stride": "same"}


class TransposedConvolution(OutputSize):
    """From a small image to a larger one."""

    name = "transposed"
    title = "Transposed convolution: from few pixels to many"
    invitation = "Play, or go to any pixel: its products are added to the output."
    walks = "pixel"
    knobs = (
        Whole("n", "Image size (px)", 2, 2, 4),
        Whole("kernel_size", "Kernel size (px)", 3, 1, 4),
        Whole("strides", "Stride (px)", 2, 1, 3),
        Choice("padding", "Padding", "valid", PADDINGS),
    )
    questions: tuple[Settings, ...] = (
        {"n": 2, "kernel_size": 2, "strides": 2, "padding": "valid"},
        {"n": 3, "kernel_size": 3, "strides": 1, "padding": "valid"},
        {"n": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
        {"n": 3, "kernel_size": 4, "strides": 2, "padding": "valid"},
    )

    def ask(self, settings: Settings) -> str:
        """What the output's size is."""
        n, size, strides, padding = _axis(settings)
        return (
            f"An image of {n} x {n} pixels goes through Conv2DTranspose with a kernel of {size} x {size}, "
            f"strides={strides}, padding={padding!r}. How many rows and columns does the output have?"
        )

    def right(self, settings: Settings) -> tuple[int, int]:
        """(rows, columns)."""
        length = transposed_length(*_axis(settings))
        return (length, length)

    def ways(self, settings: Settings, guess: tuple[float, float]) -> list[tuple[str, str, str]]:
        """The lesson's mistakes, for kernels that are at least as long as the stride."""
        if settings["kernel_size"] < settings["strides"]:
            return []
        found = slips("transposed-length", *_axis(settings))
        return explained("transposed-length", found, both(guess))

    def extent(self, settings: Settings) -> Extent:
        """The pixels of the image."""
        return (settings["n"], settings["n"], 1)

    def home(self, settings: Settings) -> Position:
        """The last pixel: the output is complete."""
        return (settings["n"] - 1, settings["n"] - 1)

    def cover(self, settings: Settings, room: float | None) -> View:
        """Image and kernel, before they meet."""
        layout = lay_out_transposed(_scene(settings), (0, 0), room, ("input", "kernel"))
        return cover("Image and kernel", layout, self.ask(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The output as it is added up, and the matrix."""
        scene = _scene(settings)
        picture = lay_out_transposed(scene, position, room)
        matrix = lay_out_matrix(scene, position, room)
        size = settings["kernel_size"]
        said = f"The output is {self.say(self.right(settings))}; each pixel adds a kernel of {size} x {size} to it."
        return View(
            (
                Panel("Input, kernel, their products and output", picture, moves=True),
                Panel("The same as a matrix product: output = x\u1d40 C", matrix, has_heading=True),
            ),
            text=f"{said} {' '.join([f'{title(scene)}.', matrix_words(scene), *sums(scene)])}",
            said=said,
            moment=_moment(scene, position),
            worked_out=" ".join(sums(scene, position)),
            facts=_facts(settings, scene),
            code=transposed_lines(*_axis(settings)),
        )

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All axes whose kernel is at least as long as the stride."""
        yield "slip_words", ("transposed-length",)
        sizes, kernels, strides = (self.knobs[n].values for n in (0, 1, 2))
        for n, kernel, stride, padding in itertools.product(sizes, kernels, strides, ("valid", "same")):
            if kernel >= stride:
                yield "slips", ("transposed-length", n, kernel, stride, padding)

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The pixels that add to an output."""
        return [term[0] for term in _scene(settings).terms(row, column)]

    def readers_words(self, settings: Settings, row: int, column: int, found: list[Position], channel: int = 0) -> str:
        """The sum of an output."""
        products = counted(len(found), "product")
        return f"Output ({row}, {column}) adds up {products}: {spelled(_scene(settings), row, column)}."


def _axis(settings: Settings) -> tuple[int, int, int, str]:
    return settings["n"], settings["kernel_size"], settings["strides"], settings["padding"]


def _scene(settings: Settings) -> Transposed:
    n, size, strides, padding = _axis(settings)
    return make_transposed([row[:n] for row in X[:n]], [row[:size] for row in KERNEL[:size]], strides, padding)


def _moment(scene: Transposed, position: Position) -> str:
    row, column = position
    rows, columns = (
        axis.clip(axis.first(place), axis.first(place) + axis.span)
        for axis, place in ((scene.rows, row), (scene.columns, column))
    )
    pixel = numeral(scene.x[row][column])
    return (
        f"Pixel row {row}, column {column}: {pixel} \u00d7 kernel is added to output rows {_span(*rows)}, "
        f"columns {_span(*columns)}."
    )


def _span(start: int, stop: int) -> str:
    return f"{start}" if stop - start == 1 else f"{start} to {stop - 1}"


def _facts(settings: Settings, scene: Transposed) -> str:
    """Where the size comes from, and how evenly the products are spread."""
    n, size, strides, padding = _axis(settings)
    length = scene.rows.n
    if padding == "same":
        steps = [f"padding='same': {n} * {strides} = {length} along each axis; what sticks out is cut off."]
    else:
        steps = [
            f"padding='valid': ({n} - 1) * {strides} + max({size}, {strides}) = {length} along each axis.",
            f"The last pixel's kernel starts at {n - 1} * {strides} = {(n - 1) * strides} and is {size} long.",
        ]
    counts = [len(scene.terms(row, column)) for row in range(length) for column in range(length)]
    least, most = min(counts), max(counts)
    spread = (
        f"An output adds up {least} to {most} products."
        if least < most
        else f"Each adds up {counted(most, 'product')}."
    )
    even = (
        "kernel_size is a multiple of strides: away from the border all outputs add up equally many."
        if size % strides == 0
        else "kernel_size is not a multiple of strides: neighboring outputs add up different numbers of products. "
        "Generated images show this as a checkerboard."
    )
    directions = [
        "C is the matrix of the convolution in the other direction: that one computes C y.",
        "Transposed is not inverse: the sizes go back, the numbers don't.",
    ]
    return (
        bullets("Where the size comes from", steps)
        + bullets("How many products an output adds up", [spread, even])
        + bullets("Why it is called transposed", directions)
    )
