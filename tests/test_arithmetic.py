"""The arithmetic of one axis and one layer, against what TensorFlow and Keras do with real arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convkit.arguments import ArgumentError, ShapeError
from convkit.arithmetic import (
    channels_per_group,
    conv_macs,
    conv_params,
    kernel_span,
    output_length,
    padding_amounts,
    receptive_field,
    transposed_length,
    unseen_pixels,
)

#    n  kernel_size strides padding dilation_rate  out  why this row exists
LENGTHS = [
    (32, 5, 1, "valid", 1, 28, "LeNet's first layer"),
    (8, 2, 1, "valid", 1, 7, "the lesson's single layer"),
    (8, 3, 1, "valid", 1, 6, "the lesson's three channels"),
    (8, 3, 1, "same", 1, 8, "SAME keeps the length"),
    (8, 3, 2, "same", 1, 4, "SAME with stride 2 halves it"),
    (7, 3, 2, "same", 1, 4, "and rounds up"),
    (7, 3, 2, "valid", 1, 3, "a stride that lands exactly on the end"),
    (8, 3, 2, "valid", 1, 3, "a stride that leaves a remainder"),
    (3, 3, 1, "valid", 1, 1, "a kernel as large as the input"),
    (8, 1, 3, "valid", 1, 3, "a stride larger than the kernel"),
    (7, 3, 1, "valid", 3, 1, "dilation: a span of 7 just fits 7"),
    (1, 1, 1, "same", 1, 1, "one pixel"),
    (2, 3, 1, (1, 0), 1, 1, "explicit amounts make it fit"),
    (10**9, 3, 2, "same", 1, 5 * 10**8, "sizes that no array has"),
]


@pytest.mark.parametrize(("n", "k", "s", "padding", "d", "out", "why"), LENGTHS, ids=[row[-1] for row in LENGTHS])
def test_output_length(n, k, s, padding, d, out, why):
    assert output_length(n, k, s, padding, d) == out


AXIS = {
    "n": st.integers(1, 20),
    "k": st.integers(1, 6),
    "s": st.integers(1, 8),
    "d": st.integers(1, 4),
}


def convolved(tf, x, kernel, s, padding, d):
    """tf.nn.conv2d along one axis: x (n,), kernel (k,)."""
    image = tf.reshape(tf.constant(x, tf.float32), (1, -1, 1, 1))
    taps = tf.reshape(tf.constant(kernel, tf.float32), (-1, 1, 1, 1))
    padding = padding if isinstance(padding, str) else [[0, 0], list(padding), [0, 0], [0, 0]]
    return tf.reshape(tf.nn.conv2d(image, taps, [s, 1], padding, dilations=[d, 1]), [-1]).numpy()


@settings(max_examples=200)
@given(**AXIS, same=st.booleans())
def test_lengths_are_those_of_tensorflow(tf, n, k, s, d, same):
    assume(same or kernel_span(k, d) <= n)  # tf.nn.conv2d does not check, and returns what was in memory
    word = "SAME" if same else "VALID"
    assert output_length(n, k, s, word, d) == len(convolved(tf, np.ones(n), np.ones(k), s, word, d))


@settings(max_examples=100)
@given(**AXIS)
def test_what_keras_refuses_is_refused_and_nothing_else(keras, n, k, s, d):
    from keras.src.ops.operation_utils import compute_conv_output_shape

    try:
        theirs = compute_conv_output_shape((None, n, 1, 1), 1, (k, 1), (s, 1), dilation_rate=(d, 1))[1]
    except ValueError:
        theirs = None
    try:
        ours = output_length(n, k, s, "valid", d)
    except ShapeError:
        ours = None
    assert ours == theirs


@settings(max_examples=200)
@given(**AXIS, seed=st.integers(0, 1000))
def test_the_padding_of_same_is_what_tensorflow_adds(tf, n, k, s, d, seed):
    before, after = padding_amounts(n, k, s, "same", d)
    random = np.random.default_rng(seed)
    x, kernel = random.uniform(1, 2, n), random.uniform(1, 2, k)
    theirs = convolved(tf, x, kernel, s, "SAME", d)
    ours = convolved(tf, x, kernel, s, (before, after), d)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert after - before in (0, 1)  # an odd total gives its extra row to the end
    if after:  # and no row is added that no window needs
        assert n + before + after - 1 < kernel_span(k, d) or len(theirs) > len(
            convolved(tf, x, kernel, s, (before, after - 1), d)
        )


@settings(max_examples=100)
@given(**AXIS, same=st.booleans())
def test_unseen_pixels_change_no_output(tf, n, k, s, d, same):
    """An image for each pixel, with that pixel alone: TensorFlow has not every gradient with dilation on a CPU."""
    assume(same or kernel_span(k, d) <= n)
    images = tf.reshape(tf.eye(n), (n, n, 1, 1))
    out = tf.nn.conv2d(images, tf.ones((k, 1, 1, 1)), [s, 1], "SAME" if same else "VALID", dilations=[d, 1])
    changed = tf.reduce_sum(out, axis=(1, 2, 3)).numpy()
    assert unseen_pixels(n, k, s, "same" if same else "valid", d) == tuple(np.flatnonzero(changed == 0))


@settings(max_examples=60)
@given(
    n=st.integers(1, 9),
    k=st.integers(1, 6),
    s=st.integers(1, 5),
    d=st.integers(1, 3),
    extra=st.none() | st.integers(0, 4),
    same=st.booleans(),
)
def test_transposed_lengths_are_those_of_keras(keras, n, k, s, d, extra, same):
    assume((s == 1 or d == 1) and (extra is None or extra < s))
    word = "same" if same else "valid"
    layer = keras.layers.Conv2DTranspose(1, k, s, word, output_padding=extra, dilation_rate=d)
    assert transposed_length(n, k, s, word, d, extra) == layer.compute_output_shape((None, n, n, 1))[1]


@settings(max_examples=60)
@given(
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    per_group=st.integers(1, 4),
    filters_per_group=st.integers(1, 4),
    groups=st.integers(1, 3),
    use_bias=st.booleans(),
)
def test_parameters_are_those_of_a_built_layer(keras, kernel, per_group, filters_per_group, groups, use_bias):
    channels, filters = per_group * groups, filters_per_group * groups
    layer = keras.layers.Conv2D(filters, kernel, groups=groups, use_bias=use_bias)
    layer.build((None, 9, 9, channels))
    assert conv_params(kernel, channels, filters, groups, use_bias) == layer.count_params()


@settings(max_examples=60)
@given(
    size=st.tuples(st.integers(5, 9), st.integers(5, 9)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    s=st.integers(1, 3),
    per_group=st.integers(1, 3),
    filters_per_group=st.integers(1, 3),
    groups=st.integers(1, 3),
)
def test_macs_are_the_products_that_tensorflow_adds_up(tf, size, kernel, s, per_group, filters_per_group, groups):
    """Ones times ones: each product adds 1 to the sum of all outputs."""
    channels, filters = per_group * groups, filters_per_group * groups
    out = tf.nn.conv2d(tf.ones((1, *size, channels)), tf.ones((*kernel, per_group, filters)), s, "VALID")
    ours = conv_macs((out.shape[1], out.shape[2]), kernel, channels, filters, groups)
    assert ours == int(tf.reduce_sum(out))


@settings(max_examples=40)
@given(layers=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4))
def test_the_receptive_field_is_what_one_output_answers_to(tf, layers):
    """An image for each pixel, with that pixel alone."""
    spans = [(kernel_span(k, d), s) for k, s, d in layers]
    size = receptive_field(spans)
    y = tf.reshape(tf.eye(size + 5), (size + 5, size + 5, 1, 1))
    for k, s, d in layers:
        y = tf.nn.conv2d(y, tf.ones((k, 1, 1, 1)), [s, 1], "VALID", dilations=[d, 1])
    touched = np.flatnonzero(y[:, 0, 0, 0].numpy())
    assert size == touched[-1] - touched[0] + 1


def test_the_advice_for_a_kernel_that_does_not_fit_works():
    with pytest.raises(ShapeError, match=r"a kernel spanning 7 px \(dilation_rate 3\) does not fit 5 px: 7 > 5. Use"):
        output_length(5, kernel_size=3, dilation_rate=3)
    with pytest.raises(ShapeError, match=r"Use kernel_size <= 2, dilation_rate <= 2 or padding='same'"):
        output_length(5, kernel_size=3, dilation_rate=3)
    assert output_length(5, kernel_size=2, dilation_rate=3) == 2
    assert output_length(5, kernel_size=3, dilation_rate=3, padding="same") == 5


def test_the_advice_for_groups_works():
    message = "groups=4 does not divide the 6 input channels. With 6 input channels and 4 filters, groups can be 1, 2."
    with pytest.raises(ShapeError, match=message):
        channels_per_group(in_channels=6, filters=4, groups=4)
    assert [channels_per_group(6, 4, groups) for groups in (1, 2)] == [6, 3]


@pytest.mark.parametrize("arguments", [(0, 3), (8, 0), (8, 3, 0), (8, "3"), (8, 3, 1, "full"), (8, 3, 1, "same", 0)])
def test_numbers_that_no_layer_has_are_refused(arguments):
    for function in (output_length, padding_amounts, unseen_pixels):
        with pytest.raises(ArgumentError, match="and has to be"):
            function(*arguments)
