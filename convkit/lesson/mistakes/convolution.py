"""Mistakes in a convolution written by hand: x (n, h, w, c), kernel (kh, kw, c, filters), strides, "VALID" or "SAME".

Drawn from question threads and trackers: the flip of scipy's convolve2d, the stride left out of the window or of the
output's size, padding by half a kernel, the odd zero in front, SAME without a stride and thinned out, the last row
missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from .mistake import Mistake, Pattern, together
from .slots import Array, Axis, Conv, Pair, right_pads, right_places, same_total, zeros_around

_TABLE_OF_STARTS = (
    "Write down where the kernel starts along one row, for a length of 8, a kernel of 3 and a stride of 2."
)
_BATCH = (
    "`x` is a batch: its first axis counts images. Is there a 0 in your code where the number of the image belongs?"
)
_BY_HAND = "Work the first value of the case out by hand, product by product."
_SAME_HINT = "How far does the kernel reach beyond the image at its last place, and before it at its first?"


def _shared(before: Any) -> Any:
    """Pads of SAME by a rule that shares the right total."""

    def pads(axis: Axis) -> Pair:
        total = same_total(axis) if axis.same else 0
        return before(total), total - before(total)

    return pads


def _fixed(amounts: Any) -> Any:
    """Pads of SAME that depend on the kernel alone."""
    return lambda axis: amounts(axis.k) if axis.same else (0, 0)


def _around(mode: Any) -> Any:
    return lambda x, rows, columns: np.pad(x, ((0, 0), rows, columns, (0, 0)), mode=mode)


def _one_axis(height: bool) -> Any:
    return lambda x, rows, columns: zeros_around(x, rows if height else (0, 0), (0, 0) if height else columns)


def _stride_1_size(x: Array, kernel: Array, same: bool) -> Pair:
    sizes = [n if same else n - k + 1 for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)]
    return sizes[0], sizes[1]


def _with_holes(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
    full = np.zeros((len(y), *_stride_1_size(x, kernel, same), y.shape[-1]))
    full[:, ::strides, ::strides] = y
    return full


def _in_the_corner(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
    full = np.zeros((len(y), *_stride_1_size(x, kernel, same), y.shape[-1]))
    full[:, : y.shape[1], : y.shape[2]] = y
    return full


def _last_zero(y: Array) -> Array:
    y = y.copy()
    y[:, -1], y[:, :, -1] = 0, 0
    return y


def _alone(y: Array) -> Array:
    """Only the first image is worked on; the others stay as they were made, zero."""
    y = y.copy()
    y[1:] = 0
    return y


def _repeat(y: Array, which: int, axis: int) -> Array:
    return np.broadcast_to(np.take(y, [which], axis=axis), y.shape)


def _without_border(at_centre: bool) -> Any:
    """SAME's size, with values only where the kernel fits: no zeros were added around the image."""

    def spread(y: Array, x: Array, kernel: Array, strides: int, same: bool) -> Array:
        if not same:
            return y
        fits = Conv()(x, kernel, 1 if at_centre else strides, "VALID")
        full = np.zeros((len(y), *x.shape[1:3], y.shape[-1]))
        top, left = (kernel.shape[0] // 2, kernel.shape[1] // 2) if at_centre else (0, 0)
        full[:, top : top + fits.shape[1], left : left + fits.shape[2]] = fits
        return full[:, ::strides, ::strides] if at_centre else full[:, : y.shape[1], : y.shape[2]]

    return spread


def _cut_taps(kernel: Array) -> Array:
    kernel = kernel.copy()
    kernel[-1], kernel[:, -1] = 0, 0
    return kernel


def _last_tap(kernel: Array) -> Array:
    last = np.zeros_like(kernel)
    last[-1, -1] = kernel[-1, -1]
    return last


def _last_number(kernel: Array) -> Array:
    last = np.zeros_like(kernel)
    last[-1, -1, -1] = kernel[-1, -1, -1]
    return last


def _first_zero(y: Array) -> Array:
    y = y.copy()
    y[:, 0], y[:, :, 0] = 0, 0
    return y


def _floor_total(axis: Axis) -> Pair:
    total = max((axis.n // axis.s - 1) * axis.s + axis.k - axis.n, 0) if axis.same else 0
    return total // 2, total - total // 2


# slots, name, what was done, what helps
KERNEL: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"kernel": lambda k: k[::-1, ::-1]},
        "kernel-flipped",
        "It turns the kernel by half a turn before it multiplies.",
        "Mathematics and scipy's `convolve2d` do that. Keras and tf.nn lay the kernel on the image as it is. "
        + _BY_HAND,
    ),
    (
        {"kernel": lambda k: k[::-1]},
        "kernel-upside-down",
        "It takes the rows of the kernel from the bottom to the top.",
        "The first row of the kernel belongs on the first row of the patch. " + _BY_HAND,
    ),
    (
        {"kernel": lambda k: k[:, ::-1]},
        "kernel-mirrored",
        "It takes the columns of the kernel from right to left.",
        "The first column of the kernel belongs on the first column of the patch. " + _BY_HAND,
    ),
    (
        {"kernel": lambda k: k.swapaxes(0, 1)},
        "kernel-transposed",
        "It takes the rows of the kernel for its columns.",
        "The first axis of the kernel is its height. Try a kernel that is not square.",
    ),
    (
        {"kernel": _cut_taps},
        "kernel-not-to-its-end",
        "It leaves out the last row and the last column of the kernel.",
        "Do the loops over the kernel reach its end? `range(n)` runs from 0 to n - 1. " + _BY_HAND,
    ),
    (
        {"kernel": lambda k: k[::-1, ::-1, ::-1, ::-1]},
        "kernel-flipped-on-every-axis",
        "It reverses the kernel along all four axes: channels and filters as well.",
        "`np.flip(kernel)` without `axis` reverses every axis. Does Keras flip at all? " + _BY_HAND,
    ),
    (
        {"kernel": _last_tap},
        "only-the-last-weight",
        "At each place, only the product with the last weight of the kernel is left.",
        "If there are loops over the kernel: does each turn add to the result, or write over it?",
    ),
    (
        {"kernel": _last_number},
        "only-the-last-weight",
        "At each place, only the product with the last weight and the last channel is left.",
        "If there are loops over the kernel: does each turn add to the result, or write over it?",
    ),
)

