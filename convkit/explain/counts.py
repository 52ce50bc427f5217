"""The parameters of a layer and its multiply-accumulates for one image, and why there are so many."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from ..arithmetic import channels_per_group
from ..layers import Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, Layer, SeparableConv2D, Shape
from ..layers.base import image, last_axis
from .derivation import Calculation, Section
from .formula import Formula, divided, number, plus, times
from .words import counted, many


def parameters(layer: Layer, *input_shapes: Any) -> Section:
    """The section of a layer's parameters; its last step is the count."""
    steps = tuple(_steps(layer, *input_shapes))
    return Section("parameters", "Parameters", steps[-1].result if steps else 0, steps, _remark(layer, *input_shapes))


@singledispatch
def _steps(layer: Any, *input_shapes: Any) -> list[Calculation]:
    """Any layer: its weights, one array after the other."""
    weights = layer.weights(*input_shapes)
    sizes = [times(*weight.shape) if weight.shape else number(1) for weight in weights]
    steps = [Calculation(f"{weight.name}:", size, joint=", ") for weight, size in zip(weights, sizes, strict=True)]
    return [*steps, _together([size.value for size in sizes])] if len(steps) > 1 else steps


@_steps.register
def _(layer: Conv2D, input_shape: Any) -> list[Calculation]:
    channels = image(input_shape)[2]
    if layer.groups == 1:
        return _kernels(layer, layer.filters, times(*layer.kernel_size, channels))
    depth = divided(channels, layer.groups)
    group = Calculation(f"in {layer.groups} groups, each kernel sees", depth, f"of the {channels} channels")
    return [group, *_kernels(layer, layer.filters, times(*layer.kernel_size, depth.value))]


@_steps.register
def _(layer: Conv2DTranspose, input_shape: Any) -> list[Calculation]:
    return _kernels(layer, layer.filters, times(*layer.kernel_size, image(input_shape)[2]))


@_steps.register
def _(layer: DepthwiseConv2D, input_shape: Any) -> list[Calculation]:
    channels, each = image(input_shape)[2], layer.depth_multiplier
    kernels = Calculation(f"{counted(each, 'kernel')} for each channel:", times(channels, each), "kernels", joint="; ")
    weights = _kernels(layer, kernels.result, times(*layer.kernel_size), "each kernel sees one channel and spans")
    return weights if each == 1 else [kernels, *weights]


@_steps.register
def _(layer: SeparableConv2D, input_shape: Any) -> list[Calculation]:
    middle = times(image(input_shape)[2], layer.depth_multiplier)
    between = Calculation("depthwise kernels, and channels between the two parts:", middle)
    small = Calculation(
        f"{counted(middle.value, 'depthwise kernel')}:", times(middle.value, *layer.kernel_size), "weights"
    )
    depthwise = [small] if layer.depth_multiplier == 1 else [between, small]
    pointwise = _kernels(layer, layer.filters, times(1, 1, middle.value), "each 1 x 1 kernel spans")
    return [*depthwise, *pointwise, _together([small.result, pointwise[-1].result])]


@_steps.register
def _(layer: Dense, input_shape: Any) -> list[Calculation]:
    inputs = last_axis(tuple(input_shape))
    weights = Calculation("each unit has", number(inputs), f"{many(inputs, 'weight')}, one for each input")
    return [weights, *_with_bias(layer, inputs, layer.units, "unit")]


def _kernels(layer: Any, count: int, weights: Formula, what: str = "each kernel spans") -> list[Calculation]:
    """Weights, plus a bias, times the number of kernels."""
    unit = many(weights.value, "weight") + ("" if layer.use_bias else ", without a bias")
    return [Calculation(what, weights, unit), *_with_bias(layer, weights.value, count, "kernel")]


