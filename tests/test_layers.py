"""Layers against the layers of Keras: shapes, weights, sums and MACs, and the slips that both refuse."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convkit
from convkit import ArgumentError, ShapeError
from convkit.layers import (
    LAYERS,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
    MaxPooling2D,
    Normalization,
    Rescaling,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from convkit.layers.base import positional
from convkit.model import chain, snake
from convkit.receptive import fields

PAIR = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))
WINDOW = {"strides": PAIR, "padding": st.sampled_from(["valid", "same", "VALID", "Same"])}
KERNEL = {"kernel_size": PAIR, "dilation_rate": st.integers(1, 3), "use_bias": st.booleans(), **WINDOW}
FILTERS = st.integers(1, 6)
POOL = {"pool_size": PAIR, "strides": st.none() | PAIR, "padding": st.sampled_from(["valid", "same"])}  # no capitals
SHAPE = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 6))

# The arguments to try for each class; half of the combinations are refused, by Keras and so by us.
ARGUMENTS = {
    "Conv2D": {"filters": FILTERS, "groups": st.integers(1, 3), **KERNEL},
    "DepthwiseConv2D": {"depth_multiplier": st.integers(1, 3), **KERNEL},
    "SeparableConv2D": {"filters": FILTERS, "depth_multiplier": st.integers(1, 3), **KERNEL},
    "Conv2DTranspose": {"filters": FILTERS, "output_padding": st.none() | st.integers(0, 2), **KERNEL},
    "MaxPooling2D": POOL,
    "AveragePooling2D": POOL,
    "GlobalAveragePooling2D": {"keepdims": st.booleans()},
    "GlobalMaxPooling2D": {"keepdims": st.booleans()},
    "Dense": {"units": FILTERS, "use_bias": st.booleans()},
    "Flatten": {},
    "ZeroPadding2D": {"padding": st.integers(0, 3) | st.tuples(PAIR, PAIR).filter(lambda p: type(p[0]) is type(p[1]))},
    "Cropping2D": {"cropping": st.integers(0, 3) | st.tuples(st.integers(0, 3), st.integers(0, 3))},
    "UpSampling2D": {"size": PAIR},
    "BatchNormalization": {"center": st.booleans(), "scale": st.booleans()},
    "LayerNormalization": {"center": st.booleans(), "scale": st.booleans()},
    "Activation": {"activation": st.sampled_from(["relu", "softmax", "linear"])},
    "ReLU": {"max_value": st.none() | st.just(6.0)},
    "Dropout": {"rate": st.sampled_from([0, 0.5, 1])},
    "Rescaling": {"scale": st.just(2.0)},
}


def answers_of_keras(keras, kind, arguments, shape):
    """(output shape, sorted shapes of the weights, count), or None where Keras refuses."""
    try:
        layer = getattr(keras.layers, kind)(**arguments)
        out = layer.compute_output_shape((None, *shape))
        layer.build((None, *shape))
    except (ValueError, TypeError):
        return None
    return tuple(out[1:]), sorted(tuple(w.shape) for w in layer.weights), layer.count_params()


def answers_of_ours(kind, arguments, shape):
    try:
        layer = getattr(convkit.layers, kind)(**arguments)
        out, weights = layer.output_shape(shape), layer.weights(shape)
    except (ShapeError, ArgumentError):
        return None
    return out, sorted(weight.shape for weight in weights), layer.count_params(shape)


@pytest.mark.parametrize("kind", ARGUMENTS)
@settings(max_examples=60)
@given(data=st.data())
def test_shapes_and_weights_are_those_of_keras_and_so_are_refusals(keras, kind, data):
    arguments, shape = data.draw(st.fixed_dictionaries(ARGUMENTS[kind])), data.draw(SHAPE)
    if kind == "Cropping2D" and answers_of_ours(kind, arguments, shape) is None:
        return  # Keras lets a crop leave nothing, and fails later
    assert answers_of_ours(kind, arguments, shape) == answers_of_keras(keras, kind, arguments, shape)


@pytest.mark.parametrize("kind", ARGUMENTS)
@settings(max_examples=60)
@given(data=st.data())
def test_the_sum_adds_up_to_the_count_of_keras(keras, kind, data):
    arguments, shape = data.draw(st.fixed_dictionaries(ARGUMENTS[kind])), data.draw(SHAPE)
    theirs = answers_of_keras(keras, kind, arguments, shape)
    if theirs is None or answers_of_ours(kind, arguments, shape) is None:
        return
    written = getattr(convkit.layers, kind)(**arguments).params_sum(shape)
    assert eval(written or "0") == theirs[2]
    assert (written == "") == (theirs[2] == 0)


def test_normalization_counts_its_counter(keras):
    theirs = keras.layers.Normalization()
    theirs.build((None, 8, 8, 3))
    assert Normalization().count_params((8, 8, 3)) == theirs.count_params() == 7
    assert eval(Normalization().params_sum((8, 8, 3))) == 7
    assert Normalization(mean=[0, 0, 0], variance=[1, 1, 1]).count_params((8, 8, 3)) == 0


MERGES = [
    ("Add", {}, [(8, 8, 2), (8, 8, 2)], "two alike"),
    ("Add", {}, [(8, 8, 2), (8, 8, 2), (8, 8, 2)], "three alike"),
    ("Multiply", {}, [(8, 8, 2), (1, 1, 2)], "a weight for each channel"),
    ("Multiply", {}, [(8, 1, 2), (1, 6, 2)], "both are stretched"),
    ("Add", {}, [(None, None, 2), (8, 8, 2)], "a size that is not known yet"),
    ("Concatenate", {}, [(8, 8, 2), (8, 8, 3)], "channels side by side"),
    ("Concatenate", {}, [(4,), (3,)], "vectors"),
]


@pytest.mark.parametrize(("kind", "arguments", "shapes", "why"), MERGES, ids=[row[-1] for row in MERGES])
def test_merging_gives_the_shape_of_keras(keras, kind, arguments, shapes, why):
    theirs = getattr(keras.layers, kind)(**arguments).compute_output_shape([(None, *shape) for shape in shapes])
    assert getattr(convkit.layers, kind)(**arguments).output_shape(*shapes) == theirs[1:]


@pytest.mark.parametrize(
    ("target", "shape"), [((-1, 8), (4, 4, 8)), ((1, 1, 8), (8,)), ((32,), (4, 8)), ((-1,), (3, 5)), ((2, -1, 2), (8,))]
)
def test_reshaping_gives_the_shape_of_keras(keras, target, shape):
    theirs = keras.layers.Reshape(target).compute_output_shape((None, *shape))
    assert Reshape(target).output_shape(shape) == theirs[1:]


SIZES_NOT_KNOWN = [
    ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2}),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}),
    ("SeparableConv2D", {"filters": 4, "kernel_size": 3}),
    ("MaxPooling2D", {}),
    ("GlobalAveragePooling2D", {}),
    ("BatchNormalization", {}),
    ("ZeroPadding2D", {}),
    ("UpSampling2D", {}),
]


@pytest.mark.parametrize(("kind", "arguments"), SIZES_NOT_KNOWN, ids=[row[0] for row in SIZES_NOT_KNOWN])
def test_a_size_that_is_not_known_stays_not_known(keras, kind, arguments):
    ours, theirs = getattr(convkit.layers, kind)(**arguments), getattr(keras.layers, kind)(**arguments)
    theirs.build((None, None, None, 3))
    assert ours.output_shape((None, None, 3)) == tuple(theirs.compute_output_shape((None, None, None, 3)))[1:]
    assert ours.count_params((None, None, 3)) == theirs.count_params()
    assert ours.macs((None, None, 3)) in (0, None)


def products(tf, layer, shape):
    """Half of the operations that TensorFlow's own profiler finds in a Keras layer without a bias."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    graph = tf.function(layer).get_concrete_function(tf.TensorSpec((1, *shape))).graph
    options = {**option_builder.ProfileOptionBuilder.float_operation(), "output": "none"}
    return model_analyzer.profile(graph, options=options).total_float_ops // 2


