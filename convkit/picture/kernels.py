"""The parameters of a Conv2D, drawn: a block for each filter, a cell for each weight, a cell for each bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import ArgumentError, ShapeError, image_shape, pair
from ..arithmetic import channels_per_group, conv_params
from .boxes import Box, Label, Layout, Outline
from .crop import WINDOW
from .drawing import Picture, clean_theme
from .frame import LINE, MARGIN, right_edge
from .numerals import numeral
from .theme import Theme

FILTERS, CHANNELS = 8, 4  # drawn of each
CELL = 26.0
BLOCK_GAP = 14.0


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
    text = _text(shape, biases is not None)
    items = _blocks(shape, weights, biases)
    return Picture(_layout(items, text), clean_theme(theme), uid)


Shape = tuple[int, int, int, int]  # kernel height, kernel width, channels that a filter reads, filters
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


def _text(shape: Shape, use_bias: bool) -> str:
    height, width, channels, filters = shape
    total = conv_params((height, width), channels, filters, use_bias=use_bias)
    many = f"{filters} filter{'s' if filters > 1 else ''}"
    of = "1 channel" if channels == 1 else f"each of {channels} channels"
    bias = ", and a bias each" if use_bias else ", no bias"
    per_filter = f"({height}*{width}*{channels} + 1)" if use_bias else f"{height}*{width}*{channels}"
    hidden = "" if filters <= FILTERS and channels <= CHANNELS and max(height, width) <= WINDOW else " A part is drawn."
    in_all = f"{per_filter} * {filters} = {total} parameters.{hidden}"
    return f"{many} of {height}\u00d7{width} weights for {of}{bias}: {in_all}"


Items = list[Box | Label | Outline]


def _blocks(shape: Shape, weights: Numbers, biases: Numbers) -> Items:
    """A row of planes for each filter."""
    height, width, channels, filters = shape
    rows, columns = min(height, WINDOW), min(width, WINDOW)
    cell = _cell_width(weights, biases)
    top = MARGIN + LINE + 12.0
    items: Items = _headings(min(channels, CHANNELS), columns * cell, biases is not None, top)
    top += LINE
    for filter in range(min(filters, FILTERS)):
        x = MARGIN + 66.0
        items.append(Label(f"f{filter}", "heading", MARGIN, top + rows * CELL / 2 + 5, f"filter {filter}"))
        for channel in range(min(channels, CHANNELS)):
            items += _plane(filter, channel, (rows, columns), x, top, cell, weights)
            x += columns * cell + BLOCK_GAP
        if biases is not None:
            items.append(_bias(filter, x, top + (rows - 1) * CELL / 2, cell, biases))
            x += cell + BLOCK_GAP
        count = height * width * channels + (biases is not None)
        items.append(Label(f"n{filter}", "note", x, top + rows * CELL / 2 + 4, f"{count} parameters"))
        top += rows * CELL + BLOCK_GAP
    return items


def _headings(channels: int, plane: float, use_bias: bool, top: float) -> Items:
    x = MARGIN + 66.0
    items: Items = []
    for channel in range(channels):
        items.append(Label(f"c{channel}", "note", x, top + 8, f"ch. {channel}"))
        x += plane + BLOCK_GAP
    return [*items, Label("b", "note", x, top + 8, "bias")] if use_bias else items


def _plane(
    filter: int, channel: int, size: tuple[int, int], x: float, top: float, cell: float, weights: Numbers
) -> list[Box]:
    boxes = []
    for i in range(size[0]):
        for j in range(size[1]):
            value = None if weights is None else weights[i, j, channel, filter].item()
            text = "" if value is None else numeral(value)
            data = (("filter", filter), ("plane", channel), ("row", i), ("col", j))
            key = f"k{filter}.{channel}.{i}.{j}"
            boxes.append(Box(key, "weight", x + j * cell, top + i * CELL, cell, CELL, text, value=value, data=data))
    return boxes


def _bias(filter: int, x: float, top: float, cell: float, biases: Numbers) -> Box:
    value = biases[filter].item() if biases.size else None
    text = "" if value is None else numeral(value)
    return Box(f"b{filter}", "bias", x, top, cell, CELL, text, value=value, data=(("filter", filter),))


def _cell_width(weights: Numbers, biases: Numbers) -> float:
    values = [value for array in (weights, biases) if array is not None for value in array.ravel().tolist()[:4096]]
    return max(CELL, 8.0 * max((len(numeral(value)) for value in values), default=1) + 6)


def _layout(items: Items, text: str) -> Layout:
    boxes = tuple(item for item in items if isinstance(item, Box))
    bottom = max([box.y + box.height for box in boxes]) + 12 + LINE
    head = text.partition(":")[0]
    labels = [item for item in items if isinstance(item, Label)]
    labels.append(Label("title", "title", MARGIN, MARGIN + 13, head))
    labels.append(Label("sum", "moment", MARGIN, bottom, text.partition(": ")[2]))
    width = max(map(right_edge, labels)) + MARGIN
    return Layout(round(width), round(bottom + MARGIN), head, text, boxes, tuple(labels), ())
