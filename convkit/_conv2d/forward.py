"""The output of a convolution, as matrix products of blocks that fit a small memory, shared among the cores.

One product of all patches with the kernel would be simplest, but its patches take kh * kw times the memory of the
input. So the output is cut into blocks, and a block is computed in one of two ways:

- **by patches**: copy what each output reads into a row, and multiply the rows with the kernel;
- **by taps**: copy nothing; multiply the image, shifted, with each of the kernel's kh * kw taps, and add up.

Patches are faster for few channels: a tap of them is too thin for a product of its own.
Taps are faster for many, and need no memory but for one product.

OpenBLAS, which NumPy multiplies with, shares a thick product well among its threads. In thin ones they wait for each
other. There, threads of our own take blocks, and compute them in products so small that OpenBLAS leaves each to the
thread that asks.
"""

from __future__ import annotations

import math
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arithmetic import Axis, Span

Array = npt.NDArray[Any]

# (start, stop) of images, of output rows and of output columns.
Block = tuple[Span, Span, Span]

# Threads of OpenBLAS that wait for each other took 20 ms instead of 3 ms for 64 images of 32x32x16 and
# 16 filters of 3x3.
ONE_THREAD = 2**18  # multiply-adds of a product that OpenBLAS does not share out
THICK = ONE_THREAD // 8  # weights above which such a product would have fewer than 8 rows, and be slow
SMALL = 2**16  # numbers of patches and of a padded input up to which nothing is cut
SHARED_FROM = 2**25  # multiply-adds below which starting a thread, which takes 0.1 ms, does not pay
OURS = 2**19  # bytes of scratch for each thread of ours: with its output it stays in the cache of its core
ALONE = 2**22  # bytes of scratch where OpenBLAS shares the work: it likes many rows
WINDOW = 2**22  # bytes of padded image that a block may copy
MOST_THREADS = 8  # keeps all scratch and windows together far below 64 MiB
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


# One way to compute a block: (work, block, scratch, multiply-adds of the largest product).
Way = Callable[[Convolution, Block, Array, int], None]


def fill(work: Convolution) -> None:
    """Compute work.out."""
    weights, groups = work.kernel.size, work.groups
    depth, filters = work.kernel.shape[2:]
    threads = _threads() if work.out.size // filters * weights >= SHARED_FROM else 1
    if _is_small(work):
        at_once(work)
    elif _is_pointwise(work):
        _multiply_pixels(work)
    elif depth == 1 < groups:  # depthwise: a group's product would be a single column
        _run(work, by_taps, threads)
    elif threads == 1 or depth * filters // groups > THICK:  # even a single tap is thick
        _run(work, by_patches, threads=1)
    elif weights // groups > THICK:
        _run(work, by_taps, threads)
    else:
        _run(work, by_patches, threads)


def _is_small(work: Convolution) -> bool:
    """All patches, and a padded copy of the input, take no more than a block may: no cutting is needed."""
    height, width = work.kernel.shape[:2]
    images, rows, columns, _ = work.out.shape
    patches = images * rows * columns * height * width * work.x.shape[3]
    return (
        patches <= SMALL
        and work.groups == 1
        and work.out.dtype == work.kernel.dtype
        and _window(work, ((0, images), (0, rows), (0, columns))) <= SMALL
    )


def _is_pointwise(work: Convolution) -> bool:
    """A 1x1 kernel needs no patches: the input is a matrix with a row for each pixel already."""
    return (
        work.kernel.shape[:2] == (1, 1)
        and work.x.shape[:3] == work.out.shape[:3]
        and work.groups == 1
        and work.out.dtype == work.kernel.dtype
        and is_ready(work)  # padding and a stride together may give the size of the input as well
    )


def _multiply_pixels(work: Convolution) -> None:
    channels, filters = work.kernel.shape[2:]
    np.matmul(work.x.reshape(-1, channels), work.kernel[0, 0], out=work.out.reshape(-1, filters))
    if work.bias is not None:
        work.out[...] += work.bias