MACS = [
    ("Conv2D", {"filters": 4, "kernel_size": 3}, (8, 8, 3), "VALID"),
    ("Conv2D", {"filters": 4, "kernel_size": (3, 2), "padding": "same", "strides": 2}, (9, 8, 3), "SAME and a stride"),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (8, 8, 3), "depthwise"),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}, (8, 8, 3), "both steps"),
    ("Dense", {"units": 10}, (128,), "a matrix"),
]


@pytest.mark.parametrize(("kind", "arguments", "shape", "why"), MACS, ids=[f"{row[0]} {row[3]}" for row in MACS])
def test_macs_are_what_tensorflow_profiles(tf, keras, kind, arguments, shape, why):
    layer = getattr(keras.layers, kind)(**arguments, use_bias=False)
    layer.build((None, *shape))
    assert getattr(convkit.layers, kind)(**arguments).macs(shape) == products(tf, layer, shape)


def test_macs_of_a_transposed_convolution_are_the_products_it_adds_up(tf):
    """Ones times ones: with VALID and no gaps nothing is cut off, and each product adds 1 to the sum."""
    layer = Conv2DTranspose(4, 3, strides=2)
    out = tf.nn.conv2d_transpose(tf.ones((1, 5, 6, 3)), tf.ones((3, 3, 4, 3)), (1, 11, 13, 4), 2, "VALID")
    assert layer.output_shape((5, 6, 3)) == (11, 13, 4)
    assert layer.macs((5, 6, 3)) == int(tf.reduce_sum(out))


