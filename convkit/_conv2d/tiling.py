"""Cut a convolution into blocks that fit a small memory, and share them among the cores.

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

import numpy as np

from ..axis import Span
from .matmul import Array, Block, Convolution, at_once, by_patches, by_taps, is_ready

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
