"""Gradients, transposed and depthwise convolutions against TensorFlow's tape and tf.nn, on random configurations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convkit import ArgumentError, ShapeError, conv2d, conv2d_grad, conv2d_transpose, depthwise_conv2d

SIZE = st.integers(1, 3)
PADS = st.sampled_from(["VALID", "SAME"]) | st.tuples(st.tuples(SIZE, SIZE), st.tuples(SIZE, SIZE))


def whole(rng, shape):
    """Whole numbers, so that sums are exact and can be compared as they are."""
    return rng.integers(-4, 5, shape).astype("float64")


@st.composite
def calls(draw, grouped=True):
    """x, kernel and the settings of a convolution that fits."""
    groups, depth = draw(SIZE) if grouped else 1, draw(SIZE)
    taps = draw(st.tuples(SIZE, SIZE))
    x_shape = (draw(SIZE), draw(st.integers(1, 9)), draw(st.integers(1, 9)), groups * depth)
    kernel_shape = (*taps, depth, groups * draw(SIZE))
    strides, dilations = draw(st.tuples(SIZE, SIZE)), draw(st.tuples(SIZE, SIZE))
    padding = draw(PADS)
    if padding != "SAME":
        pads = ((0, 0), (0, 0)) if padding == "VALID" else padding
        room = [n + sum(pad) for n, pad in zip(x_shape[1:3], pads, strict=True)]
        assume(all((k - 1) * d < n for k, d, n in zip(taps, dilations, room, strict=True)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return whole(rng, x_shape), whole(rng, kernel_shape), strides, padding, dilations, rng


def spread(kernel, dilations):
    """The kernel with zeros between its taps: TensorFlow has no gradients of dilated convolutions on a CPU."""
    height, width = ((k - 1) * d + 1 for k, d in zip(kernel.shape, dilations, strict=False))
    wide = np.zeros((height, width, *kernel.shape[2:]))
    wide[:: dilations[0], :: dilations[1]] = kernel
    return wide


def theirs(padding):
    return padding if isinstance(padding, str) else [[0, 0], *map(list, padding), [0, 0]]


@settings(max_examples=500)
@given(call=calls())
def test_gradients_are_those_of_tensorflows_tape(tf, call):
    x, kernel, strides, padding, dilations, rng = call
    bias = tf.Variable(np.zeros(kernel.shape[3]))
    images, weights = tf.Variable(x), tf.Variable(spread(kernel, dilations))
    groups = x.shape[3] // kernel.shape[2]  # TensorFlow has no gradients of groups on a CPU either
    with tf.GradientTape() as tape:
        parts = zip(tf.split(images, groups, 3), tf.split(weights, groups, 3), strict=True)
        y = tf.concat([tf.nn.conv2d(part, by, strides, theirs(padding)) for part, by in parts], 3) + bias
    grad = whole(rng, y.shape)
    expected = tape.gradient(y, [images, weights, bias], output_gradients=tf.constant(grad))
    expected[1] = expected[1][:: dilations[0], :: dilations[1]]
    found = conv2d_grad(x, kernel, grad, strides, padding, dilations)
    for ours, want in zip(found, expected, strict=True):
        assert ours.shape == want.shape
        np.testing.assert_array_equal(ours, want.numpy())


@settings(max_examples=500)
@given(call=calls(grouped=False))
def test_a_transposed_convolution_is_the_one_of_tensorflow(tf, call):
    y, kernel, strides, padding, dilations, rng = call
    size = y.shape[1:3]
    x = whole(rng, (len(y), *conv2d(y, kernel, strides, padding, dilations).shape[1:]))
    wide = spread(kernel, dilations)
    expected = tf.nn.conv2d_transpose(x, wide, y.shape, strides, theirs(padding)).numpy()
    bias = whole(rng, kernel.shape[2])
    found = conv2d_transpose(x, kernel, strides, padding, dilations, bias, output_size=size)
    np.testing.assert_array_equal(found, expected + bias)


@settings(max_examples=500)
@given(call=calls(grouped=False))
def test_a_depthwise_convolution_is_the_one_of_tensorflow(tf, call):
    x, kernel, (stride, _), padding, dilations, rng = call
    if stride > 1:
        dilations = (1, 1)  # tf.nn takes one of them above 1
    by_channel = whole(rng, (*kernel.shape[:2], x.shape[3], 2))
    expected = tf.nn.depthwise_conv2d(x, by_channel, [1, stride, stride, 1], theirs(padding), dilations=dilations)
    found = depthwise_conv2d(x, by_channel, stride, padding, dilations)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected.numpy())


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("taps", [1, 2, 3, 4])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_without_a_size_the_output_is_that_of_conv2dtranspose(keras, taps, strides, padding):
    layer = keras.layers.Conv2DTranspose(2, taps, strides, padding, bias_initializer="random_normal", dtype="float64")
    x = np.random.default_rng(0).normal(size=(2, 5, 4, 3))
    expected = layer(x).numpy()
    kernel, bias = (variable.numpy() for variable in layer.weights)
    found = conv2d_transpose(x, kernel, strides, padding, bias=bias)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_gradients_are_finite_differences():
    """A second opinion without any framework: x and kernel are moved a little."""
    rng = np.random.default_rng(3)
    x, kernel = rng.normal(size=(1, 4, 5, 2)), rng.normal(size=(2, 3, 2, 2))
    settings = {"strides": (2, 1), "padding": "SAME"}
    grad = rng.normal(size=conv2d(x, kernel, **settings).shape)
    found, step = conv2d_grad(x, kernel, grad, **settings), 1e-6
    for array, gradient in ((x, found.x), (kernel, found.kernel)):
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + step
            more = (conv2d(x, kernel, **settings) * grad).sum()
            array[place] = kept - step
            less = (conv2d(x, kernel, **settings) * grad).sum()
            array[place] = kept
            assert gradient[place] == pytest.approx((more - less) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64"])
def test_dtypes_are_those_of_conv2d(dtype):
    x, kernel = np.ones((1, 4, 4, 2), dtype), np.ones((2, 2, 2, 2), dtype)
    y = conv2d(x, kernel)
    assert {array.dtype for array in conv2d_grad(x, kernel, y)} == {y.dtype}
    assert conv2d_transpose(x, kernel).dtype == depthwise_conv2d(x, kernel).dtype == y.dtype


x, kernel = np.ones((1, 5, 5, 2)), np.ones((3, 3, 2, 4))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: conv2d_grad(x, kernel, np.ones((1, 5, 5, 4))),
            ShapeError,
            r"has to have the .* output: \(1, 3, 3, 4\)",
        ),
        (lambda: conv2d_grad(x, kernel, "y"), ArgumentError, "grad has dtype"),
        (lambda: conv2d_grad(x, np.ones((9, 3, 2, 4)), x), ShapeError, "a kernel spanning 9 px does not fit 5 px"),
        (lambda: conv2d_transpose(x, kernel), ShapeError, r"\(kernel height, kernel width, filters, channels\)"),
        (
            lambda: conv2d_transpose(x, np.ones((3, 3, 4, 2)), 2, output_size=20),
            ShapeError,
            "an output of 20 px does not come from 5 px: a conv2d of it has 9 positions",
        ),
        (lambda: depthwise_conv2d(x, np.ones((3, 3, 1, 4))), ShapeError, "with the channels of x"),
        (
            lambda: depthwise_conv2d(x, kernel, padding=[1, 1, 1, 1]),
            ArgumentError,
            r"\(\(top, bottom\), \(left, right\)\)",
        ),
    ],
)
def test_errors_say_what_would_work(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()
