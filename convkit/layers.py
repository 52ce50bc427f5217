"""What a layer is: frozen data with Keras' argument names, and what follows from an input shape.

Every layer answers the same questions. `input_shape` is that of one image, channels last, without the batch axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .arguments import ArgumentError, PaddingMode, ShapeError, image_shape, padding_word, pair, whole
from .arithmetic import channels_per_group, conv_macs, conv_params, kernel_span, output_length

ImageShape = tuple[int, int, int]


@dataclass(frozen=True)
class Conv2D:
    """A bank of kernels that slides over an image and sums over all input channels, as `keras.layers.Conv2D`.

    It computes a cross-correlation: the kernel is not flipped.

    >>> layer = Conv2D(filters=4, kernel_size=3)
    >>> layer.output_shape((6, 6, 2)), layer.count_params((6, 6, 2))
    ((4, 4, 4), 76)
    """

    filters: int
    kernel_size: Any  # one number, or (height, width)
    strides: Any = (1, 1)
    padding: str = "valid"
    dilation_rate: Any = (1, 1)
    groups: int = 1
    use_bias: bool = True
    activation: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__  # the dataclass is frozen; here its fields get their one normal form
        put(self, "filters", whole("filters", self.filters))
        put(self, "groups", whole("groups", self.groups))
        put(self, "padding", _layer_padding(self.padding))
        for field in ("kernel_size", "strides", "dilation_rate"):
            put(self, field, pair(field, getattr(self, field)))
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"strides={self.strides} together with dilation_rate={self.dilation_rate}: Keras allows one of them "
                "above 1. Use strides=1 or dilation_rate=1; convkit.conv2d and tf.nn.conv2d take both."
            )

    def output_shape(self, input_shape: Any) -> ImageShape:
        """(height, width, filters) of the output."""
        height, width, channels = image_shape(input_shape)
        channels_per_group(channels, self.filters, self.groups)
        return (*(self._length(size, axis) for axis, size in enumerate((height, width))), self.filters)  # type: ignore[return-value]

    def count_params(self, input_shape: Any) -> int:
        """Weights and biases, (kh * kw * c_in / groups + 1) * filters."""
        channels = image_shape(input_shape)[2]
        return conv_params(self.kernel_size, channels, self.filters, self.groups, self.use_bias)

    def macs(self, input_shape: Any) -> int:
        """Multiply-accumulates for one image; the bias is not counted."""
        height, width, _ = self.output_shape(input_shape)
        return conv_macs((height, width), self.kernel_size, image_shape(input_shape)[2], self.filters, self.groups)

    def reach(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(span, stride) along height and along width: what the receptive field is made of."""
        return tuple(  # type: ignore[return-value]
            (kernel_span(k, d), s) for k, d, s in zip(self.kernel_size, self.dilation_rate, self.strides, strict=True)
        )

    def _length(self, size: int, axis: int) -> int:
        try:
            return output_length(
                size, self.kernel_size[axis], self.strides[axis], self.padding, self.dilation_rate[axis]
            )
        except ShapeError as error:
            raise ShapeError(f"along the {('height', 'width')[axis]}, {error}") from None


def _layer_padding(padding: Any) -> PaddingMode:
    if not isinstance(padding, str):
        raise ArgumentError(
            f"padding is {padding!r}, and a layer's padding has to be 'valid' or 'same'. "
            "For explicit amounts use convkit.conv2d, or a ZeroPadding2D layer before this one."
        )
    return padding_word(padding)
