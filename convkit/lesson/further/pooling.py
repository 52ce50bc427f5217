"""The exercises on pooling: max pooling of one image, and the parameters after global pooling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradekit import Exercise, Mistake, Question
from gradekit.exercise.mistake import Args

from .. import cases, levels, pictures
from ..quiet import quietly
from ..ready_made import LIBRARIES, NumberExercise

Generator = np.random.Generator
Array = np.ndarray

POOLS = (*(f"{library}.*pool*" for library in LIBRARIES), "skimage.block_reduce")

# -- max pooling -------------------------------------------------------------------------------------------------------

IMAGE = np.array([[1.0, 5, 2, 0], [3, 2, 4, 1], [0, 1, 7, 3], [2, 6, 2, 8]]).reshape(4, 4, 1)
NEGATIVE = -np.arange(30.0).reshape(5, 3, 2) - 1


def tf_max_pool(image: Array, pool_size: int) -> Array:
    """tf.nn.max_pool2d with VALID on one image (height, width, channels), in float64."""
    with quietly():
        import tensorflow as tf

        y: Array = tf.nn.max_pool2d(image.astype(np.float64)[None], pool_size, pool_size, "VALID").numpy()
        return y[0]


def _windows(image: Array, size: int, step: int) -> Array:
    """(rows, columns, channels, size, size): what each window reads."""
    views = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    part: Array = views[::step, ::step]
    return part


def _max_pool(image: Array, pool_size: int) -> Array:
    return _windows(image, pool_size, pool_size).max(axis=(3, 4))


def _with_the_rest(image: Array, pool_size: int) -> Array:
    rest = [(0, -size % pool_size) for size in image.shape[:2]]
    return _max_pool(np.pad(image.astype(float), (*rest, (0, 0)), constant_values=-np.inf), pool_size)


def _short_windows(image: Array, size: int) -> Array:
    """Windows without their last row and column, at least one pixel long."""
    kept = max(size - 1, 1)
    return _windows(image, size, size)[..., :kept, :kept].max(axis=(3, 4))


def _square(image: Array, size: int) -> Array:
    """As many columns of windows as rows. Raises ValueError for a window beyond the image."""
    starts = range(0, len(image) // size * size, size)
    return np.array([[image[i : i + size, j : j + size].max(axis=(0, 1)) for j in starts] for i in starts])


def _largest_size(image: Array, size: int) -> Array:
    """The value of each window that is farthest from 0."""
    windows = _windows(image, size, size).reshape(*_max_pool(image, size).shape, -1)
    at = np.abs(windows).argmax(axis=-1)[..., None]
    found: Array = np.take_along_axis(windows, at, axis=-1)[..., 0]
    return found


def _reshaped(image: Array, size: int) -> Array:
    height, width = (length // size for length in image.shape[:2])
    part = image[: height * size, : width * size]
    found: Array = part.reshape(height, width, size, size, -1).max(axis=(2, 3))
    return found


_EACH_CHANNEL = "Each channel is pooled by itself. The result has as many channels as the image."
_BY_HAND = "Mark the windows of the 4 by 4 image of the notebook, and write the largest value of each next to it."

POOL_MISTAKES = (
    Mistake(
        "mean-for-max",
        lambda image, size: _windows(image, size, size).mean(axis=(3, 4)),
        "It takes the mean of each window.",
        "That is average pooling. " + _BY_HAND,
    ),
    Mistake(
        "minimum-for-max",
        lambda image, size: _windows(image, size, size).min(axis=(3, 4)),
        "It takes the smallest value of each window.",
        _BY_HAND,
    ),
    Mistake(
        "sum-for-max",
        lambda image, size: _windows(image, size, size).sum(axis=(3, 4)),
        "It adds up the values of each window.",
        _BY_HAND,
    ),
    Mistake(
        "stride-of-1",
        lambda image, size: _windows(image, size, 1).max(axis=(3, 4)),
        "It moves the window one pixel at a time.",
        "Windows do not overlap: each starts where the one before ends. " + _BY_HAND,
    ),
    Mistake(
        "channels-pooled-too",
        lambda image, size: _max_pool(image, size).max(axis=2),
        "It takes the largest value over the channels too.",
        _EACH_CHANNEL,
    ),
    Mistake(
        "channels-pooled-too",
        lambda image, size: np.repeat(_max_pool(image, size).max(axis=2, keepdims=True), image.shape[2], axis=2),
        "It takes the largest value over the channels too.",
        _EACH_CHANNEL,
    ),
    Mistake(
        "only-the-first-channel",
        lambda image, size: _max_pool(image, size)[..., 0],
        "It pools the first channel only, and its result has no axis for the channels.",
        _EACH_CHANNEL,
    ),
    Mistake(
        "windows-one-pixel-apart",
        lambda image, size: _windows(image, size, 1).max(axis=(3, 4))[
            : image.shape[0] // size, : image.shape[1] // size
        ],
        "The size of its result is right, and its windows start one pixel apart.",
        "Windows do not overlap: at which pixel does the second one start? " + _BY_HAND,
    ),
    Mistake(
        "windows-one-pixel-short",
        _short_windows,
        "Its windows are without their last row and their last column.",
        "A slice `[a:b]` ends before b. How many pixels does yours have? " + _BY_HAND,
    ),
    Mistake(
        "square-image-assumed",
        _square,
        "It takes the height of the image for its width as well.",
        "An image need not be square: `image.shape` begins with its height and its width.",
    ),
    Mistake(
        "farthest-from-zero",
        _largest_size,
        "It takes the value of each window that is farthest from 0, whatever its sign is.",
        "Which is larger, -9 or -1? " + _BY_HAND,
    ),
    Mistake(
        "windows-by-reshape",
        _reshaped,
        "It reshapes the image to windows, so that pixels that follow each other in a row come into one window.",
        "`reshape` keeps the order of the numbers: row by row. Which axes does a window need? " + _BY_HAND,
    ),
    Mistake(
        "rest-kept",
        _with_the_rest,
        "It has windows for the pixels that are left over at the edges.",
        "A window that does not fit is left out. What does `//` do with the rest?",
    ),
    Mistake(
        "never-below-zero",
        lambda image, size: np.maximum(_max_pool(image, size), 0),
        "It never returns a value below 0.",
        "If a search for the largest value starts at 0, it misses windows with only negative values.",
    ),
    Mistake(
        "first-pixel-of-each-window",
        lambda image, size: _windows(image, size, size)[..., 0, 0],
        "It takes the first pixel of each window.",
        _BY_HAND,
    ),
    Mistake(
        "whole-image",
        lambda image, size: image.max(axis=(0, 1)),
        "It takes the largest value of each channel in the whole image.",
        "That is global pooling. " + _BY_HAND,
    ),
    Mistake(
        "height-only",
        lambda image, size: image[: len(image) // size * size].reshape(-1, size, *image.shape[1:]).max(axis=1),
        "It pools along the height, and not along the width.",
        "A window has a height and a width.",
    ),
    Mistake(
        "result-transposed",
        lambda image, size: _max_pool(image, size).transpose(1, 0, 2),
        "It exchanges the rows and the columns of the result.",
        "The first axis counts rows, from top to bottom, in the image and in the result.",
    ),
)


def _pool_level(height: int, width: int, size: int, least: int) -> Callable[[Generator], Args]:
    return lambda rng: (levels.whole_numbers(rng, least, 9, height, width, 1), size)


def _pool_question(image: Array, pool_size: int) -> Question:
    return Question(
        f"Max pooling with pool size {pool_size}, strides of {pool_size} and no padding goes over this image. "
        "What is the output?",
        "Answer with the rows of the output, such as [[1, 2], [3, 4]].",
        (("image", image[:, :, 0]),),
    )


# -- global pooling ----------------------------------------------------------------------------------------------------


def keras_head_params(height: int, width: int, channels: int, units: int) -> int:
    """Parameters of a built `GlobalAveragePooling2D` with a `Dense` after it."""
    with quietly():
        import keras

        pooling, dense = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(units)
        dense.build(pooling.compute_output_shape((None, height, width, channels)))
        return int(dense.count_params())


_LEFT = "How many values are left of an image after global pooling? Each unit has a weight for every one of them."
_BIAS = "Each unit has one bias."
_NOTHING = "A mean needs no weights. What does `count_params()` say of a GlobalAveragePooling2D layer?"

HEAD_MISTAKES = (
    Mistake(
        "flattened",
        lambda h, w, c, u: (h * w * c + 1) * u,
        "It counts a weight for every value of the image, as after Flatten.",
        _LEFT,
    ),
    Mistake(
        "positions-for-channels", lambda h, w, c, u: (h * w + 1) * u, "It counts a weight for each position.", _LEFT
    ),
    Mistake("height-kept", lambda h, w, c, u: (h * c + 1) * u, "It keeps the height of the image.", _LEFT),
    Mistake("width-kept", lambda h, w, c, u: (w * c + 1) * u, "It keeps the width of the image.", _LEFT),
    Mistake(
        "one-value-in-all",
        lambda h, w, c, u: 2 * u,
        "It counts a single value after pooling.",
        "Each channel is pooled by itself. " + _LEFT,
    ),
    Mistake("no-bias", lambda h, w, c, u: c * u, "It counts weights, and no bias.", _BIAS),
    Mistake("one-bias-for-the-layer", lambda h, w, c, u: c * u + 1, "It counts one bias for the whole layer.", _BIAS),
    Mistake("a-bias-for-each-input", lambda h, w, c, u: c * (u + 1), "It counts a bias for each channel.", _BIAS),
    Mistake(
        "units-on-the-bias-only",
        lambda h, w, c, u: c + u,
        "It takes the weights of a single unit, and adds the number of units.",
        "Every unit has weights of its own. If you left out parentheses: `a + b * c` multiplies before it adds.",
    ),
    Mistake(
        "pooling-with-weights",
        lambda h, w, c, u: c + (c + 1) * u,
        "It counts a weight for each channel in the pooling layer.",
        _NOTHING,
    ),
    Mistake(
        "pooling-with-weights",
        lambda h, w, c, u: h * w + (c + 1) * u,
        "It counts a weight for each position in the pooling layer.",
        _NOTHING,
    ),
    Mistake(
        "pooled-by-two",
        lambda h, w, c, u: ((h // 2) * (w // 2) * c + 1) * u,
        "It counts as after pooling with windows of 2 by 2.",
        "The window of global pooling is the whole image. " + _LEFT,
    ),
    Mistake("one-unit", lambda h, w, c, u: c + 1, "It counts one unit.", "Every unit has weights of its own."),
)


def _head_question(height: int, width: int, channels: int, units: int) -> Question:
    return Question(
        f"GlobalAveragePooling2D and Dense({units}) follow an output of {height} x {width} positions and {channels} "
        "channels. How many parameters do they have together?",
        "Answer with a whole number.",
    )


POOLING = (
    Exercise(
        "max-pool",
        "max_pool",
        ("image", "pool_size"),
        _max_pool,
        picture=pictures.outputs,
        asks="What is the output of max pooling on one image, with windows that do not overlap?",
        oracle=tf_max_pool,
        visible=((IMAGE, 2), (NEGATIVE, 2)),
        probes=(
            (cases.quarters(51, 6, 4, 2), 2),
            (cases.quarters(52, 7, 9, 3), 3),
            (cases.quarters(53, 5, 8, 2), 2),
            (-np.abs(cases.quarters(54, 6, 6, 2)), 3),
            (cases.quarters(55, 9, 6, 1), 4),
            (cases.small_integers(56, 4, 7, 3), 2),
        ),
        fresh=lambda rng: [
            (cases.halves(rng, 6, 9, 2), 3),
            (cases.halves(rng, 7, 5, 3), 2),
            (-np.abs(cases.halves(rng, 4, 8, 2)) - 1, 2),
            (cases.halves(rng, 11, 9, 1), 4),
        ],
        mistakes=POOL_MISTAKES,
        contrasts=(
            ("with one channel", "with more channels", lambda image, size: image.shape[2] == 1),
            (
                "where the windows cover the whole image",
                "where pixels are left over",
                lambda image, size: image.shape[0] % size == image.shape[1] % size == 0,
            ),
            ("for square images", "for other images", lambda image, size: image.shape[0] == image.shape[1]),
        ),
        next_step="Try next: average pooling as a depthwise convolution. Which weights and which stride does it need?",
        levels=(_pool_level(4, 4, 2, 0), _pool_level(5, 6, 2, -5), _pool_level(6, 7, 3, -9)),
        question=_pool_question,
        forbidden=POOLS,
        given={"image": IMAGE, "negative": NEGATIVE},
    ),
    NumberExercise(
        "head-params",
        "head_params",
        ("height", "width", "channels", "units"),
        lambda height, width, channels, units: (channels + 1) * units,
        asks="How many parameters do GlobalAveragePooling2D and a Dense layer have together?",
        oracle=keras_head_params,
        visible=((6, 6, 2, 10), (7, 7, 512, 10)),
        probes=((4, 5, 8, 3), (2, 3, 5, 7), (1, 2, 4, 9), (5, 2, 1, 4), (8, 3, 6, 1), (3, 7, 2, 16)),
        fresh=cases.dense_params,
        mistakes=HEAD_MISTAKES,
        contrasts=(
            ("with one unit", "with more units", lambda h, w, c, u: u == 1),
            ("for square images", "for images that are not square", lambda h, w, c, u: h == w),
        ),
        next_step="Try next: feed an image of twice the size. Which of the two heads still works, and why?",
        levels=(
            levels.counts((2, 4), (2, 4), (2, 5), (2, 5)),
            levels.counts((4, 8), (4, 8), (8, 32), (5, 20)),
            levels.counts((7, 14), (7, 14), (64, 512), (10, 1000)),
        ),
        question=_head_question,
    ),
)
