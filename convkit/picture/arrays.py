"""Arrays, layers and settings of a caller -> a scene, or an error that says what would fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import ArgumentError, ShapeError, image_shape, pair, whole
from ..arithmetic import channels_per_group
from ..ops import check, conv2d, numbers
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
    return _scene(shape, image, weights.shape, weights, strides, padding, dilations, bias)


def _layer_scene(shape: tuple[int, int, int], image: Array | None, layer: Any) -> Scene:
    """From a layer: one of ours has a shape alone, one of Keras has weights as soon as it is built."""
    if not any(kind.__name__ == "Conv2D" for kind in type(layer).__mro__) or "Transpose" in type(layer).__name__:
        raise ArgumentError(f"{type(layer).__name__} is not a Conv2D layer. Draw a Conv2D, or a kernel and strides.")
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ArgumentError(f"data_format is {layer.data_format!r}; pictures need data_format='channels_last'.")
    weights = layer.get_weights() if hasattr(layer, "get_weights") else []
    kernel, bias = [*map(np.asarray, weights), None, None][:2]
    if kernel is not None and kernel.shape[2] * layer.groups != shape[2]:
        raise ShapeError(
            f"the layer was built for {kernel.shape[2] * layer.groups} channels, and the input of shape {shape} has "
            f"{shape[2]}. Use an input of shape ({shape[0]}, {shape[1]}, {kernel.shape[2] * layer.groups})."
        )
    depth = channels_per_group(shape[2], layer.filters, layer.groups)
    sizes = (*pair("kernel_size", layer.kernel_size), depth, layer.filters)
    scene = _scene(shape, image, sizes, kernel, layer.strides, layer.padding, layer.dilation_rate, bias)
    activation = layer.activation if isinstance(layer.activation, str) else getattr(layer.activation, "__name__", None)
    return replace(scene, activation=None if activation == "linear" else activation, use_bias=layer.use_bias)


def _refuse_settings_beside_a_layer(strides: Any, padding: Any, dilations: Any, bias: Any) -> None:
    settings = {
        "strides": strides != 1,
        "padding": not isinstance(padding, str) or padding.lower() != "valid",
        "dilations": dilations != 1,
        "bias": bias is not None,
    }
    given = [name for name, is_given in settings.items() if is_given]
    if given:
        raise ArgumentError(f"{', '.join(given)} with a layer: a layer has its own. Set {given[0]} in the layer.")


def _scene(
    shape: tuple[int, int, int],
    image: Array | None,
    sizes: tuple[int, ...],
    kernel: Array | None,
    strides: Any,
    padding: Any,
    dilations: Any,
    bias: Any,
) -> Scene:
    """A scene with the geometry of `conv2d`; an image or a kernel of unknown numbers has its shape alone."""
    bias = None if bias is None else np.atleast_1d(_numbers("bias", bias))
    pixels = (np.broadcast_to(0, shape) if image is None else image)[None]
    weights = np.broadcast_to(0, sizes) if kernel is None else kernel
    work = check(pixels, weights, strides, padding, dilations, bias)
    known = image is not None and kernel is not None
    output = conv2d(pixels, weights, strides, padding, dilations, bias)[0] if known else None
    return Scene(
        rows=work.rows,
        columns=work.columns,
        channels=shape[2],
        filters=sizes[3],
        groups=work.groups,
        padding=padding.lower() if isinstance(padding, str) else padding,
        activation=None,
        x=_listed(image),
        kernel=_listed(kernel),
        bias=_listed(bias),
        use_bias=bias is not None,
        output=_listed(output),
        has_decimals=any(np.any(array != np.floor(array)) for array in (image, kernel, bias) if array is not None),
    )


def _listed(array: Array | None) -> Any:
    """Nested lists of Python numbers: products of bytes don't wrap around."""
    return None if array is None else array.tolist()


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


def _numbers(name: str, value: Any) -> Array:
    """Whole numbers as int64, others with at least single precision."""
    array = numbers(name, value)
    return array.astype(np.int64 if array.dtype.kind in "bui" else np.result_type(array, np.float32), copy=False)


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