def test_macs_of_dense_count_every_position():
    assert Dense(10).macs((4, 4, 3)) == 4 * 4 * Dense(10).macs((3,))


SMALL = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
PADDING = st.sampled_from(["valid", "same"])
STEP = st.one_of(
    st.builds(Conv2D, st.just(1), SMALL, SMALL, PADDING),
    st.builds(Conv2D, st.just(1), SMALL, dilation_rate=SMALL, padding=PADDING),
    st.builds(DepthwiseConv2D, SMALL, st.integers(1, 3), PADDING),  # one stride: all that TensorFlow has
    st.builds(AveragePooling2D, SMALL, SMALL, PADDING),
    st.builds(ZeroPadding2D, st.just(((1, 2), (0, 3)))),
    st.builds(Cropping2D, st.just(((1, 0), (2, 1)))),
    st.just(BatchNormalization()),
)


def in_keras(keras, layer):
    """The same layer of Keras; kernels of ones, so that no product cancels.

    In float64: in float32 TensorFlow's oneDNN ends the process for a kernel of 1 x 2 with strides of 3 x 1 and SAME.
    """
    arguments = {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer) if f.name not in ("name", "dtype")}
    ones = {"Conv2D": "kernel_initializer", "DepthwiseConv2D": "depthwise_initializer"}.get(layer.kind)
    return getattr(keras.layers, layer.kind)(**arguments, dtype="float64", **({ones: "ones"} if ones else {}))


