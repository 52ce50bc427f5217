"""What a summary shows, as data: a row for each layer, the totals, and the columns that convkit adds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..arguments import ArgumentError, did_you_mean, items
from ..layers import Input
from ..model import Network, Step
from ..receptive import Field, fields


@dataclass(frozen=True)
class Amount:
    """How many parameters, and how many bytes they take."""

    count: int = 0
    size: float = 0  # bytes

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.count + other.count, self.size + other.size)


class Dimensions(tuple[Any, ...]):
    """An output shape that prints as in Keras 3: without a comma after a single size.

    >>> Dimensions((None, 8)), Dimensions((8,))
    ((None, 8), (8))
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"({', '.join(map(str, self))})"


@dataclass(frozen=True)
class Figures:
    """What convkit knows of a layer and no framework prints; None is not known."""

    kernel: tuple[int, int] | None = None
    macs: int | None = None
    receptive_field: tuple[int, int] | None = None
    params_sum: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a summary. An output is Dimensions, or a tuple, list or dict of them; None is not known."""

    name: str
    kind: str
    outputs: Any  # of the last call, or of `build` where a layer was never called
    calls: tuple[Any, ...]  # the outputs of each call; of a nested model, those that it was made with
    params: int | None  # None: not built yet
    trainable: bool
    has_weights: bool
    level: int = 0  # 1 more inside each nested model
    connected: tuple[str, ...] = ()  # such as "conv2d[0][0]": layer, call, output
    figures: Figures = Figures()


@dataclass(frozen=True)
class Report:
    """All of a summary. `chained` is False for a graph, whose rows have to say what they are connected to."""

    name: str
    rows: tuple[Row, ...]
    trained: Amount
    frozen: Amount
    optimizer: Amount | None = None
    chained: bool = True
    built: bool = True


def amount(weights: Iterable[Any]) -> Amount:
    """Numbers and bytes of these weights, ours or Keras', together.

    >>> from convkit.layers import Weight
    >>> amount([Weight("kernel", (3, 3)), Weight("count", (), dtype="int64")])
    Amount(count=10, size=44.0)
    """
    listed = [(math.prod(weight.shape), weight.dtype) for weight in weights]
    return Amount(sum(count for count, _ in listed), sum(count * _bits(dtype) for count, dtype in listed) / 8)


def _bits(dtype: str) -> int:
    """Bits of one number; Keras counts a boolean as one bit."""
    digits = re.search(r"\d+", dtype)
    return int(digits[0]) if digits else 1


def report(network: Network, with_figures: bool) -> Report:
    """The summary of a list of layers. `with_figures` adds what convkit computes: see `EXTRA`.

    >>> from convkit.layers import Conv2D
    >>> from convkit.model import chain
    >>> found = report(chain([Input((8, 8, 3)), Conv2D(2, 3)]), with_figures=True)
    >>> [(row.name, row.outputs, row.params, row.figures.params_sum) for row in found.rows]
    [('input_layer', (None, 8, 8, 3), 0, ''), ('conv2d', (None, 6, 6, 2), 56, '(3*3*3 + 1) * 2')]
    """
    steps, weights = network.steps(), network.weights()
    known = map(figures, steps, fields(steps)) if with_figures else [Figures()] * len(steps)
    return Report(
        name=network.name or "",
        rows=tuple(
            _row(step, network.batch_size, found)
            for step, found in zip(steps, known, strict=True)
            if network.form != "sequential" or not isinstance(step.layer, Input)  # as in Keras
        ),
        trained=amount(weight for weight in weights if weight.trainable),
        frozen=amount(weight for weight in weights if not weight.trainable),
    )


def _row(step: Step, batch_size: int | None, found: Figures) -> Row:
    (outputs,) = step.outputs[-1]
    weights = step.weights()
    shape = Dimensions((batch_size, *outputs))
    return Row(
        name=step.layer.name or "",
        kind=step.layer.kind,
        outputs=shape,
        calls=(shape,),
        params=sum(weight.count for weight in weights),
        trainable=step.layer.trainable,
        has_weights=bool(weights),
        figures=found,
    )


def figures(step: Step, field: Field) -> Figures:
    """Kernel, MACs, receptive field and sum of parameters of a layer with the shapes that it takes."""
    if isinstance(step.layer, Input):
        return Figures(macs=0, receptive_field=_sizes(field))
    if not step.inputs:  # not built: no shape is known
        return Figures(kernel=step.layer.window_size)
    counts = [step.layer.macs(*shapes) for shapes in step.inputs]
    return Figures(
        kernel=step.layer.window_size,
        macs=None if None in counts else sum(count for count in counts if count is not None),
        receptive_field=_sizes(field),
        params_sum=step.layer.params_sum(*step.inputs[0]),
    )


def _sizes(field: Field) -> tuple[int, int] | None:
    return None if field is None else (field[0].size, field[1].size)


def stops(positions: Any) -> list[float] | None:
    """Where the columns end, as numbers; None where Keras chooses.

    >>> stops((0.5, 1))
    [0.5, 1]
    """
    found = None if positions is None else items(positions) or [None]
    if found is not None and not all(isinstance(stop, (int, float)) and 0 < stop < math.inf for stop in found):
        raise ArgumentError(f"positions is {positions!r}, and has to be numbers above 0, such as [0.45, 0.8, 1.0].")
    return found


def fit(stops: Sequence[Any], titles: Sequence[str]) -> None:
    """Raise ArgumentError where there are fewer positions than columns; Keras ignores those that are left over."""
    if len(stops) < len(titles):
        raise ArgumentError(
            f"positions has {len(stops)} numbers, and this summary has {len(titles)} columns: {', '.join(titles)}."
        )


def within(report: Report, layer_range: Any) -> Report:
    """The rows from the first layer whose name matches to the last one, both included; the totals stay.

    layer_range: two names or regular expressions, as in Keras.
    """
    if layer_range is None:
        return report
    if not isinstance(layer_range, (list, tuple)) or [type(name) for name in layer_range] != [str, str]:
        raise ArgumentError(
            f"layer_range is {layer_range!r}, and has to be two names of layers, such as ('conv2d', 'dense')."
        )
    blocks = list(_blocks(report.rows))
    found = [[place for place, (row, *_) in enumerate(blocks) if re.match(name, row.name)] for name in layer_range]
    if [] in found:
        names = ", ".join(row.name for row, *_ in blocks)
        raise ArgumentError(f"layer_range is {tuple(layer_range)}, and the model's layers are {names}.")
    first, last = min(found[0]), max(found[1])
    if first > last:  # the names are in the wrong order: Keras turns them round
        first, last = min(found[1]), max(found[0])
    return replace(report, rows=tuple(row for block in blocks[first : last + 1] for row in block))


def _blocks(rows: tuple[Row, ...]) -> Iterator[list[Row]]:
    """A layer with the rows of the layers within it."""
    block: list[Row] = []
    for row in rows:
        if row.level == 0 and block:
            yield block
            block = []
        block.append(row)
    yield block


Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Column:
    """A heading, the side that its cells keep to, and the text of a row's cell."""

    title: str
    align: Align
    cell: Callable[[Row], str]


