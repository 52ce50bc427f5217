"""Filters by hand: edit the image and the kernels number by number, and try known filters on a photograph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...picture.scene import Scene, small_scene
from ..code import Lines, lines
from ..knobs import Choice, Settings, Table, Whole
from ..known import first_value_slips, gray_part
from ..topic import Extent, numbers
from ..view import HEIGHT, NAME, WIDTH, Image, Panel
from .convolution import ConvolutionTopic
from .parameters import explained

PATCH = 8  # pixels of the photograph that are worked out
OWN = "own"
KNOWN: dict[str, tuple[tuple[float, ...], ...]] = {
    "vertical edges": ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    "horizontal edges": ((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    "all edges": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "blur": ((1 / 9, 1 / 9, 1 / 9), (1 / 9, 1 / 9, 1 / 9), (1 / 9, 1 / 9, 1 / 9)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "leave as it is": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}
X = ((2, 1, 2, 0, 1), (1, 3, 2, 2, 3), (1, 1, 3, 3, 0), (2, 2, 0, 1, 1), (0, 0, 3, 1, 2))
KERNELS = (((2, 3), (0, 1)), ((0.1, 0.2), (0.3, 0.4)))
OPTIONS = {"your own, below": OWN, **{name: name for name in KNOWN}}


class Filters(ConvolutionTopic):
    """A convolution by hand."""

    name = "filters"
    title = "Filters: every number of a convolution"
    invitation = "Type other numbers, and go to any output value."
    answer_hint = "a number, such as 7.5"
    knobs = (
        Choice("image", "Image", "numbers", {"numbers, below": "numbers", "a photograph": "photograph"}),
        Choice("kernel", "Kernel", OWN, OPTIONS),
        Choice("padding", "Padding", "valid", {"valid: no zeros": "valid", "same: zeros around": "same"}),
        Whole("row", "From row (px)", 44, 0, HEIGHT - PATCH),
        Whole("column", "From column (px)", 24, 0, WIDTH - PATCH),
        Table("x", "x, the image", X),
        Table("filter_0", "filter 0", KERNELS[0]),
        Table("filter_1", "filter 1", KERNELS[1]),
    )
    questions: tuple[Settings, ...] = (
        {"image": "numbers", "kernel": "vertical edges", "padding": "valid"},
        {"image": "numbers", "kernel": OWN, "padding": "same", "filter_0": ((0, 1), (1, 0))},
        {"image": "numbers", "kernel": "sharpen", "padding": "same"},
        {"image": "photograph", "kernel": "vertical edges", "padding": "valid"},
    )

    def ask(self, settings: Settings) -> str:
        """What the first value is."""
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
        return round(self.scene(settings).result((0, 0), 0), 2) + 0.0

    def neighbors(self, settings: Settings) -> list[tuple[str, Settings]]:
        """The other padding."""
        other = "same" if settings["padding"] == "valid" else "valid"
        return [(f"padding={other!r}", {**settings, "padding": other})]

    def ways(self, settings: Settings, guess: float) -> list[tuple[str, str, str]]:
        """Known mistakes in a convolution, as far as they show in the first value."""
        found = first_value_slips(_image(settings), _kernels(settings)[0], settings["padding"]) or []
        return explained("conv2d", found, guess)

    def tables(self, settings: Settings) -> tuple[Table, ...]:
        """Numbers are typed in where they are used."""
        wanted = ["x"] if settings["image"] == "numbers" else []
        wanted += ["filter_0", "filter_1"] if settings["kernel"] == OWN else []
        return tuple(knob for knob in self.knobs if isinstance(knob, Table) and knob.name in wanted)

    def idle(self, settings: Settings) -> tuple[str, ...]:
        """A position in the photograph, where there is none; and numbers that are not used."""
        typed = [knob.name for knob in self.tables(settings)]
        hidden = [knob.name for knob in self.knobs if isinstance(knob, Table) and knob.name not in typed]
        return (*hidden, *(("row", "column") if settings["image"] == "numbers" else ()))

    def extent(self, settings: Settings) -> Extent:
        """The output's rows, columns and filters."""
        scene = self.scene(settings)
        return (scene.rows.length, scene.columns.length, scene.filters)

    def say(self, value: float) -> str:
        """One number."""
        return f"{value:g}"

    def scene(self, settings: Settings) -> Scene:
        """The image and its filters."""
        kernels = _kernels(settings)
        size = len(kernels[0])
        kernel = [[[[filter[i][j] for filter in kernels]] for j in range(size)] for i in range(size)]
        return small_scene(
            [[[value] for value in row] for row in _image(settings)], kernel, (1, 1), settings["padding"]
        )

    def result(self, settings: Settings, scene: Scene) -> str:
        """The size and the first value."""
        size = f"{scene.rows.length} x {scene.columns.length}"
        return f"The output is {size}; its first value is {self.say(self.right(settings))}."

    def code(self, settings: Settings) -> Lines:
        """All filters without a bias."""
        kernels, image = _kernels(settings), _image(settings)
        shape = (len(image), len(image[0]), 1)
        return lines(shape, len(kernels[0]), len(kernels), padding=settings["padding"], use_bias=False)

    def others(self, settings: Settings) -> tuple[Panel, ...]:
        """The photograph before and after, where it is looked at."""
        return (_photos(settings),) if settings["image"] == "photograph" else ()

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The first image with each kernel, and the other questions: what is typed has no diagnosis in a page."""
        yield "slip_words", ("conv2d",)
        home = {knob.name: knob.value for knob in self.knobs}
        known = [{"kernel": kernel, "padding": padding} for kernel in OPTIONS.values() for padding in ("valid", "same")]
        for question in (*known, *self.questions):
            settings = {**home, **question}
            yield "first_value_slips", (_image(settings), _kernels(settings)[0], settings["padding"])


def _image(settings: Settings) -> Any:
    """(height, width)."""
    if settings["image"] == "photograph":
        return gray_part(settings["row"], settings["column"], PATCH)
    return settings["x"]


def _kernels(settings: Settings) -> list[Any]:
    """One or two filters, each (height, width)."""
    if settings["kernel"] != OWN:
        return [KNOWN[settings["kernel"]]]
    return [settings["filter_0"], settings["filter_1"]]


def _photos(settings: Settings) -> Panel:
    """The whole photograph in gray, and filtered; a frame shows the part that is worked out."""
    name = settings["kernel"] if settings["kernel"] != OWN else "filter 0"
    part = f"The frame marks {PATCH} by {PATCH} pixels from row {settings['row']}, column {settings['column']}."
    edges = "edges" in name
    kernel = [[[weight] for weight in row] for row in _kernels(settings)[0]]
    images = (
        Image("photograph", f"A portrait of {NAME} in uniform, in gray. {part}", in_gray=True),
        Image(
            f"{name}{', bright where it responds' if edges else ''}",
            f"The same after the filter {name}{': bright where it responds, dark elsewhere' if edges else ''}. {part}",
            in_gray=True,
            kernel=kernel,
            is_absolute=edges,
        ),
    )
    return Panel("Before and after", images=images, frame=(settings["row"], settings["column"], PATCH))
