"""One block of a convolution's output, as matrix products.

One product of all patches with the kernel would be simplest, but its patches take kh * kw times the memory of the
input. So the output is cut into blocks (see `tiling`), and a block is computed in one of two ways:

- **by patches**: copy what each output reads into a row, and multiply the rows with the kernel;
- **by taps**: copy nothing; multiply the image, shifted, with each of the kernel's kh * kw taps, and add up.

Patches are faster for few channels: a tap of them is too thin for a product of its own.
Taps are faster for many, and need no memory but for one product.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..axis import Axis, Span

Array = npt.NDArray[Any]

# (start, stop) of images, of output rows and of output columns.
Block = tuple[Span, Span, Span]

# Copying patches is copying runs of kernel width * channels numbers. For few channels the runs along a row of the
# image are longer: 2 us instead of 10 for a 28x28 image of one channel.
FEW_CHANNELS = 4


class Convolution(NamedTuple):
    """A convolution whose arguments are checked, and the array for its result. Sums are kept in the kernel's dtype."""

    x: Array  # (images, height, width, channels)
    kernel: Array  # (kernel height, kernel width, channels / groups, filters)
    bias: Array | None  # (filters,)
    groups: int
    rows: Axis
    columns: Axis
    out: Array  # (images, rows, columns, filters)


def at_once(work: Convolution) -> None:
    """The plain formula, for one group: a matrix of all patches, times the kernel."""
    images, rows, columns, filters = work.out.shape
    positions = images * rows * columns
    windows = _windows(work, ((0, images), (0, rows), (0, columns)))
    if work.x.shape[3] < FEW_CHANNELS:
        patches = windows.transpose(3, 4, 5, 6, 0, 1, 2).reshape(-1, positions).T
    else:
        patches = windows.reshape(positions, -1)
    np.matmul(patches, work.kernel.reshape(-1, filters), out=work.out.reshape(positions, filters))
    if work.bias is not None:
        work.out[...] += work.bias


