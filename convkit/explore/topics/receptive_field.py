"""The receptive field of a stack: the pixels that an output depends on, through all layers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ...arguments import ArgumentError
from ...arithmetic import receptive_field
from ...explain.words import counted
from ...picture.field import Stack, lay_out_stack, make_stack, stack_words
from ...picture.words import listed
from ..code import stack_lines
from ..knobs import Knob, Settings, Whole
from ..known import slips
from ..tables import bullets, table
from ..topic import Extent, Position, Topic, cover
from ..view import Panel, View
from .parameters import explained

N = 16  # pixels of the input, along both axes
MOST = 3  # layers
START = ((3, 2, 1), (3, 1, 1), (3, 1, 1))

Layer = tuple[int, int, int]  # kernel_size, strides, dilation_rate


def _sliders() -> tuple[Knob, ...]:
    found: list[Knob] = []
    for number, (kernel_size, strides, dilation_rate) in enumerate(START, start=1):
        found.append(Whole(f"kernel_{number}", f"Layer {number}, kernel size (px)", kernel_size, 1, 5))
        found.append(Whole(f"strides_{number}", f"Layer {number}, stride (px)", strides, 1, 2))
        found.append(Whole(f"dilation_{number}", f"Layer {number}, dilation rate (px)", dilation_rate, 1, 4))
    return tuple(found)


class ReceptiveField(Topic):
    """What an output sees."""

    name = "receptive_field"
    title = "Receptive field: what an output sees through all layers"
    invitation = "Point at an output: its pixels light up."
    knobs = (Whole("layers", "Layers", 2, 1, MOST), *_sliders())
    questions: tuple[Settings, ...] = (
        {"layers": 2, "kernel_1": 3, "strides_1": 1, "kernel_2": 3, "strides_2": 1},
        {"layers": 3, "kernel_1": 3, "strides_1": 2, "kernel_2": 3, "strides_2": 2, "kernel_3": 3, "strides_3": 1},
        {"layers": 2, "kernel_1": 2, "strides_1": 2, "kernel_2": 5, "strides_2": 1},
        {"layers": 3, "strides_1": 1, "dilation_1": 1, "kernel_2": 3, "dilation_2": 2, "kernel_3": 3, "dilation_3": 4},
    )

    def ask(self, settings: Settings) -> str:
        """How wide the field is."""
        layers = "; ".join(_words(layer) for layer in _layers(settings))
        many = "A layer" if settings["layers"] == 1 else f"{settings['layers']} layers, first to last"
        return f"{many}: {layers}. How many pixels along one axis does an output depend on, from the first to the last?"

    def right(self, settings: Settings) -> int:
        """Pixels from the first to the last."""
        _refuse_both(settings)
        return receptive_field(((size - 1) * rate + 1, strides) for size, strides, rate in _layers(settings))

    def idle(self, settings: Settings) -> tuple[str, ...]:
        """Layers that are not there."""
        return tuple(knob.name for knob in self.knobs[1:] if int(knob.name[-1]) > settings["layers"])

    def neighbors(self, settings: Settings) -> list[tuple[str, Settings]]:
        """Another number of layers, or one of its layers with another size."""
        idle = self.idle(settings)
        found = [(row[0].partition("="), row[1]) for row in super().neighbors(settings)]
        return [(_changed(name, value), others) for (name, _, value), others in found if name not in idle]

    def ways(self, settings: Settings, guess: float) -> list[tuple[str, str, str]]:
        """The lesson's mistakes, which are about stacks without dilation."""
        layers = _layers(settings)
        if any(layer[2] > 1 for layer in layers):
            plain = receptive_field((size, strides) for size, strides, _ in layers)
            helps = "A dilated kernel spans (kernel_size - 1) * dilation_rate + 1 pixels."
            return [("It counts as if nothing were dilated", "", helps)] if guess == plain else []
        found = slips("receptive-field", *_sizes(layers))
        return explained("receptive-field", found, guess)

    def extent(self, settings: Settings) -> Extent:
        """The outputs of the last layer."""
        length = _stack(settings).lengths[-1]
        return (length, length, 1)

    def cover(self, settings: Settings, room: float | None) -> View:
        """The pixels, before any layer."""
        layout = lay_out_stack(_stack(settings), (0, 0), room, show_paths=False)
        return cover("The input", layout, self.ask(settings))

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The stack with the paths to an output."""
        stack, seen = _stack(settings), self.right(settings)
        outputs = stack.lengths[-1]
        said = f"{outputs} x {outputs} outputs; each sees {seen} x {seen} pixels."
        return View(
            (Panel("The input, and the values after each layer", lay_out_stack(stack, position, room), moves=True),),
            text=f"{said} {stack_words(stack, position)}",
            said=said,
            moment=_moment(stack, position),
            facts=_facts(settings),
            code=stack_lines(_layers(settings)),
        )

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The outputs that depend on a pixel."""
        stack = _stack(settings)
        return [(output, other) for output in stack.readers(row) for other in stack.readers(column)]

    def readers_words(self, settings: Settings, row: int, column: int, found: list[Position], channel: int = 0) -> str:
        """The same in words."""
        places = [sorted({place[axis] for place in found}) for axis in (0, 1)]
        listed_ = f": rows {listed(places[0])}, columns {listed(places[1])}" if found else ""
        return f"The pixel at row {row}, column {column} is seen by {counted(len(found), 'output')}{listed_}."

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All stacks without dilation."""
        yield "slip_words", ("receptive-field",)
        layers = list(itertools.product(self.knobs[1].values, self.knobs[2].values))
        for count in range(1, MOST + 1):
            for stack in itertools.product(*[layers] * count):
                yield "slips", ("receptive-field", *_sizes(stack))


def _layers(settings: Settings) -> list[Layer]:
    return [
        (settings[f"kernel_{number}"], settings[f"strides_{number}"], settings[f"dilation_{number}"])
        for number in range(1, settings["layers"] + 1)
    ]


def _sizes(layers: Sequence[tuple[int, ...]]) -> tuple[list[int], list[int]]:
    """(kernel sizes, strides)."""
    return [layer[0] for layer in layers], [layer[1] for layer in layers]


def _stack(settings: Settings) -> Stack:
    _refuse_both(settings)
    return make_stack(N, _layers(settings))


def _refuse_both(settings: Settings) -> None:
    for number, (_, strides, rate) in enumerate(_layers(settings), start=1):
        if strides > 1 and rate > 1:
            raise ArgumentError(
                f"layer {number} has strides={strides} and dilation_rate={rate}, and Keras takes one of them. "
                "Set the other one to 1."
            )


def _changed(knob: str, value: str) -> str:
    """kernel_2, 5 -> kernel_size=5 in layer 2, as a layer's argument in code."""
    name, _, number = knob.partition("_")
    keras = {"kernel": "kernel_size", "dilation": "dilation_rate"}.get(name, name)
    return f"{keras}={value} in layer {number}" if number else f"{keras}={value}"


