"""Filters by hand: edit the image and the kernels number by number, and try known filters on a photograph."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

import numpy as np

from ...ops import conv2d
from ...picture import draw
from .. import photo
from ..code import lines
from ..covers import covered
from ..guesses import known_ways, numbers
from ..knobs import Choice, Settings, Table, Whole
from ..motion import conv_steps
from ..topic import Topic
from ..view import Panel, View

PATCH = 8  # pixels of the photograph that are worked out
OWN = "own"
KNOWN: dict[str, tuple[tuple[float, ...], ...]] = {
    "vertical edges": ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    "horizontal edges": ((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    "all edges": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "leave as it is": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}
X = ((2, 1, 2, 0, 1), (1, 3, 2, 2, 3), (1, 1, 3, 3, 0), (2, 2, 0, 1, 1), (0, 0, 3, 1, 2))
KERNELS = (((2, 3), (0, 1)), ((0.1, 0.2), (0.3, 0.4)))


class Filters(Topic):
    """A convolution by hand."""

    name = "filters"
    title = "Filters: every number of a convolution"
    invitation = "Type other numbers. Go to any output value by mouse, arrow keys or player, and see its products."
    answer_hint = "a number, such as 7.5"
    knobs = (
        Choice("image", "Image", "numbers", {"numbers, below": "numbers", "a photograph": "photograph"}),
        Choice("kernel", "Kernel", OWN, {"your own, below": OWN, **{name: name for name in KNOWN}}),
        Choice("padding", "Padding", "valid", {"valid: no zeros": "valid", "same: zeros around": "same"}),
        Whole("row", "From row (px)", 44, 0, photo.HEIGHT - PATCH),
        Whole("column", "From column (px)", 24, 0, photo.WIDTH - PATCH),
        Table("x", "x, the image", X),
        Table("filter_0", "filter 0", KERNELS[0]),
        Table("filter_1", "filter 1", KERNELS[1]),
    )
    questions: tuple[Settings, ...] = (
        {},
        {"image": "numbers", "kernel": "vertical edges", "padding": "valid"},
        {"image": "numbers", "kernel": OWN, "padding": "same", "filter_0": ((0, 1), (1, 0))},
        {"image": "numbers", "kernel": "sharpen", "padding": "same"},
        {"image": "photograph", "kernel": "vertical edges", "padding": "valid"},
    )

    def ask(self, settings: Settings) -> str:
        """What is the first value?"""
        what = "filter 0" if settings["kernel"] == OWN else f"the filter for {settings['kernel']}"
        return (
            f"What is the first value of the output, at row 0 and column 0, with {what} and "
            f"padding={settings['padding']!r}? The kernel is not flipped."
        )

    def read(self, text: str) -> float:
        """One number."""
        return round(numbers(text, (1,), "7")[0], 2)

    def right(self, settings: Settings) -> float:
        """The value, to two digits after the point."""
        return _tidy(_output(settings)[0, 0, 0])

    def say(self, value: float) -> str:
        """10, or 1.9."""
        return f"{value:g}"

    def neighbours(self, settings: Settings) -> Iterator[tuple[str, Settings]]:
        """The other padding."""
        other = "same" if settings["padding"] == "valid" else "valid"
        yield f"padding={other!r}", {**settings, "padding": other}

    def ways(self, settings: Settings, guess: float) -> Iterator[tuple[str, str]]:
        """Known slips in a convolution, as far as they show in the first value."""
        x, kernel = _arrays(settings)
        args = (x[None, :, :, None].astype(float), kernel.astype(float), 1, settings["padding"].upper())
        return known_ways("conv2d", args, lambda result: _first(result) == guess, in_words=True)

    def tables(self, settings: Settings) -> tuple[Table, ...]:
        """Numbers are typed in where they are used."""
        wanted = {"x"} if settings["image"] == "numbers" else set()
        wanted |= {"filter_0", "filter_1"} if settings["kernel"] == OWN else set()
        return tuple(knob for knob in self.knobs if isinstance(knob, Table) and knob.name in wanted)

    def idle(self, settings: Settings) -> Collection[str]:
        """A place in the photograph, where there is none."""
        return ("row", "column") if settings["image"] == "numbers" else ()

    def cover(self, settings: Settings) -> View:
        """Image and kernel, before they meet."""
        x, kernel = _arrays(settings)
        picture = covered(draw(x, kernel, 1, settings["padding"], show=("input", "kernel")), "What comes out first?")
        panel = Panel("still", "Image and kernel", (picture.svg,))
        return View((panel,), text=self.ask(settings), said=self.ask(settings), code=_code(settings))

    def view(self, settings: Settings) -> View:
        """The convolution, and the photograph before and after where it is looked at."""
        x, kernel = _arrays(settings)
        filters = range(kernel.shape[3])
        arrays = (x, kernel, 1, settings["padding"])
        picture = draw(*arrays)
        conv = Panel(
            "conv",
            "The kernel's places",
            (picture.svg,),
            tuple(partial(_svg, arrays, number) for number in filters[1:]),
            tuple(partial(conv_steps, *arrays, filter=number) for number in filters),
        )
        before_after = (_photos(settings, kernel),) if settings["image"] == "photograph" else ()
        said = f"The first value is {self.say(self.right(settings))}."
        return View((*before_after, conv), text=f"{said} {picture.text}", said=said, code=_code(settings))


def _svg(arrays: tuple[Any, ...], number: int) -> str:
    """The picture with another filter in focus."""
    return draw(*arrays, filter=number).svg


def _arrays(settings: Settings) -> tuple[Any, Any]:
    """The image (height, width), and the kernel (height, width, 1, filters)."""
    if settings["image"] == "photograph":
        row, column = settings["row"], settings["column"]
        x = photo.grey()[row : row + PATCH, column : column + PATCH]
    else:
        x = np.array(settings["x"])
    return x, _kernel(settings)


def _kernel(settings: Settings) -> Any:
    if settings["kernel"] != OWN:
        return np.array(KNOWN[settings["kernel"]])[:, :, None, None]
    return np.stack([np.array(settings["filter_0"]), np.array(settings["filter_1"])], axis=-1)[:, :, None]


def _output(settings: Settings) -> Any:
    x, kernel = _arrays(settings)
    return conv2d(x[None, :, :, None].astype(float), kernel.astype(float), 1, settings["padding"])[0]


def _first(result: Any) -> float | None:
    """The first value of what a wrong rule gives, if it has one."""
    array = np.asarray(result)
    return _tidy(array.flat[0]) if array.ndim == 4 and array.size else None


def _tidy(value: float) -> float:
    return round(float(value), 2) + 0.0


def _photos(settings: Settings, kernel: Any) -> Panel:
    """The whole photograph in grey, and filtered; a frame shows the part that is worked out."""
    grey = photo.grey()
    made = conv2d(grey[None, :, :, None].astype(float), kernel[:, :, :, :1].astype(float), 1, "same")[0, :, :, 0]
    name = settings["kernel"] if settings["kernel"] != OWN else "filter 0"
    part = f"The frame marks {PATCH} by {PATCH} pixels from row {settings['row']}, column {settings['column']}."
    edges = "edges" in name
    images = [
        photo.original(f"A portrait of {photo.NAME} in uniform, in grey. {part}", in_grey=True),
        photo.image(
            np.abs(made) if edges else made,
            f"{name}{', bright where it answers' if edges else ''}",
            f"The same after the filter {name}{': bright where it answers, dark where not' if edges else ''}. {part}",
        ),
    ]
    data = {"width": photo.WIDTH, "height": photo.HEIGHT, "images": images}
    return Panel("photo", "Before and after", data={**data, "frame": [settings["row"], settings["column"], PATCH]})


def _code(settings: Settings) -> tuple[tuple[str, str], ...]:
    x, kernel = _arrays(settings)
    size, filters = kernel.shape[0], kernel.shape[3]
    return lines((*x.shape, 1), size, filters, padding=settings["padding"], use_bias=False)
