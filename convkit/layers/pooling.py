"""Layers that replace many numbers by one: no weights, channels stay apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import pair
from .base import CHANNELS_LAST, ImageShape, Layer, Shape, Unused, View, image, layer_padding
from .convolutions import Windowed


@dataclass(frozen=True, repr=False)
class MaxPooling2D(Windowed):
    """The largest number under each window: `keras.layers.MaxPooling2D`.

    >>> MaxPooling2D(pool_size=2).output_shape((7, 7, 3))           # the last row and column are dropped
    (3, 3, 3)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST

    pool_size: Any = (2, 2)
    strides: Any = None  # None: as large as the pool, so that windows do not overlap
    padding: str = "valid"

    def __post_init__(self) -> None:
        self._put(pool_size=pair("pool_size", self.pool_size), padding=layer_padding(self.padding))
        self._put(strides=self.pool_size if self.strides is None else pair("strides", self.strides))

    @property
    def window_size(self) -> tuple[int, int]:
        """(height, width) of the pool."""
        height, width = self.pool_size
        return height, width

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, channels) of the output."""
        height, width, channels = image(input_shape)
        return (*self._lengths(height, width), channels)

    def _in_own_words(self, message: str) -> str:
        return message.replace("a kernel", "a pool").replace("kernel_size", "pool_size")


@dataclass(frozen=True, repr=False)
class AveragePooling2D(MaxPooling2D):
    """The mean under each window; padding is left out of the mean: `keras.layers.AveragePooling2D`."""


@dataclass(frozen=True, repr=False)
class GlobalAveragePooling2D(Layer):
    """The mean of each channel over the whole image: `keras.layers.GlobalAveragePooling2D`.

    >>> GlobalAveragePooling2D().output_shape((7, 7, 3))
    (3,)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST
    order: ClassVar[tuple[str, ...]] = ("data_format",)

    keepdims: bool = False

    def output_shape(self, input_shape: Any) -> Shape:
        """(channels,), or (1, 1, channels) with keepdims."""
        channels = image(input_shape)[2]
        return (1, 1, channels) if self.keepdims else (channels,)

    def view(self, *input_shapes: Any) -> View:
        """Every output sees the whole image."""
        return "all"


@dataclass(frozen=True, repr=False)
class GlobalMaxPooling2D(GlobalAveragePooling2D):
    """The largest number of each channel over the whole image: `keras.layers.GlobalMaxPooling2D`."""
