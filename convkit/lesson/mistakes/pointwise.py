"""Mistakes in a 1x1 convolution: image (height, width, channels), weights (channels, filters).

The result is (height, width, filters).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradekit.exercise.mistake import Mistake, Pattern

from .conv2d import AT_ONE_PIXEL, for_part
from .slots import Array, Conv


def _at_pixels(conv: Conv) -> Callable[[Array, Array], Array]:
    return lambda image, weights: conv(image[None], weights[None, None], 1, "VALID")[0]


def _of_three(image: Array, weights: Array) -> Array:
    if image.shape[-1] < 3:
        raise IndexError("there is no third channel")
    return image[..., :3] @ weights[:3]


def _of_two(image: Array, weights: Array) -> Array:
    if weights.shape[1] < 2:
        raise IndexError("there is no second filter")
    return image @ weights[:, :2]


def _normalized(image: Array, weights: Array) -> Array:
    with np.errstate(all="ignore"):  # weights that add up to 0
        return image @ weights / weights.sum(0)


def _as_channels_first(image: Array) -> Array:
    height, width, channels = image.shape
    return image.reshape(channels, height * width)


_MIXED = "It reshapes the image to (channels, pixels), so that numbers of several channels come into one row."
_CHANNELS_LAST = "The channels are the last axis: `image.reshape(-1, channels)` keeps the channels of a pixel together."
_ONE_PIXEL = "Take one pixel with its channels, and one filter with its weights, and work the one number out by hand."

POINTWISE = (
    *for_part(AT_ONE_PIXEL, _at_pixels),
    Mistake(
        "weights-applied-after-the-sum",
        lambda image, weights: image.sum(-1, keepdims=True) * weights.sum(0),
        "It adds the channels up first, so that all of them count with the same weight.",
        "Each channel has its own weight. " + _ONE_PIXEL,
    ),
    Mistake(
        "weights-averaged-per-filter",
        lambda image, weights: image.sum(-1, keepdims=True) * weights.mean(0),
        "It adds the channels up first, and multiplies by the mean of a filter's weights.",
        "Each channel has its own weight. " + _ONE_PIXEL,
    ),
    Mistake(
        "weights-transposed",
        lambda image, weights: image @ weights.T,
        "It takes the rows of `weights` for the filters.",
        "The weights have the shape (channels, filters). Which of the two has to meet the channels of the image?",
    ),
    Mistake(
        "weights-reshaped",
        lambda image, weights: image @ weights.reshape(weights.shape[::-1]).T,
        "It reshapes the weights to (filters, channels), so that numbers of several filters come into one row.",
        "`reshape` keeps the order of the numbers and moves no axis; `weights.T` does. " + _ONE_PIXEL,
    ),
    Mistake(
        "weights-normalized",
        _normalized,
        "It divides by the sum of the weights of each filter.",
        "The weights count as they are; they need not add up to 1. " + _ONE_PIXEL,
    ),
    Mistake(
        "pixels-in-one-row",
        lambda image, weights: (image @ weights).reshape(-1, weights.shape[1]),
        "It leaves the pixels in one long row: height and width are gone.",
        "After a matrix product on rows of pixels, the image has to get its height and width back.",
    ),
    Mistake(
        "channels-from-a-row",
        lambda image, weights: (weights.T @ _as_channels_first(image)).T.reshape(*image.shape[:2], -1),
        _MIXED,
        _CHANNELS_LAST,
    ),
    Mistake(
        "channels-from-a-row",
        lambda image, weights: (weights.T @ _as_channels_first(image)).reshape(*image.shape[:2], -1),
        _MIXED,
        _CHANNELS_LAST,
    ),
    Mistake(
        "batch-axis-added",
        lambda image, weights: (image @ weights)[None],
        "It gives a batch of one image where an image is asked for.",
        "Compare the number of axes of your result with that of the image.",
    ),
    Mistake(
        "filters-in-reverse",
        lambda image, weights: (image @ weights)[..., ::-1],
        "It gives the filters in reverse order.",
        "The first filter is the first column of `weights`, and makes the first channel.",
    ),
    Mistake(
        "channels-in-reverse",
        lambda image, weights: image[..., ::-1] @ weights,
        "It gives the first channel the weight of the last, and the last that of the first.",
        "The first channel's weights are the first row of `weights`. " + _ONE_PIXEL,
    ),
    Mistake(
        "three-channels-assumed",
        _of_three,
        "It works with three channels, however many the image has.",
        "How many channels does the image have? Ask `image.shape`, and let a loop or an axis run over all of them.",
    ),
    Mistake(
        "two-filters-assumed",
        _of_two,
        "It works with two filters, however many there are.",
        "How many filters are there? Ask `weights.shape`, and let a loop or an axis run over all of them.",
    ),
)

POINTWISE_PATTERNS = (
    Pattern(
        "height-and-width-mixed-up",
        "It is right where height and width are alike, and not where they differ.",
        "Somewhere one of them is used for the other. The first axis of an image is its height, the second its width.",
        lambda image, weights: image.shape[0] == image.shape[1],
    ),
)
