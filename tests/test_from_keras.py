"""Models of Keras become layers of ours, and every number is then found again by our arithmetic."""

from __future__ import annotations

import gc
import inspect
import warnings

import numpy as np
import pytest

from convkit import ArgumentError, summary
from convkit.from_keras import from_keras
from convkit.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    Other,
    SeparableConv2D,
    ZeroPadding2D,
)

# What a network may carry over as Keras has it: layers of a model's own, and operations that are no layers.
OF_THEIR_OWN = {"LayerScale", "CustomScaleLayer"}

QUICK = ["MobileNet", "MobileNetV3Small", "EfficientNetB0", "Xception", "ConvNeXtTiny"]
ALL = [
    *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
    *(f"DenseNet{depth}" for depth in (121, 169, 201)),
    *(f"EfficientNetB{size}" for size in range(8)),
    *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    *("InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small"),
    *("NASNetLarge", "NASNetMobile", "ResNet101", "ResNet101V2", "ResNet152", "ResNet152V2", "ResNet50", "ResNet50V2"),
    *("VGG16", "VGG19", "Xception"),
]


def test_no_application_is_forgotten(keras):
    made = {name for name, value in vars(keras.applications).items() if inspect.isfunction(value)}
    assert made == set(ALL)


def application(keras, name):
    keras.backend.clear_session()
    gc.collect()
    return getattr(keras.applications, name)(weights=None)


def assert_the_same(network, model):
    """Every layer's weights and shape, the totals, and nothing carried over that ours could have computed."""
    assert [layer.name for layer in network] == [operation.name for operation in model._operations]
    for step, theirs in zip(network.steps(), model._operations, strict=True):
        assert step.layer.kind == type(theirs).__name__
        assert step.layer.kind in OF_THEIR_OWN or not isinstance(step.layer, Other), step.layer
        weights = getattr(theirs, "weights", [])
        assert sorted(w.shape for w in step.weights()) == sorted(tuple(w.shape) for w in weights), step.layer
        assert [tuple(shape) for shape in step.outputs[-1]] == [tuple(theirs.output.shape[1:])], step.layer
    assert network.count_params() == model.count_params()
    trained = sum(weight.count for weight in network.weights() if weight.trainable)
    assert trained == sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("name", QUICK)
def test_an_application_has_the_totals_of_keras(keras, name):
    model = application(keras, name)
    assert_the_same(from_keras(model), model)


@pytest.mark.days
@pytest.mark.parametrize("name", [name for name in ALL if name not in QUICK])
def test_every_application_has_the_totals_of_keras(keras, name):
    model = application(keras, name)
    assert_the_same(from_keras(model), model)


def test_the_summary_of_an_application_is_that_of_keras(keras):
    model, lines = application(keras, "MobileNetV3Small"), []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    assert summary(model) == "".join(lines)


def test_mobilenet_needs_the_products_of_its_paper(keras):
    """569 million multiply-adds with its Dense layer, Howard et al. 2017, table 4."""
    assert round(from_keras(application(keras, "MobileNet")).macs() / 1e6) == 569


def test_layers_come_over_as_if_they_were_written_down(keras):
    model = keras.Sequential(
        [
            keras.Input((16, 16, 4)),
            keras.layers.Conv2D(6, (3, 5), 1, "same", dilation_rate=2, groups=2, activation="relu", name="a"),
            keras.layers.DepthwiseConv2D(3, 2, depth_multiplier=2, use_bias=False, name="b"),
            keras.layers.SeparableConv2D(3, 3, padding="SAME", depth_multiplier=2, name="c"),
            keras.layers.Conv2DTranspose(3, 3, 2, output_padding=1, name="d"),
            keras.layers.MaxPooling2D(3, 2, "same", name="e"),
            keras.layers.BatchNormalization(scale=False, name="f"),
            keras.layers.ZeroPadding2D(((1, 2), (3, 4)), name="g"),
            keras.layers.Dropout(0.3, name="h"),
            keras.layers.Flatten(name="i"),
            keras.layers.Dense(7, "softmax", trainable=False, dtype="float16", name="j"),
        ]
    )
    assert list(from_keras(model))[1:] == [
        Conv2D(6, (3, 5), padding="same", dilation_rate=2, groups=2, activation="relu", name="a"),
        DepthwiseConv2D(3, 2, depth_multiplier=2, use_bias=False, name="b"),
        SeparableConv2D(3, 3, padding="same", depth_multiplier=2, name="c"),
        Conv2DTranspose(3, 3, 2, output_padding=1, name="d"),
        MaxPooling2D(3, 2, "same", name="e"),
        BatchNormalization(scale=False, name="f"),
        ZeroPadding2D(((1, 2), (3, 4)), name="g"),
        Dropout(0.3, name="h"),
        Flatten(name="i"),
        Dense(7, "softmax", trainable=False, dtype="float16", name="j"),
    ]


def test_what_comes_over_can_be_written_out_and_summarised_again(keras):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.Conv2D(4, 3)])
    network = from_keras(model)
    assert len(network) == 3
    assert network[1].count_params((8, 8, 3)) == 56
    assert summary(list(network)[1:], input_shape=(8, 8, 3), name=model.name) == summary(model)