@settings(max_examples=60)
@given(steps=st.lists(STEP, min_size=1, max_size=3), shape=st.tuples(*[st.integers(180, 220)] * 2))
def test_the_receptive_field_is_what_one_output_depends_on(tf, keras, steps, shape):
    """Its first and last row and column change the output in the middle, and what is outside them does not.

    Three layers see at most 63 pixels: the border, which `fields` ignores, is far away.
    """
    network = chain(steps, (*shape, 1))
    middle = [length // 2 for length in network.output_shape()[:2]]
    rows, columns = (
        slice(axis.first + position * axis.step, axis.first + position * axis.step + axis.size)
        for axis, position in zip(fields(network.steps())[-1], middle, strict=True)
    )
    images = np.zeros((6, *shape, 1))
    images[0, rows.start] = images[1, rows.stop - 1] = 1
    images[2, :, columns.start] = images[3, :, columns.stop - 1] = 1
    images[4:] = 1
    images[4, rows] = images[5, :, columns] = 0
    for step in steps:
        images = in_keras(keras, step)(images)
    assert (images[:, middle[0], middle[1], 0].numpy() > 0).tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize("layer", [GlobalAveragePooling2D(), GlobalMaxPooling2D(keepdims=True)])
def test_behind_global_pooling_everything_is_seen(layer):
    seen = fields(chain([layer, Dense(3)] if len(layer.output_shape((7, 5, 2))) == 1 else [layer], (7, 5, 2)).steps())[
        -1
    ]
    assert (seen[0].size, seen[1].size) == (7, 5)


def test_a_dense_layer_behind_flatten_sees_everything_and_one_on_an_image_does_not():
    seen = fields(chain([Conv2D(2, 3), Flatten(), Dense(3)], (8, 8, 1)).steps())
    assert [axis.size for axis in seen[-1]] == [8, 8]
    seen = fields(chain([Conv2D(2, 3), Dense(3)], (8, 8, 1)).steps())
    assert [axis.size for axis in seen[-1]] == [3, 3]


def test_a_field_that_is_not_known_is_not_made_up():
    assert fields(chain([UpSampling2D(2)], (8, 8, 1)).steps())[-1] is None
    assert fields(chain([GlobalAveragePooling2D()], (None, None, 1)).steps())[-1] is None


# The arguments of Keras that are neither computed with here nor sure to be harmless.
REFUSED = {"lora_rank", "lora_alpha", "quantization_config", "renorm", "renorm_clipping", "renorm_momentum"}
NEEDED = {
    "Activation": {"activation": "relu"},
    "Conv2D": {"filters": 2, "kernel_size": 3},
    "Conv2DTranspose": {"filters": 2, "kernel_size": 3},
    "Dense": {"units": 3},
    "DepthwiseConv2D": {"kernel_size": 3},
    "Dropout": {"rate": 0.5},
    "Rescaling": {"scale": 2.0},
    "Reshape": {"target_shape": (2,)},
    "SeparableConv2D": {"filters": 2, "kernel_size": 3},
}


@pytest.mark.parametrize("cls", [cls for cls in LAYERS if cls is not Input])
def test_every_argument_of_keras_is_taken_or_refused_in_our_own_words(keras, cls):
    kind = cls.__name__
    plain = cls(**NEEDED.get(kind, {}))
    for name, parameter in inspect.signature(getattr(keras.layers, kind).__init__).parameters.items():
        if name in ("self", "kwargs") or parameter.default is parameter.empty:
            continue
        arguments = {**NEEDED.get(kind, {}), name: parameter.default}
        if name in REFUSED:
            with pytest.raises(ArgumentError, match=f"^{kind} has no argument '{name}' in convkit"):
                cls(**arguments)
        else:
            assert cls(**arguments) == plain, name


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
def test_arguments_without_a_name_are_in_the_order_of_keras(keras, cls):
    theirs = [name for name in inspect.signature(getattr(keras.layers, cls.__name__)).parameters if name != "kwargs"]
    ours, own = positional(cls), {field.name for field in dataclasses.fields(cls)}
    last = max((place for place, name in enumerate(ours) if name in own), default=-1)
    assert ours[: last + 1] == theirs[: last + 1]


#    as a user may write it                                        what it means
ALIKE = [
    (lambda: MaxPooling2D(2, 2, "same", "channels_last"), lambda: MaxPooling2D(2, 2, "same")),
    (lambda: Conv2D(3, 2, 1, "same", None, 1, 1, "relu"), lambda: Conv2D(3, 2, padding="same", activation="relu")),
    (lambda: GlobalAveragePooling2D("channels_last", True), lambda: GlobalAveragePooling2D(keepdims=True)),
    (lambda: Normalization(-1), lambda: Normalization()),
    (lambda: Dropout(0.5, None, 42), lambda: Dropout(0.5)),
    (lambda: Conv2D(np.int64(3), np.array([2, 3]), np.array(2)), lambda: Conv2D(3, (2, 3), 2)),
    (lambda: ZeroPadding2D(np.array([[0, 1], [2, 3]])), lambda: ZeroPadding2D(((0, 1), (2, 3)))),
    (lambda: Cropping2D(np.array([1, 2])), lambda: Cropping2D((1, 2))),
    (lambda: Rescaling(2.0, np.array([1.0, 2.0])), lambda: Rescaling(2.0, [1.0, 2.0])),
    (lambda: BatchNormalization(axis=np.array(3)), lambda: BatchNormalization()),
    (lambda: Reshape(np.array([4, -1])), lambda: Reshape((4, -1))),
    (lambda: Input(np.array([8, 8, 3]), sparse=None), lambda: Input((8, 8, 3))),
    (lambda: Dense(3, dtype=None, autocast=True), lambda: Dense(3)),
    (lambda: Dense(3, dtype=np.float16), lambda: Dense(3, dtype="float16")),
    (lambda: Flatten(activity_regularizer=None), lambda: Flatten()),
]


@pytest.mark.parametrize(("written", "meant"), ALIKE)
def test_what_can_be_meant_is_taken(written, meant):
    assert written() == meant()
    assert repr(written()) == repr(meant())


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "mixed_float16", "mixed_bfloat16", None])
def test_a_dtype_is_that_of_the_weights(keras, dtype):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, dtype=dtype, name="dense")], name="m")
    assert convkit.summary([Dense(3, dtype=dtype, name="dense")], input_shape=(4,), name="m") == convkit.summary(model)


