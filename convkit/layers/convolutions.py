"""Layers with kernels: Conv2D, and its relatives that share less, split the work, or run backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import ArgumentError, ShapeError, pair, whole
from ..arithmetic import channels_per_group, kernel_span, output_length, padding_amounts, transposed_length
from .base import (
    CHANNELS_LAST,
    Activation,
    ImageShape,
    Layer,
    Size,
    Unused,
    View,
    Weight,
    activation_word,
    image,
    layer_padding,
    of_weights,
    times,
)

AXES = ("height", "width")


class Windowed(Layer):
    """A window of some size that steps over an image. The layers below say what they do under it."""

    # Arguments of the layers below, in their normal form: pairs and words.
    strides: Any
    padding: str
    dilation_rate: Any = (1, 1)

    @property
    def window_size(self) -> tuple[int, int]:
        """(height, width) of the kernel or pool, without dilation."""
        raise NotImplementedError

    def reach(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(span, stride) along height and along width: what the receptive field is made of."""
        down, right = (
            (kernel_span(size, rate), step)
            for size, rate, step in zip(self.window_size, self.dilation_rate, self.strides, strict=True)
        )
        return down, right

    def shift(self, input_shape: Any) -> tuple[int, int]:
        """Rows of padding above, and columns of padding left of the image."""
        return self._before(image(input_shape)[0], 0), self._before(image(input_shape)[1], 1)

    def _before(self, size: Size, axis: int) -> int:
        window, step, rate = self.window_size[axis], self.strides[axis], self.dilation_rate[axis]
        # A size that is not known is taken as a multiple of the stride.
        return padding_amounts(step * window if size is None else size, window, step, self.padding, rate)[0]

    def _lengths(self, height: Size, width: Size) -> tuple[Size, Size]:
        return self._length(height, 0), self._length(width, 1)

    def _length(self, size: Size, axis: int) -> Size:
        if size is None:
            return None
        window, step, rate = self.window_size[axis], self.strides[axis], self.dilation_rate[axis]
        try:
            return output_length(size, window, step, self.padding, rate)
        except ShapeError as error:
            raise ShapeError(f"along the {AXES[axis]}, {self._in_own_words(str(error))}") from None

    def _in_own_words(self, message: str) -> str:
        return message


class Kernelled(Windowed):
    """A window with weights."""

    kernel_size: Any
    use_bias: bool
    activation: Activation

    @property
    def window_size(self) -> tuple[int, int]:
        """(height, width) of the kernel, without dilation."""
        height, width = self.kernel_size
        return height, width

    def macs(self, input_shape: Any) -> int | None:
        """Multiply-accumulates for one image: at every output position, one for each weight; biases aren't counted."""
        height, width, _ = image(self.output_shape(input_shape))
        return times(height, width, sum(weight.count for weight in self.weights(input_shape) if weight.name != "bias"))

    def _clean(self, *counts: str) -> None:
        for name in counts:
            self._put(**{name: whole(name, getattr(self, name))})
        for name in ("kernel_size", "strides", "dilation_rate"):
            self._put(**{name: pair(name, getattr(self, name))})
        self._put(padding=layer_padding(self.padding), activation=activation_word(self.activation))

    def _refuse_strides_with_dilation(self, way_out: str) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"strides={self.strides} together with dilation_rate={self.dilation_rate}: Keras allows one of them "
                f"above 1. Use strides=1 or dilation_rate=1{way_out}."
            )

    def _bias(self, count: int) -> tuple[Weight, ...]:
        return (Weight("bias", (count,), dtype=self.dtype),) if self.use_bias else ()

    def _plus_bias(self, products: str) -> str:
        return f"({products} + 1)" if self.use_bias else products

    @property
    def _taps(self) -> str:
        return "*".join(map(str, self.kernel_size))


