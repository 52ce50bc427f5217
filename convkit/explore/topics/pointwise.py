"""A 1x1 kernel over the channels of a photograph: every pixel is mixed by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape
from typing import Any

import numpy as np

from ...arithmetic import conv_params
from ...explain.parameters import parameters
from ...layers import Conv2D
from ...ops import conv2d
from ...picture import draw, draw_kernels
from .. import photo
from ..code import lines
from ..covers import bare
from ..guesses import known_ways, numbers
from ..knobs import Amount, Knob, Settings, Whole
from ..tables import bullets
from ..topic import Topic
from ..view import Panel, View

CHANNELS = ("red", "green", "blue")
NAMES = {f"{word} {number}": name for number, name in enumerate(CHANNELS) for word in ("channel", "ch.")}
MOST = 2  # filters
START = ((0.3, 1.0), (0.6, -0.5), (0.1, -0.5))  # a grey picture; and what is red
HOME = (52, 31)  # row and column of the pixel at the start


def _sliders() -> tuple[Knob, ...]:
    found: list[Knob] = []
    for number in range(MOST):
        for channel, name in enumerate(CHANNELS):
            label = f"Filter {number}, {name}"
            found.append(Amount(f"{name}_{number}", label, START[channel][number], -1.0, 1.0, 0.05))
        found.append(Amount(f"bias_{number}", f"Filter {number}, bias (levels)", 0.0, -128.0, 128.0, 1.0))
    return tuple(found)


class Pointwise(Topic):
    """Mixing channels."""

    name = "pointwise"
    title = "A 1x1 kernel mixes the channels of each pixel"
    invitation = (
        "Change the weights. Move over the photograph, or use the arrow keys on it, and follow the sum of a pixel."
    )
    answer_hint = "a whole number"
    knobs = (Whole("filters", "Filters", 2, 1, MOST), *_sliders())
    questions: tuple[Settings, ...] = ({}, {"filters": 1}, {"filters": 2})

    def ask(self, settings: Settings) -> str:
        """How many parameters?"""
        many = "2 filters" if settings["filters"] == 2 else "1 filter"
        return (
            f"A colour photograph has 3 channels. A layer with {many} of 1 x 1 pixel, each with a bias, mixes them. "
            "How many parameters has it?"
        )

    def read(self, text: str) -> float:
        """One number."""
        return numbers(text, (1,), "10")[0]

    def right(self, settings: Settings) -> int:
        """The count."""
        return conv_params(1, 3, settings["filters"])

    def neighbours(self, settings: Settings) -> Iterator[tuple[str, Settings]]:
        """Another number of filters; weights change no count."""
        yield from (found for found in super().neighbours(settings) if found[0].startswith("filters"))

    def ways(self, settings: Settings, guess: float) -> Iterator[tuple[str, str]]:
        """Known slips in counting."""
        yield from known_ways("pointwise-params", (3, settings["filters"]), lambda result: bool(result == guess))

    def idle(self, settings: Settings) -> Collection[str]:
        """The second filter's weights, while there is one filter."""
        return [knob.name for knob in _sliders() if settings["filters"] == 1 and knob.name.endswith("_1")]

    def cover(self, settings: Settings) -> View:
        """The photograph before it is mixed."""
        panel = Panel("photo", "The photograph", data={**_size(), "images": [_original()]})
        return View((panel,), text=self.ask(settings), said=self.ask(settings), code=_code(settings))

    def view(self, settings: Settings) -> View:
        """The photograph, what each filter makes of it, and one pixel worked out."""
        weights, bias = _weights(settings)
        mixed = conv2d(photo.photograph()[None].astype(np.float64), weights, bias=bias)[0]
        made = [
            photo.image(
                mixed[:, :, number],
                f"filter {number}",
                f"The photograph as filter {number} mixes it: {_formula(weights, bias, number)}.",
            )
            for number in range(settings["filters"])
        ]
        pixel = photo.photograph()[HOME][None, None].astype(np.int64)
        pictures = [draw(pixel, weights, bias=bias, filter=number) for number in range(settings["filters"])]
        pictures = [bare(picture, "One pixel, worked out", NAMES) for picture in pictures]
        count = bare(draw_kernels(weights, bias=bias), "All parameters", NAMES, sentences=True)
        layer, said = Conv2D(settings["filters"], 1), f"The layer has {self.right(settings)} parameters."
        return View(
            (
                Panel("photo", "Photograph", data={**_pixels(weights, bias), "images": [_original(), *made]}),
                Panel(
                    "still",
                    "One pixel, worked out",
                    tuple(picture.svg for picture in pictures),
                    data={"follows": True},
                ),
                Panel("still", "All parameters", (count.svg,)),
            ),
            text=f"{said} {count.text} The pixel at row {HOME[0]}, column {HOME[1]}: {pictures[0].text}",
            said=said,
            facts=bullets("The count", map(escape, parameters(layer, (photo.HEIGHT, photo.WIDTH, 3)).lines)),
            code=_code(settings),
        )


def _weights(settings: Settings) -> tuple[Any, Any]:
    """Kernel (1, 1, 3, filters) and bias (filters,)."""
    filters = range(settings["filters"])
    weights = np.array([[settings[f"{name}_{number}"] for number in filters] for name in CHANNELS])
    return weights[None, None], np.array([settings[f"bias_{number}"] for number in filters])


def _formula(weights: Any, bias: Any, number: int) -> str:
    parts = [f"{weight:g} x {name}" for weight, name in zip(weights[0, 0, :, number], CHANNELS, strict=True)]
    return f"{' + '.join(parts)} + {bias[number]:g}"


def _original() -> dict[str, str]:
    words = f"A portrait of {photo.NAME} in uniform, in colour, {photo.WIDTH} by {photo.HEIGHT} pixels."
    return photo.original(words)


def _size() -> dict[str, Any]:
    return {"width": photo.WIDTH, "height": photo.HEIGHT}


def _pixels(weights: Any, bias: Any) -> dict[str, Any]:
    """What the page needs to work out any pixel by itself."""
    return {
        **_size(),
        "pixels": photo.encoded(),
        "weights": weights[0, 0].tolist(),
        "bias": bias.tolist(),
        "home": list(HOME),
    }


def _code(settings: Settings) -> tuple[tuple[str, str], ...]:
    return lines((photo.HEIGHT, photo.WIDTH, 3), 1, settings["filters"])
