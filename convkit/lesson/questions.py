"""The practice questions in words: a sentence or two, and the tables that belong to them."""

from __future__ import annotations

import numpy as np

from gradekit import Question

from ..explain.words import counted

WHOLE = "Answer with a whole number."


def layer_params(kernel_size: int, in_channels: int, filters: int) -> Question:
    return Question(
        f"A Conv2D layer has {filters} filters and kernels of {kernel_size} x {kernel_size}, with a bias. "
        f"Its input has {counted(in_channels, 'channel')}. How many parameters does it have?",
        WHOLE,
    )


def second_layer_params(filters: int) -> Question:
    return Question(
        "A first Conv2D layer has 2 filters. The second one, right after it, has kernels of 3 x 3, a bias and "
        f"{counted(filters, 'filter')}. How many parameters does the second layer have?",
        WHOLE,
    )


def pointwise_params(in_channels: int, filters: int) -> Question:
    return Question(
        f"A 1 x 1 convolution with a bias makes {counted(filters, 'channel')} out of {in_channels}. "
        "How many parameters does it have?",
        WHOLE,
    )


def same_padding(n: int, kernel_size: int, strides: int) -> Question:
    return Question(
        f"An axis has {n} pixels; the kernel covers {kernel_size} of them, strides are {strides}, padding is 'same'. "
        "How many zeros are added before the first pixel, and how many after the last?",
        "Answer with a pair (before, after).",
    )


def output_length(n: int, kernel_size: int, strides: int, padding: str) -> Question:
    return Question(
        f"An axis has {n} pixels; the kernel covers {kernel_size} of them, strides are {strides}, "
        f"padding is {padding!r}. How many output positions are there?",
        WHOLE,
    )


def pointwise(image: np.ndarray, weights: np.ndarray) -> Question:
    filters = weights.shape[1]
    height, width, channels = image.shape
    form = "rows of one number for each pixel" if filters == 1 else f"rows of pixels, each a list of {filters} numbers"
    return Question(
        f"A 1 x 1 convolution without bias goes over an image of {height} x {width} pixels with {channels} channels. "
        f"It has {counted(filters, 'filter')}; the weights have a row for each channel and a column for each filter. "
        "What comes out?",
        f"Answer with {form}.",
        (*_channels("image", image), ("weights", weights)),
    )


def conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> Question:
    _, height, width, channels = x.shape
    return Question(
        f"A kernel of {kernel.shape[0]} x {kernel.shape[1]} goes over an image of {height} x {width} pixels with "
        f"{counted(channels, 'channel')}; strides are {strides}, padding is {padding!r}, no bias. What comes out?",
        "Answer with the rows of the output, such as [[1, 2], [3, 4]].",
        (*_channels("image", x[0]), *_channels("kernel", kernel[:, :, :, 0])),
    )


def edge_filter(image: np.ndarray, kernel: np.ndarray) -> Question:
    return Question(
        "This kernel goes over this image, with padding 'valid'. Does it respond anywhere: is any number of the output "
        "not 0?",
        "Answer with True or False.",
        (("image", image), ("kernel", kernel)),
    )


def _channels(name: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """One table for each channel (height, width, channels)."""
    if values.shape[2] == 1:
        return [(name, values[..., 0])]
    return [(f"{name}, channel {channel}", values[..., channel]) for channel in range(values.shape[2])]


def ring_zeros(kernel_size: int) -> Question:
    return Question(
        f"A kernel of size {kernel_size} goes over an image with padding 'same' and a stride of 1. "
        "How many zeros are added before the first pixel of an axis, and how many after the last?",
        "Answer with a pair (before, after).",
    )


def receptive_field(kernel_sizes: tuple[int, ...], strides: tuple[int, ...]) -> Question:
    layers = "; ".join(f"kernel {size}, stride {stride}" for size, stride in zip(kernel_sizes, strides, strict=True))
    return Question(
        f"A stack of {len(strides)} layers, from the first to the last: {layers}. "
        "How many pixels along one axis does one value of the last layer see?",
        WHOLE,
    )


def one_position(x: np.ndarray, kernel: np.ndarray, row: int, column: int, strides: int) -> Question:
    return Question(
        f"A kernel of {kernel.shape[0]} x {kernel.shape[1]} goes over an image with strides of {strides}, without "
        f"padding and bias. What is the output at position ({row}, {column})? Positions are counted from 0.",
        "Answer with a list of one row, such as [[5]].",
        (*_channels("image", x[0]), *_channels("kernel", kernel[:, :, :, 0])),
    )


def dense_params(height: int, width: int, channels: int, units: int) -> Question:
    return Question(
        f"Flatten and Dense({units}) follow an output of {height} x {width} positions and {channels} channels. "
        "How many parameters does the Dense layer have?",
        WHOLE,
    )
