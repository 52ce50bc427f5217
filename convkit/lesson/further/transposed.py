"""The exercises on transposed convolution: its length, and the operation for one image and one kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradekit import Exercise, Mistake, Question
from gradekit.exercise.mistake import Args, Contrast

from ... import arithmetic, ops
from .. import cases, levels, pictures
from ..quiet import quietly
from ..ready_made import CONVOLUTIONS, NumberExercise

Generator = np.random.Generator
Array = np.ndarray
Length = Callable[[int, int, int], int]  # (n, kernel_size, strides) -> a length
Join = Callable[[Array, Array], Array]

# -- the length along one axis; the kernel is never shorter than the stride ------------------------------------------


def keras_transposed_length(n: int, kernel_size: int, strides: int, padding: str) -> int:
    """Length of one axis of the output of `keras.layers.Conv2DTranspose`."""
    with quietly():
        import keras

        layer = keras.layers.Conv2DTranspose(1, kernel_size, strides=strides, padding=padding)
        return int(layer.compute_output_shape((None, n, n, 1))[1])


def _fresh_lengths(rng: Generator) -> list[Args]:
    """Both kinds of padding, strides of 1 to 3, kernels as long as the stride and longer."""
    n = rng.integers(3, 20, size=6)
    settings = ((4, 1, "valid"), (5, 2, "valid"), (3, 3, "valid"), (7, 3, "valid"), (5, 2, "same"), (4, 3, "same"))
    return [(int(size), *setting) for size, setting in zip(n, settings, strict=True)]


def _valid(n: int, k: int, s: int) -> int:
    return (n - 1) * s + k


def _same(n: int, k: int, s: int) -> int:
    return n * s


def _rule(valid: Length, same: Length) -> Callable[[int, int, int, str], int]:
    return lambda n, k, s, padding: valid(n, k, s) if padding == "valid" else same(n, k, s)


_FORWARD = "A transposed convolution goes the other way: which input would a convolution need for n output positions?"
_STAMPS = "Mark on squared paper where each copy of the kernel starts. Where does the last one end?"
_KERAS_SAME = 'Look at `keras.layers.Conv2DTranspose(1, 3, strides=2, padding="same")` on a small image.'

LENGTH_MISTAKES = (
    Mistake(
        "length-of-a-convolution",
        _rule(lambda n, k, s: (n - k) // s + 1, lambda n, k, s: -(-n // s)),
        "It returns the output length of an ordinary convolution.",
        _FORWARD,
    ),
    Mistake(
        "same-as-in-a-convolution",
        _rule(_valid, lambda n, k, s: -(-n // s)),
        "For SAME it divides by the stride.",
        _FORWARD,
    ),
    Mistake(
        "valid-as-in-a-convolution",
        _rule(lambda n, k, s: (n - k) // s + 1, _same),
        "For VALID it returns the output length of an ordinary convolution.",
        _FORWARD,
    ),
    Mistake("same-for-both", _rule(_same, _same), "It treats VALID as SAME.", "With VALID, nothing is cut. " + _STAMPS),
    Mistake(
        "valid-for-both",
        _rule(_valid, _valid),
        "It treats SAME as VALID.",
        "With SAME, the edges of the output are cut. " + _KERAS_SAME,
    ),
    Mistake(
        "padding-swapped", _rule(_same, _valid), "It takes VALID for SAME, and SAME for VALID.", "Which one cuts edges?"
    ),
    Mistake(
        "stride-ignored",
        _rule(lambda n, k, s: n + k - 1, lambda n, k, s: n),
        "It counts as if the stride were 1.",
        "How far are the starts of two neighboring copies apart? " + _STAMPS,
    ),
    Mistake(
        "same-keeps-the-length",
        _rule(_valid, lambda n, k, s: n),
        "For SAME it returns n, whatever the stride is.",
        _KERAS_SAME,
    ),
    Mistake(
        "one-stride-too-many",
        _rule(lambda n, k, s: n * s + k, _same),
        "For VALID it adds a whole kernel after n strides.",
        "With n copies, how many gaps are there between the first start and the last? " + _STAMPS,
    ),
    Mistake(
        "last-copy-as-one-pixel",
        _rule(lambda n, k, s: (n - 1) * s + 1, _same),
        "For VALID it ends at the start of the last copy.",
        _STAMPS,
    ),
    Mistake(
        "copies-side-by-side",
        _rule(lambda n, k, s: n * k, _same),
        "For VALID it lays the copies side by side, so that none overlap.",
        "The distance of neighboring copies is the stride. " + _STAMPS,
    ),
    Mistake(
        "kernel-size-and-stride-swapped",
        _rule(lambda n, k, s: (n - 1) * k + s, _same),
        "For VALID it takes the kernel size for the stride, and the stride for the kernel size.",
        "Which of the two says how far the copies are apart, and which how long a copy is? " + _STAMPS,
    ),
    Mistake(
        "one-zero-too-many",
        _rule(lambda n, k, s: (n - 1) * (s + 1) + k, _same),
        "For VALID, its copies start one pixel too far apart.",
        "With a stride of 1 the copies of neighbors are 1 pixel apart, and no zeros are between the pixels. " + _STAMPS,
    ),
    Mistake(
        "shortest-input",
        _rule(_valid, lambda n, k, s: (n - 1) * s + 1),
        "For SAME it returns the shortest length of which a SAME convolution makes n positions.",
        "There are several such lengths. Which of them does the stride divide? " + _KERAS_SAME,
    ),
    Mistake(
        "same-cut-by-the-kernel",
        _rule(_valid, lambda n, k, s: _valid(n, k, s) - 2 * (k // 2)),
        "For SAME it cuts kernel_size // 2 on both sides, whatever the stride is.",
        "How much is cut depends on the stride, too. " + _KERAS_SAME,
    ),
    Mistake(
        "one-too-few",
        _rule(lambda n, k, s: (n - 1) * s + k - 1, _same),
        "For VALID it is one pixel too short.",
        "Try n=1: a single copy of the kernel. How long is the output?",
    ),
)

LENGTH_CONTRASTS: tuple[Contrast, ...] = (
    ("for VALID", "for SAME", lambda n, k, s, padding: padding == "valid"),
    ("with a stride of 1", "with longer strides", lambda n, k, s, padding: s == 1),
    ("where the kernel is as long as the stride", "where the kernel is longer", lambda n, k, s, padding: k == s),
)


def _length_level(strides: tuple[int, ...], paddings: tuple[str, ...]) -> Callable[[Generator], Args]:
    def draw(rng: Generator) -> Args:
        n, stride = int(rng.integers(3, 30)), int(rng.choice(strides))
        return n, stride + int(rng.integers(0, 5)), stride, str(rng.choice(paddings))

    return draw


def _length_question(n: int, kernel_size: int, strides: int, padding: str) -> Question:
    return Question(
        f"A Conv2DTranspose layer has kernel size {kernel_size}, strides of {strides} and padding {padding!r}. "
        f"Its input has {n} pixels along an axis. How many pixels does the output have along it?",
        "Answer with a whole number.",
    )


# -- one image, one kernel ---------------------------------------------------------------------------------------------

VALUES = np.array([[10.0, 10], [12, 15]])
KERNEL = np.array([[2.0, 3], [0, 1]])
ONES = np.ones((3, 3))


def _size(image: Array, kernel: Array, strides: int) -> tuple[int, ...]:
    return tuple((n - 1) * strides + k for n, k in zip(image.shape, kernel.shape, strict=True))


def tf_transposed(image: Array, kernel: Array, strides: int) -> Array:
    """tf.nn.conv2d_transpose with VALID on one image (height, width), in float64."""
    with quietly():
        import tensorflow as tf

        height, width = _size(image, kernel, strides)
        y: Array = tf.nn.conv2d_transpose(
            image.astype(np.float64)[None, :, :, None],
            kernel.astype(np.float64)[:, :, None, None],
            (1, height, width, 1),
            strides,
            "VALID",
        ).numpy()
        return y[0, :, :, 0]


def _transposed(image: Array, kernel: Array, strides: int) -> Array:
    batch, weights, size = image[None, :, :, None], kernel[:, :, None, None], _size(image, kernel, strides)
    return ops.conv2d_transpose(batch, weights, strides, output_size=size)[0, :, :, 0]


def _laid_down(
    image: Array, kernel: Array, strides: int, join: Join = np.add, step: int | None = None, start: Any = 0.0
) -> Array:
    """Copies of the kernel, `step` pixels apart, on an output for `strides` that is filled with `start`.

    join: makes what is kept of a part of the output and of the copy that is laid on it.
    """
    height, width = kernel.shape
    step = step or strides
    out = np.full(_size(image, kernel, strides), start)
    for (row, column), value in np.ndenumerate(image):
        part = out[row * step : row * step + height, column * step : column * step + width]
        part[...] = join(part, value * kernel)
    return out


def _largest(image: Array, kernel: Array, strides: int) -> Array:
    """The largest of the copies at each pixel; 0 where there is none."""
    out = _laid_down(image, kernel, strides, np.maximum, start=-np.inf)
    return np.where(np.isinf(out), 0, out)


def _cut_at_the_end(image: Array, kernel: Array, strides: int) -> Array:
    """The first n * strides pixels along each axis, with zeros where the copies end before."""
    full, size = _transposed(image, kernel, strides), [n * strides for n in image.shape]
    out = np.zeros(size)
    rows, columns = (min(pair) for pair in zip(size, full.shape, strict=True))
    out[:rows, :columns] = full[:rows, :columns]
    return out


def _forward(image: Array, kernel: Array, strides: int) -> Array:
    if any(n < k for n, k in zip(image.shape, kernel.shape, strict=True)):
        raise ValueError("the kernel does not fit")
    return ops.conv2d(image[None, :, :, None], kernel[:, :, None, None], strides)[0, :, :, 0]


_COPY = "Take an image with a single 1 in a corner: what should come out? Compare with what your function returns."
_DRAW = "Draw the output on squared paper, and the copy of the kernel that each pixel lays on it."

TRANSPOSED_MISTAKES = (
    Mistake(
        "kernel-flipped",
        lambda image, kernel, strides: _transposed(image, kernel[::-1, ::-1], strides),
        "It lays down the kernel rotated by half a turn.",
        "Each pixel lays down the kernel as it is. " + _COPY,
    ),
    Mistake(
        "kernel-transposed",
        lambda image, kernel, strides: _transposed(image, kernel.T, strides),
        "It exchanges the rows and the columns of the kernel.",
        "It is the big matrix of the convolution that is transposed, and not the kernel. " + _COPY,
    ),
    Mistake(
        "image-transposed",
        lambda image, kernel, strides: _transposed(image.T, kernel, strides),
        "It exchanges the rows and the columns of the image.",
        "It is the big matrix of the convolution that is transposed, and not the image. " + _COPY,
    ),
    Mistake(
        "result-transposed",
        lambda image, kernel, strides: _transposed(image, kernel, strides).T,
        "It exchanges the rows and the columns of the result.",
        "The first index counts rows, from top to bottom, in the image, the kernel and the output. " + _COPY,
    ),
    Mistake(
        "overlaps-overwritten",
        lambda image, kernel, strides: _laid_down(image, kernel, strides, lambda part, copy: copy),
        "Where copies overlap, only the last one counts.",
        "Copies that overlap are added up: `=` replaces what is there, `+=` adds to it.",
    ),
    Mistake(
        "mean-of-overlaps",
        lambda image, kernel, strides: (
            _transposed(image, kernel, strides)
            / np.maximum(_transposed(np.ones(image.shape), np.ones(kernel.shape), strides), 1)
        ),
        "Where copies overlap, it takes their mean.",
        "Copies that overlap are added up. The checkerboard in the notebook shows it.",
    ),
    Mistake(
        "largest-of-overlaps",
        _largest,
        "Where copies overlap, it takes the largest value.",
        "Copies that overlap are added up. The checkerboard in the notebook shows it.",
    ),
    Mistake(
        "cut-at-the-end",
        _cut_at_the_end,
        "Its output has n * strides pixels along each axis, as with SAME.",
        "Without padding, nothing is cut. Where does the last copy end? " + _DRAW,
    ),
    Mistake(
        "whole-numbers",
        lambda image, kernel, strides: _laid_down(image, kernel, strides, lambda part, copy: part + np.trunc(copy)),
        "It keeps whole numbers only: what comes after the point is cut off.",
        "What type has the array that takes the results? `np.zeros(shape)` holds floats; `dtype=int` and "
        "`astype(int)` don't.",
    ),
    Mistake(
        "stride-ignored",
        lambda image, kernel, strides: _transposed(image, kernel, 1),
        "It works as if the stride were 1.",
        "How far apart are the copies that two neighboring pixels lay down? " + _DRAW,
    ),
    Mistake(
        "copies-one-pixel-apart",
        lambda image, kernel, strides: _laid_down(image, kernel, strides, step=1),
        "The size of its result is right, and the copies are one pixel apart, whatever the stride is.",
        "Where does the copy of pixel (1, 1) start, with a stride of 2? " + _DRAW,
    ),
    Mistake(
        "copies-side-by-side",
        lambda image, kernel, strides: np.kron(image, kernel),
        "It lays the copies side by side, so that none overlap.",
        "The distance of neighboring copies is the stride, and not the size of the kernel. " + _DRAW,
    ),
    Mistake(
        "one-zero-too-many",
        lambda image, kernel, strides: _transposed(image, kernel, strides + 1),
        "Its copies are one pixel too far apart.",
        "With a stride of 1 the copies of neighbors are 1 pixel apart, and no zeros are between the pixels. " + _DRAW,
    ),
    Mistake(
        "zeros-between-and-no-kernel",
        lambda image, kernel, strides: _transposed(image, np.ones((1, 1)), strides),
        "It moves the pixels apart, and does not use the kernel.",
        "Each pixel lays down a whole kernel, multiplied by its value. " + _DRAW,
    ),
    Mistake(
        "a-convolution",
        _forward,
        "It computes an ordinary convolution.",
        "A convolution reads a patch and writes one number. Here one number is read, and a patch is written.",
    ),
    Mistake(
        "type-of-the-image",
        lambda image, kernel, strides: _laid_down(image, kernel, strides, start=image.dtype.type(0)),
        "It keeps the number type of the image, so fractions are lost.",
        "An array like `np.zeros_like(image)` holds whole numbers, if the image does. `np.zeros(shape)` holds floats.",
    ),
)

TRANSPOSED_CONTRASTS: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda image, kernel, strides: strides == 1),
    ("where no copies overlap", "where copies overlap", lambda image, kernel, strides: strides >= max(kernel.shape)),
    ("for square kernels", "for other kernels", lambda image, kernel, strides: kernel.shape[0] == kernel.shape[1]),
    ("for square images", "for other images", lambda image, kernel, strides: image.shape[0] == image.shape[1]),
)


def _transposed_level(height: int, width: int, kernel: int, strides: int) -> Callable[[Generator], Args]:
    return lambda rng: (
        levels.whole_numbers(rng, 0, 4, height, width),
        levels.whole_numbers(rng, -1, 3, kernel, kernel),
        strides,
    )


def _transposed_question(image: Array, kernel: Array, strides: int) -> Question:
    return Question(
        f"A transposed convolution, with strides of {strides} and no padding, lays this kernel down for each pixel of "
        "this image. What is the output?",
        "Answer with the rows of the output, such as [[1, 2], [3, 4]].",
        (("image", image), ("kernel", kernel)),
    )


TRANSPOSED = (
    NumberExercise(
        "transposed-length",
        "transposed_length",
        ("n", "kernel_size", "strides", "padding"),
        arithmetic.transposed_length,
        asks="How long is the output of a transposed convolution along one axis?",
        oracle=keras_transposed_length,
        visible=((2, 2, 1, "valid"), (3, 3, 2, "valid"), (4, 3, 2, "same")),
        probes=(
            (5, 4, 1, "valid"),
            (6, 5, 2, "valid"),
            (4, 3, 3, "valid"),
            (9, 6, 3, "valid"),
            (12, 4, 2, "valid"),
            (5, 4, 1, "same"),
            (6, 5, 2, "same"),
            (7, 4, 3, "same"),
            (9, 3, 3, "same"),
        ),
        fresh=_fresh_lengths,
        mistakes=LENGTH_MISTAKES,
        contrasts=LENGTH_CONTRASTS,
        next_step="Try next: which kernel size and stride make 28 pixels of 7, in one layer and in two?",
        levels=(
            _length_level((1,), ("valid",)),
            _length_level((2,), ("valid",)),
            _length_level((2, 3, 4), ("valid", "same")),
        ),
        question=_length_question,
    ),
    Exercise(
        "transposed",
        "transposed",
        ("image", "kernel", "strides"),
        _transposed,
        picture=pictures.outputs,
        asks="What is the transposed convolution of one image with one kernel, without padding?",
        oracle=tf_transposed,
        visible=((VALUES, KERNEL, 1), (VALUES, KERNEL, 2), (ONES, ONES, 2)),
        probes=(
            (cases.quarters(31, 3, 4), cases.quarters(131, 2, 3), 1),
            (cases.quarters(32, 4, 3), cases.quarters(132, 3, 2), 2),
            (cases.quarters(33, 5, 4), cases.quarters(133, 3, 3), 3),
            (cases.quarters(34, 4, 4), cases.quarters(134, 4, 4), 2),
            (cases.quarters(35, 3, 3), cases.quarters(135, 3, 3), 1),
            (cases.small_integers(36, 3, 5), cases.quarters(136, 2, 3), 1),
            (cases.small_integers(37, 4, 4), cases.quarters(137, 3, 3), 2),
        ),
        fresh=lambda rng: [
            (cases.halves(rng, *image), cases.halves(rng, *kernel), strides)
            for image, kernel, strides in (
                ((4, 6), (2, 3), 1),
                ((5, 3), (3, 4), 2),
                ((3, 4), (3, 3), 3),
                ((4, 2), (5, 4), 3),
                ((6, 5), (4, 2), 2),
            )
        ],
        mistakes=TRANSPOSED_MISTAKES,
        contrasts=TRANSPOSED_CONTRASTS,
        next_step="Try next: a kernel that makes an image twice as large and repeats each pixel. Which stride does it "
        "need?",
        levels=(_transposed_level(2, 2, 2, 1), _transposed_level(2, 2, 2, 2), _transposed_level(2, 3, 3, 2)),
        question=_transposed_question,
        forbidden=CONVOLUTIONS,
        given={"y": VALUES, "kernel": KERNEL, "ones": ONES},
    ),
)
