"""A model of Keras -> layers of ours, wired alike. What they hold is then computed here, not copied."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

from .arguments import ArgumentError, ShapeError
from .layers import LAYERS, Input, Layer, Normalization, Other, Shape, Weight
from .layers.base import ACTIVATIONS, flat_shapes
from .model import Network, Placed, Source

# The input shapes of one call, without the batch axis, and the shapes that come out, with it and as Keras nests them.
Call = tuple[tuple[Shape, ...], Any]

OURS = {("InputLayer" if cls is Input else cls.__name__): cls for cls in LAYERS}


def from_keras(model: Any) -> Network:
    """The layers of a `keras.Model` in its order, with their wiring, as a `Network`.

    Layers that convkit knows become its own, and their shapes and counts are computed from their arguments.
    Any other layer becomes an `Other`, which carries what Keras reports of it. Shared layers stay shared.
    Raises ArgumentError for anything that is not a model of Keras 3.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise ArgumentError(
            f"got a {type(model).__module__}.{type(model).__name__}, and from_keras takes a keras.Model of Keras 3, "
            "such as keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 2)])."
        )
    return _network(model, {})


def layer_from_keras(layer: Any, *input_shapes: Shape) -> Layer:
    """One layer of Keras, for input shapes without the batch axis. The layer itself is not built."""
    import keras

    inputs = [keras.Input(shape) for shape in input_shapes]
    copy = type(layer).from_config(layer.get_config())
    return from_keras(keras.Model(inputs, copy(inputs if len(inputs) > 1 else inputs[0])))[-1]


def operations(model: Any) -> list[Any]:
    """What `from_keras` reads of a model, in the order of the network: operations of its graph, else its layers."""
    graph = _graph(model)
    return list(model.layers if graph is None else graph._operations)


def _graph(model: Any) -> Any:
    """The functional graph of a model; None for a subclassed model, or a Sequential that is not built."""
    graph = model._functional if _is_sequential(model) else model
    return graph if hasattr(graph, "_nodes_by_depth") else None


def _is_sequential(model: Any) -> bool:
    import keras

    return isinstance(model, keras.Sequential)


def _network(model: Any, seen: dict[int, Any]) -> Network:
    graph, sequential = _graph(model), _is_sequential(model)
    if graph is None:
        placed = tuple(_unwired(layer, seen) for layer in model.layers)
        return Network(name=model.name, placed=placed, form="sequential" if sequential else "subclassed")
    wiring = _wiring(graph)
    return Network(
        name=model.name,
        placed=tuple(_wired(operation, wiring, seen) for operation in graph._operations),
        form="sequential" if sequential else "functional",
        outputs=tuple(wiring.source(tensor) for tensor in graph.outputs),
    )


@dataclasses.dataclass(frozen=True)
class _Wiring:
    """The position of each operation of a graph, and its calls within the graph; both by the operation's id."""

    positions: dict[int, int]
    calls: dict[int, list[Any]]

    def source(self, tensor: Any) -> Source:
        operation, node, index = tensor._keras_history
        made_by = operation._inbound_nodes[node]
        call = next(i for i, known in enumerate(self.calls[id(operation)]) if known is made_by)
        return Source(self.positions[id(operation)], call, index)


def _wiring(graph: Any) -> _Wiring:
    ours = {id(node) for level in graph._nodes_by_depth.values() for node in level}
    calls = {id(op): [node for node in op._inbound_nodes if id(node) in ours] for op in graph._operations}
    return _Wiring({id(op): place for place, op in enumerate(graph._operations)}, calls)


def _wired(operation: Any, wiring: _Wiring, seen: dict[int, Any]) -> Placed:
    nodes = wiring.calls[id(operation)]
    calls = tuple(tuple(wiring.source(tensor) for tensor in node.input_tensors) for node in nodes)
    return Placed(_layer(operation, list(map(_call, nodes)), seen), calls, kept=_weights(operation, seen))


def _call(node: Any) -> Call:
    import keras

    outputs = keras.tree.map_structure(lambda tensor: tuple(tensor.shape), node.output_tensors)
    return tuple(tuple(tensor.shape[1:]) for tensor in node.input_tensors), single(outputs)


