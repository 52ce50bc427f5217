"""Models of many kinds, for comparing summaries: each function builds one with the Keras that it is given.

BOTH are built alike in Keras 2; the rest need Keras 3, or differ between the two by what Keras itself records.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

BOTH: dict[str, Callable[[Any], Any]] = {}
KERAS_3: dict[str, Callable[[Any], Any]] = {}


def both(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    BOTH[build.__name__] = build
    return build


def keras_3(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    KERAS_3[build.__name__] = build
    return build


def image(keras: Any, shape: tuple[int | None, ...] = (8, 8, 3), **arguments: Any) -> Any:
    return keras.Input(shape, name="image", **arguments)


def conv(keras: Any, name: str, filters: int = 4, **arguments: Any) -> Any:
    return keras.layers.Conv2D(filters, 3, name=name, **arguments)


def sequential(keras: Any, *layers: Any, name: str = "model", shape: tuple[int | None, ...] | None = (8, 8, 3)) -> Any:
    start = [] if shape is None else [keras.Input(shape, name="entry")]
    return keras.Sequential([*start, *layers], name=name)


# --- layers one after the other


@both
def conv_only(keras):
    return sequential(keras, conv(keras, "conv"))


@both
def conv_without_bias(keras):
    return sequential(keras, conv(keras, "conv", use_bias=False))


@both
def functional_chain(keras):
    start = image(keras)
    return keras.Model(start, keras.layers.Flatten(name="flat")(conv(keras, "conv")(start)), name="chain")


@both
def classifier(keras):
    layers = keras.layers
    return sequential(
        keras,
        conv(keras, "conv_1", 32, activation="relu"),
        layers.MaxPooling2D(name="pool"),
        conv(keras, "conv_2", 64, activation="relu"),
        layers.Flatten(name="flat"),
        layers.Dropout(0.5, name="drop"),
        layers.Dense(10, activation="softmax", name="out"),
        shape=(28, 28, 1),
    )


@both
def open_sizes(keras):
    start = image(keras, (None, None, 3))
    return keras.Model(start, keras.layers.GlobalAveragePooling2D(name="pool")(conv(keras, "conv")(start)), name="open")


@both
def half_open_sizes(keras):
    return sequential(keras, conv(keras, "conv", padding="same"), shape=(None, 16, 3))


@both
def a_number_alone(keras):
    return sequential(keras, keras.layers.Dense(1, name="dense"), shape=(1,))


@both
def nothing_to_train(keras):
    return sequential(keras, keras.layers.Flatten(name="flat"), keras.layers.ReLU(name="relu"))


@both
def input_only(keras):
    start = image(keras)
    return keras.Model(start, start, name="same")


@both
def a_million_parameters(keras):
    return sequential(keras, keras.layers.Dense(1500, name="a"), keras.layers.Dense(1500, name="b"), shape=(1500,))


@both
def one_dimension(keras):
    layers = keras.layers
    return sequential(keras, layers.Conv1D(4, 3, name="conv"), layers.MaxPooling1D(name="pool"), shape=(32, 2))


@both
def three_dimensions(keras):
    layers = keras.layers
    return sequential(
        keras, layers.Conv3D(4, 3, name="conv"), layers.GlobalMaxPooling3D(name="pool"), shape=(8, 8, 8, 1)
    )


@both
def depthwise_and_separable(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise"),
        layers.SeparableConv2D(6, 3, name="separable"),
        layers.Conv2DTranspose(2, 3, strides=2, name="transposed"),
    )


@both
def grouped(keras):
    return sequential(keras, conv(keras, "conv", 8, groups=4), shape=(8, 8, 4))


@both
def dilated(keras):
    return sequential(keras, conv(keras, "conv", dilation_rate=2), conv(keras, "last", strides=(1, 2), dilation_rate=1))


@both
def shapes_moved(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.ZeroPadding2D(((0, 1), (2, 3)), name="pad"),
        layers.Cropping2D(1, name="crop"),
        layers.UpSampling2D(2, name="up"),
        layers.Permute((3, 1, 2), name="permute"),
        layers.Reshape((-1, 4), name="reshape"),
        layers.Flatten(name="flat"),
    )


@both
def normalized(keras):
    layers = keras.layers
    return sequential(
        keras, conv(keras, "conv"), layers.BatchNormalization(name="batch"), layers.LayerNormalization(name="layer")
    )


@both
def batch_size_fixed(keras):
    start = image(keras, batch_size=16)
    return keras.Model(start, conv(keras, "conv")(start), name="fixed")


@both
def half_precision(keras):
    return sequential(
        keras,
        conv(keras, "half", dtype="float16"),
        conv(keras, "double", dtype="float64"),
        conv(keras, "mixed", dtype="mixed_float16"),
    )


@keras_3
def bfloat(keras):
    return sequential(keras, conv(keras, "conv", dtype="bfloat16"), conv(keras, "mixed", dtype="mixed_bfloat16"))


@both
def activations(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.Activation("tanh", name="tanh"),
        layers.LeakyReLU(name="leaky"),
        layers.PReLU(name="prelu"),
        layers.ELU(name="elu"),
        layers.Softmax(name="softmax"),
    )


@both
def noise(keras):
    layers = keras.layers
    return sequential(
        keras, layers.GaussianNoise(0.1, name="noise"), layers.SpatialDropout2D(0.1, name="drop"), conv(keras, "conv")
    )


@keras_3
def augmentation(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.RandomFlip("horizontal", name="flip"),
        layers.RandomRotation(0.1, name="turn"),
        layers.Rescaling(1 / 255, name="scale"),
        layers.Resizing(16, 16, name="resize"),
        conv(keras, "conv"),
    )


# --- names


@both
def long_layer_names(keras):
    return sequential(
        keras,
        conv(keras, "a_name_that_is_a_good_deal_longer_than_its_column_is_wide"),
        conv(keras, "another_name_that_is_a_good_deal_longer_than_its_column"),
    )


@keras_3
def long_model_name(keras):
    return sequential(keras, conv(keras, "conv"), name="a_model_whose_name_goes_on_" * 5)


@keras_3
def model_name_of_words(keras):
    return sequential(keras, conv(keras, "conv"), name="a model whose name is made of words and goes on " * 4)


@keras_3
def chinese_names(keras):
    return sequential(keras, conv(keras, "第一层卷积"), keras.layers.Dense(2, name="输出层"), name="模型")


@keras_3
def chinese_names_that_do_not_fit(keras):
    return sequential(keras, conv(keras, "第一层卷积" * 6), keras.layers.Dense(2, name="输出" * 12))


@keras_3
def accents_and_emoji(keras):
    return sequential(
        keras, conv(keras, "caché_d'entrée"), conv(keras, "🙂_smile"), keras.layers.Dense(2, name="naïve")
    )


@keras_3
def names_with_brackets(keras):
    return sequential(keras, conv(keras, "conv[1]"), conv(keras, "[bold]conv"), name="a[red]model")


@keras_3
def names_like_emoji_codes(keras):
    return sequential(keras, conv(keras, "a:smile:b"), keras.layers.Dense(2, name=":heart:"))


@keras_3
def names_of_words(keras):
    return sequential(keras, conv(keras, "the first convolution of the model"), conv(keras, "and the one after it"))


@keras_3
def combining_marks(keras):
    return sequential(
        keras, conv(keras, "e\u0301te\u0301"), conv(keras, "\uff46\uff55\uff4c\uff4c"), conv(keras, "한국어")
    )


# --- what is trained


@keras_3
def frozen_bias(keras):
    model = sequential(keras, conv(keras, "conv"), keras.layers.Dense(2, name="dense"))
    model.layers[0].bias.trainable = False
    return model


@both
def frozen_layer(keras):
    model = sequential(keras, conv(keras, "conv"), conv(keras, "last"))
    model.layers[0].trainable = False
    return model


@both
def frozen_model(keras):
    model = sequential(keras, conv(keras, "conv"), keras.layers.BatchNormalization(name="norm"))
    model.trainable = False
    return model


@both
def frozen_base(keras):
    base = sequential(keras, conv(keras, "conv"), keras.layers.BatchNormalization(name="norm"), name="base")
    base.trainable = False
    return sequential(keras, base, keras.layers.Flatten(name="flat"), keras.layers.Dense(1, name="head"))


@keras_3
def thawed_inside_a_frozen_base(keras):
    base = sequential(keras, conv(keras, "conv"), keras.layers.BatchNormalization(name="norm"), name="base")
    base.trainable = False
    base.layers[0].trainable = True
    return sequential(keras, base, keras.layers.Flatten(name="flat"), keras.layers.Dense(1, name="head"))


@both
def fine_tuning(keras):
    base = sequential(keras, *(conv(keras, f"conv_{n}", padding="same") for n in range(5)), name="base")
    base.trainable = True
    for layer in base.layers[:3]:
        layer.trainable = False
    start = image(keras)
    x = base(start, training=False)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(start, keras.layers.Dense(1, name="head")(x), name="tuned")


@both
def frozen_normalization(keras):
    norm = keras.layers.BatchNormalization(name="norm")
    norm.trainable = False
    return sequential(keras, conv(keras, "conv"), norm)


@keras_3
def frozen_by_argument(keras):
    return sequential(keras, conv(keras, "conv", trainable=False), keras.layers.Dense(2, name="d", trainable=False))


@keras_3
def lora(keras):
    model = sequential(keras, keras.layers.Dense(16, name="dense"), shape=(32,))
    model.layers[0].enable_lora(2)
    return model


# --- compiled and trained


def compiled(keras, optimizer, fit=True):
    keras.utils.set_random_seed(1)
    model = sequential(keras, keras.layers.Dense(3, name="dense"), keras.layers.Dense(1, name="out"), shape=(4,))
    model.compile(optimizer, "mse")
    if fit:
        model.fit(np.zeros((4, 4)), np.zeros((4, 1)), verbose=0)
    return model


@both
def compiled_only(keras):
    return compiled(keras, "adam", fit=False)


@keras_3
def trained_with_adam(keras):
    return compiled(keras, "adam")


@keras_3
def trained_with_sgd(keras):
    return compiled(keras, "sgd")


@keras_3
def trained_with_momentum(keras):
    return compiled(keras, keras.optimizers.SGD(0.1, momentum=0.9))


@keras_3
def trained_with_rmsprop_and_metrics(keras):
    model = compiled(keras, "rmsprop", fit=False)
    model.compile("rmsprop", "mse", metrics=["mae"])
    model.fit(np.zeros((4, 4)), np.zeros((4, 1)), verbose=0)
    return model


@keras_3
def frozen_after_training(keras):
    model = compiled(keras, "adam")
    model.layers[0].trainable = False
    return model


@keras_3
def frozen_and_compiled_again(keras):
    model = compiled(keras, "adam")
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    return model


@keras_3
def optimizer_built_by_hand(keras):
    model = compiled(keras, "adamw", fit=False)
    model.optimizer.build(model.trainable_variables)
    return model


# --- graphs


@both
def residual(keras):
    start = image(keras)
    x = conv(keras, "conv", 3, padding="same")(start)
    return keras.Model(start, keras.layers.Add(name="add")([start, x]), name="residual")


@both
def residual_with_a_long_name(keras):
    start = image(keras)
    x = conv(keras, "a_name_that_is_a_good_deal_longer_than_its_column_is_wide", 3, padding="same")(start)
    return keras.Model(start, keras.layers.Add(name="add")([start, x]), name="residual")


@both
def several_inputs_and_outputs(keras):
    left, right = image(keras), keras.Input((4,), name="numbers")
    x = keras.layers.Flatten(name="flat")(conv(keras, "conv")(left))
    joined = keras.layers.Concatenate(name="joined")([x, keras.layers.Dense(3, name="dense")(right)])
    outputs = [keras.layers.Dense(1, name="value")(joined), keras.layers.Dense(5, name="kind")(joined)]
    return keras.Model([left, right], outputs, name="heads")


@keras_3
def dict_of_inputs_and_outputs(keras):
    inputs = {"image": image(keras), "size": keras.Input((2,), name="size")}
    x = keras.layers.GlobalAveragePooling2D(name="pool")(conv(keras, "conv")(inputs["image"]))
    joined = keras.layers.Concatenate(name="joined")([x, inputs["size"]])
    return keras.Model(inputs, {"a": keras.layers.Dense(1, name="a")(joined), "b": joined}, name="dicts")


@both
def two_outputs_of_a_chain(keras):
    start = image(keras)
    first = conv(keras, "first")(start)
    return keras.Model(start, [first, conv(keras, "second")(first)], name="both")


@both
def shared_layer(keras):
    shared, start = conv(keras, "shared", 3, padding="same"), image(keras)
    return keras.Model(start, shared(shared(start)), name="twice")


@both
def shared_on_different_sizes(keras):
    shared, start = conv(keras, "shared", 3, padding="same"), image(keras)
    small = keras.layers.MaxPooling2D(name="pool")(start)
    return keras.Model(start, [shared(start), shared(small)], name="sizes")


@both
def siamese(keras):
    layers = keras.layers
    tower = sequential(keras, conv(keras, "conv"), layers.Flatten(name="flat"), name="tower")
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    joined = layers.Concatenate(name="joined")([tower(left), tower(right)])
    return keras.Model([left, right], layers.Dense(1, name="out")(joined), name="siamese")


@both
def layer_also_used_elsewhere(keras):
    shared = conv(keras, "shared", 3, padding="same")
    shared(keras.Input((4, 4, 3)))
    start = image(keras)
    return keras.Model(start, shared(start), name="second_use")


@both
def part_of_a_model(keras):
    model = classifier(keras)
    return keras.Model(model.inputs, model.layers[1].output, name="part")


@both
def inception(keras):
    layers, start = keras.layers, image(keras)
    paths = [
        layers.Conv2D(2, 1, name="one")(start),
        layers.Conv2D(2, 3, padding="same", name="three")(start),
        layers.Conv2D(2, 5, padding="same", name="five")(start),
        layers.MaxPooling2D(3, strides=1, padding="same", name="pool")(start),
    ]
    return keras.Model(start, layers.Concatenate(name="joined")(paths), name="inception")


@both
def squeeze_and_excite(keras):
    layers, start = keras.layers, image(keras, (8, 8, 16))
    x = layers.GlobalAveragePooling2D(name="pool")(start)
    x = layers.Dense(4, activation="relu", name="squeeze")(x)
    x = layers.Reshape((1, 1, 16), name="shape")(layers.Dense(16, activation="sigmoid", name="excite")(x))
    return keras.Model(start, layers.Multiply(name="scale")([start, x]), name="excited")


@both
def unet(keras):
    layers, start = keras.layers, image(keras, (16, 16, 1))
    down = conv(keras, "down", 4, padding="same")(start)
    x = conv(keras, "deep", 8, padding="same")(layers.MaxPooling2D(name="pool")(down))
    x = layers.Concatenate(name="skip")([down, layers.Conv2DTranspose(4, 2, strides=2, name="up")(x)])
    return keras.Model(start, layers.Conv2D(1, 1, name="out")(x), name="unet")


@keras_3
def operators(keras):
    start = image(keras)
    x = conv(keras, "conv", 3, padding="same")(start)
    return keras.Model(start, keras.ops.relu(x * 2.0 + start), name="operators")


@keras_3
def operators_in_a_chain(keras):
    start = image(keras)
    return keras.Model(start, keras.ops.mean(conv(keras, "conv")(start) / 255.0, axis=(1, 2)), name="mean")


@keras_3
def sliced(keras):
    start = image(keras)
    return keras.Model(start, conv(keras, "conv")(start[:, 1:, 1:, :1]), name="sliced")


@keras_3
def split_and_stacked(keras):
    start = image(keras, (8, 8, 4))
    parts = keras.ops.split(start, 2, axis=-1)
    return keras.Model(
        start, keras.ops.stack([conv(keras, "conv")(parts[0]), conv(keras, "x")(parts[1])]), name="split"
    )


@keras_3
def scalar_output(keras):
    start = image(keras)
    return keras.Model(start, keras.ops.sum(conv(keras, "conv")(start)), name="scalar")


@both
def lambda_layer(keras):
    start = image(keras)
    x = keras.layers.Lambda(lambda t: t * 2, name="twice")(start)
    return keras.Model(start, conv(keras, "conv")(x), name="lambdas")


# --- sequences and attention


@both
def lstm(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.Embedding(100, 8, name="embed"),
        layers.LSTM(4, name="lstm"),
        layers.Dense(1, name="out"),
        shape=(12,),
    )


@keras_3
def masked_lstm(keras):
    start = keras.Input((12,), name="words")
    x = keras.layers.Embedding(100, 8, mask_zero=True, name="embed")(start)
    return keras.Model(start, keras.layers.Dense(1, name="out")(keras.layers.LSTM(4, name="lstm")(x)), name="masked")


@keras_3
def masked_sequential(keras):
    layers = keras.layers
    return sequential(
        keras, layers.Embedding(100, 8, mask_zero=True, name="embed"), layers.GRU(4, name="gru"), shape=(None,)
    )


@both
def stacked_and_bidirectional(keras):
    layers = keras.layers
    return sequential(
        keras,
        layers.Embedding(50, 4, name="embed"),
        layers.Bidirectional(layers.LSTM(4, return_sequences=True, name="inner"), name="both_ways"),
        layers.GRU(3, name="gru"),
        layers.Dense(2, name="out"),
        shape=(None,),
    )


@keras_3
def lstm_states(keras):
    start = keras.Input((6, 2), name="series")
    outputs = keras.layers.LSTM(5, return_state=True, return_sequences=True, name="lstm")(start)
    return keras.Model(start, outputs, name="states")


@keras_3
def encoder_and_decoder(keras):
    layers = keras.layers
    source, target = keras.Input((None,), name="source"), keras.Input((None,), name="target")
    _, *state = layers.LSTM(4, return_state=True, name="encode")(layers.Embedding(20, 3, name="embed")(source))
    x = layers.LSTM(4, return_sequences=True, name="decode")(
        layers.Embedding(20, 3, name="embed_target")(target), initial_state=state
    )
    return keras.Model([source, target], layers.Dense(20, name="out")(x), name="translate")


@both
def time_distributed(keras):
    layers = keras.layers
    return sequential(keras, layers.TimeDistributed(conv(keras, "conv"), name="each"), shape=(5, 8, 8, 3))


@both
def attention(keras):
    layers, start = keras.layers, keras.Input((10, 16), name="tokens")
    x = layers.MultiHeadAttention(2, 8, name="attend")(start, start)
    x = layers.LayerNormalization(name="norm")(layers.Add(name="add")([start, x]))
    return keras.Model(start, layers.Dense(4, name="out")(x), name="transformer")


@keras_3
def attention_scores(keras):
    start = keras.Input((10, 16), name="tokens")
    outputs = keras.layers.MultiHeadAttention(2, 8, name="attend")(start, start, return_attention_scores=True)
    return keras.Model(start, outputs, name="scores")


@keras_3
def masked_attention(keras):
    layers, start = keras.layers, keras.Input((10,), name="words")
    x = layers.Embedding(30, 16, mask_zero=True, name="embed")(start)
    x = layers.MultiHeadAttention(2, 8, name="attend")(x, x)
    return keras.Model(start, layers.GlobalAveragePooling1D(name="pool")(x), name="masked_attention")


@both
def conv_lstm(keras):
    return sequential(keras, keras.layers.ConvLSTM2D(2, 3, name="conv_lstm"), shape=(4, 8, 8, 1))


# --- preprocessing


@keras_3
def adapted_normalization(keras):
    layer = keras.layers.Normalization(name="norm")
    layer.adapt(np.arange(24.0).reshape(8, 3))
    return sequential(keras, layer, keras.layers.Dense(1, name="dense"), shape=(3,))


@keras_3
def given_normalization(keras):
    layer = keras.layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 1.0], name="norm")
    return sequential(keras, layer, conv(keras, "conv"))


@both
def normalization_not_adapted(keras):
    return sequential(keras, keras.layers.Normalization(name="norm"), keras.layers.Dense(1, name="d"), shape=(3,))


@keras_3
def discretized(keras):
    return sequential(
        keras, keras.layers.Discretization([0.0, 1.0], name="bins"), keras.layers.Dense(1, name="d"), shape=(3,)
    )


@keras_3
def category_encoding(keras):
    return sequential(keras, keras.layers.CategoryEncoding(5, name="hot"), keras.layers.Dense(2, name="d"), shape=(3,))


# --- models within models


@both
def nested(keras):
    base = sequential(keras, conv(keras, "inner"), keras.layers.BatchNormalization(name="norm"), name="base")
    start = image(keras)
    return keras.Model(start, conv(keras, "out")(base(start)), name="nested")


@both
def nested_functional(keras):
    inner_start = keras.Input((8, 8, 3), name="inner_image")
    inner = keras.Model(inner_start, conv(keras, "inner")(inner_start), name="inner_model")
    start = image(keras)
    return keras.Model(start, keras.layers.Flatten(name="flat")(inner(start)), name="outer")


@both
def nested_three_deep(keras):
    deepest = sequential(keras, conv(keras, "a", 3, padding="same"), name="deepest")
    middle = sequential(keras, deepest, conv(keras, "b", 3, padding="same"), name="middle")
    return sequential(keras, middle, conv(keras, "c"), name="outer")


@both
def nested_graph_in_a_graph(keras):
    inner_start = keras.Input((8, 8, 3), name="inner_image")
    x = conv(keras, "inner", 3, padding="same")(inner_start)
    inner = keras.Model(inner_start, keras.layers.Add(name="inner_add")([x, inner_start]), name="block")
    start = image(keras)
    return keras.Model(start, keras.layers.Add(name="add")([inner(start), start]), name="outer")


@keras_3
def nested_with_operators(keras):
    inner_start = keras.Input((8, 8, 3), name="inner_image")
    inner = keras.Model(inner_start, conv(keras, "inner", 3, padding="same")(inner_start) + inner_start, name="block")
    start = image(keras)
    return keras.Model(start, keras.layers.Flatten(name="flat")(inner(start)), name="outer")


@both
def nested_open_sizes(keras):
    base = sequential(keras, conv(keras, "inner"), name="base", shape=(None, None, 3))
    start = image(keras, (16, 16, 3))
    return keras.Model(start, conv(keras, "out")(base(start)), name="closed_outside")


@keras_3
def nested_open_outside(keras):
    base = sequential(keras, conv(keras, "inner"), name="base", shape=(None, None, 3))
    start = image(keras, (None, None, 3))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(base(start))
    return keras.Model(start, keras.layers.Dense(2, name="out")(x), name="open_outside")


@keras_3
def nested_subclass_of_a_functional_model(keras):
    class Block(keras.Model):
        def __init__(self):
            start = keras.Input((8, 8, 3), name="inner_image")
            super().__init__(start, conv(keras, "inner")(start), name="block")

    start = image(keras)
    return keras.Model(start, keras.layers.Flatten(name="flat")(Block()(start)), name="outer")


class _Call:
    """What the subclassed models below share: two layers, one after the other."""

    def call(self, x):
        return self.dense(self.conv(x))


def subclass(keras, name, dense_trainable=True):
    class Two(_Call, keras.Model):
        def __init__(self):
            super().__init__(name=name)
            self.conv = conv(keras, "inner")
            self.dense = keras.layers.Dense(2, name="dense", trainable=dense_trainable)

    return Two()


@keras_3
def nested_subclassed(keras):
    start = image(keras)
    return keras.Model(start, keras.layers.Flatten(name="flat")(subclass(keras, "block")(start)), name="outer")


@keras_3
def subclassed_in_a_sequential(keras):
    return sequential(keras, subclass(keras, "block"), keras.layers.Flatten(name="flat"))


@keras_3
def sequential_in_a_subclassed(keras):
    class Outer(keras.Model):
        def __init__(self):
            super().__init__(name="outer")
            self.base = sequential(keras, conv(keras, "inner"), name="base")
            self.head = keras.layers.Dense(2, name="head")

        def call(self, x):
            return self.head(self.base(x))

    model = Outer()
    model(np.zeros((1, 8, 8, 3)))
    return model


@both
def subclassed_called(keras):
    model = subclass(keras, "called")
    model(np.zeros((2, 8, 8, 3), "float32"))
    return model


@keras_3
def subclassed_built(keras):
    model = subclass(keras, "built")
    model.build((None, 8, 8, 3))
    return model


@keras_3
def subclassed_not_built(keras):
    return subclass(keras, "later")


@keras_3
def subclassed_fitted(keras):
    model = subclass(keras, "fitted", dense_trainable=False)
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 8, 8, 3)), np.zeros((2, 6, 6, 2)), verbose=0)
    return model


@keras_3
def subclassed_with_a_part_unused(keras):
    model = subclass(keras, "unused")
    model.never = keras.layers.Dense(3, name="never")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model(np.zeros((1, 8, 8, 3)))
    return model


@keras_3
def subclassed_with_lists(keras):
    class Lists(keras.Model):
        def __init__(self):
            super().__init__(name="lists")
            self.blocks = [conv(keras, f"conv_{n}", padding="same") for n in range(3)]

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    model = Lists()
    model(np.zeros((1, 8, 8, 3)))
    return model


@keras_3
def recipe_for_a_subclassed_model(keras):
    class Recipe(keras.Model):
        def __init__(self):
            super().__init__(name="recipe")
            self.conv = conv(keras, "inner")
            self.flat = keras.layers.Flatten(name="flat")

        def call(self, x):
            return self.flat(self.conv(x))

        def shown(self):
            start = image(keras)
            return keras.Model(start, self.call(start), name="shown")

    return Recipe().shown()


@keras_3
def own_layer(keras):
    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(shape[-1],), name="factor")
            self.steps = self.add_weight(shape=(), dtype="int64", trainable=False, name="steps")

        def call(self, x):
            return x * self.factor

    return sequential(keras, conv(keras, "conv"), Scale(name="scale"))


@keras_3
def own_layer_of_layers(keras):
    class Residual(keras.layers.Layer):
        def __init__(self, **arguments):
            super().__init__(**arguments)
            self.conv = conv(keras, "inner", 3, padding="same")

        def call(self, x):
            return x + self.conv(x)

    start = image(keras)
    return keras.Model(start, Residual(name="b")(Residual(name="a")(start)), name="blocks")


@keras_3
def own_layer_of_two_outputs(keras):
    class Both(keras.layers.Layer):
        def call(self, x):
            return {"low": x[:, :1], "high": x[:, 1:]}

    start = image(keras)
    parts = Both(name="both")(start)
    return keras.Model(start, [parts["low"], conv(keras, "conv")(parts["high"])], name="parts")


@keras_3
def class_with_brackets_of_its_own(keras):
    class Block2D(keras.layers.Conv2D):
        pass

    return sequential(keras, Block2D(4, 3, name="block"))


@keras_3
def shared_variable(keras):
    class Tied(keras.layers.Layer):
        def build(self, shape):
            self.kernel = dense.kernel

        def call(self, x):
            return x @ self.kernel

    dense = keras.layers.Dense(4, name="dense")
    return sequential(keras, dense, Tied(name="tied"), shape=(4,))


@keras_3
def tied_embedding(keras):
    start = keras.Input((5,), name="words")
    embedding = keras.layers.ReversibleEmbedding(30, 4, name="tied")
    return keras.Model(start, embedding(keras.layers.Dense(4, name="d")(embedding(start)), reverse=True), name="tied")


# --- not built, or odd


@keras_3
def sequential_not_built(keras):
    return sequential(keras, conv(keras, "conv"), keras.layers.Dense(2, name="dense"), shape=None)


@keras_3
def sequential_built_late(keras):
    model = sequential(keras, conv(keras, "conv"), keras.layers.Dense(2, name="dense"), shape=None)
    model.build((None, 8, 8, 3))
    return model


@both
def sequential_built_by_a_call(keras):
    model = sequential(keras, conv(keras, "conv"), keras.layers.Dense(2, name="dense"), shape=None)
    model(np.zeros((2, 8, 8, 3), "float32"))
    return model


@keras_3
def sequential_added_and_popped(keras):
    model = sequential(keras, conv(keras, "conv"), conv(keras, "gone"))
    model.pop()
    model.add(keras.layers.Flatten(name="flat"))
    return model


@keras_3
def sequential_empty(keras):
    return keras.Sequential(name="empty")


@keras_3
def quantized(keras):
    model = sequential(keras, keras.layers.Dense(16, name="dense"), shape=(32,))
    model.quantize("int8")
    return model


@keras_3
def channels_first(keras):
    return sequential(keras, conv(keras, "conv", data_format="channels_first"), shape=(3, 8, 8))


@keras_3
def cloned(keras):
    return keras.models.clone_model(nested(keras))


@keras_3
def from_config(keras):
    return keras.Model.from_config(residual(keras).get_config())


@keras_3
def wrapped_in_spectral_normalization(keras):
    return sequential(keras, keras.layers.SpectralNormalization(conv(keras, "inner"), name="spectral"))


@keras_3
def mobilenet(keras):
    return keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, name="mobile")