@dataclass(frozen=True, repr=False)
class Conv2D(Kernelled):
    """A bank of kernels that slides over an image and sums over all input channels, as `keras.layers.Conv2D`.

    It computes a cross-correlation: the kernel is not flipped.

    >>> layer = Conv2D(filters=4, kernel_size=3)
    >>> layer.output_shape((6, 6, 2)), layer.count_params((6, 6, 2)), layer.params_sum((6, 6, 2))
    ((4, 4, 4), 76, '(3*3*2 + 1) * 4')
    """

    unused: ClassVar[Unused] = CHANNELS_LAST | of_weights("kernel", "bias")
    order: ClassVar[tuple[str, ...]] = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "groups",
        "activation",
    )

    filters: int
    kernel_size: Any  # one number, or (height, width)
    strides: Any = (1, 1)
    padding: str = "valid"
    dilation_rate: Any = (1, 1)
    groups: int = 1
    use_bias: bool = True
    activation: Activation = None

    def __post_init__(self) -> None:
        self._clean("filters", "groups")
        self._refuse_strides_with_dilation("; convkit.conv2d and tf.nn.conv2d take both")
        if self.filters % self.groups:
            fitting = ", ".join(str(g) for g in range(1, self.filters + 1) if self.filters % g == 0)
            raise ArgumentError(
                f"groups={self.groups} does not divide the {self.filters} filters. groups can be {fitting}."
            )

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, filters) of the output."""
        height, width, channels = image(input_shape)
        channels_per_group(channels, self.filters, self.groups)
        return (*self._lengths(height, width), self.filters)

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """A kernel (kh, kw, c_in / groups, filters), and a bias for each filter."""
        depth = channels_per_group(image(input_shape)[2], self.filters, self.groups)
        return (Weight("kernel", (*self.kernel_size, depth, self.filters), dtype=self.dtype), *self._bias(self.filters))

    def params_sum(self, input_shape: Any) -> str:
        """(kh*kw*c_in + 1) * filters, with the input channels of one group."""
        depth = channels_per_group(image(input_shape)[2], self.filters, self.groups)
        return f"{self._plus_bias(f'{self._taps}*{depth}')} * {self.filters}"


@dataclass(frozen=True, repr=False)
class DepthwiseConv2D(Kernelled):
    """One small kernel for each input channel, which never meet: `keras.layers.DepthwiseConv2D`.

    >>> layer = DepthwiseConv2D(kernel_size=3)
    >>> layer.output_shape((6, 6, 2)), layer.params_sum((6, 6, 2))
    ((4, 4, 2), '(3*3 + 1) * 2')
    """

    unused: ClassVar[Unused] = CHANNELS_LAST | of_weights("depthwise", "bias")
    order: ClassVar[tuple[str, ...]] = (
        "kernel_size",
        "strides",
        "padding",
        "depth_multiplier",
        "data_format",
        "dilation_rate",
        "activation",
    )

    kernel_size: Any
    strides: Any = (1, 1)
    padding: str = "valid"
    depth_multiplier: int = 1  # kernels, and so output channels, for each input channel
    dilation_rate: Any = (1, 1)
    use_bias: bool = True
    activation: Activation = None

    def __post_init__(self) -> None:
        self._clean("depth_multiplier")

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, channels * depth_multiplier) of the output."""
        height, width, channels = image(input_shape)
        return (*self._lengths(height, width), channels * self.depth_multiplier)

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """A kernel (kh, kw, c_in, depth_multiplier), and a bias for each output channel."""
        channels = image(input_shape)[2]
        kernel = Weight("kernel", (*self.kernel_size, channels, self.depth_multiplier), dtype=self.dtype)
        return (kernel, *self._bias(channels * self.depth_multiplier))

    def params_sum(self, input_shape: Any) -> str:
        """(kh*kw + 1) * output channels."""
        return f"{self._plus_bias(self._taps)} * {_product(image(input_shape)[2], self.depth_multiplier)}"