def test_a_frozen_layer_is_counted_as_not_trained(keras):
    inputs = keras.Input((8, 8, 3))
    frozen, normal = keras.layers.Conv2D(2, 3), keras.layers.Conv2D(4, 3)
    model = keras.Model(inputs, normal(frozen(inputs)))
    frozen.trainable = False
    assert [weight.trainable for weight in from_keras(model).weights()] == [False, False, True, True]
    model.trainable = False
    assert not any(weight.trainable for weight in from_keras(model).weights())


def test_a_shared_layer_is_counted_once_but_works_twice(keras):
    shared = keras.layers.Conv2D(3, 3, padding="same")
    inputs = keras.Input((8, 8, 3))
    network = from_keras(keras.Model(inputs, shared(shared(inputs))))
    assert network.count_params() == (3 * 3 * 3 + 1) * 3
    assert network.macs() == 2 * 8 * 8 * 3 * 3 * 3 * 3


def test_a_layer_shared_with_a_nested_model_is_counted_once(keras):
    shared = keras.layers.Conv2D(3, 3, padding="same")
    inner_inputs = keras.Input((8, 8, 3))
    inner = keras.Model(inner_inputs, shared(inner_inputs))
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Add()([inner(inputs), shared(inputs)]))
    assert from_keras(model).count_params() == model.count_params() == 84


def own_layer(keras):
    class Own(keras.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(shape[-1], 2), name="factor")

        def call(self, x):
            return x @ self.factor

    return Own(name="own")


def own_conv(keras):
    class Conv2D(keras.layers.Conv2D):  # the name of ours, and another class
        def build(self, shape):
            super().build(shape)
            self.extra = self.add_weight(shape=(7,), name="extra")

    return Conv2D(2, 3, name="own")


UNKNOWN = [
    (own_layer, "Own", 6, "a layer of one's own"),
    (own_conv, "Conv2D", 63, "a class of one's own with a known name"),
    (lambda keras: keras.layers.Conv2D(2, 3, data_format="channels_first"), "Conv2D", 146, "channels first"),
    (lambda keras: keras.layers.BatchNormalization(axis=1), "BatchNormalization", 32, "another axis"),
    (lambda keras: keras.layers.BatchNormalization(renorm=True), "BatchNormalization", 21, "weights that ours lack"),
    (lambda keras: keras.layers.UnitNormalization(), "UnitNormalization", 0, "a kind that convkit does not know"),
]


@pytest.mark.parametrize(("make", "kind", "count", "why"), UNKNOWN, ids=[row[-1] for row in UNKNOWN])
def test_a_layer_that_we_do_not_know_keeps_what_keras_says(keras, make, kind, count, why):
    inputs = keras.Input((8, 8, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.Model(inputs, make(keras)(inputs))
    network = from_keras(model)
    assert isinstance(network[1], Other)
    assert network[1].kind == kind
    assert network.count_params() == model.count_params() == count
    assert network.output_shape() == model.output_shape[1:]
    assert network.macs() is None
    assert "? │" in summary(model, columns=["macs"])


def test_a_function_as_activation_stays_a_function(keras):
    def squared(x):
        return x * x

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, activation=squared)])
    assert from_keras(model)[1].activation is squared


@pytest.mark.parametrize("wrong", [8, "model", [], None])
def test_what_is_no_model_is_refused(keras, wrong):
    with pytest.raises(ArgumentError, match=r"from_keras takes a keras.Model of Keras 3, such as keras.Sequential"):
        from_keras(wrong)


def test_the_receptive_field_through_a_graph_is_where_the_gradient_reaches(tf, keras):
    """Two branches of different width that meet again, with kernels of ones."""
    inputs = keras.Input((33, 33, 1))
    ones = {"kernel_initializer": "ones", "padding": "same"}
    x = keras.layers.Conv2D(1, 3, strides=2, **ones)(inputs)
    wide = keras.layers.Conv2D(1, 3, dilation_rate=2, **ones)(keras.layers.Conv2D(1, 2, **ones)(x))
    model = keras.Model(inputs, keras.layers.Add()([wide, keras.layers.Conv2D(1, (1, 7), **ones)(x)]))
    image = tf.Variable(tf.ones((1, 33, 33, 1)))
    with tf.GradientTape() as tape:
        middle = model(image)[0, 8, 8, 0]
    rows, columns = np.nonzero(tape.gradient(middle, image).numpy()[0, :, :, 0])
    extent = f"{rows.max() - rows.min() + 1}x{columns.max() - columns.min() + 1}"
    last = [line for line in summary(model, columns=["receptive_field"]).splitlines() if line.startswith("│")][-1]
    assert last.strip("│").split("│")[-1].strip() == extent


def test_the_input_keeps_its_batch(keras):
    model = keras.Sequential([keras.Input((8, 8, 1), batch_size=4), keras.layers.Conv2D(3, 2)])
    assert from_keras(model)[0] == Input((8, 8, 1), batch_size=4, name=model._functional._operations[0].name)
    assert "(4, 7, 7, 3)" in summary(model)
