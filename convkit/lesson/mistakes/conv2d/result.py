"""What may go wrong with the result: its images, filters, axes and numbers."""

from __future__ import annotations

import numpy as np

from ..slots import Array
from .rows import Row

_BATCH = (
    "`x` is a batch: its first axis counts images. Is there a 0 in your code where the number of the image belongs?"
)


def _alone(y: Array) -> Array:
    """Only the first image is worked on; the others stay as they were made, zero."""
    y = y.copy()
    y[1:] = 0
    return y


def _repeat(y: Array, which: int, axis: int) -> Array:
    return np.broadcast_to(np.take(y, [which], axis=axis), y.shape)


IMAGES: tuple[Row, ...] = (
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
        {"result": lambda y: y.sum(axis=0)},
        "images-summed",
        "It adds the images of the batch up, and their axis is gone.",
        "Which axes are summed over? Every image of the batch keeps a result of its own.",
    ),
)

RESULT: tuple[Row, ...] = (
    (
        {"result": lambda y: y[..., :1]},
        "only-the-first-filter",
        "It gives the result of the first filter only.",
        "Each filter has a result of its own. How many filters are there?",
    ),
    (
        {"result": lambda y: y[..., 0]},
        "only-the-first-filter",
        "It gives the result of the first filter only, and without an axis for the filters.",
        "Each filter has a result of its own. How many filters are there?",
    ),
    (
        {"result": lambda y: _repeat(y, 0, -1)},
        "first-filter-for-all",
        "It gives the first filter's result for every filter.",
        "Is there a 0 in your code where the number of the filter belongs?",
    ),
    (
        {"result": lambda y: _repeat(y, -1, -1)},
        "last-filter-for-all",
        "It gives the last filter's result for every filter.",
        "If there is a loop over the filters: does each turn fill in its own part of the result?",
    ),
    (
        {"result": lambda y: y * (np.arange(y.shape[-1]) < y.shape[-1] - 1)},
        "last-filter-zero",
        "The result of the last filter is zero.",
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
        {"result": np.squeeze},
        "axes-of-length-1-lost",
        "Its result has lost its axes of length 1, as by `squeeze`.",
        "An axis of length 1 is still an axis: that of a single image, filter, row or column.",
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
        "The result has the number type of the image, and an image of whole numbers cuts off what comes after the "
        "point.",
        "`np.zeros_like` and the `dtype` of the image take the type along. Which type can hold the products?",
    ),
)

AXES: tuple[Row, ...] = (
    (
        {"result": lambda y: y.swapaxes(1, 2)},
        "height-and-width-swapped",
        "Height and width are swapped in the result.",
        "Try an image that is not square, and compare the shape of your result with that of the image.",
    ),
    (
        {"result": lambda y: np.moveaxis(y, -1, 1)},
        "filters-before-height",
        "It puts the filters before the height, as other libraries do.",
        "Here the channels are last, in the image and in the result.",
    ),
)