def _words(layer: Layer) -> str:
    """As in Keras."""
    size, strides, rate = layer
    dilated = f", dilation_rate={rate}" if rate > 1 else ""
    return f"kernel_size={size}, strides={strides}{dilated}"


def _moment(stack: Stack, position: Position) -> str:
    rows, columns = (stack.paths(place) for place in position)
    found = [f"rows {_places(rows[layer])}, columns {_places(columns[layer])}" for layer in range(len(rows))]
    through = "".join(f"{found[layer]} after layer {layer}; " for layer in range(len(rows) - 2, 0, -1))
    seen, many = len(rows[0]) * len(columns[0]), sum(rows[0].values()) * sum(columns[0].values())
    return (
        f"Output row {position[0]}, column {position[1]} depends on {through}{found[0]} of the input: "
        f"{counted(seen, 'pixel')}, {counted(many, 'path')}."
    )


def _places(paths: dict[int, int]) -> str:
    return listed(sorted(paths.keys()))


def _facts(settings: Settings) -> str:
    """The sum, layer by layer, and what it means."""
    rows, terms, step, size = [], ["1"], 1, 1
    for number, (kernel_size, strides, rate) in enumerate(_layers(settings), start=1):
        span = (kernel_size - 1) * rate + 1
        size += (span - 1) * step
        terms.append(f"({span} - 1) * {step}")
        rows.append([f"layer {number}", f"{span}", f"{step}", f"{(span - 1) * step}", f"{size}"])
        step *= strides
    weights = [layer[0] * layer[0] for layer in _layers(settings)]
    lines = [
        f"An output sees {size} x {size} = {size * size} pixels, from the first to the last row and column.",
        f"One kernel that large has {size * size} weights for a pair of channels; these layers have "
        f"{' + '.join(map(str, weights))} = {sum(weights)}.",
        "With kernels of ones, the number in a pixel is how much the output changes with it. Pixels in the middle have "
        "most paths: the effective receptive field is smaller.",
    ]
    head = ["", "kernel spans (px)", "neighbors apart (px)", "adds (px)", "sees (px)"]
    return table(f"{' + '.join(terms)} = {size} pixels", head, rows) + bullets("What it means", lines)