def _by(pair: tuple[int, int] | None, unknown: str) -> str:
    return unknown if pair is None else f"{pair[0]}x{pair[1]}"


EXTRA = {
    "kernel": Column("Kernel", "right", lambda row: _by(row.figures.kernel, "-")),
    "macs": Column("MACs", "right", lambda row: "?" if row.figures.macs is None else f"{row.figures.macs:,}"),
    "receptive_field": Column("Receptive field", "right", lambda row: _by(row.figures.receptive_field, "?")),
    "params_sum": Column("Param # as a sum", "left", lambda row: row.figures.params_sum or "-"),
}


def chosen(columns: str | Iterable[str]) -> list[Column]:
    """The columns of these names, in this order; "all" is all of them.

    >>> [column.title for column in chosen("all")]
    ['Kernel', 'MACs', 'Receptive field', 'Param # as a sum']
    """
    names = [columns] if isinstance(columns, str) or not isinstance(columns, Iterable) else list(columns)
    names = list(EXTRA) if names == ["all"] else names
    for name in names:
        if not isinstance(name, str) or name not in EXTRA:
            known = ", ".join(map(repr, EXTRA))
            raise ArgumentError(
                f"there is no column {name!r}. Columns that can be added: {known}, or 'all'.{did_you_mean(name, EXTRA)}"
            )
    return [EXTRA[name] for name in names]


def macs_line(report: Report) -> str:
    """The sum of the MACs column, and what it leaves out."""
    known = sum(row.figures.macs or 0 for row in report.rows if row.level == 0)
    unknown = sum(row.figures.macs is None for row in report.rows if row.level == 0)
    missing = f"; without {unknown} layer{'s' if unknown > 1 else ''} marked ?" if unknown else ""
    return f"Total MACs: {known:,} (one multiply and one add each, for one image{missing})"