TRAPS = [
    (lambda: Dense(3, dtype="flaot32"), "dtype is 'flaot32', which is not a dtype of weights. Did you mean 'float32'?"),
    (lambda: Dense(3, name=7), "name is 7, and has to be text, such as name='first'."),
    (lambda: Flatten(None, 2), "Flatten got 2 arguments without a name, and takes data_format."),
    (lambda: Dense(3, units=4), "Dense got units twice: by its position and by its name."),
    (lambda: Input(batch_shape=(None, 8)), r"Input takes no batch_shape. Give the shape without the batch: Input\("),
    (lambda: Input((8,), sparse=True), "sparse is True, and convkit has no other: sparse=False."),
    (lambda: Add().output_shape(8, 8), "a layer with one input has one input shape, such as"),
    (
        lambda: Conv2D(3, 2, data_format="channels_first"),
        "data_format is 'channels_first', and in convkit channels are",
    ),
    (lambda: Concatenate(axis=1), "axis is 1, and in convkit channels are the last axis: axis=-1 or 3."),
    (
        lambda: Conv2D(3, 2, input_shape=(8, 8, 1)),
        r"Conv2D takes no input_shape. Begin the list of layers with Input, ",
    ),
    (lambda: Dense(3, kernel_initialiser="zeros"), "Dense has no argument .* Did you mean 'kernel_initializer'?"),
    (lambda: Conv2D(3, 2, strides=0), "strides is 0, and has to be a whole number of at least 1, such as strides=1."),
    (lambda: Conv2D("3", 2), r"filters is '3' \(str\), and has to be a whole number, such as filters=1."),
    (lambda: Conv2D(3.0, 2), r"filters is 3.0 \(float\), and has to be a whole number"),
    (lambda: Conv2D(3, 2, padding=1), "padding is 1, and a layer's padding has to be 'valid' or 'same'. For explicit"),
    (lambda: Conv2D(3, 2, padding="full"), "padding is 'full', and has to be 'valid', 'same'"),
    (lambda: Conv2D(3, 2, activation="rleu"), "activation is 'rleu', which Keras does not know. Did you mean 'relu'?"),
    (lambda: Conv2D(3, 2, activation=1), "activation is 1, which Keras does not know. Use a word such as 'relu'"),
    (lambda: Conv2D(6, 2, groups=4), "groups=4 does not divide the 6 filters. groups can be 1, 2, 3, 6."),
    (
        lambda: Conv2D(3, 3, strides=2, dilation_rate=2),
        r"strides=\(2, 2\) together with dilation_rate=\(2, 2\): Keras allows one of them above 1. Use strides=1 or",
    ),
    (
        lambda: Conv2DTranspose(3, 3, strides=2, output_padding=2),
        r"output_padding=\(2, 2\) has to be smaller than strides=\(2, 2\). Use output_padding=\(1, 1\) or less",
    ),
    (lambda: Dropout(50), "rate is 50, and has to be a number from 0 to 1, such as rate=0.5."),
    (lambda: Dense(0), "units is 0, and has to be a whole number of at least 1, such as units=1."),
    (
        lambda: Reshape((0, 2)),
        r"target_shape=\(0, 2\) has to be whole numbers above 0, and -1 at most once.",
    ),
    (lambda: Input(8), r"shape is 8, and has to be a shape without the batch, such as \(8, 8, 1\)."),
    (
        lambda: Conv2D(3, 9).output_shape((8, 12, 1)),
        "along the height, a kernel spanning 9 px does not fit 8 px: 9 > 8",
    ),
    (lambda: Conv2D(3, 9).output_shape((12, 8, 1)), "along the width, a kernel spanning 9 px does not fit 8 px: 9 > 8"),
    (
        lambda: MaxPooling2D(4).output_shape((3, 8, 1)),
        "along the height, a pool spanning 4 px does not fit 3 px: 4 > 3. Use pool_size <= 3 or padding='same'.",
    ),
    (lambda: Conv2D(3, 2).output_shape((8, 8)), r"an input shape is \(height, width, channels\).*got \(8, 8\)"),
    (lambda: Conv2D(3, 2).output_shape((8, 8, None)), "input_shape.2. is None"),
    (
        lambda: Add().output_shape((8, 8, 2), (8, 8, 3)),
        r"\(8, 8, 2\) and \(8, 8, 3\) do not match: 2 and 3.",
    ),
    (
        lambda: Concatenate().output_shape((8, 8, 2), (7, 8, 2)),
        "all sizes but the last have to be equal",
    ),
    (
        lambda: Reshape((3, 5)).output_shape((4, 4)),
        r"16 numbers do not fit target_shape=\(3, 5\), which holds 15",
    ),
    (
        lambda: Cropping2D(4).output_shape((8, 9, 1)),
        "cropping 8 px of 8 leaves nothing. Use at most 7 in all.",
    ),
]


