"""Which shape comes out of a layer, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from ..arithmetic import Axis, kernel_span, make_axis
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
from .derivation import Calculation, Section
from .formula import Formula, at_least_zero, divided, minus, number, plus, rounded_down, rounded_up, times
from .words import DIRECTIONS, Direction, counted, listed, ordinal


@dataclass(frozen=True)
class Window:
    """A kernel or a pool that slides along an axis, and the words for both."""

    direction: Direction
    axis: Axis
    padding: str
    noun: str = "kernel"

    @property
    def span(self) -> Formula:
        """Pixels from the window's first to its last."""
        size, rate = self.axis.kernel_size, self.axis.dilation_rate
        return plus(times(minus(size, 1), rate), 1) if rate > 1 else number(size)


def positions(window: Window) -> list[Calculation]:
    """From the size of the image to the number of positions, and to the padding on each side."""
    steps = [*_dilated(window), *(_same(window) if window.padding == "same" else _valid(window))]
    first = steps[0]
    return [Calculation(f"{window.direction.name}: {first.what}", first.expression, first.unit), *steps[1:]]


def never_read(window: Window) -> Calculation:
    """The pixels along one axis that a stride steps over or never gets to."""
    pixels, n, missed = window.direction.pixels, window.axis.n, window.axis.unseen
    read = n - len(missed)
    which = f": {pixels(len(missed))} {listed(missed)}, counted from 0" if missed else ""
    what = f"of {counted(n, window.direction.pixel)}, the {window.noun}s read {read}:"
    return Calculation(what, minus(n, read), f"{pixels(len(missed))} never read{which}")


def _dilated(window: Window) -> list[Calculation]:
    if window.axis.dilation_rate == 1:
        return []
    size = counted(window.axis.kernel_size, window.direction.pixel)
    what = f"a {window.noun} of {size} with dilation_rate {window.axis.dilation_rate} spans"
    return [Calculation(what, window.span, window.direction.pixels(window.span.value))]


def _valid(window: Window) -> list[Calculation]:
    span, n, strides = window.span.value, window.axis.n, window.axis.strides
    starts = plus(minus(n, span), 1)
    what = f"without padding, a {window.noun} over {counted(span, window.direction.pixel)} of {n} can start at"
    steps = [Calculation(what, starts, "position" if starts.value == 1 else "positions", joint="; ")]
    if strides > 1:
        every = f"with strides {strides}, every {ordinal(strides)} of them, beginning with the first:"
        steps.append(Calculation(every, rounded_up(starts.value, strides), joint="; "))
    return steps


def _same(window: Window) -> list[Calculation]:
    axis, direction, strides = window.axis, window.direction, window.axis.strides
    one_each = Calculation(f"one position for each {direction.pixel}:", number(axis.n), joint="; ")
    every = f"with strides {strides}, one position for every {counted(strides, direction.pixel)}:"
    one_for_some = Calculation(every, rounded_up(axis.n, strides), joint="; ")
    needed = plus(times(minus(axis.length, 1), strides), window.span.value)
    total = at_least_zero(minus(needed.value, axis.n))
    return [
        one_each if strides == 1 else one_for_some,
        Calculation(
            f"from first to last, the {window.noun}s cover", needed, direction.pixels(needed.value), joint="; "
        ),
        Calculation("padding:", total, direction.pixels(total.value), joint="; "),
        Calculation(f"{direction.before}:", rounded_down(total.value, 2), joint=", "),
        Calculation(f"{direction.after}:", minus(total.value, axis.before), joint=", "),
    ]


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
    of_all = Calculation(
        "pixels in all, less those that are read:", minus(times(rows.axis.n, columns.axis.n), times(*read))
    )
    steps = (*map(never_read, windows), of_all)
    return Section("unseen_pixels", f"Pixels that no {rows.noun} reads", of_all.result, steps)


@singledispatch
def _steps(layer: Any, *input_shapes: Any) -> list[Calculation]:
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
def _(layer: Windowed, input_shape: Any) -> list[Calculation]:
    along = [step for window in _windows(layer, input_shape) for step in positions(window)]
    return [*along, _channels(layer, image(input_shape)[2])]


