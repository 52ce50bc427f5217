"""The parameters of a layer, drawn and counted: each weight a cell, each bias a cell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

from ...arithmetic import conv_params
from ...explain.parameters import parameters
from ...layers import Conv2D
from ...picture import Picture, draw_kernels
from ...summary import summary
from ..code import lines
from ..guesses import known_ways, numbers
from ..knobs import Settings, Switch, Whole
from ..tables import bullets, preformatted
from ..topic import Topic
from ..view import Panel, View

SIDE = 8  # of the image; it does not count


class Parameters(Topic):
    """What a convolution layer learns."""

    name = "parameters"
    title = "Parameters: what a layer learns"
    invitation = "Change the layer, and watch its kernels being drawn: a cell for each weight, and one for each bias."
    answer_hint = "a whole number"
    plays = True
    knobs = (
        Whole("kernel_size", "Kernel size (px)", 3, 1, 5),
        Whole("in_channels", "Channels in", 2, 1, 4),
        Whole("filters", "Filters", 4, 1, 8),
        Switch("use_bias", "A bias for each filter", True),
    )
    questions = (
        {},
        {"kernel_size": 3, "in_channels": 2, "filters": 2, "use_bias": True},
        {"kernel_size": 2, "in_channels": 1, "filters": 3, "use_bias": True},
        {"kernel_size": 3, "in_channels": 3, "filters": 2, "use_bias": True},
        {"kernel_size": 1, "in_channels": 3, "filters": 2, "use_bias": True},
        {"kernel_size": 5, "in_channels": 2, "filters": 4, "use_bias": False},
    )

    def ask(self, settings: Settings) -> str:
        """How many are there?"""
        bias = "each with a bias" if settings["use_bias"] else "without bias"
        size, channels = settings["kernel_size"], settings["in_channels"]
        return (
            f"{_count(channels, 'channel')} come in, and the layer has {_count(settings['filters'], 'filter')} of "
            f"{size} x {size} pixels, {bias}. How many parameters has it?"
        )

    def read(self, text: str) -> float:
        """One number."""
        return numbers(text, (1,), "10")[0]

    def right(self, settings: Settings) -> int:
        """The count."""
        return conv_params(
            settings["kernel_size"], settings["in_channels"], settings["filters"], use_bias=settings["use_bias"]
        )

    def ways(self, settings: Settings, guess: float) -> Iterator[tuple[str, str]]:
        """Known slips in counting, which are all about layers with a bias."""
        if settings["use_bias"]:
            args = (settings["kernel_size"], settings["in_channels"], settings["filters"])
            yield from known_ways("layer-params", args, lambda result: bool(result == guess))

    def cover(self, settings: Settings) -> View:
        """Nothing to count yet."""
        words = "Predict first. Then the kernels are drawn here, cell by cell, and counted."
        return View((Panel("still", words),), text=words, said=self.ask(settings), code=_code(settings))

    def view(self, settings: Settings) -> View:
        """The kernels, filled one weight after the other."""
        picture = draw_kernels(_layer(settings), _shape(settings))
        panel = Panel("count", "The kernels", (picture.svg,), steps=(partial(count_steps, picture),))
        steps = parameters(_layer(settings), _shape(settings)).lines
        layers = [_layer(settings)]
        return View(
            (panel,),
            text=picture.text,
            said=f"The layer has {self.right(settings)} parameters.",
            facts=bullets("The count", map(escape, steps))
            + preformatted("What Keras prints", summary(layers, input_shape=_shape(settings), line_length=58)),
            code=_code(settings),
        )


def count_steps(picture: Picture) -> dict[str, Any]:
    """A frame for each cell: which one it is, and how many there are so far."""
    boxes = picture.layout.boxes
    whole = next(label.text for label in picture.layout.labels if label.key == "sum")
    frames, place = [], {"filter": -1, "cell": 0}
    for n, box in enumerate(boxes, start=1):
        data: dict[str, Any] = dict(box.data)
        place["cell"] = place["cell"] + 1 if data["filter"] == place["filter"] else 0
        place["filter"] = data["filter"]
        what = "its bias" if box.role == "bias" else "channel {plane}, row {row}, column {col}".format(**data)
        frames.append(
            {
                "position": [place["filter"], place["cell"]],
                "key": box.key,
                "sum": f"{n} so far" if n < len(boxes) else whole,
                "say": f"{n} of {len(boxes)}. Filter {data['filter']}: {what}.",
            }
        )
    return {"cumulative": True, "frames": frames}


def _layer(settings: Settings) -> Conv2D:
    return Conv2D(settings["filters"], settings["kernel_size"], use_bias=settings["use_bias"])


def _shape(settings: Settings) -> tuple[int, int, int]:
    return SIDE, SIDE, settings["in_channels"]


def _code(settings: Settings) -> tuple[tuple[str, str], ...]:
    return lines(_shape(settings), settings["kernel_size"], settings["filters"], use_bias=settings["use_bias"])


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