@pytest.mark.parametrize(("wrong", "message"), TRAPS, ids=[row[1][:50] for row in TRAPS])
def test_a_trap_is_an_error_with_the_numbers(wrong, message):
    with pytest.raises((ArgumentError, ShapeError), match=message):
        wrong()


def test_the_advice_works():
    assert Conv2D(3, 8).output_shape((8, 12, 1)) == (1, 5, 3)
    assert Conv2D(3, 9, padding="same").output_shape((8, 12, 1)) == (8, 12, 3)
    assert MaxPooling2D(3).output_shape((3, 8, 1)) == (1, 2, 1)
    assert [Conv2D(6, 2, groups=groups).groups for groups in (1, 2, 3, 6)] == [1, 2, 3, 6]
    assert Conv2DTranspose(3, 3, strides=2, output_padding=(1, 1)).output_padding == (1, 1)
    assert Cropping2D(((3, 4), (0, 0))).output_shape((8, 9, 1)) == (1, 9, 1)


STACKS = [
    (
        [Conv2D(6, 3), Conv2D(6, 2), Conv2D(6, 7)],
        r"in layer 3 'conv2d_2', input \(5, 5, 6\): along the height, a kernel spanning 7 px does not fit 5 px",
    ),
    (
        [Conv2D(6, 3), Flatten(), Conv2D(6, 7)],
        r"in layer 3 'conv2d_1', input \(216,\): an input shape is \(height, width, channels\)",
    ),
    ([Conv2D(6, 3), Conv2D(4, 3, groups=4)], r"in layer 2 'conv2d_1', input \(6, 6, 6\): groups=4 does not divide"),
    ([Conv2D(6, 3, name="first"), Conv2D(6, 9, name="second")], r"in layer 2 'second', input \(6, 6, 6\)"),
]


