"""Mistakes in a 1x1 convolution: image (height, width, channels), weights (channels, filters).

The result is (height, width, filters).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradekit.exercise.mistake import Mistake, Pattern

Image = np.ndarray
Weights = np.ndarray


def right(image: Image, weights: Weights) -> np.ndarray:
    return image @ weights


def _shapes(result: Callable[[Image, Weights], np.ndarray]) -> Callable[[Image, Weights], str]:
    def words(image: Image, weights: Weights) -> str:
        shape = result(image, weights).shape
        return f"image {image.shape} and weights {weights.shape} -> {shape}"

    return words


def _products(image: Image, weights: Weights) -> np.ndarray:
    return image[..., :, None] * weights


def _last_zero(image: Image, weights: Weights) -> np.ndarray:
    result = image @ weights
    result[-1], result[:, -1] = 0, 0
    return result


def _first_zero(image: Image, weights: Weights) -> np.ndarray:
    result = image @ weights
    result[0], result[:, 0] = 0, 0
    return result


def _of_three(image: Image, weights: Weights) -> np.ndarray:
    if image.shape[-1] < 3:
        raise IndexError("there is no third channel")
    return image[..., :3] @ weights[:3]


def _of_two(image: Image, weights: Weights) -> np.ndarray:
    if weights.shape[1] < 2:
        raise IndexError("there is no second filter")
    return image @ weights[:, :2]


def _row(name: str, did: str, helps: str, rule: Callable[[Image, Weights], np.ndarray], told: str = "") -> Mistake:
    return Mistake(name, rule, did, helps, (lambda image, weights: told) if told else _shapes(rule))


_ONE_PIXEL = "Take one pixel with its channels, and one filter with its weights, and work the one number out by hand."

POINTWISE = (
    _row(
        "channels-not-summed",
        "It multiplies every channel by its weight, and does not add the products up.",
        "A filter makes one number of all channels of a pixel. " + _ONE_PIXEL,
        _products,
    ),
    _row(
        "only-the-first-channel",
        "It looks at the first channel of the image only.",
        "A 1x1 kernel is one pixel wide and reaches through all channels. " + _ONE_PIXEL,
        lambda image, weights: image[..., :1] @ weights[:1],
        "the first channel times its weight, for each filter",
    ),
    _row(
        "only-the-last-channel",
        "Only the last channel of the image is left in the result.",
        "If there is a loop over the channels: does each turn add to the result, or write over it?",
        lambda image, weights: image[..., -1:] @ weights[-1:],
        "the last channel times its weight, for each filter",
    ),
    _row(
        "only-the-first-filter",
        "It gives the result of the first filter only.",
        "Every filter makes a channel of its own. How many columns have the weights?",
        lambda image, weights: image @ weights[:, :1],
    ),
    _row(
        "filter-axis-lost",
        "It gives the result of the first filter only, and without an axis for the filters.",
        "Every filter makes a channel of its own. How many columns have the weights?",
        lambda image, weights: image @ weights[:, 0],
    ),
    _row(
        "first-filter-for-all",
        "It uses the first filter for every channel of the result.",
        "Is there a 0 in your code where the number of the filter belongs?",
        lambda image, weights: np.repeat(image @ weights[:, :1], weights.shape[1], axis=-1),
        "the result of the first filter, for each filter",
    ),
    _row(
        "last-filter-for-all",
        "It uses the last filter for every channel of the result.",
        "If there is a loop over the filters: does each turn write to its own channel?",
        lambda image, weights: np.repeat(image @ weights[:, -1:], weights.shape[1], axis=-1),
        "the result of the last filter, for each filter",
    ),
    _row(
        "filters-summed",
        "It adds the results of all filters up into one channel.",
        "Which axis is summed over? The channels go, the filters stay.",
        lambda image, weights: (image @ weights).sum(axis=-1, keepdims=True),
    ),
    _row(
        "filters-summed-away",
        "It adds the results of all filters up, and the axis of the filters is gone.",
        "Which axis is summed over? The channels go, the filters stay.",
        lambda image, weights: (image @ weights).sum(axis=-1),
    ),
    _row(
        "mean-for-sum",
        "It takes the mean over the channels where a sum is asked for.",
        "The weights say how much each channel counts. " + _ONE_PIXEL,
        lambda image, weights: (image @ weights) / image.shape[-1],
        "the sum of the products, divided by the number of channels",
    ),
    _row(
        "weights-applied-after-the-sum",
        "It adds the channels up first, so that all of them count with the same weight.",
        "Each channel has its own weight. " + _ONE_PIXEL,
        lambda image, weights: image.sum(-1, keepdims=True) * weights.sum(0),
        "the sum of the channels times the sum of the weights, for each filter",
    ),
    _row(
        "weights-averaged-per-filter",
        "It adds the channels up first, and multiplies by the mean of a filter's weights.",
        "Each channel has its own weight. " + _ONE_PIXEL,
        lambda image, weights: image.sum(-1, keepdims=True) * weights.mean(0),
        "the sum of the channels times the mean of the weights, for each filter",
    ),
    _row(
        "same-weight-for-all-channels",
        "It uses the weight of the first channel for all channels.",
        "Each channel has its own weight: a row of `weights` for each. " + _ONE_PIXEL,
        lambda image, weights: image.sum(-1, keepdims=True) * weights[0],
        "the sum of the channels times the first channel's weight, for each filter",
    ),
    _row(
        "whole-numbers",
        "It keeps whole numbers only: what comes after the point is cut off.",
        "What type has the array that takes the results? `np.zeros(shape)` holds floats; `dtype=int` and `astype(int)` "
        "don't.",
        lambda image, weights: np.trunc(image @ weights),
        "each value cut at the point",
    ),
    _row(
        "type-of-the-image",
        "The result has the number type of the image, and an image of whole numbers cuts off what comes after "
        "the point.",
        "`np.zeros_like(image)` and `dtype=image.dtype` take the type along. Which type can hold the weights' "
        "products?",
        lambda image, weights: (image @ weights).astype(image.dtype),
        "values cut at the point, where the image has whole numbers",
    ),
    _row(
        "weights-transposed",
        "It takes the rows of `weights` for the filters.",
        "The weights have the shape (channels, filters). Which of the two has to meet the channels of the image?",
        lambda image, weights: image @ weights.T,
        "the image times the transposed weights",
    ),
    _row(
        "height-and-width-swapped",
        "Height and width are swapped in the result.",
        "The first axis of an image is its height. Compare the shape of your result with that of the image.",
        lambda image, weights: (image @ weights).swapaxes(0, 1),
    ),
    _row(
        "filters-first",
        "It puts the filters on the first axis.",
        "Here the channels are last, in the image and in the result.",
        lambda image, weights: np.moveaxis(image @ weights, -1, 0),
    ),
    _row(
        "pixels-in-one-row",
        "It leaves the pixels in one long row: height and width are gone.",
        "After a matrix product on rows of pixels, the image has to get its height and width back.",
        lambda image, weights: (image @ weights).reshape(-1, weights.shape[1]),
    ),
    _row(
        "batch-axis-added",
        "It gives a batch of one image where an image is asked for.",
        "Compare the number of axes of your result with that of the image.",
        lambda image, weights: (image @ weights)[None],
    ),
    _row(
        "negative-values-cut",
        "It turns negative values into zeros, as relu does.",
        "An activation is not part of this question. What does the sum give for a negative weight?",
        lambda image, weights: np.maximum(image @ weights, 0),
        "each value, or 0 where it is negative",
    ),
    _row(
        "one-added",
        "It adds 1 to every value, as a bias of 1 would.",
        "The question asks for a convolution without a bias.",
        lambda image, weights: image @ weights + 1,
        "each value plus 1",
    ),
    _row(
        "filters-in-reverse",
        "It gives the filters in reverse order.",
        "The first filter is the first column of `weights`, and makes the first channel.",
        lambda image, weights: (image @ weights)[..., ::-1],
    ),
    _row(
        "channels-in-reverse",
        "It gives the first channel the weight of the last, and the last that of the first.",
        "The first channel's weights are the first row of `weights`. " + _ONE_PIXEL,
        lambda image, weights: image[..., ::-1] @ weights,
        "the channels in reverse times the weights",
    ),
    _row(
        "last-row-and-column-zero",
        "The last row and the last column of its result are zero.",
        "Do the loops reach the last pixel? `range(n)` runs from 0 to n - 1.",
        _last_zero,
        "0 in the last row and the last column",
    ),
    _row(
        "first-row-and-column-zero",
        "The first row and the first column of its result are zero.",
        "Where do the loops start? Python counts from 0.",
        _first_zero,
        "0 in the first row and the first column",
    ),
    _row(
        "three-channels-assumed",
        "It works with three channels, however many the image has.",
        "How many channels does the image have? Ask `image.shape`, and let a loop or an axis run over all of them.",
        _of_three,
        "the products of the first three channels",
    ),
    _row(
        "two-filters-assumed",
        "It works with two filters, however many there are.",
        "How many filters are there? Ask `weights.shape`, and let a loop or an axis run over all of them.",
        _of_two,
        "the results of the first two filters",
    ),
    _row(
        "last-channel-left-out",
        "It leaves out the last channel of the image.",
        "Does the loop reach the last channel? `range(n)` runs from 0 to n - 1. " + _ONE_PIXEL,
        lambda image, weights: image[..., :-1] @ weights[:-1],
        "the products of all channels but the last",
    ),
    _row(
        "last-filter-zero",
        "The channel of the last filter is zero.",
        "Does the loop reach the last filter? `range(n)` runs from 0 to n - 1.",
        lambda image, weights: (image @ weights) * (np.arange(weights.shape[1]) < weights.shape[1] - 1),
        "0 for the last filter",
    ),
    _row(
        "zeros-only",
        "It gives zeros only.",
        "The result is made, and nothing is written into it. Does the loop assign to the result?",
        lambda image, weights: np.zeros((*image.shape[:2], weights.shape[1])),
        "0 everywhere",
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
