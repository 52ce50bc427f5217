"""The parameters of a Conv2D, drawn: a block for each filter, a cell for each weight, a cell for each bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import ArgumentError, ShapeError, image_shape, pair
from ..arithmetic import channels_per_group
from .blocks import Shape, lay_out_kernels
from .drawing import Picture, clean_theme
from .theme import Theme


def draw_kernels(
    kernel: Any, input_shape: Any = None, bias: Any = None, *, theme: Theme = "auto", uid: str = ""
) -> Picture:
    """All parameters of a layer: for each filter a plane of weights per input channel, and its bias.

    kernel : a Conv2D of ours (with the input shape it gets) or of Keras, or an array (height, width, in, filters)
    bias : (filters,) with an array; True draws biases without numbers

    >>> from convkit.layers import Conv2D
    >>> print(draw_kernels(Conv2D(filters=4, kernel_size=3), (6, 6, 2)).text)
    4 filters of 3×3 weights for each of 2 channels, and a bias each: (3*3*2 + 1) * 4 = 76 parameters.
    """  # noqa: RUF002
    shape, weights, biases = _parameters(kernel, input_shape, bias)
    listed, biases_listed = (None if array is None else array.tolist() for array in (weights, biases))
    layout = lay_out_kernels(shape, listed, biases_listed, use_bias=biases is not None)
    return Picture(layout, clean_theme(theme), uid)


Numbers = Any  # an array, or None where the numbers are not known


def _parameters(kernel: Any, input_shape: Any, bias: Any) -> tuple[Shape, Numbers, Numbers]:
    """(shape, weights or None, biases: an array, an empty array for unknown ones, or None for no bias)."""
    if not hasattr(kernel, "kernel_size"):
        return _of_arrays(np.asarray(kernel), bias)
    weights = kernel.get_weights() if hasattr(kernel, "get_weights") else []
    if weights:
        return _of_arrays(np.asarray(weights[0]), weights[1] if len(weights) > 1 else None)
    if input_shape is None:
        raise ArgumentError("input_shape is missing: a layer has no weights before it has one, such as (8, 8, 3).")
    height, width = pair("kernel_size", kernel.kernel_size)
    channels = channels_per_group(image_shape(input_shape)[2], kernel.filters, kernel.groups)
    return (height, width, channels, kernel.filters), None, np.zeros(0) if kernel.use_bias else None


def _of_arrays(weights: Any, bias: Any) -> tuple[Shape, Numbers, Numbers]:
    if weights.ndim != 4:
        raise ShapeError(f"kernel has shape {weights.shape}, and has to be (height, width, channels, filters).")
    height, width, channels, filters = weights.shape
    if bias is None or bias is False:
        return (height, width, channels, filters), weights, None
    biases = np.zeros(0) if bias is True else np.atleast_1d(np.asarray(bias))
    if biases.size not in (0, filters):
        raise ShapeError(f"bias has {biases.size} values, and there are {filters} filters. Give one bias for each.")
    return (height, width, channels, filters), weights, biases
