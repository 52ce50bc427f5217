"""A model of Keras -> the rows and totals of its summary, read from the model as Keras reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..from_keras import from_keras, operations, single
from ..model import Network
from ..receptive import Field, fields
from .rows import Dimensions, Figures, Report, Row, amount, figures


def report(model: Any, expand_nested: bool, with_figures: bool) -> Report:
    """The summary of a `keras.Model`. `with_figures` adds what convkit computes: see `EXTRA`."""
    import keras

    functional = not isinstance(model, keras.Sequential) and hasattr(model, "_nodes_by_depth")
    chained = not functional or _is_chain(model)
    nodes = set() if chained else {id(node) for level in model._nodes_by_depth.values() for node in level}
    known = _figures(model) if with_figures else {}
    optimizer = model.optimizer if model.compiled else None
    return Report(
        name=model.name,
        rows=tuple(_rows(model._operations if functional else model.layers, nodes, known, expand_nested)),
        trained=amount(getattr(model, "_collected_trainable_weights", model.trainable_weights)),
        frozen=amount(model.non_trainable_weights),
        optimizer=amount(optimizer.variables) if optimizer and optimizer.built else None,
        chained=chained,
        built=model.built,
    )


def _is_chain(model: Any) -> bool:
    """Whether each layer is called once and reads one other, so that no row has to say which."""
    import keras

    levels = list(model._nodes_by_depth.values())
    if any(len(level) > 1 or len(keras.tree.flatten(level[0].input_tensors)) > 1 for level in levels):
        return False
    nodes = {id(node) for level in levels for node in level}
    return all(sum(id(node) in nodes for node in layer._inbound_nodes) <= 1 for layer in model.layers)


def _rows(layers: Any, nodes: set[int], known: dict[int, Figures], expand: bool, level: int = 0) -> Iterator[Row]:
    for layer in layers:
        outputs = [node.output_tensors for node in layer._inbound_nodes]
        weights = getattr(layer, "weights", ())
        yield Row(
            name=layer.name,
            kind=type(layer).__name__,
            outputs=_shapes(outputs[-1]) if outputs else _built_for(layer),
            calls=tuple(map(_shapes, [layer.outputs] if _is_graph(layer) else outputs)),
            params=_count(layer),
            trainable=bool(getattr(layer, "trainable", True)),
            has_weights=bool(weights),
            level=level,
            connected=tuple(_sources(layer, nodes)),
            figures=known.get(id(layer), Figures()),
        )
        if expand and getattr(layer, "layers", None):
            yield from _rows(layer.layers, nodes, known, expand, level + 1)


def _is_graph(layer: Any) -> bool:
    return hasattr(layer, "_nodes_by_depth") or hasattr(getattr(layer, "_functional", None), "_nodes_by_depth")


def _shapes(tensors: Any) -> Any:
    import keras

    return single(keras.tree.map_structure(lambda tensor: Dimensions(tensor.shape), tensors))


def _built_for(layer: Any) -> Any:
    """What a layer that was built and never called by itself would return; None where it does not say."""
    import keras

    if not layer._build_shapes_dict:
        return None
    if hasattr(layer, "output_shape"):
        return Dimensions(layer.output_shape)
    try:
        outputs = layer.compute_output_shape(**layer._build_shapes_dict)
    except NotImplementedError:
        return None
    return single(keras.tree.map_shape_structure(Dimensions, outputs))


def _count(layer: Any) -> int | None:
    if not hasattr(layer, "built"):
        return 0  # an operation such as `x + y`, which is not a layer
    return layer.count_params() if layer.built else None


def _sources(layer: Any, nodes: set[int]) -> Iterator[str]:
    for node in layer._inbound_nodes:
        if id(node) in nodes:
            for tensor in node.input_tensors:
                source, call, output = tensor._keras_history
                yield f"{source.name}[{call}][{output}]"


def _figures(model: Any) -> dict[int, Figures]:
    """By the id of the layer, with the layers of nested models."""
    found: dict[int, Figures] = {}

    def add(model: Any, network: Network, shapes: Any, starts: tuple[Field, ...]) -> None:
        steps = network.steps(*shapes)
        for layer, step, field in zip(operations(model), steps, fields(steps, starts), strict=True):
            found.setdefault(id(layer), figures(step, field))
            if isinstance(step.layer, Network):
                add(layer, step.layer, step.inputs[0] if step.inputs else (), ())

    add(model, from_keras(model), (), ())
    return found
