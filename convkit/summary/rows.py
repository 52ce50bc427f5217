"""A network -> rows and totals, as data. How they are printed is the business of the styles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..layers import Input, Other, Shape, Weight
from ..layers.ends import is_shape
from ..model import Network, Placed, Source, Step
from ..receptive import Field, fields

# Bits of one number; Keras counts a boolean as one bit.
BITS = {"bool": 1, **{f"{kind}{bits}": bits for kind in ("int", "uint", "float", "bfloat") for bits in (8, 16, 32, 64)}}


@dataclass(frozen=True)
class Amount:
    """How many parameters, and how many bytes they take."""

    count: int
    size: float  # bytes

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.count + other.count, self.size + other.size)


@dataclass(frozen=True)
class Row:
    """One line of a summary: what a framework prints of a layer, and then what none does."""

    name: str
    kind: str
    outputs: Any  # a shape with its batch axis, or a tuple, list or dict of shapes; None is not known
    shapes_differ: bool  # from call to call, in a layer that is shared; outputs are those of the last call
    params: int | None  # None: not built yet
    connected: tuple[str, ...]  # such as "conv2d[0][0]": layer, call, output
    trainable: bool | None  # None: nothing to train
    level: int  # 0, and 1 more inside each nested model
    kernel: tuple[int, int] | None
    macs: int | None
    receptive_field: tuple[int, int] | None
    params_sum: str


@dataclass(frozen=True)
class Report:
    """All of a summary. `chained` is False for a graph, whose rows have to say what they are connected to."""

    name: str
    rows: tuple[Row, ...]
    chained: bool
    trained: Amount
    frozen: Amount
    optimizer: Amount | None


def report(network: Network, expand_nested: bool = False) -> Report:
    """Everything that there is to print of a network.

    >>> from convkit.layers import Conv2D
    >>> from convkit.model import chain
    >>> found = report(chain([Input((8, 8, 3)), Conv2D(2, 3)]))
    >>> [(row.name, row.outputs, row.params, row.params_sum) for row in found.rows]
    [('input_layer', (None, 8, 8, 3), 0, ''), ('conv2d', (None, 6, 6, 2), 56, '(3*3*3 + 1) * 2')]
    """
    weights = network.weights() if network.trainable else [replace(w, trainable=False) for w in network.weights()]
    return Report(
        name=network.name or "",
        rows=tuple(_rows(network, (), (), network.batch_size, expand_nested, 0)),
        chained=is_chained(network),
        trained=amount(weight for weight in weights if weight.trainable),
        frozen=amount(weight for weight in weights if not weight.trainable),
        optimizer=None if network.optimizer is None else amount(network.optimizer),
    )


def amount(weights: Iterable[Weight]) -> Amount:
    """Numbers and bytes of these weights together."""
    listed = list(weights)
    return Amount(sum(w.count for w in listed), sum(w.count * BITS[w.dtype] for w in listed) / 8)


def is_chained(network: Network) -> bool:
    """Whether each layer reads the one before it and nothing else, so that no row has to say so."""
    return network.form != "functional" or all(
        placed.calls in (((Source(place - 1, node=_node(placed)),),), ((),), ()) and (place == 0) == _is_input(placed)
        for place, placed in enumerate(network.placed)
    )


def _node(placed: Placed) -> int:
    return placed.calls[0][0].node if placed.calls and placed.calls[0] else 0


def _is_input(placed: Placed) -> bool:
    return isinstance(placed.layer, Input)


def _rows(
    network: Network, shapes: tuple[Shape, ...], starts: tuple[Field, ...], batch: Any, expand: bool, level: int
) -> Iterable[Row]:
    steps = network.steps(*shapes)
    for step, seen in zip(steps, fields(steps, starts), strict=True):
        if network.form == "sequential" and _is_input(step.placed):
            continue  # Keras shows the input of a functional model only
        connected = _connected(step, network) if level == 0 else ()
        yield _row(step, seen, batch, connected, level)
        if expand and isinstance(step.layer, Network):
            inner = step.inputs[0] if step.inputs else ()
            yield from _rows(step.layer, inner, (), batch, expand, level + 1)


def _row(step: Step, seen: Field, batch: Any, connected: tuple[str, ...], level: int) -> Row:
    layer, built = step.layer, step.placed.built
    known = built and bool(step.inputs)
    weights = step.weights()
    return Row(
        name=layer.name or "",
        kind=layer.kind,
        outputs=_outputs(step, batch),
        shapes_differ=len(set(step.outputs)) > 1,
        params=sum(weight.count for weight in weights) if built else None,
        connected=connected,
        trainable=layer.trainable if weights else None,
        level=level,
        kernel=layer.window_size,
        macs=_macs(step) if known else None,
        receptive_field=None if seen is None else (seen[0].size, seen[1].size),
        params_sum=layer.params_sum(*step.inputs[0]) if known and not _is_input(step.placed) else "",
    )


def _macs(step: Step) -> int | None:
    if isinstance(step.layer, Input):
        return 0
    counts = [step.layer.macs(*shapes) for shapes in step.inputs]
    return None if None in counts else sum(count for count in counts if count is not None)


def _outputs(step: Step, batch: Any) -> Any:
    if isinstance(step.layer, Other):
        return step.layer.outputs
    if not step.outputs:
        return None
    if step.placed.given is not None:
        batch = step.placed.batch_size
    shapes = [(batch, *shape) for shape in step.outputs[-1]]
    return shapes[0] if len(shapes) == 1 else shapes


def _connected(step: Step, network: Network) -> tuple[str, ...]:
    return tuple(
        f"{network[source.place].name}[{source.node}][{source.tensor}]" for call in step.placed.calls for source in call
    )


def shape_text(outputs: Any) -> str:
    """A shape, or a nesting of shapes, as Keras prints it.

    >>> shape_text((None, 8, 8, 3)), shape_text([(None, 3), (None, 5)])
    ('(None, 8, 8, 3)', '[(None, 3), (None, 5)]')
    """
    if outputs is None:
        return "?"
    if is_shape(outputs):
        return f"({', '.join(map(str, outputs))})"  # a comma after a single size is left out, as in Keras
    if isinstance(outputs, dict):
        return "{" + ", ".join(f"{name}: {shape_text(shape)}" for name, shape in outputs.items()) + "}"
    inside = ", ".join(shape_text(shape) for shape in outputs)
    return f"[{inside}]" if isinstance(outputs, list) else f"({inside})"


def size_text(size: float, units: tuple[str, ...] = ("B", "KB", "MB", "GB", "TB", "PB")) -> str:
    """Bytes as Keras prints them: a KB is 1024 bytes.

    >>> size_text(60), size_text(2048)
    ('60.00 B', '2.00 KB')
    """
    step = 0
    while size >= 1024 and step < len(units) - 1:
        size, step = size / 1024, step + 1
    return f"{size:.2f} {units[step]}"
