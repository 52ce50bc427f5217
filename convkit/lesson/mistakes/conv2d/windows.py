"""What may go wrong before the sum: with the kernel, the stride, the zeros of SAME, and where windows start."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..slots import PADDING_READ, Array, AxisCase, Pair, same_total, zeroed, zeros_around

Row = tuple[dict[str, Any], str, str, str]  # slots, name, what was done, what helps

TABLE_OF_STARTS = (
    "Write down where the kernel starts along one row, for a length of 8, a kernel of 3 and a stride of 2."
)
BY_HAND = "Work the first value of the case out by hand, product by product."
SAME_HINT = "How far does the kernel reach beyond the image at its last position, and before it at its first?"


def _only(kernel: Array, *place: int) -> Array:
    kept = np.zeros_like(kernel)
    kept[place] = kernel[place]
    return kept


KERNEL: tuple[Row, ...] = (
    (
        {"kernel": lambda k: k[::-1, ::-1]},
        "kernel-flipped",
        "It rotates the kernel by 180 degrees before it multiplies.",
        "Mathematics and scipy's `convolve2d` do that. Keras and tf.nn lay the kernel on the image as it is. "
        + BY_HAND,
    ),
    (
        {"kernel": lambda k: k[::-1]},
        "kernel-upside-down",
        "It takes the rows of the kernel from the bottom to the top.",
        "The first row of the kernel belongs on the first row of the patch. " + BY_HAND,
    ),
    (
        {"kernel": lambda k: k[:, ::-1]},
        "kernel-mirrored",
        "It takes the columns of the kernel from right to left.",
        "The first column of the kernel belongs on the first column of the patch. " + BY_HAND,
    ),
    (
        {"kernel": lambda k: k.swapaxes(0, 1)},
        "kernel-transposed",
        "It takes the rows of the kernel for its columns.",
        "The first axis of the kernel is its height. Try a kernel that is not square.",
    ),
    (
        {"kernel": lambda k: zeroed(k, -1, np.s_[:, -1])},
        "kernel-not-to-its-end",
        "It leaves out the last row and the last column of the kernel.",
        "Do the loops over the kernel reach its end? `range(n)` runs from 0 to n - 1. " + BY_HAND,
    ),
    (
        {"kernel": lambda k: k[::-1, ::-1, ::-1, ::-1]},
        "kernel-flipped-on-every-axis",
        "It reverses the kernel along all four axes: channels and filters as well.",
        "`np.flip(kernel)` without `axis` reverses every axis. Does Keras flip at all? " + BY_HAND,
    ),
    (
        {"kernel": lambda k: _only(k, -1, -1)},
        "only-the-last-weight",
        "At each position, only the product with the last weight of the kernel is left.",
        "If there are loops over the kernel: does each turn add to the result, or write over it?",
    ),
    (
        {"kernel": lambda k: _only(k, -1, -1, -1)},
        "only-the-last-weight",
        "At each position, only the product with the last weight and the last channel is left.",
        "If there are loops over the kernel: does each turn add to the result, or write over it?",
    ),
)


CHANNELS: tuple[Row, ...] = (
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
        "A filter makes one number of all channels of its patch. How many numbers is that at each position?",
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
        "The kernel says how much each channel counts. " + BY_HAND,
    ),
    (
        {"kernel": lambda k: np.broadcast_to(k[:, :, :1], k.shape)},
        "same-weights-for-all-channels",
        "It uses the weights of the first channel for every channel.",
        "Each channel has its own weights. " + BY_HAND,
    ),
    (
        {"channels": lambda y: y[..., :-1, :].sum(axis=-2)},
        "last-channel-left-out",
        "It leaves out the last channel of the image.",
        "Does the loop reach the last channel? `range(n)` runs from 0 to n - 1.",
    ),
)


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


STRIDES: tuple[Row, ...] = (
    (
        {"strides": lambda s: (1, 1)},
        "stride-ignored",
        "It moves the kernel one pixel at a time, whatever the stride is.",
        TABLE_OF_STARTS,
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
        "Where does the kernel start for the second value? " + TABLE_OF_STARTS,
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
        "It writes each value where its position starts, so that zeros are left between them.",
        "The second position gives the second value. Where in the result does it belong?",
    ),
    (
        {"spread": _in_the_corner},
        "stride-not-in-the-size",
        "It makes the result as large as for a stride of 1; the values are in its first rows and columns, and zeros "
        "fill the rest.",
        "How many positions are there with this stride? " + TABLE_OF_STARTS,
    ),
)


def _shared(before: Any) -> Any:
    """Pads of SAME by a rule that shares the right total."""

    def pads(axis: AxisCase) -> Pair:
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


PADDING: tuple[Row, ...] = (
    (
        {"same": lambda same: False},
        "always-valid",
        "It works as for VALID, whatever `padding` says.",
        PADDING_READ,
    ),
    (
        {"same": lambda same: True},
        "always-same",
        "It works as for SAME, whatever `padding` says.",
        PADDING_READ,
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
        "Where SAME needs an odd number of zeros, it puts the extra one above, or to the left.",
        "Notebook 3 asked TensorFlow where the extra zero goes. " + SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: 0)},
        "all-after",
        "It puts all zeros of SAME below and to the right.",
        SAME_HINT,
    ),
    (
        {"pads": _shared(lambda total: total)},
        "all-before",
        "It puts all zeros of SAME above and to the left.",
        SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, k - 1 - (k - 1) // 2))},
        "padding-of-stride-1",
        "It pads for SAME as a stride of 1 needs, whatever the stride is.",
        "With a longer stride the last position may end earlier, and then fewer zeros are needed. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1 - (k - 1) // 2, (k - 1) // 2))},
        "padding-of-stride-1-odd-one-before",
        "It pads for SAME as a stride of 1 needs, whatever the stride is, with the larger half above and to the left.",
        "With a longer stride fewer zeros may be needed. Notebook 3 asked TensorFlow where the extra zero goes. "
        + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k // 2, k // 2))},
        "half-a-kernel-on-each-side",
        "It pads half a kernel on each side for SAME: kernel_size // 2.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: ((k - 1) // 2, (k - 1) // 2))},
        "small-half-on-each-side",
        "It pads (kernel_size - 1) // 2 on each side for SAME.",
        "What does that make of an even kernel, and of a stride of 2? The two sides need not be alike. " + SAME_HINT,
    ),
    (
        {"pads": _fixed(lambda k: (k - 1, k - 1))},
        "a-whole-kernel-on-each-side",
        "It pads kernel_size - 1 on each side for SAME, so that every position that touches the image counts.",
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
        "How far a kernel reaches beyond the border depends on its size. " + SAME_HINT,
    ),
    (
        {"around": lambda x, rows, columns: zeros_around(x, columns, rows)},
        "padding-axes-swapped",
        "For SAME it pads the rows as the columns need it, and the columns as the rows need it.",
        "The second axis of x is the height: its zeros are above and below. Try a kernel that is not square.",
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