@pytest.mark.parametrize(("layers", "message"), STACKS, ids=[row[1][12:30] for row in STACKS])
def test_an_error_in_a_stack_names_the_layer(layers, message):
    with pytest.raises(ShapeError, match=message):
        chain([Input((8, 8, 3)), *layers]).output_shape()


CHAINS = [
    (lambda: chain([Conv2D(2, 3)]), r"the input shape is missing. Begin the list with Input\(\(8, 8, 1\)\), or pass"),
    (
        lambda: chain([Conv2D(2, 3), Input((8, 8, 1))], (8, 8, 1)),
        "is item 1 of the list. A list of layers has one Input",
    ),
    (lambda: chain([Input((8, 8, 1))], (8, 8, 3)), "Leave out one of the two"),
    (lambda: chain([Input((8, 8, 1)), "conv"]), r"item 1 of the list is 'conv' \(str\), and has to be a layer"),
    (
        lambda: chain([Input((8, 8, 1)), Conv2D(2, 3, name="a"), Conv2D(2, 3, name="a")]),
        "two layers are named 'a', and Keras wants each name once",
    ),
]


@pytest.mark.parametrize(("wrong", "message"), CHAINS, ids=[row[1][:30] for row in CHAINS])
def test_a_list_that_is_no_network_is_refused(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        wrong()


def test_names_are_those_that_keras_makes(keras):
    """Every class of ours, twice, named here and by Keras."""
    keras.backend.clear_session()
    needed = {"Conv2D": (1, 1), "DepthwiseConv2D": (1,), "SeparableConv2D": (1, 1), "Conv2DTranspose": (1, 1)}
    needed |= {
        "AveragePooling2D": (2,),
        "Dense": (1,),
        "Reshape": ((1, 1, 1),),
        "Activation": ("relu",),
        "Dropout": (0.1,),
        "Rescaling": (1.0,),
    }
    ones = [cls for cls in LAYERS if cls is not Input]
    theirs = [getattr(keras.layers, cls.__name__)(*needed.get(cls.__name__, ())).name for cls in ones for _ in range(2)]
    assert [snake(cls.__name__) + suffix for cls in ones for suffix in ("", "_1")] == theirs


def test_a_layer_is_a_value():
    layer = Conv2D(4, 3, padding="SAME")
    assert layer == Conv2D(filters=4, kernel_size=(3, 3), padding="same")
    assert hash(layer) == hash(Conv2D(4, (3, 3), padding="same"))
    assert repr(layer) == "Conv2D(filters=4, kernel_size=(3, 3), padding='same')"
    assert eval(repr(layer)) == layer
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.filters = 5
    assert [layer] * 2 == list(dict.fromkeys([layer])) * 2


def test_the_same_layer_twice_in_a_list_is_two_layers():
    layer = Conv2D(2, 3)
    network = chain([Input((8, 8, 2)), layer, layer])
    assert [one.name for one in network] == ["input_layer", "conv2d", "conv2d_1"]
    assert network.count_params() == 38 * 2
