"""Layers and who reads whom: names, shapes step by step, and errors that say in which layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from .arguments import ArgumentError, ShapeError, without_batch
from .layers import Input, Layer, Shape, Weight

Form = Literal["functional", "sequential", "subclassed"]

# What Keras names first: a class whose automatic name is not its own in snake case, and the two forms of a model.
FIRST_NAMES = {
    "keras3": {"InputLayer": "input_layer", "functional": "functional", "sequential": "sequential"},
    "keras2": {"InputLayer": "input_1", "functional": "model", "sequential": "sequential"},
}


@dataclass(frozen=True)
class Source:
    """One output that a layer reads: of which layer, of which of its calls, and which of its outputs."""

    place: int
    call: int = 0
    tensor: int = 0


@dataclass(frozen=True)
class Placed:
    """A layer of a network, with its calls. A layer that is called twice, and so shared, has two calls."""

    layer: Layer
    calls: tuple[tuple[Source, ...], ...] = ()
    given: tuple[Shape, ...] | None = None  # input shapes, where a layer was built without being wired
    kept: tuple[Weight, ...] | None = None  # the weights that Keras holds, where the layer comes from there

    @property
    def times_called(self) -> int:
        """An Input gives its shape once; a layer that was built without being wired is taken as called once."""
        return 1 if isinstance(self.layer, Input) or self.given is not None else len(self.calls)


@dataclass(frozen=True)
class Step:
    """What one placed layer takes and gives, a tuple of shapes for each call; empty where nothing is known."""

    placed: Placed
    inputs: tuple[tuple[Shape, ...], ...]
    outputs: tuple[tuple[Shape, ...], ...]

    @property
    def layer(self) -> Layer:
        return self.placed.layer

    def weights(self) -> tuple[Weight, ...]:
        """The weights that Keras holds, or that the first call creates; a frozen weight is marked as not trained."""
        if self.placed.kept is not None:
            return self.placed.kept
        if not self.inputs:
            return ()
        weights = self.layer.weights(*self.inputs[0])
        return weights if self.layer.trainable else tuple(replace(weight, trainable=False) for weight in weights)


@dataclass(frozen=True, repr=False)
class Network(Layer):
    """Layers that are wired together. It is a layer itself, and a sequence of its layers.

    >>> from convkit.layers import Conv2D
    >>> network = chain([Input((8, 8, 3)), Conv2D(2, 3), Conv2D(4, 3)])
    >>> [layer.name for layer in network], network.output_shape(), network.count_params()
    (['input_layer', 'conv2d', 'conv2d_1'], (4, 4, 4), 132)
    """

    placed: tuple[Placed, ...] = ()
    form: Form = "functional"
    outputs: tuple[Source, ...] = ()
    batch_size: int | None = None

    @property
    def kind(self) -> str:
        """Keras' class names for the two forms."""
        return self.form.capitalize()

    def __len__(self) -> int:
        return len(self.placed)

    def __iter__(self) -> Iterator[Layer]:
        return (placed.layer for placed in self.placed)

    def __getitem__(self, index: int) -> Layer:
        return self.placed[index].layer

    def steps(self, *input_shapes: Shape) -> list[Step]:
        """Every layer with the shapes that it takes and gives; input_shapes replace those of the inputs."""
        inputs = (place for place, placed in enumerate(self.placed) if isinstance(placed.layer, Input))
        known = dict(zip(inputs, input_shapes, strict=False))

        def taken(place: int, call: int) -> tuple[Shape, ...]:
            placed = self.placed[place]
            if placed.given is not None or not placed.calls:
                return placed.given or ()
            return tuple(given(source.place, source.call)[source.tensor] for source in placed.calls[call])

        @cache  # a shared layer may read what comes after its first call, so calls ask for each other
        def given(place: int, call: int) -> tuple[Shape, ...]:
            return (known[place],) if place in known else self._outputs(place, taken(place, call))

        return [
            Step(
                placed,
                tuple(taken(place, call) for call in range(placed.times_called)),
                tuple(given(place, call) for call in range(placed.times_called)),
            )
            for place, placed in enumerate(self.placed)
        ]

    def _outputs(self, place: int, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
        layer = self.placed[place].layer
        try:
            return layer.output_shapes(*shapes)
        except ShapeError as error:
            number = 1 + sum(not isinstance(placed.layer, Input) for placed in self.placed[:place])
            taken = " and ".join(map(str, shapes))
            raise ShapeError(f"in layer {number} '{layer.name}', input {taken}: {error}") from None

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The shape of the first output."""
        return self.output_shapes(*input_shapes)[0]

    def output_shapes(self, *input_shapes: Any) -> tuple[Shape, ...]:
        """The shapes of all outputs."""
        steps = self.steps(*input_shapes)
        return tuple(steps[source.place].outputs[source.call][source.tensor] for source in self.outputs)

    def weights(self, *input_shapes: Any) -> tuple[Weight, ...]:
        """The weights of all layers, each layer once however often it is called."""
        return tuple(gather(self, input_shapes, set()))

    def macs(self, *input_shapes: Any) -> int | None:
        """Multiply-accumulates of all calls of all layers for one image; None where one is not known."""
        counts = [
            step.layer.macs(*shapes)
            for step in self.steps(*input_shapes)
            for shapes in step.inputs
            if not isinstance(step.layer, Input)
        ]
        return None if None in counts else sum(count for count in counts if count is not None)

    def __repr__(self) -> str:
        return f"<{self.form} network {self.name!r} of {len(self)} layers>"


def gather(network: Network, input_shapes: tuple[Shape, ...], seen: set[int]) -> Iterator[Weight]:
    """All weights in a network and in the networks within it; a layer or a variable that is met again adds none."""
    for step in network.steps(*input_shapes):
        if id(step.layer) in seen:
            continue
        seen.add(id(step.layer))
        if isinstance(step.layer, Network) and step.inputs:
            yield from gather(step.layer, step.inputs[0], seen)
            continue
        for weight in step.weights():
            if step.placed.kept is None:
                yield weight
            elif id(weight) not in seen:
                seen.add(id(weight))
                yield weight


def chain(
    layers: Layer | Iterable[Layer], input_shape: Any = None, name: str | None = None, style: str = "keras3"
) -> Network:
    """Layers one after the other, named as Keras names them.

    Layers that begin with an Input make a functional model. Layers without one need an input_shape, and make a
    Sequential, whose summary does not show the input.
    """
    listed = _checked([layers] if isinstance(layers, Layer) else list(layers))
    begins = bool(listed) and isinstance(listed[0], Input)
    form: Form = "functional" if begins else "sequential"
    if not begins and input_shape is None:
        raise ArgumentError(
            "the input shape is missing. Begin the list with Input((8, 8, 1)), or pass input_shape=(8, 8, 1)."
        )
    entry = listed.pop(0) if begins else Input(without_batch(input_shape))
    if begins and input_shape is not None and Input(without_batch(input_shape)).output_shape() != entry.output_shape():
        raise ArgumentError(
            f"input_shape is {tuple(input_shape)}, and the list begins with {entry!r}. Leave out one of the two."
        )
    named = _named([entry, *listed], style)
    placed = [Placed(layer, () if place == 0 else ((Source(place - 1),),)) for place, layer in enumerate(named)]
    return Network(
        name=name or FIRST_NAMES[style][form],
        placed=tuple(placed),
        form=form,
        outputs=(Source(len(placed) - 1),),
        batch_size=getattr(named[0], "batch_size", None),
    )


def _checked(layers: list[Any]) -> list[Layer]:
    for number, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"item {number} of the list is {layer!r} ({type(layer).__name__}), and has to be a layer of convkit, "
                "such as Conv2D(2, 3). A model of Keras is passed by itself, without a list."
            )
        if isinstance(layer, Input) and number > 0:
            raise ArgumentError(
                f"{layer!r} is item {number} of the list. A list of layers has one Input, at its start."
            )
    return layers


def _named(layers: Sequence[Layer], style: str) -> list[Layer]:
    taken = [layer.name for layer in layers if layer.name is not None]
    twice = {name for name in taken if taken.count(name) > 1}
    if twice:
        raise ArgumentError(
            f"two layers are named {min(twice)!r}, and Keras wants each name once. Leave names out and they are made."
        )
    used = set(taken)
    stems = FIRST_NAMES[style]
    return [
        layer if layer.name else replace(layer, name=_fresh(stems.get(layer.kind, snake(layer.kind)), used))
        for layer in layers
    ]


def _fresh(stem: str, used: set[str]) -> str:
    name, number = stem, 0
    while name in used:
        number += 1
        name = f"{stem}_{number}"
    used.add(name)
    return name


def snake(kind: str) -> str:
    """A class name as Keras makes a layer's name of it.

    >>> snake("GlobalAveragePooling2D"), snake("ReLU")
    ('global_average_pooling2d', 're_lu')
    """
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()
