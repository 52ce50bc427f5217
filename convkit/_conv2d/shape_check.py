"""The geometry of an input, a kernel and a padding that fit together, or an error with what would work."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ..arguments import Amounts, PaddingMode, ShapeError
from ..axis import Axis, make_axis

Shape = tuple[int, ...]
Padding = PaddingMode | Amounts

X_AXES = "(images, height, width, channels)"
KERNEL_AXES = "(kernel height, kernel width, channels / groups, filters)"


@lru_cache(maxsize=256)  # a function of whole numbers and words; it saves half of the time of a tiny convolution
def layout(
    x: Shape,
    kernel: Shape,
    strides: tuple[int, int],
    padding: tuple[Padding, Padding],
    dilations: tuple[int, int],
) -> tuple[Axis, Axis, int]:
    """The geometry of the rows and of the columns, and the number of groups."""
    if len(x) != 4:
        raise ShapeError(f"x has rank {len(x)}, shape {x}, and has to be {X_AXES}.{_rank_advice(x, kernel)}")
    if len(kernel) != 4:
        advice = _kernel_rank_advice(x, kernel)
        raise ShapeError(f"kernel has rank {len(kernel)}, shape {kernel}, and has to be {KERNEL_AXES}.{advice}")
    if 0 in x[1:]:
        raise ShapeError(f"x has shape {x}: of {X_AXES}, only the images may be 0.")
    if 0 in kernel:
        raise ShapeError(f"kernel has shape {kernel}: of {KERNEL_AXES}, each has to be 1 or more.")
    groups = _groups(x, kernel)
    height = _axis("height", x[1], kernel[0], strides[0], padding[0], dilations[0])
    width = _axis("width", x[2], kernel[1], strides[1], padding[1], dilations[1])
    return height, width, groups


def _axis(name: str, *of: Any) -> Axis:
    try:
        return make_axis(*of)
    except ShapeError as error:
        raise ShapeError(f"along the {name}, {error}".replace("dilation_rate", "dilations")) from None


# --- channels


def _groups(x: Shape, kernel: Shape) -> int:
    channels, depth, filters = x[3], kernel[2], kernel[3]
    if channels % depth:
        raise ShapeError(
            f"x has {channels} channels, and a kernel of shape {kernel} spans {depth}: {channels} is no multiple "
            f"of {depth}. A kernel of shape {(*kernel[:2], channels, filters)} fits.{_channel_advice(x, kernel)}"
        )
    groups = channels // depth
    if filters % groups:
        raise ShapeError(
            f"{channels} channels and a kernel that spans {depth} of them make {groups} groups, which do not divide "
            f"the {filters} filters. Use a multiple of {groups} filters, such as {-(-filters // groups) * groups}, "
            f"or a kernel of shape {(*kernel[:2], channels, filters)}: one group."
        )
    return groups


def _go_together(x: Shape, kernel: Shape) -> bool:
    return len(x) == len(kernel) == 4 and all(kernel) and not x[3] % kernel[2] and not kernel[3] % (x[3] // kernel[2])


def _channel_advice(x: Shape, kernel: Shape) -> str:
    """Orders of axes that other frameworks use, where they explain the shapes that are seen."""
    height, width, depth, filters = kernel
    first = x[0], x[2], x[3], x[1]
    if depth == first[3]:
        return f" If x has its channels first, np.moveaxis(x, 1, -1) fits: shape {first}."
    if filters == x[3]:
        return f" kernel.swapaxes(2, 3) fits: shape {(height, width, filters, depth)}."
    if width == x[3]:
        turned = depth, filters, width, height
        return f" If the kernel is PyTorch's, kernel.transpose(2, 3, 1, 0) fits: shape {turned}."
    return ""


# --- ranks: TensorFlow aborts the process for an x of rank 2 or 3

# (how to index, what comes out, what it then means)
Remedy = tuple[str, Shape, str]


def _rank_advice(x: Shape, kernel: Shape) -> str:
    remedies: list[Remedy] = []
    if len(x) == 2:
        remedies = [("x[None, :, :, None]", (1, *x, 1), "one image of one channel")]
    if len(x) == 3:
        remedies = [
            ("x[None]", (1, *x), f"one image, channels: {x[2]}"),
            ("x[..., None]", (*x, 1), f"one channel, images: {x[0]}"),
        ]
    return _that_work(remedies, lambda shape: len(kernel) != 4 or _go_together(shape, kernel))


def _kernel_rank_advice(x: Shape, kernel: Shape) -> str:
    remedies: list[Remedy] = []
    if len(kernel) == 2:
        alike = f"np.repeat(kernel[:, :, None, None], {x[3]}, axis=2)"
        remedies = [
            ("kernel[:, :, None, None]", (*kernel, 1, 1), "one filter over one channel"),
            (alike, (*kernel, x[3], 1), "one filter, alike for all channels"),
        ]
    if len(kernel) == 3:
        remedies = [
            ("kernel[..., None]", (*kernel, 1), f"one filter over channels: {kernel[2]}"),
            ("kernel[:, :, None, :]", (*kernel[:2], 1, kernel[2]), f"one channel, filters: {kernel[2]}"),
        ]
    return _that_work(remedies, lambda shape: _go_together(x, shape))


def _that_work(remedies: list[Remedy], works: Callable[[Shape], bool]) -> str:
    return "".join(f" {how} has shape {shape}: {meaning}." for how, shape, meaning in remedies if works(shape))
