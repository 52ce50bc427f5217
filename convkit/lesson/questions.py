"""A question in words: a sentence or two, and the tables that belong to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np

from ...explain.html import CAPTION, FORMULA, sentence
from ..exercise import Args


@dataclass(frozen=True)
class Question:
    """What is asked, the tables to look at by their names, and how the answer is written."""

    asks: str
    answer: str
    tables: tuple[tuple[str, np.ndarray], ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.asks, *(_text_table(*table) for table in self.tables), self.answer])

    def html(self) -> str:
        """The same as paragraphs and tables."""
        return "\n".join([sentence(self.asks), *(_html_table(*table) for table in self.tables), sentence(self.answer)])


def question(exercise_id: str, args: Args) -> Question:
    """The question of an exercise on one case.

    >>> print(question("output-length", (8, 3, 2, "valid")))
    An axis has 8 pixels; the kernel covers 3 of them, strides are 2, padding is 'valid'. How many places are there for the kernel?
    Answer with a whole number.
    """  # noqa: E501
    return _QUESTIONS[exercise_id](*args)


WHOLE = "Answer with a whole number."


def _layer_params(kernel_size: int, in_channels: int, filters: int) -> Question:
    return Question(
        f"A Conv2D layer has {filters} filters and kernels of {kernel_size} x {kernel_size}, with a bias. "
        f"Its input has {_many(in_channels, 'channel')}. How many parameters does it have?",
        WHOLE,
    )


def _second_layer_params(filters: int) -> Question:
    return Question(
        "A first Conv2D layer has 2 filters. The second one, right after it, has kernels of 3 x 3, a bias and "
        f"{_many(filters, 'filter')}. How many parameters does the second layer have?",
        WHOLE,
    )


def _pointwise_params(in_channels: int, filters: int) -> Question:
    return Question(
        f"A 1 x 1 convolution with a bias makes {_many(filters, 'channel')} out of {in_channels}. "
        "How many parameters does it have?",
        WHOLE,
    )


def _same_padding(n: int, kernel_size: int, strides: int) -> Question:
    return Question(
        f"An axis has {n} pixels; the kernel covers {kernel_size} of them, strides are {strides}, padding is 'same'. "
        "How many zeros are added before the first pixel, and how many after the last?",
        "Answer with a pair (before, after).",
    )


def _output_length(n: int, kernel_size: int, strides: int, padding: str) -> Question:
    return Question(
        f"An axis has {n} pixels; the kernel covers {kernel_size} of them, strides are {strides}, "
        f"padding is {padding!r}. How many places are there for the kernel?",
        WHOLE,
    )


def _pointwise(image: np.ndarray, weights: np.ndarray) -> Question:
    filters = weights.shape[1]
    height, width, channels = image.shape
    form = "rows of one number for each pixel" if filters == 1 else f"rows of pixels, each a list of {filters} numbers"
    return Question(
        f"A 1 x 1 convolution without bias goes over an image of {height} x {width} pixels with {channels} channels. "
        f"It has {_many(filters, 'filter')}; the weights have a row for each channel and a column for each filter. "
        "What comes out?",
        f"Answer with {form}.",
        (*_channels("image", image), ("weights", weights)),
    )


def _conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> Question:
    _, height, width, channels = x.shape
    return Question(
        f"A kernel of {kernel.shape[0]} x {kernel.shape[1]} goes over an image of {height} x {width} pixels with "
        f"{_many(channels, 'channel')}; strides are {strides}, padding is {padding!r}, no bias. What comes out?",
        "Answer with the rows of the output, such as [[1, 2], [3, 4]].",
        (*_channels("image", x[0]), *_channels("kernel", kernel[:, :, :, 0])),
    )


def _edge_filter(image: np.ndarray, kernel: np.ndarray) -> Question:
    return Question(
        "This kernel goes over this image, with padding 'valid'. Does it answer anywhere: is any number of the output "
        "not 0?",
        "Answer with True or False.",
        (("image", image), ("kernel", kernel)),
    )


_QUESTIONS: dict[str, Callable[..., Question]] = {
    "layer-params": _layer_params,
    "second-layer-params": _second_layer_params,
    "pointwise-params": _pointwise_params,
    "same-padding": _same_padding,
    "output-length": _output_length,
    "pointwise": _pointwise,
    "conv2d": _conv2d,
    "edge-filter": _edge_filter,
}


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _channels(name: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """One table for each channel (height, width, channels)."""
    if values.shape[2] == 1:
        return [(name, values[..., 0])]
    return [(f"{name}, channel {channel}", values[..., channel]) for channel in range(values.shape[2])]


def _text_table(name: str, values: np.ndarray) -> str:
    cells = [[f"{value:g}" for value in row] for row in values]
    width = max(len(cell) for row in cells for cell in row)
    return "\n".join([f"{name}:", *("  " + " ".join(cell.rjust(width) for cell in row) for row in cells)])


def _html_table(name: str, values: np.ndarray) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f'<td style="{FORMULA}">{value:g}</td>' for value in row) + "</tr>" for row in values
    )
    caption = f'<caption style="{CAPTION}">{escape(name)}</caption>'
    return f"<table>\n{caption}\n<tbody>\n{rows}\n</tbody>\n</table>"
