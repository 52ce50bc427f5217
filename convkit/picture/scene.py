"""What there is to draw: one convolution, its numbers, and what each output position reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import ArgumentError, ShapeError, image_padding, image_shape, pair, whole
from ..arithmetic import channels_per_group, output_length, padding_amounts
from ..axis import kernel_span

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Axis:
    """One axis of a convolution, in pixels of the input; padding lies at negative positions and from n on."""

    n: int
    kernel_size: int
    strides: int
    dilation_rate: int
    before: int  # rows (or columns) of zeros added before
    after: int  # and after
    length: int  # output positions

    @property
    def span(self) -> int:
        """Pixels from the first to the last that the kernel touches."""
        return kernel_span(self.kernel_size, self.dilation_rate)

    def first(self, position: int) -> int:
        """Where the kernel's first weight stands."""
        return position * self.strides - self.before

    def taps(self, position: int) -> list[int]:
        """Pixels under a weight."""
        return [self.first(position) + tap * self.dilation_rate for tap in range(self.kernel_size)]

    @cached_property
    def read(self) -> frozenset[int]:
        """All pixels, padding too, that some position reads."""
        return frozenset(pixel for position in range(self.length) for pixel in self.taps(position))

    @cached_property
    def unseen(self) -> tuple[int, ...]:
        """Real pixels that no position reads."""
        return tuple(pixel for pixel in range(self.n) if pixel not in self.read)


@dataclass(frozen=True, eq=False)
class Scene:
    """A convolution of one image. Arrays are None where no numbers are known: then empty cells are drawn."""

    rows: Axis
    columns: Axis
    channels: int
    filters: int
    groups: int
    padding: Any  # as the caller said it: 'valid', 'same' or amounts
    activation: str | None  # what a Keras layer does afterwards; not part of the picture
    x: Array | None  # (height, width, channels)
    kernel: Array | None  # (kernel height, kernel width, channels / groups, filters)
    bias: Array | None  # (filters,)
    use_bias: bool
    output: Array | None  # (output height, output width, filters)

    @property
    def group_size(self) -> int:
        """Input channels that one filter reads."""
        return self.channels // self.groups

    @cached_property
    def has_decimals(self) -> bool:
        """Whether some number is not whole, of whatever type the arrays are."""
        arrays = [array for array in (self.x, self.kernel, self.bias) if array is not None]
        return any(array.dtype.kind == "f" and bool((array != np.floor(array)).any()) for array in arrays)

    def channels_of(self, filter: int) -> range:
        """The input channels that this filter reads."""
        group = filter // (self.filters // self.groups)
        return range(group * self.group_size, (group + 1) * self.group_size)

    def pixel(self, row: int, column: int, channel: int) -> float | None:
        """The input at a place; padding is zero."""
        if not (0 <= row < self.rows.n and 0 <= column < self.columns.n):
            return 0.0
        return None if self.x is None else _plain(self.x[row, column, channel])

    def is_padding(self, row: int, column: int) -> bool:
        """Whether the place lies outside the image."""
        return not (0 <= row < self.rows.n and 0 <= column < self.columns.n)

    def weight(self, i: int, j: int, channel: int, filter: int) -> float | None:
        """The kernel's weight for an input channel, counted over the whole input."""
        start = self.channels_of(filter).start
        return None if self.kernel is None else _plain(self.kernel[i, j, channel - start, filter])

    def product(self, position: tuple[int, int], i: int, j: int, channel: int, filter: int) -> float | None:
        """Pixel times weight, for weight (i, j) when the kernel stands at an output position."""
        row, column = self.place(position, i, j)
        pixel, weight = self.pixel(row, column, channel), self.weight(i, j, channel, filter)
        return None if pixel is None or weight is None else pixel * weight

    def place(self, position: tuple[int, int], i: int, j: int) -> tuple[int, int]:
        """The pixel that weight (i, j) stands on."""
        first = self.rows.first(position[0]), self.columns.first(position[1])
        return first[0] + i * self.rows.dilation_rate, first[1] + j * self.columns.dilation_rate

    def channel_sum(self, position: tuple[int, int], channel: int, filter: int) -> float | None:
        """The products of one channel, added up."""
        taps = [(i, j) for i in range(self.rows.kernel_size) for j in range(self.columns.kernel_size)]
        products = [self.product(position, i, j, channel, filter) for i, j in taps]
        return None if self.output is None else sum(value for value in products if value is not None)

    def result(self, position: tuple[int, int], filter: int) -> float | None:
        """The output at a position, bias included."""
        return None if self.output is None else _plain(self.output[*position, filter])