STRIDES: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"strides": lambda s: (1, 1)},
        "stride-ignored",
        "It moves the kernel one pixel at a time, whatever the stride is.",
        _TABLE_OF_STARTS,
    ),
    (
        {"strides": lambda s: (s, 1)},
        "stride-on-one-axis",
        "It uses the stride downwards, and moves one pixel at a time to the right.",
        "The stride counts along both axes. Compare the two loops, and the two sizes of the result.",
    ),
    (
        {"strides": lambda s: (1, s)},
        "stride-on-one-axis",
        "It uses the stride to the right, and moves one pixel at a time downwards.",
        "The stride counts along both axes. Compare the two loops, and the two sizes of the result.",
    ),
    (
        {"steps": lambda s: (1, 1)},
        "stride-only-in-the-size",
        "It makes the result as small as the stride asks, and still moves the kernel one pixel at a time.",
        "Where does the kernel start for the second value? " + _TABLE_OF_STARTS,
    ),
    (
        {"steps": lambda s: (s, 1)},
        "stride-on-one-axis",
        "It moves the kernel by the stride downwards, and by one pixel to the right.",
        "The stride counts along both axes. Compare where the kernel starts in the rows and in the columns.",
    ),
    (
        {"steps": lambda s: (1, s)},
        "stride-on-one-axis",
        "It moves the kernel by the stride to the right, and by one pixel downwards.",
        "The stride counts along both axes. Compare where the kernel starts in the rows and in the columns.",
    ),
    (
        {"spread": _with_holes},
        "stride-leaves-holes",
        "It writes each value where its place starts, so that zeros are left between them.",
        "The second place gives the second value. Where in the result does it belong?",
    ),
    (
        {"spread": _in_the_corner},
        "stride-not-in-the-size",
        "It makes the result as large as for a stride of 1; the values stand in its first rows and columns, and zeros "
        "fill the rest.",
        "How many places are there with this stride? " + _TABLE_OF_STARTS,
    ),
)