def _channels(layer: Any, channels: int) -> Calculation:
    if isinstance(layer, MaxPooling2D):
        return Calculation("channels, as many as came in:", number(channels))
    if isinstance(layer, DepthwiseConv2D):
        each = layer.depth_multiplier
        made = number(channels) if each == 1 else times(channels, each)
        return Calculation(f"channels, {each} for each that came in:", made)
    return Calculation("channels, one for each filter:", number(layer.filters))


@_steps.register
def _(layer: Conv2DTranspose, input_shape: Any) -> list[Calculation]:
    sizes = image(input_shape)[:2]
    return [*(_grown(layer, axis, sizes) for axis in (0, 1)), _channels(layer, 0)]


def _grown(layer: Conv2DTranspose, axis: int, sizes: Any) -> Calculation:
    """One axis of a transposed convolution: see `arithmetic.transposed_length` for the rules."""
    n, strides, same = sizes[axis], layer.strides[axis], layer.padding == "same"
    span = kernel_span(layer.kernel_size[axis], layer.dilation_rate[axis])
    what = f"{DIRECTIONS[axis].name}: kernels are laid down {DIRECTIONS[axis].pixels(strides)} {strides} apart"
    steps_between = times(minus(n, 1), strides)
    if layer.output_padding is not None:
        extra = layer.output_padding[axis]
        return Calculation(
            f"{what}, and output_padding adds {extra}:", plus(steps_between, span % 2 if same else span, extra)
        )
    if same:
        return Calculation(f"{what}, and padding 'same' keeps {strides} for each of the {n}:", times(n, strides))
    return Calculation(f"{what}, and the last one takes {max(span, strides)}:", plus(steps_between, max(span, strides)))


@_steps.register
def _(layer: GlobalAveragePooling2D, input_shape: Any) -> list[Calculation]:
    return [Calculation("one number for each channel:", number(image(input_shape)[2]))]


@_steps.register
def _(layer: Dense, input_shape: Any) -> list[Calculation]:
    return [Calculation("one number for each unit:", number(layer.units))]


@_steps.register
def _(layer: Flatten, input_shape: Any) -> list[Calculation]:
    return [Calculation("all numbers in a row:", times(*input_shape))]


@_steps.register
def _(layer: Reshape, input_shape: Any) -> list[Calculation]:
    total = Calculation("numbers in all:", times(*input_shape), joint="; ")
    if -1 not in layer.target_shape:
        return [total]
    known = math.prod(size for size in layer.target_shape if size != -1)
    return [total, Calculation("in place of -1:", divided(total.result, known), joint="; ")]


@_steps.register
def _(layer: ZeroPadding2D, input_shape: Any) -> list[Calculation]:
    return [
        Calculation(_sides(axis, "plus", before, after), plus(size, before, after))
        for axis, size, (before, after) in zip(DIRECTIONS, input_shape, layer.padding, strict=False)
    ]


@_steps.register
def _(layer: Cropping2D, input_shape: Any) -> list[Calculation]:
    return [
        Calculation(_sides(axis, "less", before, after), minus(minus(size, before), after))
        for axis, size, (before, after) in zip(DIRECTIONS, input_shape, layer.cropping, strict=False)
    ]


def _sides(axis: Direction, sign: str, before: int, after: int) -> str:
    return f"{axis.name}, {sign} {before} {axis.before} and {after} {axis.after}:"


@_steps.register
def _(layer: UpSampling2D, input_shape: Any) -> list[Calculation]:
    return [
        Calculation(f"{axis.name}, every {axis.pixel} {by} times:", times(size, by))
        for axis, size, by in zip(DIRECTIONS, input_shape, layer.size, strict=False)
    ]


@_steps.register
def _(layer: Concatenate, *input_shapes: Any) -> list[Calculation]:
    return [Calculation("channels, those of all inputs:", plus(*(shape[-1] for shape in input_shapes)))]