def _threads() -> int:
    """Cores that this process may use. OMP_NUM_THREADS, which OpenBLAS obeys, limits us as well."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, MOST_THREADS, int(asked) if asked.isdecimal() and int(asked) else cores)


def _run(work: Convolution, way: Way, threads: int) -> None:
    """Cut the work into blocks that fit the scratch, and do them all."""
    memory, largest = (ALONE, sys.maxsize) if threads == 1 else (OURS, ONE_THREAD)
    todo, numbers = _cut(work, way, memory, largest)
    if way is by_patches and not _patches_fit(work, todo[0], numbers, memory):
        way = by_taps
        todo, numbers = _cut(work, way, memory, largest)
    take = partial(_take_blocks, work, way, deque(todo), numbers, largest)
    if threads == 1:
        take()
    else:
        _together(take, threads)


def _cut(work: Convolution, way: Way, memory: int, largest: int) -> tuple[list[Block], int]:
    """Blocks, and the numbers of scratch that the first and largest of them needs."""
    kernel_height, kernel_width, depth, filters = work.kernel.shape
    channels = depth * work.groups
    images, height, width, _ = work.out.shape
    if way is by_patches:
        row, widest = max(kernel_height * kernel_width * channels, filters), width
    else:
        row, widest = max(channels, filters), largest * work.groups // (depth * filters)
    todo = blocks(images, height, width, memory // (row * work.kernel.itemsize), widest)
    return todo, row * math.prod(stop - start for start, stop in todo[0])


def blocks(images: int, rows: int, columns: int, size: int, widest: int) -> list[Block]:
    """Cut (images, rows, columns) into blocks of at most `size` positions and `widest` columns, the largest first.

    Unless `widest` says otherwise, a block of more than one row has whole rows, and one of more than one image
    whole images: its positions are in one piece in memory.

    >>> blocks(images=1, rows=3, columns=4, size=8, widest=8)
    [((0, 1), (0, 2), (0, 4)), ((0, 1), (2, 3), (0, 4))]
    """
    across = max(1, min(columns, size, widest))
    down = max(1, min(rows, size // across))
    deep = max(1, min(images, size // (across * rows)))
    return list(product(_cuts(images, deep), _cuts(rows, down), _cuts(columns, across)))


def _cuts(length: int, most: int) -> list[Span]:
    """Pieces of about the same length: the last one should not keep a single core busy.

    >>> _cuts(10, most=8)
    [(0, 5), (5, 10)]
    """
    step = -(-length // -(-length // most))
    return [(start, min(start + step, length)) for start in range(0, length, step)]


def _patches_fit(work: Convolution, block: Block, numbers: int, memory: int) -> bool:
    """False for a kernel so large that one patch is too much, and for dilations that spread a patch too far."""
    itemsize = work.kernel.itemsize
    return numbers * itemsize <= memory and _window(work, block) * itemsize <= WINDOW


def _window(work: Convolution, block: Block) -> int:
    """Numbers of the padded copy that the patches of a block need; none where they can be views of the input."""
    if is_ready(work):
        return 0
    (image, images), rows, columns = block
    (top, bottom), (left, right) = work.rows.reach(rows), work.columns.reach(columns)
    return (images - image) * (bottom - top) * (right - left) * work.x.shape[3]


def _take_blocks(work: Convolution, way: Way, todo: deque[Block], numbers: int, largest: int) -> None:
    scratch = np.empty(numbers, work.kernel.dtype)
    with suppress(IndexError):  # of popleft, when none is left
        while True:
            way(work, todo.popleft(), scratch, largest)


def _together(task: Callable[[], None], threads: int) -> None:
    """Run a task in this thread and in some more, which live for this call only: a pool would not survive a fork."""
    from concurrent.futures import ThreadPoolExecutor  # takes 10 ms to import, and small inputs never need it

    with ThreadPoolExecutor(threads - 1) as pool:
        # Each in a copy of our context, so that np.errstate holds there too.
        others = [pool.submit(copy_context().run, task) for _ in range(threads - 1)]
        task()
    for other in others:
        other.result()


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