@dataclass(frozen=True, repr=False)
class SeparableConv2D(Kernelled):
    """A depthwise convolution, then a 1x1 convolution that mixes the channels: `keras.layers.SeparableConv2D`.

    >>> layer = SeparableConv2D(filters=4, kernel_size=3)
    >>> layer.output_shape((6, 6, 2)), layer.params_sum((6, 6, 2))
    ((4, 4, 4), '3*3*2 + (2 + 1) * 4')
    """

    unused: ClassVar[Unused] = CHANNELS_LAST | of_weights("depthwise", "pointwise", "bias")
    order: ClassVar[tuple[str, ...]] = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "depth_multiplier",
        "activation",
    )

    filters: int
    kernel_size: Any
    strides: Any = (1, 1)
    padding: str = "valid"
    dilation_rate: Any = (1, 1)
    depth_multiplier: int = 1
    use_bias: bool = True
    activation: Activation = None

    def __post_init__(self) -> None:
        self._clean("filters", "depth_multiplier")

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, filters) of the output."""
        height, width, _ = image(input_shape)
        return (*self._lengths(height, width), self.filters)

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """A depthwise kernel, a pointwise kernel, and a bias for each filter."""
        channels = image(input_shape)[2]
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        pointwise = (1, 1, channels * self.depth_multiplier, self.filters)
        return (
            Weight("depthwise_kernel", depthwise, dtype=self.dtype),
            Weight("pointwise_kernel", pointwise, dtype=self.dtype),
            *self._bias(self.filters),
        )

    def params_sum(self, input_shape: Any) -> str:
        """kh*kw*middle + (middle + 1) * filters, where middle = c_in * depth_multiplier."""
        middle = _product(image(input_shape)[2], self.depth_multiplier, brackets=False)
        return f"{self._taps}*{middle} + {self._plus_bias(middle)} * {self.filters}"


@dataclass(frozen=True, repr=False)
class Conv2DTranspose(Kernelled):
    """A convolution run backwards, from a small image to a larger one: `keras.layers.Conv2DTranspose`.

    >>> layer = Conv2DTranspose(filters=4, kernel_size=3, strides=2)
    >>> layer.output_shape((6, 6, 2)), layer.params_sum((6, 6, 2))
    ((13, 13, 4), '(3*3*2 + 1) * 4')
    """

    unused: ClassVar[Unused] = CHANNELS_LAST | of_weights("kernel", "bias")
    order: ClassVar[tuple[str, ...]] = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "output_padding",
        "data_format",
        "dilation_rate",
        "activation",
    )

    filters: int
    kernel_size: Any
    strides: Any = (1, 1)
    padding: str = "valid"
    output_padding: Any = None  # None lets Keras choose; else one number, or (height, width), below the strides
    dilation_rate: Any = (1, 1)
    use_bias: bool = True
    activation: Activation = None

    def __post_init__(self) -> None:
        self._clean("filters")
        self._refuse_strides_with_dilation("")
        if self.output_padding is None:
            return
        self._put(output_padding=pair("output_padding", self.output_padding, least=0))
        if any(extra >= step for extra, step in zip(self.output_padding, self.strides, strict=True)):
            raise ArgumentError(
                f"output_padding={self.output_padding} has to be smaller than strides={self.strides}. "
                f"Use output_padding={tuple(step - 1 for step in self.strides)} or less, or None."
            )

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, filters) of the output."""
        height, width, _ = image(input_shape)
        return self._grown(height, 0), self._grown(width, 1), self.filters

    def _grown(self, size: Size, axis: int) -> Size:
        if size is None:
            return None
        extra = None if self.output_padding is None else self.output_padding[axis]
        window, step, rate = self.kernel_size[axis], self.strides[axis], self.dilation_rate[axis]
        return transposed_length(size, window, step, self.padding, rate, extra)

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """A kernel (kh, kw, filters, c_in), the other way round than Conv2D's, and a bias for each filter."""
        kernel = Weight("kernel", (*self.kernel_size, self.filters, image(input_shape)[2]), dtype=self.dtype)
        return (kernel, *self._bias(self.filters))

    def params_sum(self, input_shape: Any) -> str:
        """(kh*kw*c_in + 1) * filters."""
        return f"{self._plus_bias(f'{self._taps}*{image(input_shape)[2]}')} * {self.filters}"

    def macs(self, input_shape: Any) -> int | None:
        """Multiply-accumulates for one image: every input meets the whole kernel; the bias is not counted."""
        height, width, _ = image(input_shape)
        return times(height, width, self.weights(input_shape)[0].count)

    def view(self, *input_shapes: Any) -> View:
        """Not known: how many inputs an output sees depends on its position."""
        return "unknown"


def _product(channels: int, multiplier: int, brackets: bool = True) -> str:
    if multiplier == 1:
        return str(channels)
    return f"({channels}*{multiplier})" if brackets else f"{channels}*{multiplier}"