def _with_bias(layer: Any, weights: int, count: int, noun: str) -> list[Calculation]:
    each = plus(weights, 1) if layer.use_bias else number(weights)
    bias = Calculation("plus 1 bias:", each, said=f"plus 1 bias = {each.value}", joint=", ")
    total = times(count, each.value)
    all_of_them = Calculation(
        f"{counted(count, noun)}:", total, said=f"{counted(count, noun)}: {total.value}", joint="; "
    )
    return [bias, all_of_them] if layer.use_bias else [all_of_them]


def _together(counts: list[int]) -> Calculation:
    return Calculation("together:", plus(*counts), joint="\n")


def _remark(layer: Layer, *input_shapes: Any) -> str:
    if not layer.count_params(*input_shapes):
        return "nothing in this layer is learned or kept"
    kept = sum(weight.count for weight in layer.weights(*input_shapes) if not (weight.trainable and layer.trainable))
    return f"{kept} of them are kept, but not trained" if kept else ""


COUNTED = "for one image; a multiply and its add count as one, the bias is not counted"
NONE = "pooling, scaling and moving numbers about count as none"


def macs(layer: Layer, *input_shapes: Any) -> Section | None:
    """The section of a layer's multiply-accumulates; None where a size or the layer is not known."""
    count = layer.macs(*input_shapes)
    if count is None:
        return None
    steps = tuple(_mac_steps(layer, *input_shapes)) if count else ()
    return Section("macs", "Multiply-accumulates", count, steps, COUNTED if count else NONE)


@singledispatch
def _mac_steps(layer: Any, *input_shapes: Any) -> list[Calculation]:
    return []


@_mac_steps.register
def _(layer: Conv2D, input_shape: Any) -> list[Calculation]:
    depth = channels_per_group(image(input_shape)[2], layer.filters, layer.groups)
    return _sums(times(*layer.kernel_size, depth), times(*_known(layer.output_shape(input_shape))))


@_mac_steps.register
def _(layer: DepthwiseConv2D, input_shape: Any) -> list[Calculation]:
    return _sums(times(*layer.kernel_size), times(*_known(layer.output_shape(input_shape))))


@_mac_steps.register
def _(layer: SeparableConv2D, input_shape: Any) -> list[Calculation]:
    height, width, filters = _known(layer.output_shape(input_shape))
    middle = image(input_shape)[2] * layer.depth_multiplier
    depthwise = _sums(times(*layer.kernel_size), times(height, width, middle), "depthwise output value")
    pointwise = _sums(times(1, 1, middle), times(height, width, filters))
    return [*depthwise, *pointwise, Calculation("together:", plus(depthwise[-1].result, pointwise[-1].result))]


@_mac_steps.register
def _(layer: Conv2DTranspose, input_shape: Any) -> list[Calculation]:
    height, width, channels = _known(image(input_shape))
    taps = Calculation(
        "each input pixel meets all weights of all kernels:", times(*layer.kernel_size, channels, layer.filters)
    )
    pixels = Calculation("input pixels:", times(height, width))
    return [taps, pixels, _all_products(pixels.result, taps.result)]


@_mac_steps.register
def _(layer: Dense, input_shape: Any) -> list[Calculation]:
    *places, inputs = input_shape
    return [
        Calculation(f"each output value is a sum of {counted(inputs, 'product')}:", times(*places, layer.units, inputs))
    ]


def _known(shape: Shape) -> tuple[int, ...]:
    """A shape whose sizes are all numbers: `macs` has seen to that."""
    return tuple(size for size in shape if size is not None)


def _sums(products: Formula, values: Formula, noun: str = "output value") -> list[Calculation]:
    """Output values, times the products that each is the sum of."""
    each = Calculation(f"each {noun} is a sum of", products, "products")
    all_of_them = Calculation(f"{noun}s:", values)
    return [each, all_of_them, _all_products(values.value, products.value)]


def _all_products(values: int, products: int) -> Calculation:
    return Calculation("multiply-accumulates:", times(values, products))