def _unwired(layer: Any, seen: dict[int, Any]) -> Placed:
    taken, outputs = (getattr(layer, "_build_shapes_dict", None) or {}) if layer.built else {}, None
    if taken:
        with contextlib.suppress(NotImplementedError):  # a layer of one's own need not say what comes out
            outputs = layer.compute_output_shape(**taken)
    shapes = flat_shapes(taken)
    given = tuple(shape[1:] for shape in shapes)
    made = _layer(layer, [(given, outputs)] if given else [], seen)
    return Placed(made, given=given or None, kept=_weights(layer, seen))


def _layer(operation: Any, calls: list[Call], seen: dict[int, Any]) -> Layer:
    """The same layer of ours for the same layer of Keras, so that what is shared stays shared."""
    import keras

    if id(operation) not in seen:
        nested = isinstance(operation, keras.Model) and _graph(operation) is not None
        seen[id(operation)] = _network(operation, seen) if nested else _converted(operation, calls)
    layer: Layer = seen[id(operation)]
    return layer


def _weights(operation: Any, seen: dict[int, Any]) -> tuple[Weight, ...]:
    """The same weight for the same variable, so that a variable of two layers is counted once."""
    variables = getattr(operation, "weights", ())
    return tuple(seen.setdefault(id(variable), _weight(variable)) for variable in variables)


def _converted(operation: Any, calls: list[Call]) -> Layer:
    import keras

    name = type(operation).__name__
    theirs = type(operation) is getattr(keras.layers, name, None)
    if name not in OURS or not (theirs or _is_operator(operation)):
        return _other(operation, calls)
    try:
        layer = OURS[name](**_arguments(operation, OURS[name]))
        agree = all(_agrees(layer, operation, *call) for call in calls)
        return layer if agree else _other(operation, calls)
    except (ArgumentError, ShapeError, AttributeError):  # what ours cannot say, such as data_format="channels_first"
        return _other(operation, calls)


def _is_operator(operation: Any) -> bool:
    """What `x + y` and `x * y` put into a graph: an operation of that name, which is not a layer."""
    return not hasattr(operation, "weights") and type(operation).__module__.endswith("ops.numpy")


def _arguments(layer: Any, cls: type[Layer]) -> dict[str, Any]:
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ArgumentError("ours are channels last")
    if not hasattr(layer, "trainable"):
        return {"name": layer.name}
    said = {"name": layer.name, "trainable": layer.trainable, "dtype": layer.variable_dtype}
    if cls is Input:
        return {**said, "shape": layer.batch_shape[1:], "batch_size": layer.batch_shape[0]}
    own = [field.name for field in dataclasses.fields(cls) if field.name not in said]
    values = {name: getattr(layer, name) for name in own}
    if cls is Normalization:
        values = {"mean": layer.input_mean, "variance": layer.input_variance}
    if "activation" in values:
        values["activation"] = _activation(values["activation"])
    return {**said, **values}


def _activation(function: Any) -> Any:
    name = getattr(function, "__name__", None)
    if name == "linear":
        return None
    return name if name in ACTIVATIONS and function.__module__.startswith("keras.") else function


def _agrees(layer: Layer, theirs: Any, taken: tuple[Shape, ...], outputs: Any) -> bool:
    """Whether this layer of Keras is what ours stands for: no extra weights, no unusual axis, the same shape out."""
    ours = sorted(weight.shape for weight in layer.weights(*taken))
    same_shape = outputs is None or layer.output_shapes(*taken) == tuple(shape[1:] for shape in flat_shapes(outputs))
    return same_shape and ours == sorted(tuple(weight.shape) for weight in getattr(theirs, "weights", ()))


def _other(operation: Any, calls: list[Call]) -> Other:
    return Other(
        name=operation.name,
        trainable=getattr(operation, "trainable", True),
        class_name=type(operation).__name__,
        outputs=calls[-1][1] if calls else None,
        calls=tuple(calls),
        kept=tuple(map(_weight, getattr(operation, "weights", ()))),
    )


def single(outputs: Any) -> Any:
    """A single shape without the list around it, as Keras prints it."""
    shapes = flat_shapes(outputs)
    return shapes[0] if len(shapes) == 1 else outputs


def _weight(variable: Any) -> Weight:
    return Weight(variable.name, tuple(variable.shape), variable.trainable, variable.dtype)
