"""The errors of `conv2d` and `trace` for an input and a kernel that don't go together."""

from __future__ import annotations

from collections.abc import Callable

from ..arguments import ShapeError

Shape = tuple[int, ...]

X_AXES = "(images, height, width, channels)"
KERNEL_AXES = "(kernel height, kernel width, channels / groups, filters)"


def shape_error(x: Shape, kernel: Shape) -> ShapeError:
    """The error for shapes that don't go together."""
    if len(x) != 4:
        return ShapeError(f"x has rank {len(x)}, shape {x}, and has to be {X_AXES}.{_rank_advice(x, kernel)}")
    if len(kernel) != 4:
        advice = _kernel_rank_advice(x, kernel)
        return ShapeError(f"kernel has rank {len(kernel)}, shape {kernel}, and has to be {KERNEL_AXES}.{advice}")
    if 0 in x[1:]:
        return ShapeError(f"x has shape {x}: of {X_AXES}, only the images may be 0.")
    if 0 in kernel:
        return ShapeError(f"kernel has shape {kernel}: of {KERNEL_AXES}, each has to be 1 or more.")
    return ShapeError(_channels(x, kernel))


def go_together(x: Shape, kernel: Shape) -> bool:
    """Whether both have all axes, none of them empty but the images, and groups divide channels and filters."""
    if len(x) != 4 or len(kernel) != 4 or 0 in x[1:] or 0 in kernel:
        return False
    return not x[3] % kernel[2] and not kernel[3] % (x[3] // kernel[2])


# --- channels


def _channels(x: Shape, kernel: Shape) -> str:
    channels, depth, filters = x[3], kernel[2], kernel[3]
    one_group = (*kernel[:2], channels, filters)
    if channels % depth:
        return (
            f"x has {channels} channels, and a kernel of shape {kernel} spans {depth}: {channels} is not a multiple "
            f"of {depth}. A kernel of shape {one_group} fits.{_channel_advice(x, kernel)}"
        )
    groups = channels // depth
    return (
        f"{channels} channels and a kernel that spans {depth} of them make {groups} groups, which do not divide "
        f"the {filters} filters. Use a multiple of {groups} filters, such as {-(-filters // groups) * groups}, "
        f"or a kernel of shape {one_group}: one group."
    )


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
    return _that_work(remedies, lambda shape: len(kernel) != 4 or go_together(shape, kernel))


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
    return _that_work(remedies, lambda shape: go_together(x, shape))


def _that_work(remedies: list[Remedy], works: Callable[[Shape], bool]) -> str:
    return "".join(f" {how} has shape {shape}: {meaning}." for how, shape, meaning in remedies if works(shape))