PADDING: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"same": lambda same: False},
        "always-valid",
        "It works as for VALID, whatever `padding` says.",
        "Look at what `padding` is when the function is called, capitals or not: does your comparison ever hold?",
    ),
    (
        {"same": lambda same: True},
        "always-same",
        "It works as for SAME, whatever `padding` says.",
        "Look at what `padding` is when the function is called, capitals or not: does your comparison ever hold?",
    ),
    (
        {"same": lambda same: not same},
        "valid-and-same-swapped",
        "It works as for SAME where `padding` is VALID, and the other way round.",
        "Which of the two adds zeros around the image?",
    ),
    (
        {"pads": _shared(lambda total: total - total // 2)},
        "odd-one-before",
        "Where SAME needs an odd number of zeros, it puts the one that is over above, or to the left.",
        "Notebook 2 asked TensorFlow where the one that is over goes. " + _SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: 0)},
        "all-after",
        "It puts all zeros of SAME below and to the right.",
        _SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: total)},
        "all-before",
        "It puts all zeros of SAME above and to the left.",
        _SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, k - 1 - (k - 1) // 2))},
        "padding-of-stride-1",
        "It pads for SAME as a stride of 1 needs, whatever the stride is.",
        "With a longer stride the last place may end earlier, and then fewer zeros are needed. " + _SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1 - (k - 1) // 2, (k - 1) // 2))},
        "padding-of-stride-1-odd-one-before",
        "It pads for SAME as a stride of 1 needs, whatever the stride is, with the larger half above and to the left.",
        "With a longer stride fewer zeros may be needed. Notebook 2 asked TensorFlow where the one that is over goes. "
        + _SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k // 2, k // 2))},
        "half-a-kernel-on-each-side",
        "It pads half a kernel on each side for SAME: kernel_size // 2.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + _SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, (k - 1) // 2))},
        "small-half-on-each-side",
        "It pads (kernel_size - 1) // 2 on each side for SAME.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + _SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1, k - 1))},
        "a-whole-kernel-on-each-side",
        "It pads kernel_size - 1 on each side for SAME, so that every place that touches the image counts.",
        "That is called full padding, and Keras does not have it. How large should the result be?",
    ),
    (
        {"pads": lambda axis: (same_total(axis),) * 2 if axis.same else (0, 0)},
        "total-on-each-side",
        "It pads the whole number of zeros that SAME needs on each side, and so twice as many.",
        "How many zeros are needed in all, and how many do you add?",
    ),
    (
        {"pads": lambda axis: (same_total(axis) // 2,) * 2 if axis.same else (0, 0)},
        "halves-rounded-down",
        "It pads half of what SAME needs on each side, rounded down: of an odd number, one zero is lost.",
        "How many zeros are needed in all, and how many do you add? Try an even kernel.",
    ),
    (
        {"pads": lambda axis: (1, 1) if axis.same else (0, 0)},
        "padded-by-one",
        "It pads one zero on each side for SAME, whatever the kernel is.",
        "How far a kernel reaches beyond the border depends on its size. " + _SAME_HINT,
    ),
    (
        {"around": lambda x, rows, columns: zeros_around(x, columns, rows)},
        "padding-axes-swapped",
        "For SAME it pads the rows as the columns need it, and the columns as the rows need it.",
        "The second axis of x is the height: its zeros stand above and below. Try a kernel that is not square.",
    ),
    (
        {"around": _around("edge")},
        "border-repeated",
        "It repeats the pixels of the border for SAME, where zeros belong.",
        "`np.pad` adds zeros unless a mode is given. What does TensorFlow add?",
    ),
    (
        {"around": _around("reflect")},
        "border-mirrored",
        "It mirrors the image at its border for SAME, where zeros belong.",
        "`np.pad` adds zeros unless a mode is given. What does TensorFlow add?",
    ),
    (
        {"around": _one_axis(True)},
        "padded-on-one-axis",
        "It pads above and below for SAME, and not to the left and right.",
        "Both axes are padded, each by its own kernel size. Compare the two.",
    ),
    (
        {"around": _one_axis(False)},
        "padded-on-one-axis",
        "It pads to the left and right for SAME, and not above and below.",
        "Both axes are padded, each by its own kernel size. Compare the two.",
    ),
)

PLACES: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"places": lambda axis, room: axis.n // axis.s if axis.same else right_places(axis, room)},
        "same-rounded-down",
        "For SAME it rounds the number of places down.",
        "SAME has a place at the start, and one more after every stride inside the image. " + _TABLE_OF_STARTS,
    ),
    (
        {"pads": _floor_total, "places": right_places},
        "same-rounded-down",
        "For SAME it rounds the number of places down, and pads for that number.",
        "SAME has a place at the start, and one more after every stride inside the image. " + _TABLE_OF_STARTS,
    ),
    (
        {"spread": _without_border(at_centre=False)},
        "border-left-zero",
        "For SAME it makes the result large enough, and fills it only as far as the kernel fits into the image.",
        "The zeros of SAME go around the image, before the patches are cut out. " + _SAME_HINT,
    ),
    (
        {"spread": _without_border(at_centre=True)},
        "border-left-zero",
        "For SAME it makes the result large enough, and leaves zeros around the values where the kernel fits.",
        "The zeros of SAME go around the image, before the patches are cut out. " + _SAME_HINT,
    ),
    (
        {"places": lambda axis, room: -(-(room - axis.k) // axis.s)},
        "last-start-left-out",
        "It leaves out the last place of each row and each column, where it just touches the end.",
        "A `range` ends before its last number. Try a kernel as large as the image: how many places are there?",
    ),
    (
        {"places": lambda axis, room: (room - axis.k) // axis.s},
        "start-not-counted",
        "It counts the steps of the kernel, and not the place where it starts: a row and a column are missing.",
        "A kernel that makes no step stands in one place already. Try a kernel as large as the image.",
    ),
    (
        {"places": lambda axis, room: (room - axis.k + 1) // axis.s},
        "divided-too-late",
        "It counts the places of a stride of 1, and divides by the stride, rounded down.",
        "The first place always counts. " + _TABLE_OF_STARTS,
    ),
    (
        {"places": lambda axis, room: -(-(room - axis.k) // axis.s) + 1},
        "rounded-up",
        "It counts one place more where the last step leaves the image, as if zeros came after it.",
        "Does a place count where the kernel does not fit? " + _TABLE_OF_STARTS,
    ),
    (
        {"result": _last_zero},
        "last-row-and-column-zero",
        "The last row and the last column of its result are zero.",
        "Do the loops reach the last place? A `range` ends before its last number, and `<` leaves out what `<=` keeps.",
    ),
    (
        {"result": _first_zero},
        "first-row-and-column-zero",
        "The first row and the first column of its result are zero.",
        "Where do the loops start? Python counts from 0.",
    ),
    (
        {"result": lambda y: y[:, 1:, 1:]},
        "first-start-left-out",
        "The first row and the first column of the result are missing.",
        "Where does the first place start? Python counts from 0.",
    ),
    (
        {"result": lambda y: y[:, :-1]},
        "last-row-left-out",
        "The last row of the result is missing.",
        "Do the loops reach the last place downwards? A `range` ends before its last number.",
    ),
    (
        {"result": lambda y: y[:, :, :-1]},
        "last-column-left-out",
        "The last column of the result is missing.",
        "Do the loops reach the last place to the right? A `range` ends before its last number.",
    ),
)

CHANNELS: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"channels": lambda y: y},
        "channels-not-summed",
        "It keeps a result for each input channel, and does not add them up.",
        "A filter makes one number of all channels of its patch. Over which axes does your sum go?",
    ),
    (
        {"channels": lambda y: y.reshape(*y.shape[:3], -1)},
        "channels-not-summed",
        "It keeps a result for each input channel and each filter, and does not add the channels up.",
        "A filter makes one number of all channels of its patch. How many channels should the result have?",
    ),
    (
        {"channels": lambda y: y[..., 0, :]},
        "only-the-first-channel",
        "It looks at the first channel of the image only.",
        "A kernel reaches through all channels of its patch. Is there a 0 in your code where the number of the channel "
        "belongs?",
    ),
    (
        {"channels": lambda y: y[..., -1, :]},
        "only-the-last-channel",
        "Only the last channel of the image is left in the result.",
        "If there is a loop over the channels: does each turn add to the result, or write over it?",
    ),
    (
        {"channels": lambda y: y.mean(axis=-2)},
        "channels-averaged",
        "It takes the mean over the channels where their sum belongs.",
        "The kernel says how much each channel counts. " + _BY_HAND,
    ),
    (
        {"kernel": lambda k: np.broadcast_to(k[:, :, :1], k.shape)},
        "same-slice-for-all-channels",
        "It uses the kernel's first slice for every channel.",
        "Each channel has its own slice, `kernel[:, :, channel]`. " + _BY_HAND,
    ),
    (
        {"channels": lambda y: y[..., :-1, :].sum(axis=-2)},
        "last-channel-left-out",
        "It leaves out the last channel of the image.",
        "Does the loop reach the last channel? `range(n)` runs from 0 to n - 1.",
    ),
)

RESULT: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (
        {"result": lambda y: y[..., :1]},
        "only-the-first-filter",
        "It gives the result of the first filter only.",
        "Every filter makes a channel of its own. How many filters are there? Look at the last axis of the kernel.",
    ),
    (
        {"result": lambda y: y[..., 0]},
        "only-the-first-filter",
        "It gives the result of the first filter only, and without an axis for the filters.",
        "Every filter makes a channel of its own. How many filters are there? Look at the last axis of the kernel.",
    ),
    (
        {"result": lambda y: _repeat(y, 0, -1)},
        "first-filter-for-all",
        "It uses the first filter for every channel of the result.",
        "Is there a 0 in your code where the number of the filter belongs?",
    ),
    (
        {"result": lambda y: _repeat(y, -1, -1)},
        "last-filter-for-all",
        "It uses the last filter for every channel of the result.",
        "If there is a loop over the filters: does each turn write to a place of its own?",
    ),
    (
        {"result": lambda y: y * (np.arange(y.shape[-1]) < y.shape[-1] - 1)},
        "last-filter-zero",
        "The channel of the last filter is zero.",
        "Does the loop reach the last filter? `range(n)` runs from 0 to n - 1.",
    ),
    (
        {"result": lambda y: y.sum(axis=-1, keepdims=True)},
        "filters-summed",
        "It adds the results of all filters up.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: y.sum(axis=-1)},
        "filters-summed",
        "It adds the results of all filters up, and their axis is gone.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: np.broadcast_to(y.sum(axis=-1, keepdims=True), y.shape)},
        "filters-summed",
        "It adds the results of all filters up, and gives that sum for each of them.",
        "Which axes are summed over? The input channels go, the filters stay.",
    ),
    (
        {"result": lambda y: np.cumsum(y, axis=-1)},
        "sum-not-reset",
        "The sum goes on from one filter to the next.",
        "Where does the sum start again from 0? It has to, for every value of the result.",
    ),
    (
        {"result": lambda y: y[:1]},
        "only-the-first-image",
        "It gives the result for the first image of the batch only.",
        _BATCH,
    ),
    (
        {"result": lambda y: y[0]},
        "only-the-first-image",
        "It gives the result for the first image only, and without the batch axis.",
        "`x` is a batch: its first axis counts images, and the result has one as well.",
    ),
    (
        {"result": _alone},
        "only-the-first-image",
        "It works on the first image of the batch only: for the others the result is zero.",
        _BATCH,
    ),
    (
        {"result": lambda y: _repeat(y, 0, 0)},
        "only-the-first-image",
        "It gives the first image's result for every image of the batch.",
        _BATCH,
    ),
    (
        {"result": lambda y: y.sum(axis=0, keepdims=True)},
        "images-summed",
        "It adds the images of the batch up.",
        "Which axes are summed over? Every image of the batch keeps a result of its own.",
    ),
    (
        {"result": np.squeeze},
        "axes-of-length-1-lost",
        "Its result has lost its axes of length 1, as by `squeeze`.",
        "A batch of one image, or one filter, still has its axis.",
    ),
    (
        {"result": lambda y: y.swapaxes(1, 2)},
        "height-and-width-swapped",
        "Height and width have changed places in the result.",
        "The second axis of x is the height, the third the width. Try an image that is not square.",
    ),
    (
        {"result": lambda y: np.moveaxis(y, -1, 1)},
        "filters-before-height",
        "It puts the filters before the height, as other libraries do.",
        "Here the channels stand last, in the image and in the result.",
    ),
    (
        {"result": lambda y: np.maximum(y, 0)},
        "negative-values-cut",
        "It turns negative values into zeros, as relu does.",
        "An activation is not part of this question. What does the sum give for a negative weight?",
    ),
    (
        {"result": np.abs},
        "sign-lost",
        "It gives every value without its sign.",
        "A sum of products may be negative, and stays so.",
    ),
    (
        {"result": lambda y: y + 1},
        "one-added",
        "It adds 1 to every value, as a bias of 1 would.",
        "The question asks for a convolution without a bias.",
    ),
    (
        {"result": np.zeros_like},
        "zeros-only",
        "It gives zeros only.",
        "The result is made, and nothing is written into it. Do the loops run, and do they assign?",
    ),
    (
        {"typed": lambda y, x: np.trunc(y)},
        "whole-numbers",
        "It keeps whole numbers only: what comes after the point is cut off.",
        "What type has the array that takes the results? `np.zeros(shape)` holds floats; `dtype=int` and `astype(int)` "
        "don't.",
    ),
    (
        {"typed": lambda y, x: y.astype(x.dtype)},
        "type-of-the-image",
        "The result has the number type of x, and an image of whole numbers cuts off what comes after the point.",
        "`np.zeros_like(x)` and `dtype=x.dtype` take the type along. Which type can hold the products?",
    ),
)

SLOTS = (*KERNEL, *STRIDES, *PADDING, *PLACES, *CHANNELS, *RESULT)


def _mistake(name: str, did: str, helps: str, rule: Conv) -> Mistake:
    return Mistake(name, did, helps, rule, lambda *args: words(rule, *args))


def words(rule: Conv, *case: Any) -> str:
    """How this rule comes to its result: where its windows start, or the products of its first value that differs."""
    starts, right_starts = rule.starts(*case), Conv().starts(*case)
    if starts != right_starts:
        rows, columns = (_listed(axis) for axis in starts)
        below = "; below 0 is the padding" if min((0, *starts[0], *starts[1])) < 0 else ""
        return f"the kernel starts at {rows} downwards, and at {columns} to the right{below}"
    mine, right = rule(*case), Conv()(*case)
    if mine.shape != right.shape:
        return ""
    place = tuple(int(axis[0]) for axis in np.nonzero(~np.isclose(mine, right)))
    products = _products(rule, place, *case) if place else ""
    return f"at {place}, {products} = {mine[place]:g}" if products else ""


def _listed(starts: tuple[int, ...]) -> str:
    shown = [str(start) for start in starts[:6]] + ["and so on"] * (len(starts) > 6)
    return ", ".join(shown) or "no place"


def _products(rule: Conv, place: tuple[int, ...], *case: Any) -> str:
    """The sum of products behind one value, where the rule is one and it is short enough to read."""
    plain = Conv(kernel=rule.kernel, strides=rule.strides, same=rule.same, pads=rule.pads, around=rule.around)
    if replace(plain, places=rule.places, steps=rule.steps) != rule:
        return ""
    image, row, column, number = place
    taps = np.moveaxis(rule.kernel(case[1])[..., number], -1, 0)
    window = rule.windows(*case)[image, row, column]
    if window.size > 9:
        return ""
    return " + ".join(f"{_term(a)} x {_term(b)}" for a, b in zip(window.flat, taps.flat, strict=True))


def _term(number: float) -> str:
    return f"({number:g})" if number < 0 else f"{number:g}"


def _singles() -> Iterator[tuple[dict[str, Any], Mistake]]:
    for slots, name, did, helps in SLOTS:
        yield slots, _mistake(name, did, helps, Conv(**slots))


def _window_mean(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    return Conv()(x, kernel, strides, padding) / np.prod(kernel.shape[:3])


def _tap_mean(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    return Conv()(x, kernel, strides, padding) / np.prod(kernel.shape[:2])


def _window_max(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    windows = Conv().windows(x, kernel, strides, padding)
    return np.stack([(windows * np.moveaxis(f, -1, 0)).max(axis=(3, 4, 5)) for f in np.moveaxis(kernel, -1, 0)], -1)


def _not_square(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """`window.T * kernel`, which stops where the kernel is not square."""
    if kernel.shape[0] != kernel.shape[1]:
        raise ValueError("operands could not be broadcast together")
    return Conv(kernel=lambda k: k.swapaxes(0, 1))(x, kernel, strides, padding)


def _padded_for_both(down: bool) -> Any:
    """Zeros as the stride asks on both axes, and then the stride on one of them."""

    def rule(x: Array, kernel: Array, strides: int, padding: str) -> Array:
        rows, columns = (
            right_pads(Axis(n, k, strides, padding == "SAME"))
            for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)
        )
        one_way = Conv(strides=(lambda s: (s, 1)) if down else (lambda s: (1, s)))
        return one_way(zeros_around(x, rows, columns), kernel, strides, "VALID")

    return rule


def _thinned_padded(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    """Every strides-th pixel of the image with its zeros, and then no stride any more."""
    rows, columns = (
        right_pads(Axis(n, k, strides, padding == "SAME")) for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)
    )
    return _thinned(zeros_around(x, rows, columns), kernel, strides, "VALID")


def _thinned(x: Array, kernel: Array, strides: int, padding: str) -> Array:
    x = x[:, ::strides, ::strides]
    if padding == "VALID" and any(n < k for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)):
        raise ValueError("the kernel does not fit")
    return Conv()(x, kernel, 1, padding)


_THINNED = (
    "image-thinned-out",
    "It first picks pixels of the image by the stride, and then moves the kernel over those that are left.",
    "The stride says where the kernel starts. In one patch, the pixels stay neighbours. " + _TABLE_OF_STARTS,
)
_MEAN = (
    "mean-for-sum",
    "It takes the mean over the patch where a sum belongs.",
    "The kernel says how much each pixel counts. " + _BY_HAND,
)
_OTHERS = (
    Mistake(*_MEAN, _window_mean),
    Mistake(*_MEAN, _tap_mean),
    Mistake(
        "largest-for-sum",
        "It takes the largest product of the patch where their sum belongs.",
        "That is nearer to max pooling. " + _BY_HAND,
        _window_max,
    ),
    Mistake(*KERNEL[3][1:], _not_square),
    Mistake(*_THINNED, _thinned),
    Mistake(*_THINNED, _thinned_padded),
    Mistake(*STRIDES[1][1:], _padded_for_both(True)),
    Mistake(*STRIDES[2][1:], _padded_for_both(False)),
)

# What may be made together with a mistake in another slot, if one of the two is common. The rest is told alone.
_COMMON = {
    "kernel-flipped",
    "stride-ignored",
    "stride-only-in-the-size",
    "always-valid",
    "only-the-first-channel",
    "only-the-first-filter",
    "whole-numbers",
}
_SAME = {
    "stride-ignored + padding-of-stride-1",  # what else would a stride of 1 be padded by
    "stride-ignored + halves-rounded-down",  # for a stride of 1, the small half of a kernel
    "stride-ignored + start-not-counted",  # for a stride of 1, the last start is the start
    "channels-not-summed + only-the-first-filter",  # one after the other, it is the first channel of the first filter
}
_PAIRED = {
    "kernel-flipped",
    "stride-ignored",
    "stride-on-one-axis",
    "stride-only-in-the-size",
    "always-valid",
    "always-same",
    "odd-one-before",
    "all-after",
    "all-before",
    "padding-of-stride-1",
    "half-a-kernel-on-each-side",
    "small-half-on-each-side",
    "halves-rounded-down",
    "last-start-left-out",
    "start-not-counted",
    "channels-not-summed",
    "only-the-first-channel",
    "only-the-last-channel",
    "only-the-first-filter",
    "only-the-first-image",
    "whole-numbers",
}


def _pairs() -> Iterator[Mistake]:
    for (one, first), (other, second) in combinations(_singles(), 2):
        names = {first.name, second.name}
        if (
            names <= _PAIRED
            and names & _COMMON
            and _group(one) != _group(other)
            and " + ".join((first.name, second.name)) not in _SAME
        ):
            rule = Conv(**one, **other)
            yield together(first, second, rule, lambda *args, rule=rule: words(rule, *args))


def _group(slots: dict[str, Any]) -> str:
    """The part of the work a slot belongs to: two mistakes in one part are not made together."""
    slot = next(iter(slots))
    parts = {"steps": "strides", "spread": "strides", "same": "pads", "around": "pads", "typed": "typed"}
    return parts.get(slot, slot)


CONV2D = (*(mistake for _, mistake in _singles()), *_OTHERS, *_pairs())

_HW = (
    "height-and-width-mixed-up",
    "It is right where height and width are alike, and not where they differ.",
    "Somewhere one of them stands for the other, in the image or in the kernel. The second axis of x is the "
    "height, the "
    "third the width; the first axis of the kernel is its height.",
)


def _square(array: Array, axis: int) -> bool:
    return bool(array.shape[axis] == array.shape[axis + 1])


def _padded(x: Array, kernel: Array, strides: int, padding: str) -> list[int]:
    """Height and width with the zeros of SAME."""
    sizes = zip(x.shape[1:3], kernel.shape[:2], strict=True)
    return [n + sum(right_pads(Axis(n, k, strides, padding == "SAME"))) for n, k in sizes]


CONV2D_PATTERNS = (
    Pattern(*_HW, lambda x, kernel, *_: _square(x, 1)),
    Pattern(*_HW, lambda x, kernel, *_: _square(kernel, 0)),
    Pattern(*_HW, lambda x, kernel, *_: _square(x, 1) and _square(kernel, 0)),
    Pattern(*_HW, lambda *case: len(set(_padded(*case))) == 1),
    Pattern(*_HW, lambda *case: len(set(Conv()(*case).shape[1:3])) == 1),
    Pattern(
        _HW[0],
        "It is right wherever the image and the kernel are square, and not always where one of them is not.",
        _HW[2],
        lambda x, kernel, *_: _square(x, 1) and _square(kernel, 0),
        by_chance=True,
    ),
)
