"""Which pixels of the input an output depends on, through a stack or a graph, ignoring the border."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from .layers import Input, Layer, Shape, Size
from .model import Network, Step


@dataclass(frozen=True)
class Extent:
    """Along one axis, output i depends on `size` pixels of the input, beginning with first + i * step."""

    first: int = 0
    size: int = 1
    step: int = 1  # 0 where all outputs see the same pixels
    positions: Size = None


# Along height and along width; None where it is not known.
Field = tuple[Extent, Extent] | None


def fields(steps: list[Step], starts: tuple[Field, ...] = ()) -> list[Field]:
    """The field of each layer's last call. starts are the fields of the inputs, one pixel each if not given."""
    field = _walk(steps, starts)
    return [field(place, len(step.inputs) - 1) if step.inputs else None for place, step in enumerate(steps)]


def _walk(steps: list[Step], starts: tuple[Field, ...]) -> Callable[[int, int], Field]:
    """The field of a layer's call, by its place and number; each call looks up those that it reads, as shapes do."""
    inputs = [place for place, step in enumerate(steps) if isinstance(step.layer, Input)]
    pixels = [_pixel(steps[place].outputs[0][0]) for place in inputs]
    known = dict(zip(inputs, [*starts, *pixels[len(starts) :]], strict=True))

    @cache
    def field(place: int, call: int) -> Field:
        step = steps[place]
        if place in known or step.placed.given is not None:
            return known.get(place)
        taken, shapes = [field(source.place, source.call) for source in step.placed.calls[call]], step.inputs[call]
        if isinstance(step.layer, Network):
            inner = step.layer.outputs[0]
            return _walk(step.layer.steps(*shapes), tuple(taken))(inner.place, inner.call)
        together = union(taken)
        return None if together is None else through(step.layer, together, shapes, step.outputs[call][0])

    return field


def _pixel(shape: Shape) -> Field:
    return (Extent(positions=shape[0]), Extent(positions=shape[1])) if len(shape) == 3 else None


def union(taken: list[Field]) -> Field:
    """The field of a layer that reads several: along each axis from the first pixel of any to the last of any."""
    rows, columns = [field and field[0] for field in taken], [field and field[1] for field in taken]
    height, width = _union(rows), _union(columns)
    return None if height is None or width is None else (height, width)


def _union(axes: list[Extent | None]) -> Extent | None:
    known = [axis for axis in axes if axis is not None]
    if len(known) < len(axes) or not known:
        return None
    if len({axis.step for axis in known}) > 1:
        known = [axis if axis.step == 0 else _whole(axis) or axis for axis in known]
    if len({axis.step for axis in known}) > 1:
        return None
    first, last = min(axis.first for axis in known), max(axis.first + axis.size for axis in known)
    return Extent(first, last - first, known[0].step, max(axis.positions or 0 for axis in known) or None)


def _whole(axis: Extent) -> Extent | None:
    """All positions together; not known while their number is not."""
    if axis.positions is None:
        return None
    return Extent(axis.first, axis.size + (axis.positions - 1) * axis.step, step=0, positions=1)


def through(layer: Layer, field: tuple[Extent, Extent], taken: tuple[Shape, ...], given: Shape) -> Field:
    """The field of a layer's output, from the field of its input."""
    view = layer.view(*taken)
    if view == "window":
        height, width = (
            Extent(axis.first - before * axis.step, axis.size + (span - 1) * axis.step, axis.step * stride, positions)
            for axis, (span, stride), before, positions in zip(
                field, layer.reach(), _shift(layer, taken), _positions(field, given), strict=True
            )
        )
        return height, width
    if view == "unknown" and not all(axis.step == 0 or axis.positions == 1 for axis in field):
        return None
    rows, columns = _whole(field[0]), _whole(field[1])
    if rows is None or columns is None:
        return None
    across = (given[0], given[1]) if len(given) == 3 else (1, 1)
    return replace(rows, positions=across[0]), replace(columns, positions=across[1])


def _shift(layer: Layer, taken: tuple[Shape, ...]) -> tuple[int, int]:
    return layer.shift(taken[0]) if len(taken[0]) == 3 else (0, 0)


def _positions(field: tuple[Extent, Extent], given: Shape) -> tuple[Size, Size]:
    """Of a vector that was an image, the positions of that image: Flatten lays them in a row."""
    return (given[0], given[1]) if len(given) == 3 else (field[0].positions, field[1].positions)
