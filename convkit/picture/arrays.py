"""Arrays, layers and settings of a caller -> a scene, or an error that says what would fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import ArgumentError, ShapeError, image_padding, image_shape, pair, whole
from ..arithmetic import Axis, channels_per_group, make_axis
from .scene import Scene

Array = npt.NDArray[Any]


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
        raise ArgumentError(f"{type(layer).__name__} is not a Conv2D layer. Draw a Conv2D, or a kernel and strides.")
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
        raise ArgumentError(f"{', '.join(given)} with a layer: a layer has its own. Set {given[0]} in the layer.")


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
        x=_listed(image),
        kernel=_listed(kernel),
        bias=_listed(bias),
        use_bias=bias is not None if use_bias is None else use_bias,
        output=_listed(output),
        has_decimals=any(_has_decimals(array) for array in (image, kernel, bias) if array is not None),
    )


def _listed(array: Array | None) -> Any:
    """Nested lists of Python numbers: products of bytes don't wrap around."""
    return None if array is None else array.tolist()


def _has_decimals(array: Array) -> bool:
    return array.dtype.kind == "f" and bool((array != np.floor(array)).any())


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
        return make_axis(n, kernel_size, strides, amounts, dilation)
    except ShapeError as error:
        raise ShapeError(f"along the {('height', 'width')[axis]}, {error}") from None


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
