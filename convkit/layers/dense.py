"""The layer in which everything meets everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import whole
from .base import (
    Activation,
    Layer,
    Shape,
    Unused,
    View,
    Weight,
    activation_word,
    any_shape,
    last_axis,
    of_weights,
    times,
)


@dataclass(frozen=True, repr=False)
class Dense(Layer):
    """Every output is a weighted sum of the last axis: `keras.layers.Dense`.

    >>> Dense(10).output_shape((128,)), Dense(10).params_sum((128,))
    ((10,), '(128 + 1) * 10')
    """

    unused: ClassVar[Unused] = of_weights("kernel", "bias")

    units: int
    activation: Activation = None
    use_bias: bool = True

    def __post_init__(self) -> None:
        self._put(units=whole("units", self.units), activation=activation_word(self.activation))

    def output_shape(self, input_shape: Any) -> Shape:
        """The input shape with `units` as its last size."""
        shape = any_shape(input_shape)
        last_axis(shape)
        return (*shape[:-1], self.units)

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """A kernel (inputs, units), and a bias for each unit."""
        kernel = Weight("kernel", (last_axis(any_shape(input_shape)), self.units), dtype=self.dtype)
        return (kernel, Weight("bias", (self.units,), dtype=self.dtype)) if self.use_bias else (kernel,)

    def params_sum(self, input_shape: Any) -> str:
        """(inputs + 1) * units."""
        inputs = last_axis(any_shape(input_shape))
        return f"({inputs} + 1) * {self.units}" if self.use_bias else f"{inputs} * {self.units}"

    def macs(self, input_shape: Any) -> int | None:
        """inputs * units, at every position of an image."""
        return times(*any_shape(input_shape), self.units)

    def view(self, input_shape: Any) -> View:
        """All of a vector; of an image, each position by itself."""
        return "all" if len(any_shape(input_shape)) == 1 else "window"
