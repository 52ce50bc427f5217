"""A 1x1 kernel over the channels of a photograph: every pixel is mixed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...arithmetic import conv_params
from ...picture.blocks import kernels_text
from ...picture.mixing import lay_out_mix
from ...picture.scene import Scene, small_scene
from ...picture.words import result_words, worked_out
from ..code import lines
from ..knobs import Knob, NumberSlider, Settings, Whole
from ..known import count_steps, pixel, slips
from ..tables import bullets
from ..topic import Extent, Position, Topic
from ..view import HEIGHT, NAME, WIDTH, Image, Panel, View
from .parameters import explained

CHANNELS = ("red", "green", "blue")
MOST = 2  # filters
START = ((0.3, 1.0), (0.6, -0.5), (0.1, -0.5))  # a gray picture; and what is red
PHOTOS, IMAGE_WIDTH = 190, 142  # pixels for the photographs next to the sum, and for each further one
HOME = (52, 31)  # row and column of the pixel at the start


def _sliders() -> tuple[Knob, ...]:
    found: list[Knob] = []
    for number in range(MOST):
        for channel, name in enumerate(CHANNELS):
            label = f"Filter {number}, {name}"
            found.append(NumberSlider(f"{name}_{number}", label, START[channel][number], -1.0, 1.0, 0.05))
        found.append(NumberSlider(f"bias_{number}", f"Filter {number}, bias (levels)", 0.0, -128.0, 128.0, 1.0))
    return tuple(found)


class Pointwise(Topic):
    """Mixing channels."""

    name = "pointwise"
    title = "A 1x1 kernel mixes the channels of each pixel"
    invitation = "Change the weights, and follow any pixel: point at it, or use the arrow keys."
    knobs = (Whole("filters", "Filters", 2, 1, MOST), *_sliders())
    questions: tuple[Settings, ...] = ({"filters": 1}, {"filters": 2})

    def ask(self, settings: Settings) -> str:
        """How many parameters."""
        many = "2 filters" if settings["filters"] == 2 else "1 filter"
        return (
            f"A color photograph has 3 channels. A layer with {many} of 1 x 1 pixel, each with a bias, mixes them. "
            "How many parameters does it have?"
        )

    def right(self, settings: Settings) -> int:
        """The count."""
        return conv_params(1, 3, settings["filters"])

    def neighbors(self, settings: Settings) -> list[tuple[str, Settings]]:
        """Another number of filters; weights change no count."""
        return [found for found in super().neighbors(settings) if found[0].startswith("filters")]

    def ways(self, settings: Settings, guess: float) -> list[tuple[str, str, str]]:
        """Known mistakes in counting."""
        found = slips("pointwise-params", 3, settings["filters"])
        return explained("pointwise-params", found, guess)

    def idle(self, settings: Settings) -> tuple[str, ...]:
        """The second filter's weights, while there is one filter."""
        if settings["filters"] == 2:
            return ()
        return tuple(knob.name for knob in self.knobs if knob.name.endswith("_1"))

    def extent(self, settings: Settings) -> Extent:
        """All pixels of the photograph, for each filter."""
        return (HEIGHT, WIDTH, settings["filters"])

    def home(self, settings: Settings) -> Position:
        """A pixel on a sleeve."""
        return HOME

    def cover(self, settings: Settings, room: float | None) -> View:
        """The photograph before it is mixed."""
        panel = Panel("The photograph", images=(_original(),))
        return View((panel,), text=self.ask(settings), said=self.ask(settings), code=_code(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The photograph, what each filter makes of it, and one pixel worked out."""
        filters = range(settings["filters"])
        made = tuple(
            Image(
                f"filter {number}",
                f"The photograph as filter {number} mixes it: {_formula(settings, number)}.",
                kernel=[[[settings[f"{name}_{number}"] for name in CHANNELS]]],
                bias=settings[f"bias_{number}"],
            )
            for number in filters
        )
        scene = _scene(settings, position)
        beside = None if room is None else max(room - PHOTOS - IMAGE_WIDTH * settings["filters"], 280)
        layout = lay_out_mix(scene, CHANNELS, filter, beside, f"The pixel at row {position[0]}, column {position[1]}")
        sums = "; ".join(result_words(scene, (0, 0), number) for number in filters)
        moment = f"Pixel at row {position[0]}, column {position[1]}: {sums}."
        sums_in_full = " ".join(worked_out(scene, (0, 0), number) for number in filters)
        said = f"The layer has {self.right(settings)} parameters."
        return View(
            (
                Panel("Photograph", images=(_original(), *made), moves=True),
                Panel("One pixel, worked out", layout),
            ),
            text=f"{said} {kernels_text((1, 1, 3, settings['filters']), True)} {moment} {sums_in_full}",
            said=f"{said} {moment}",  # a weight may leave the count as it is
            moment=moment,
            worked_out=sums_in_full,
            facts=bullets("The count", count_steps(1, 3, settings["filters"], True)),
            code=_code(settings),
        )

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """One filter and two."""
        yield "slip_words", ("pointwise-params",)
        for filters in (1, 2):
            yield "slips", ("pointwise-params", 3, filters)
            yield "count_steps", (1, 3, filters, True)


def _scene(settings: Settings, position: Position) -> Scene:
    """The convolution of one pixel."""
    filters = range(settings["filters"])
    kernel = [[[[settings[f"{name}_{number}"] for number in filters] for name in CHANNELS]]]
    return small_scene(
        [[pixel(*position)]], kernel, (1, 1), "valid", [settings[f"bias_{number}"] for number in filters]
    )


def _formula(settings: Settings, number: int) -> str:
    parts = [f"{settings[f'{name}_{number}']:g} x {name}" for name in CHANNELS]
    return f"{' + '.join(parts)} + {settings[f'bias_{number}']:g}"


def _original() -> Image:
    return Image("photograph", f"A portrait of {NAME} in uniform, in color, {WIDTH} by {HEIGHT} pixels.")


def _code(settings: Settings) -> tuple[tuple[str, str], ...]:
    return lines((HEIGHT, WIDTH, 3), 1, settings["filters"])