def _plain(value: Any) -> float:
    """A Python number: whole numbers stay whole, so that products of bytes don't wrap around."""
    return value.item()


def make_scene(
    x: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", dilations: Any = 1, bias: Any = None
) -> Scene:
    """Arrays (or an input shape), a kernel (or a layer) -> the scene, or an error that says what would fit."""
    shape, image = _input(x)
    if hasattr(kernel, "kernel_size"):
        _refuse_settings_beside_a_layer(strides, padding, dilations, bias)
        return _layer_scene(shape, image, kernel)
    weights = _kernel(kernel)
    if weights.shape[2] == 0 or shape[2] % weights.shape[2]:
        raise ShapeError(
            f"the kernel of shape {weights.shape} reads {weights.shape[2]} channels, and the input of shape {shape} "
            f"has {shape[2]}. Use a kernel of shape ({weights.shape[0]}, {weights.shape[1]}, {shape[2]}, filters)."
        )
    sizes = {"kernel_size": weights.shape[:2], "strides": strides, "dilation_rate": dilations}
    return _scene(shape, image, sizes, padding, weights.shape[3], shape[2] // weights.shape[2], weights, _bias(bias))


def _layer_scene(shape: tuple[int, int, int], image: Array | None, layer: Any) -> Scene:
    """From a layer: one of ours has a shape alone, one of Keras has weights as soon as it is built."""
    if not any(kind.__name__ == "Conv2D" for kind in type(layer).__mro__) or "Transpose" in type(layer).__name__:
        raise ArgumentError(f"{type(layer).__name__} is no Conv2D layer. Draw a Conv2D, or a kernel and its strides.")
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ArgumentError(f"data_format is {layer.data_format!r}; pictures need data_format='channels_last'.")
    weights = _layer_weights(layer)
    kernel, bias = (weights[0], weights[1] if len(weights) > 1 else None) if weights else (None, None)
    if kernel is not None and kernel.shape[2] * layer.groups != shape[2]:
        raise ShapeError(
            f"the layer was built for {kernel.shape[2] * layer.groups} channels, and the input of shape {shape} has "
            f"{shape[2]}. Use an input of shape ({shape[0]}, {shape[1]}, {kernel.shape[2] * layer.groups})."
        )
    sizes = {name: getattr(layer, name) for name in ("kernel_size", "strides", "dilation_rate")}
    activation = layer.activation if isinstance(layer.activation, str) else getattr(layer.activation, "__name__", None)
    return _scene(
        shape, image, sizes, layer.padding, layer.filters, layer.groups, kernel, bias, activation, layer.use_bias
    )


def _refuse_settings_beside_a_layer(strides: Any, padding: Any, dilations: Any, bias: Any) -> None:
    given = [
        name
        for name, is_given in (
            ("strides", strides != 1),
            ("padding", not isinstance(padding, str) or padding.lower() != "valid"),
            ("dilations", dilations != 1),
            ("bias", bias is not None),
        )
        if is_given
    ]
    if given:
        raise ArgumentError(f"{', '.join(given)} beside a layer: a layer brings its own. Set {given[0]} in the layer.")


def _layer_weights(layer: Any) -> list[Array]:
    if not hasattr(layer, "get_weights"):
        return []
    return [np.asarray(weight) for weight in layer.get_weights()]


def _scene(
    shape: tuple[int, int, int],
    image: Array | None,
    sizes: dict[str, Any],
    padding: Any,
    filters: int,
    groups: int,
    kernel: Array | None,
    bias: Array | None,
    activation: str | None = None,
    use_bias: bool | None = None,
) -> Scene:
    channels_per_group(shape[2], filters, groups)
    rows, columns = (_axis(shape, sizes, padding, axis) for axis in (0, 1))
    output = None
    if image is not None and kernel is not None:
        output = _convolve(image, kernel, sizes, padding, bias)
    return Scene(
        rows=rows,
        columns=columns,
        channels=shape[2],
        filters=filters,
        groups=groups,
        padding=padding.lower() if isinstance(padding, str) else padding,
        activation=None if activation in (None, "linear") else activation,
        x=image,
        kernel=kernel,
        bias=bias,
        use_bias=bias is not None if use_bias is None else use_bias,
        output=output,
    )


def _convolve(image: Array, kernel: Array, sizes: dict[str, Any], padding: Any, bias: Array | None) -> Array:
    from ..ops import conv2d

    arrays = (image, kernel) if bias is None else (image, kernel, bias)
    kind = np.result_type(*arrays)  # one type for all, wide enough for whole numbers not to wrap around
    bias = None if bias is None else bias.astype(kind)
    return conv2d(
        image[None].astype(kind), kernel.astype(kind), sizes["strides"], padding, sizes["dilation_rate"], bias
    )[0]


def _axis(shape: tuple[int, int, int], sizes: dict[str, Any], padding: Any, axis: int) -> Axis:
    n, amounts = shape[axis], image_padding(padding)[axis]
    kernel_size, strides, dilation = (pair(name, value)[axis] for name, value in sizes.items())
    try:
        length = output_length(n, kernel_size, strides, amounts, dilation)
    except ShapeError as error:
        raise ShapeError(f"along the {('height', 'width')[axis]}, {error}") from None
    before, after = padding_amounts(n, kernel_size, strides, amounts, dilation)
    return Axis(n, kernel_size, strides, dilation, before, after, length)


def _input(x: Any) -> tuple[tuple[int, int, int], Array | None]:
    """(shape, image), with no image for a mere shape, with a batch axis of None or without."""
    if isinstance(x, tuple) and len(x) in (3, 4) and all(part is None or isinstance(part, int) for part in x):
        return image_shape(x), None
    image = _numbers("x", x)
    if image.ndim == 2:
        image = image[:, :, None]
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim == 4:
        raise ShapeError(f"x of shape {image.shape} holds {image.shape[0]} images, and one is drawn. Use x[0].")
    if image.ndim != 3:
        raise ShapeError(f"x has shape {image.shape}, and has to be (height, width, channels), such as (5, 5, 1).")
    return image_shape(image.shape), image


def _kernel(kernel: Any) -> Array:
    weights = _numbers("kernel", kernel)
    if weights.ndim == 2:
        weights = weights[:, :, None, None]
    if weights.ndim != 4 or not weights.size:
        raise ShapeError(
            f"kernel has shape {weights.shape}, and has to be (height, width, channels, filters), such as (3, 3, 1, 1)."
        )
    return weights


def _bias(bias: Any) -> Array | None:
    return None if bias is None else np.atleast_1d(_numbers("bias", bias))


def _numbers(name: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(f"{name} has rows of different lengths. Give every row the same number of values.") from None
    if array.dtype.kind in "bui":
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        return array if array.dtype.itemsize >= 4 else array.astype(np.float32)
    raise ArgumentError(f"{name} holds {array.dtype}, and has to hold numbers, such as {name}.astype('float32').")


def clean_position(scene: Scene, position: Any) -> tuple[int, int]:
    """An output position that exists."""
    row, column = pair("position", position, least=0)
    last = scene.rows.length - 1, scene.columns.length - 1
    if row > last[0] or column > last[1]:
        raise ArgumentError(
            f"position is ({row}, {column}), and the output has {last[0] + 1} rows and {last[1] + 1} columns. "
            f"Use position=({min(row, last[0])}, {min(column, last[1])})."
        )
    return row, column


def clean_filter(scene: Scene, filter: Any) -> int:
    """A filter that exists."""
    number = whole("filter", filter, least=0)
    if number >= scene.filters:
        raise ArgumentError(
            f"filter is {number}, and there are {scene.filters}, counted from 0. Use filter={scene.filters - 1}."
        )
    return number
