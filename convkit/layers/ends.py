"""The input layer, and the placeholder for a layer of Keras that convkit does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import ShapeError, items, whole
from .base import Layer, Shape, Unused, View, Weight


@dataclass(frozen=True, repr=False)
class Input(Layer):
    """The shape of one input, without the batch axis: `keras.Input`. A size that may change is None.

    >>> Input((8, 8, 3)).output_shape()
    (8, 8, 3)
    """

    unused: ClassVar[Unused] = {
        "sparse": (None, False),
        "ragged": (None, False),
        "tensor": (None,),
        "optional": (False,),
    }
    order: ClassVar[tuple[str, ...]] = ("shape", "batch_size", "dtype", "sparse", "ragged")

    shape: Any
    batch_size: int | None = None

    def __post_init__(self) -> None:
        shape = items(self.shape)
        if shape is None:
            raise ShapeError(f"shape is {self.shape!r}, and has to be a shape without the batch, such as (8, 8, 1).")
        sizes = (None if size is None else whole(f"shape[{i}]", size) for i, size in enumerate(shape))
        self._put(shape=tuple(sizes))
        if self.batch_size is not None:
            self._put(batch_size=whole("batch_size", self.batch_size))

    @property
    def kind(self) -> str:
        """Keras prints the layer behind `keras.Input`."""
        return "InputLayer"

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The shape itself."""
        return tuple(self.shape)


@dataclass(frozen=True, repr=False)
class Other(Layer):
    """A layer of Keras that convkit does not know, with the class name, output shapes and weights that Keras has.

    outputs is one shape with its batch axis, or a tuple, list or dict of them; None is not known.
    calls holds (input shapes, outputs) of each call, for a layer that is called on several shapes.
    """

    class_name: str = "Layer"
    outputs: Any = None
    kept: tuple[Weight, ...] = ()
    calls: tuple[tuple[tuple[Shape, ...], Any], ...] = ()

    @property
    def kind(self) -> str:
        """Keras' own class name."""
        return self.class_name

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The first output shape, without the batch axis."""
        shapes = self.output_shapes(*input_shapes)
        if not shapes:
            raise ShapeError(f"the output shape of this {self.class_name} layer is not known.")
        return shapes[0]

    def output_shapes(self, *input_shapes: Any) -> tuple[Shape, ...]:
        """All output shapes, without the batch axis."""
        outputs = next((given for taken, given in self.calls if taken == input_shapes), self.outputs)
        return tuple(shape[1:] for shape in flat_shapes(outputs))

    def weights(self, *input_shapes: Any) -> tuple[Weight, ...]:
        """The weights that Keras has."""
        return self.kept

    def params_sum(self, *input_shapes: Any) -> str:
        """Empty: how the count comes about is not known."""
        return ""

    def macs(self, *input_shapes: Any) -> int | None:
        """Not known."""
        return None

    def view(self, *input_shapes: Any) -> View:
        """Not known."""
        return "unknown"


def is_shape(value: Any) -> bool:
    """A tuple of sizes, and not a tuple of shapes."""
    return isinstance(value, tuple) and all(size is None or isinstance(size, int) for size in value)


def flat_shapes(outputs: Any) -> list[Shape]:
    """The shapes in a shape, or in a tuple, list or dict of shapes, in order."""
    if outputs is None:
        return []
    if is_shape(outputs):
        return [outputs]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    return [shape for value in values for shape in flat_shapes(value)]
