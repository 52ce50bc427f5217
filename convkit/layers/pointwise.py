"""Layers that change numbers where they stand: no weights, and the shape stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import ArgumentError
from .base import ANY, Layer, Unused, activation_word
from .base import Activation as Word


@dataclass(frozen=True, repr=False)
class Activation(Layer):
    """A function applied to every number: `keras.layers.Activation`.

    >>> Activation("relu").output_shape((7, 7, 3)), Activation("relu").count_params((7, 7, 3))
    ((7, 7, 3), 0)
    """

    activation: Word

    def __post_init__(self) -> None:
        self._put(activation=activation_word(self.activation))


@dataclass(frozen=True, repr=False)
class ReLU(Layer):
    """What is negative becomes zero: `keras.layers.ReLU`."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    """Some numbers at random become zero, in training only: `keras.layers.Dropout`."""

    unused: ClassVar[Unused] = {"noise_shape": ANY, "seed": ANY}

    rate: float

    def __post_init__(self) -> None:
        if isinstance(self.rate, bool) or not isinstance(self.rate, (int, float)) or not 0 <= self.rate <= 1:
            raise ArgumentError(f"rate is {self.rate!r}, and has to be a number from 0 to 1, such as rate=0.5.")


@dataclass(frozen=True, repr=False)
class Rescaling(Layer):
    """x * scale + offset: `keras.layers.Rescaling`."""

    scale: Any
    offset: Any = 0.0
