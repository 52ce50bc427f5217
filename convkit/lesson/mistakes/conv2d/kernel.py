"""What may go wrong with the kernel, and with the channels that it runs through."""

from __future__ import annotations

import numpy as np

from ..slots import Array
from .rows import BY_HAND, Row


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
        {"kernel": _cut_taps},
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
        {"kernel": _last_tap},
        "only-the-last-weight",
        "At each position, only the product with the last weight of the kernel is left.",
        "If there are loops over the kernel: does each turn add to the result, or write over it?",
    ),
    (
        {"kernel": _last_number},
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
