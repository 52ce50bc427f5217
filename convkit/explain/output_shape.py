"""Which shape comes out of a layer, and why."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

from ..axis import kernel_span, make_axis
from ..layers import (
    Concatenate,
    Conv2DTranspose,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from ..layers.base import image
from ..layers.convolutions import Windowed
from .axis import Window, never_read, positions
from .derivation import Section, Step
from .formula import divided, minus, number, plus, times
from .words import DIRECTIONS, Direction

NOT_KNOWN = "a size that is not known yet is None"


def output_shape(layer: Layer, *input_shapes: Any) -> Section:
    """The section of a layer's output shape: the steps to each size that changes."""
    shape = layer.output_shape(*input_shapes)
    known = tuple(input_shapes) and all(None not in sizes for sizes in input_shapes)
    steps = tuple(_steps(layer, *input_shapes)) if known else ()
    unchanged = len(input_shapes) == 1 and tuple(input_shapes[0]) == shape and not steps
    remark = "the shape stays as it is" if unchanged else ""
    return Section("output_shape", "Output shape", shape, steps, NOT_KNOWN if None in shape else remark)


def unseen_pixels(layer: Layer, *input_shapes: Any) -> Section | None:
    """The section of the pixels that no window reads, where a layer has strides, or misses some without them."""
    if not isinstance(layer, Windowed) or isinstance(layer, Conv2DTranspose) or None in input_shapes[0]:
        return None
    rows, columns = windows = _windows(layer, input_shapes[0])
    if max(layer.strides) == 1 and not (rows.axis.unseen or columns.axis.unseen):
        return None
    read = [window.axis.n - len(window.axis.unseen) for window in windows]
    of_all = Step("pixels in all, less those that are read:", minus(times(rows.axis.n, columns.axis.n), times(*read)))
    steps = (*map(never_read, windows), of_all)
    return Section("unseen_pixels", f"Pixels that no {rows.noun} reads", of_all.result, steps)


@singledispatch
def _steps(layer: Any, *input_shapes: Any) -> list[Step]:
    """Any other layer: nothing to work out, or nothing known."""
    return []


def _windows(layer: Windowed, input_shape: Any) -> list[Window]:
    noun = "pool" if isinstance(layer, MaxPooling2D) else "kernel"
    return [
        Window(direction, make_axis(size, window, strides, layer.padding, rate), layer.padding, noun)
        for direction, size, window, strides, rate in zip(
            DIRECTIONS, image(input_shape)[:2], layer.window_size, layer.strides, layer.dilation_rate, strict=True
        )
        if size is not None
    ]


@_steps.register
def _(layer: Windowed, input_shape: Any) -> list[Step]:
    along = [step for window in _windows(layer, input_shape) for step in positions(window)]
    return [*along, _channels(layer, image(input_shape)[2])]


def _channels(layer: Any, channels: int) -> Step:
    if isinstance(layer, MaxPooling2D):
        return Step("channels, as many as came in:", number(channels))
    if isinstance(layer, DepthwiseConv2D):
        each = layer.depth_multiplier
        made = number(channels) if each == 1 else times(channels, each)
        return Step(f"channels, {each} for each that came in:", made)
    return Step("channels, one for each filter:", number(layer.filters))


@_steps.register
def _(layer: Conv2DTranspose, input_shape: Any) -> list[Step]:
    sizes = image(input_shape)[:2]
    return [*(_grown(layer, axis, sizes) for axis in (0, 1)), _channels(layer, 0)]


def _grown(layer: Conv2DTranspose, axis: int, sizes: Any) -> Step:
    """One axis of a transposed convolution: see `arithmetic.transposed_length` for the rules."""
    n, strides, same = sizes[axis], layer.strides[axis], layer.padding == "same"
    span = kernel_span(layer.kernel_size[axis], layer.dilation_rate[axis])
    what = f"{DIRECTIONS[axis].name}: kernels are laid down {DIRECTIONS[axis].pixels(strides)} {strides} apart"
    steps_between = times(minus(n, 1), strides)
    if layer.output_padding is not None:
        extra = layer.output_padding[axis]
        return Step(f"{what}, and output_padding adds {extra}:", plus(steps_between, span % 2 if same else span, extra))
    if same:
        return Step(f"{what}, and padding 'same' keeps {strides} for each of the {n}:", times(n, strides))
    return Step(f"{what}, and the last one takes {max(span, strides)}:", plus(steps_between, max(span, strides)))


@_steps.register
def _(layer: GlobalAveragePooling2D, input_shape: Any) -> list[Step]:
    return [Step("one number for each channel:", number(image(input_shape)[2]))]


@_steps.register
def _(layer: Dense, input_shape: Any) -> list[Step]:
    return [Step("one number for each unit:", number(layer.units))]


@_steps.register
def _(layer: Flatten, input_shape: Any) -> list[Step]:
    return [Step("all numbers in a row:", times(*input_shape))]


@_steps.register
def _(layer: Reshape, input_shape: Any) -> list[Step]:
    total = Step("numbers in all:", times(*input_shape), joint="; ")
    if -1 not in layer.target_shape:
        return [total]
    known = math.prod(size for size in layer.target_shape if size != -1)
    return [total, Step("in place of -1:", divided(total.result, known), joint="; ")]


@_steps.register
def _(layer: ZeroPadding2D, input_shape: Any) -> list[Step]:
    return [
        Step(_sides(axis, "plus", before, after), plus(size, before, after))
        for axis, size, (before, after) in zip(DIRECTIONS, input_shape, layer.padding, strict=False)
    ]


@_steps.register
def _(layer: Cropping2D, input_shape: Any) -> list[Step]:
    return [
        Step(_sides(axis, "less", before, after), minus(minus(size, before), after))
        for axis, size, (before, after) in zip(DIRECTIONS, input_shape, layer.cropping, strict=False)
    ]


def _sides(axis: Direction, sign: str, before: int, after: int) -> str:
    return f"{axis.name}, {sign} {before} {axis.before} and {after} {axis.after}:"


@_steps.register
def _(layer: UpSampling2D, input_shape: Any) -> list[Step]:
    return [
        Step(f"{axis.name}, every {axis.pixel} {by} times:", times(size, by))
        for axis, size, by in zip(DIRECTIONS, input_shape, layer.size, strict=False)
    ]


@_steps.register
def _(layer: Concatenate, *input_shapes: Any) -> list[Step]:
    return [Step("channels, those of all inputs:", plus(*(shape[-1] for shape in input_shapes)))]
