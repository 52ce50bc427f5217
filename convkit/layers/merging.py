"""Layers with several inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import ShapeError
from .base import LAST_AXIS, Layer, Shape, Size, Unused, any_shape


class Elementwise(Layer):
    """Number by number; a single row, column or channel is stretched to fit, as in NumPy."""

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The shape that all inputs stretch to."""
        shapes = [any_shape(shape) for shape in input_shapes]
        rank = max((len(shape) for shape in shapes), default=0)
        if len(shapes) < 1 or any(len(shape) != rank for shape in shapes):
            raise ShapeError(f"inputs of one rank are needed, such as (8, 8, 2) and (8, 8, 2); got {_listed(shapes)}.")
        return tuple(_stretched(sizes, shapes) for sizes in zip(*shapes, strict=True))


def _stretched(sizes: tuple[Size, ...], shapes: list[Shape]) -> Size:
    apart = {size for size in sizes if size is not None and size != 1}
    if len(apart) > 1:
        numbers = " and ".join(map(str, sorted(apart)))
        raise ShapeError(f"inputs {_listed(shapes)} do not match: {numbers}. Sizes have to be equal, or 1.")
    return None if None in sizes else max(apart, default=1)  # as Keras: known with not known is not known


@dataclass(frozen=True, repr=False)
class Add(Elementwise):
    """The sum of its inputs: `keras.layers.Add`.

    >>> Add().output_shape((8, 8, 2), (8, 8, 2))
    (8, 8, 2)
    """


@dataclass(frozen=True, repr=False)
class Multiply(Elementwise):
    """The product of its inputs: `keras.layers.Multiply`.

    >>> Multiply().output_shape((8, 8, 2), (1, 1, 2))
    (8, 8, 2)
    """


@dataclass(frozen=True, repr=False)
class Concatenate(Layer):
    """Its inputs side by side along the channels: `keras.layers.Concatenate`.

    >>> Concatenate().output_shape((8, 8, 2), (8, 8, 3))
    (8, 8, 5)
    """

    unused: ClassVar[Unused] = LAST_AXIS

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The first shape, with the channels of all."""
        shapes = [any_shape(shape) for shape in input_shapes]
        if not shapes or not all(shapes) or len({shape[:-1] for shape in shapes}) > 1:
            raise ShapeError(f"inputs {_listed(shapes)} do not match: all sizes but the last have to be equal.")
        channels = [shape[-1] for shape in shapes]
        known = [size for size in channels if size is not None]
        return (*shapes[0][:-1], sum(known) if len(known) == len(channels) else None)


def _listed(shapes: list[Shape]) -> str:
    return " and ".join(map(str, shapes)) or "none"
