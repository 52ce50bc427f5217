"""How many multiply-accumulates a layer takes for one image, and why."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from ..arithmetic import channels_per_group
from ..layers import Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, Layer, SeparableConv2D, Shape
from ..layers.base import image
from .derivation import Section, Step
from .formula import Formula, plus, times
from .words import counted

COUNTED = "for one image; a multiply and its add count as one, the bias is not counted"
NONE = "pooling, scaling and moving numbers about count as none"


def macs(layer: Layer, *input_shapes: Any) -> Section | None:
    """The section of a layer's multiply-accumulates; None where a size or the layer is not known."""
    count = layer.macs(*input_shapes)
    if count is None:
        return None
    steps = tuple(_steps(layer, *input_shapes)) if count else ()
    return Section("macs", "Multiply-accumulates", count, steps, COUNTED if count else NONE)


@singledispatch
def _steps(layer: Any, *input_shapes: Any) -> list[Step]:
    return []


@_steps.register
def _(layer: Conv2D, input_shape: Any) -> list[Step]:
    depth = channels_per_group(image(input_shape)[2], layer.filters, layer.groups)
    return _sums(times(*layer.kernel_size, depth), times(*_known(layer.output_shape(input_shape))))


@_steps.register
def _(layer: DepthwiseConv2D, input_shape: Any) -> list[Step]:
    return _sums(times(*layer.kernel_size), times(*_known(layer.output_shape(input_shape))))


@_steps.register
def _(layer: SeparableConv2D, input_shape: Any) -> list[Step]:
    height, width, filters = _known(layer.output_shape(input_shape))
    middle = image(input_shape)[2] * layer.depth_multiplier
    depthwise = _sums(times(*layer.kernel_size), times(height, width, middle), "depthwise output value")
    pointwise = _sums(times(1, 1, middle), times(height, width, filters))
    return [*depthwise, *pointwise, Step("together:", plus(depthwise[-1].result, pointwise[-1].result))]


@_steps.register
def _(layer: Conv2DTranspose, input_shape: Any) -> list[Step]:
    height, width, channels = _known(image(input_shape))
    taps = Step(
        "each input pixel meets all weights of all kernels:", times(*layer.kernel_size, channels, layer.filters)
    )
    pixels = Step("input pixels:", times(height, width))
    return [taps, pixels, _together(pixels.result, taps.result)]


@_steps.register
def _(layer: Dense, input_shape: Any) -> list[Step]:
    *places, inputs = input_shape
    return [Step(f"each output value is a sum of {counted(inputs, 'product')}:", times(*places, layer.units, inputs))]


def _known(shape: Shape) -> tuple[int, ...]:
    """A shape whose sizes are all numbers: `macs` has seen to that."""
    return tuple(size for size in shape if size is not None)


def _sums(products: Formula, values: Formula, noun: str = "output value") -> list[Step]:
    """Output values, times the products that each is the sum of."""
    each = Step(f"each {noun} is a sum of", products, "products")
    all_of_them = Step(f"{noun}s:", values)
    return [each, all_of_them, _together(values.value, products.value)]


def _together(values: int, products: int) -> Step:
    return Step("multiply-accumulates:", times(values, products))
