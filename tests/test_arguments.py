"""What callers pass: clean values come through, slips get a sentence whose advice works."""

from __future__ import annotations

import numpy as np
import pytest

from convkit.arguments import (
    ArgumentError,
    ShapeError,
    axis_padding,
    image_padding,
    image_shape,
    padding_word,
    pair,
    whole,
)

GOOD = [
    (whole, ("filters", 4), 4, "a plain number"),
    (whole, ("filters", np.int64(4)), 4, "NumPy integers are whole numbers"),
    (whole, ("before", 0, 0), 0, "the least that is allowed"),
    (pair, ("strides", 2), (2, 2), "one number for both axes"),
    (pair, ("kernel_size", (3, 5)), (3, 5), "height and width"),
    (pair, ("kernel_size", [3, 5]), (3, 5), "a list, as in a saved config"),
    (pair, ("kernel_size", np.array([3, 5])), (3, 5), "an array"),
    (image_shape, ((8, 8, 3),), (8, 8, 3), "height, width, channels"),
    (image_shape, ((None, 8, 8, 3),), (8, 8, 3), "with the batch axis as Keras prints it"),
    (padding_word, ("VALID",), "valid", "capitals, as tf.nn wants them"),
    (padding_word, ("Same",), "same", "any case, as Keras takes it"),
    (axis_padding, ((1, 2),), (1, 2), "amounts before and after"),
    (image_padding, ("SAME",), ("same", "same"), "one word for both axes"),
    (image_padding, (((0, 1), (2, 2)),), ((0, 1), (2, 2)), "top and bottom, left and right"),
    (image_padding, (np.array([[0, 1], [2, 2]]),), ((0, 1), (2, 2)), "an array of pairs"),
    (image_padding, ([np.array([0, 1]), (2, 2)],), ((0, 1), (2, 2)), "a list with an array"),
    (image_padding, (np.array([[0, 0], [0, 1], [2, 2], [0, 0]]),), ((0, 1), (2, 2)), "pairs for all axes, as tf.nn"),
    (pair, ("strides", np.array(2)), (2, 2), "an array of one number"),
    (image_shape, (np.array([8, 8, 3]),), (8, 8, 3), "a shape as an array"),
]


@pytest.mark.parametrize(("function", "arguments", "expected", "why"), GOOD, ids=[row[-1] for row in GOOD])
def test_what_can_be_meant_is_taken(function, arguments, expected, why):
    assert function(*arguments) == expected


WRONG = [
    (whole, ("strides", 0), "strides is 0, and has to be a whole number of at least 1, such as strides=1."),
    (whole, ("filters", "4"), r"filters is '4' \(str\), and has to be a whole number, such as filters=1."),
    (whole, ("filters", 4.0), r"filters is 4.0 \(float\), and has to be a whole number"),
    (whole, ("filters", True), r"filters is True \(bool\), and has to be a whole number"),
    (whole, ("filters", None), r"filters is None \(NoneType\), and has to be a whole number"),
    (pair, ("strides", (1, 2, 3)), r"strides is \(1, 2, 3\) with 3 numbers, and has to be one number or"),
    (pair, ("strides", (1, 0)), r"strides\[1\] is 0, and has to be a whole number of at least 1"),
    (pair, ("kernel_size", "33"), r"kernel_size is '33' \(str\), and has to be a whole number"),
    (padding_word, ("smae",), "padding is 'smae', and has to be 'valid', 'same' or explicit .* Did you mean 'same'?"),
    (padding_word, ("full",), "padding is 'full', and has to be 'valid', 'same' or explicit amounts.$"),
    (axis_padding, (1,), r"padding is 1, and along one axis it has to be .* such as \(1, 1\)."),
    (axis_padding, ((1, -1),), r"padding\[1\] is -1, and has to be a whole number of at least 0"),
    (
        image_padding,
        ([1, 1, 1, 1],),
        r"padding is \[1, 1, 1, 1\], and has to be 'valid', 'same' or \(\(top, bottom\), ",
    ),
    (image_padding, (np.ones((2, 2)),), r"padding\[0\] is 1.0 \(float\), and has to be a whole number"),
    (image_padding, ([[1, 0], [1, 1], [1, 1], [0, 0]],), r"images and channels.* Use padding=\(\(1, 1\), \(1, 1\)\)."),
    (image_padding, (None,), "padding is None, and has to be"),
    (pair, ("strides", np.array([1.5, 2])), r"strides\[0\] is 1.5 \(float\), and has to be a whole number"),
    (image_padding, ((1, 1),), r"padding is \(1, 1\), and has to be .* such as \(\(1, 1\), \(1, 1\)\)."),
]


@pytest.mark.parametrize(("function", "arguments", "message"), WRONG, ids=[row[2][:40] for row in WRONG])
def test_a_slip_is_named_with_its_value(function, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        function(*arguments)


@pytest.mark.parametrize("shape", [(8, 8), (8,), (1, 8, 8, 3), 8, "8x8", (None, 8, 8), None])
def test_a_shape_of_another_rank_is_refused(shape):
    with pytest.raises((ShapeError, ArgumentError), match=r"input.shape|height, width, channels"):
        image_shape(shape)


def test_an_argument_error_is_caught_as_keras_errors_are():
    assert issubclass(ArgumentError, ValueError)
    assert issubclass(ArgumentError, TypeError)
    assert issubclass(ShapeError, ValueError)
