"""A stack or a graph of layers -> a derivation for each, and what holds for all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..layers import Input, Layer, Shape
from ..model import Network
from .counts import COUNTED, macs, parameters
from .derivation import Calculation, Derivation, ModelDerivation, Section
from .formula import minus, plus, times
from .output_shape import output_shape, unseen_pixels
from .words import DIRECTIONS, counted


def explain_layer(layer: Layer, *input_shapes: Any, number: int | None = None) -> Derivation:
    """A derivation; `number`, if given, is the layer's place in a model, and goes into the title."""
    sections = (
        parameters(layer, *input_shapes),
        output_shape(layer, *input_shapes),
        unseen_pixels(layer, *input_shapes),
        macs(layer, *input_shapes),
    )
    place = f"Layer {number}: " if number else ""
    on = f" on {' and '.join(map(str, input_shapes))}" if input_shapes else ""
    return Derivation(f"{place}{layer!r}{on}", tuple(section for section in sections if section))


@dataclass(frozen=True)
class Call:
    """One call of a layer: what it takes (None where it was never built), and whether it is the layer's first."""

    layer: Layer
    inputs: tuple[Shape, ...] | None
    first: bool


def explain_network(network: Network, *input_shapes: Any) -> ModelDerivation:
    """Every call of every layer, in the order of the summary; a nested model is replaced by its layers."""
    calls = list(_calls(network, input_shapes, set()))
    entry = " and ".join(str(call.layer.output_shape()) for call in calls if isinstance(call.layer, Input))
    shown = [call for call in calls if not (network.form == "sequential" and isinstance(call.layer, Input))]
    layers = tuple(_derivations(shown))
    whole = (_parameters(network, input_shapes, shown, layers), _macs(network, input_shapes, layers))
    field = receptive_field(network, input_shapes)
    number = sum(not isinstance(call.layer, Input) for call in shown)
    title = f"A model of {counted(number, 'layer')}{f' on {entry}' if entry else ''}"
    return ModelDerivation(title, layers, tuple(section for section in (*whole, field) if section))


def _calls(network: Network, input_shapes: tuple[Any, ...], seen: set[int]) -> Iterator[Call]:
    for step in network.steps(*input_shapes):
        if isinstance(step.layer, Network):
            for shapes in step.inputs:
                yield from _calls(step.layer, shapes, seen)
            continue
        for inputs in step.inputs or (None,):
            yield Call(step.layer, inputs, id(step.layer) not in seen)
            seen.add(id(step.layer))


def _derivations(calls: list[Call]) -> Iterator[Derivation]:
    number = 0
    for call in calls:
        number += not isinstance(call.layer, Input)
        place = None if isinstance(call.layer, Input) else number
        if call.inputs is None:
            yield Derivation(f"Layer {number}: {call.layer!r}, not built, so that its shapes are not known", ())
        else:
            yield explain_layer(call.layer, *call.inputs, number=place)


def _parameters(
    network: Network, input_shapes: tuple[Any, ...], calls: list[Call], layers: tuple[Derivation, ...]
) -> Section:
    """Each layer once, however often it is called."""
    counts = [
        derivation["parameters"].result
        for call, derivation in zip(calls, layers, strict=True)
        if call.first and "parameters" in derivation
    ]
    kept = sum(weight.count for weight in network.weights(*input_shapes) if not weight.trainable)
    remark = f"{kept} of them are kept, but not trained" if kept else ""
    return _added("parameters", "Parameters of all layers", counts, remark)


def _macs(network: Network, input_shapes: tuple[Any, ...], layers: tuple[Derivation, ...]) -> Section | None:
    """Every call counts; None where one is not known."""
    if network.macs(*input_shapes) is None:
        return None
    counts = [derivation["macs"].result for derivation in layers if "macs" in derivation]
    return _added("macs", "Multiply-accumulates of all layers", counts, COUNTED)


def _added(key: str, title: str, counts: list[Any], remark: str) -> Section:
    some = [count for count in counts if count] or [0]
    step = Calculation("layer by layer:" if len(some) > 1 else "one layer has all of them:", plus(*some))
    return Section(key, title, step.result, (step,) if step.result else (), remark)


def receptive_field(network: Network, input_shapes: tuple[Any, ...]) -> Section | None:
    """Rows and columns of the input that one output can depend on, up to the layer that looks at everything.

    Only for layers one after the other: where paths meet, no single sum says it.
    """
    windows = list(_windows(network, input_shapes))
    if not windows:
        return None
    along = [_grown(axis, windows) for axis in (0, 1)]
    result = tuple(steps[-1].result for steps in along)
    remark = "pixels of the input, (rows, columns), that one output can depend on; the border is not considered"
    return Section("receptive_field", f"Receptive field after {windows[-1].name}", result, sum(along, ()), remark)


def _windows(network: Network, input_shapes: tuple[Any, ...]) -> Iterator[Layer]:
    for place, step in enumerate(network.steps(*input_shapes)):
        reads = [source.place for call in step.placed.calls for source in call]
        if isinstance(step.layer, Input):
            continue
        if reads != [place - 1] or isinstance(step.layer, Network) or step.layer.view(*step.inputs[0]) != "window":
            return
        if step.layer.reach() != ((1, 1), (1, 1)):
            yield step.layer


def _grown(axis: int, layers: list[Layer]) -> tuple[Calculation, ...]:
    """How the field grows along an axis, layer by layer: see `arithmetic.receptive_field`."""
    steps, size, apart = [], 1, 1
    for layer in layers:
        span, strides = layer.reach()[axis]
        grown = plus(size, times(minus(span, 1), apart))
        steps.append(Calculation(f"{DIRECTIONS[axis].pixel}s after {layer.name}:", grown))
        size, apart = grown.value, apart * strides
    return tuple(steps)
