"""Layers that move numbers about and change none of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import ArgumentError, ShapeError, pair, whole
from .base import ANY, CHANNELS_LAST, ImageShape, Layer, Shape, Size, Unused, View, any_shape, image, times

Sides = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, repr=False)
class Flatten(Layer):
    """An image as one long vector: `keras.layers.Flatten`.

    >>> Flatten().output_shape((4, 4, 8))
    (128,)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST

    def output_shape(self, input_shape: Any) -> Shape:
        """(height * width * channels,)."""
        return (times(*any_shape(input_shape)),)


@dataclass(frozen=True, repr=False)
class Reshape(Layer):
    """The same numbers in another shape; one size may be -1, and is then worked out: `keras.layers.Reshape`.

    >>> Reshape((-1, 8)).output_shape((4, 4, 8))
    (16, 8)
    """

    target_shape: Any

    def __post_init__(self) -> None:
        shape = self.target_shape if isinstance(self.target_shape, (tuple, list)) else (self.target_shape,)
        sizes = tuple(whole(f"target_shape[{axis}]", size, least=-1) for axis, size in enumerate(shape))
        if 0 in sizes or sizes.count(-1) > 1:
            raise ArgumentError(f"target_shape={sizes} has to be whole numbers above 0, and -1 at most once.")
        self._put(target_shape=sizes)

    def output_shape(self, input_shape: Any) -> Shape:
        """target_shape, with the open size worked out."""
        total, known = times(*any_shape(input_shape)), math.prod(size for size in self.target_shape if size != -1)
        if total is not None and (total % known if -1 in self.target_shape else total != known):
            raise ShapeError(
                f"{total} numbers do not fit target_shape={self.target_shape}, which holds {known} of them"
                f"{' for each step of -1' if -1 in self.target_shape else ''}. target_shape=(-1,) always fits."
            )
        rest = None if total is None else total // known
        return tuple(rest if size == -1 else size for size in self.target_shape)

    def view(self, *input_shapes: Any) -> View:
        """The numbers move."""
        return "unknown"


@dataclass(frozen=True, repr=False)
class ZeroPadding2D(Layer):
    """Zeros around the image: `keras.layers.ZeroPadding2D`.

    padding: one number for all sides, (height, width), or ((top, bottom), (left, right)).

    >>> ZeroPadding2D(((0, 1), (0, 1))).output_shape((8, 8, 3))
    (9, 9, 3)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST

    padding: Any = ((1, 1), (1, 1))

    def __post_init__(self) -> None:
        self._put(padding=_sides("padding", self.padding))

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height + top + bottom, width + left + right, channels)."""
        height, width, channels = image(input_shape)
        (top, bottom), (left, right) = self.padding
        return _longer(height, top + bottom), _longer(width, left + right), channels

    def shift(self, input_shape: Any) -> tuple[int, int]:
        """(top, left)."""
        return self.padding[0][0], self.padding[1][0]


@dataclass(frozen=True, repr=False)
class Cropping2D(Layer):
    """Rows and columns cut off: `keras.layers.Cropping2D`.

    >>> Cropping2D(1).output_shape((8, 8, 3))
    (6, 6, 3)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST

    cropping: Any = ((0, 0), (0, 0))

    def __post_init__(self) -> None:
        self._put(cropping=_sides("cropping", self.cropping))

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height - top - bottom, width - left - right, channels)."""
        height, width, channels = image(input_shape)
        for size, cut in zip((height, width), self.cropping, strict=True):
            if size is not None and sum(cut) >= size:
                raise ShapeError(f"cropping {sum(cut)} px of {size} leaves nothing. Use at most {size - 1} in all.")
        return _longer(height, -sum(self.cropping[0])), _longer(width, -sum(self.cropping[1])), channels

    def shift(self, input_shape: Any) -> tuple[int, int]:
        """(-top, -left)."""
        return -self.cropping[0][0], -self.cropping[1][0]


@dataclass(frozen=True, repr=False)
class UpSampling2D(Layer):
    """Every pixel as a block of pixels: `keras.layers.UpSampling2D`.

    >>> UpSampling2D(2).output_shape((4, 4, 8))
    (8, 8, 8)
    """

    unused: ClassVar[Unused] = CHANNELS_LAST | {"interpolation": ANY}

    size: Any = (2, 2)

    def __post_init__(self) -> None:
        self._put(size=pair("size", self.size))

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height * size, width * size, channels)."""
        height, width, channels = image(input_shape)
        return times(height, self.size[0]), times(width, self.size[1]), channels

    def view(self, *input_shapes: Any) -> View:
        """The numbers move."""
        return "unknown"


def _sides(name: str, value: Any) -> Sides:
    if isinstance(value, (tuple, list)) and any(isinstance(side, (tuple, list)) for side in value):
        if len(value) != 2:
            raise ArgumentError(f"{name} is {value!r}, and has to be ((top, bottom), (left, right)).")
        rows, columns = value
        return pair(f"{name}[0]", rows, least=0), pair(f"{name}[1]", columns, least=0)
    height, width = pair(name, value, least=0)
    return (height, height), (width, width)


def _longer(size: Size, by: int) -> Size:
    return None if size is None else size + by