def by_patches(work: Convolution, block: Block, scratch: Array, largest: int = sys.maxsize) -> None:
    """Copy the patches of a block into rows, and multiply the rows with the kernel.

    The block is contiguous in work.out; no product has more than `largest` multiply-adds.
    """
    windows = _windows(work, block)
    patches = scratch[: windows.size].reshape(windows.shape)
    patches[...] = windows
    target = _part(work.out, block)
    positions, groups, filters = target.size // target.shape[3], work.groups, target.shape[3]
    sums = target if target.dtype == scratch.dtype else np.empty(target.shape, scratch.dtype)
    _tiles(
        patches.reshape(positions, groups, -1),
        _by_group(work.kernel, groups),
        sums.reshape(positions, groups, filters // groups),
        largest,
    )
    _finish(work, sums, target)


def by_taps(work: Convolution, block: Block, scratch: Array, largest: int = sys.maxsize) -> None:
    """Multiply what each tap of the kernel reads with that tap, and add up.

    A tap that reads padding reads zeros, which add nothing: those positions are left out.
    """
    images, rows, columns = block
    target = _part(work.out, block)
    sums = target if target.dtype == scratch.dtype else np.empty(target.shape, scratch.dtype)
    sums[...] = 0
    for i, j in np.ndindex(work.kernel.shape[:2]):
        (top, bottom), (left, right) = work.rows.inside(i, rows), work.columns.inside(j, columns)
        if top < bottom and left < right:
            part = sums[:, top - rows[0] : bottom - rows[0], left - columns[0] : right - columns[0]]
            part += _tap(work, (images, (top, bottom), (left, right)), i, j, scratch[: part.size].reshape(part.shape))
    _finish(work, sums, target)


def _finish(work: Convolution, sums: Array, target: Array) -> None:
    if work.bias is not None:
        sums += work.bias
    if sums is not target:
        target[...] = sums


def _part(array: Array, block: Block) -> Array:
    return array[tuple(slice(*span) for span in block)]


# --- patches


def _windows(work: Convolution, block: Block) -> Array:
    """What each output of a block reads: a view (images, rows, columns, groups, kernel height, kernel width, depth)."""
    base, offset = _pixels(work, block)
    image, row, column, channel = base.strides
    height, width, depth, _ = work.kernel.shape
    (first_image, images), (first_row, rows), (first_column, columns) = block
    counts = images - first_image, rows - first_row, columns - first_column
    steps = image, row * work.rows.strides, column * work.columns.strides
    inner = channel * depth, row * work.rows.dilation_rate, column * work.columns.dilation_rate, channel
    return np.ndarray((*counts, work.groups, height, width, depth), base.dtype, base, offset, (*steps, *inner))


def _pixels(work: Convolution, block: Block) -> tuple[Array, int]:
    """An array in one piece with all pixels that a block reads, and the bytes before the first of them.

    The input itself, or, where there is padding, a copy of the part that is read, with zeros around it.
    """
    x, (images, rows, columns) = work.x, block
    if is_ready(work):
        image, row, column, _ = x.strides
        return x, images[0] * image + work.rows.pixel(rows[0], 0) * row + work.columns.pixel(columns[0], 0) * column
    # All that the kernel reaches, and what of that is image.
    (up, down), (near, far) = work.rows.reach(rows), work.columns.reach(columns)
    (top, bottom), (left, right) = work.rows.clip(up, down), work.columns.clip(near, far)
    copy = np.zeros((images[1] - images[0], down - up, far - near, x.shape[3]), work.kernel.dtype)
    copy[:, top - up : bottom - up, left - near : right - near] = x[slice(*images), top:bottom, left:right]
    return copy, 0


def is_ready(work: Convolution) -> bool:
    """Whether patches can be views of the input: there is no padding, and the input is plain."""
    return not (work.rows.padded or work.columns.padded) and is_plain(work)


def is_plain(work: Convolution) -> bool:
    """Whether products can take the input as it is: in the kernel's dtype, and contiguous."""
    return work.x.dtype == work.kernel.dtype and work.x.flags.c_contiguous


# --- taps


def _tap(work: Convolution, block: Block, i: int, j: int, product: Array) -> Array:
    """The product of what tap (i, j) reads with its weights."""
    images, rows, columns = block
    first_row, last_row = (work.rows.pixel(place, i) for place in (rows[0], rows[1] - 1))
    first_column, last_column = (work.columns.pixel(place, j) for place in (columns[0], columns[1] - 1))
    seen = work.x[
        images[0] : images[1],
        first_row : last_row + 1 : work.rows.strides,
        first_column : last_column + 1 : work.columns.strides,
    ]
    if not is_plain(work):
        seen = np.ascontiguousarray(seen, product.dtype)
    _multiply(_split(seen, work.groups), _by_group(work.kernel[i, j], work.groups), _split(product, work.groups))
    return product


# --- products of (..., rows, groups, depth) with (groups, depth, filters)


def _split(array: Array, groups: int) -> Array:
    return array.reshape(*array.shape[:3], groups, array.shape[3] // groups)


def _by_group(kernel: Array, groups: int) -> Array:
    """Kernels as (groups, depth, filters): the first filters belong to the first channels."""
    filters = kernel.shape[-1]
    return kernel.reshape(kernel.size // filters, groups, filters // groups).swapaxes(0, 1)


def _tiles(rows: Array, kernel: Array, out: Array, largest: int) -> None:
    """The product, cut into many of at most `largest` multiply-adds. NumPy runs a stack of them in one call."""
    tile = max(1, largest // (kernel.shape[1] * kernel.shape[2]))
    whole = len(rows) // tile * tile
    if whole:
        _multiply(_stack(rows[:whole], tile), kernel, _stack(out[:whole], tile))
    if whole < len(rows):
        _multiply(rows[whole:], kernel, out[whole:])


def _stack(array: Array, tile: int) -> Array:
    return array.reshape(-1, tile, *array.shape[1:])


def _multiply(rows: Array, kernel: Array, out: Array) -> None:
    groups, depth, _ = kernel.shape
    if groups == 1:
        np.matmul(rows[..., 0, :], kernel[0], out=out[..., 0, :])
    elif depth == 1:  # a depthwise tap has nothing to sum: plain multiplication is 10 times as fast
        np.multiply(rows, kernel[:, 0], out=out)
    else:
        np.matmul(rows.swapaxes(-2, -3), kernel, out=out.swapaxes(-2, -3))
