"""Summaries: byte for byte those of Keras, and columns that add up."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

import convkit
from convkit import ArgumentError, Conv2D, Input, ShapeError, summary

#   name, input shape, layers' arguments, parameters, shapes that come out: the models of the lesson
LESSON = [
    ("single", (8, 8, 1), [{"filters": 3, "kernel_size": 2, "padding": "VALID"}], [15], [(7, 7, 3)]),
    ("three_channels", (8, 8, 3), [{"filters": 2, "kernel_size": 3, "padding": "VALID"}], [56], [(6, 6, 2)]),
    (
        "two_layers",
        (8, 8, 3),
        [{"filters": 2, "kernel_size": 3}, {"filters": 4, "kernel_size": 3}],
        [56, 76],
        [(6, 6, 2), (4, 4, 4)],
    ),
    (
        "two_layers_of_2",
        (8, 8, 3),
        [{"filters": 2, "kernel_size": 3}, {"filters": 2, "kernel_size": 3}],
        [56, 38],
        [(6, 6, 2), (4, 4, 2)],
    ),
    ("same", (8, 8, 1), [{"filters": 2, "kernel_size": 3, "padding": "SAME"}], [20], [(8, 8, 2)]),
    ("stride_2", (8, 8, 1), [{"filters": 2, "kernel_size": 3, "strides": 2, "padding": "SAME"}], [20], [(4, 4, 2)]),
    ("pointwise", (8, 8, 1), [{"filters": 2, "kernel_size": 1, "padding": "SAME"}], [4], [(8, 8, 2)]),
    ("pointwise_rgb", (8, 8, 3), [{"filters": 2, "kernel_size": 1, "padding": "SAME"}], [8], [(8, 8, 2)]),
]
NAMES = [row[0] for row in LESSON]


@pytest.fixture(scope="module")
def tf_keras(tf):
    """Keras 2, which is still to be had."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tf_keras

    return tf_keras


def printed(model, **arguments):
    """What model.summary() prints, in either Keras."""
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line), **arguments)
    return "\n".join(lines).rstrip("\n") + "\n"


def functional(keras, shape, layers):
    """The model of a fresh session, as the lesson builds it."""
    keras.backend.clear_session()
    inputs = x = keras.Input(shape)
    for arguments in layers:
        x = keras.layers.Conv2D(activation="relu", **arguments)(x)
    return keras.Model(inputs, x)


def ours(shape, layers):
    return [Input(shape), *(Conv2D(activation="relu", **arguments) for arguments in layers)]


@pytest.mark.parametrize(("name", "shape", "layers", "counts", "shapes"), LESSON, ids=NAMES)
def test_the_models_of_the_lesson_print_as_in_keras_3(keras, golden, name, shape, layers, counts, shapes):
    text = summary(ours(shape, layers))
    assert text == printed(functional(keras, shape, layers))
    golden(f"summary_{name}_keras3.txt", text)


@pytest.mark.parametrize(("name", "shape", "layers", "counts", "shapes"), LESSON, ids=NAMES)
def test_the_models_of_the_lesson_print_as_in_keras_2(tf_keras, golden, name, shape, layers, counts, shapes):
    text = summary(ours(shape, layers), style="keras2")
    assert text == printed(functional(tf_keras, shape, layers))
    golden(f"summary_{name}_keras2.txt", text)


@pytest.mark.parametrize(("name", "shape", "layers", "counts", "shapes"), LESSON, ids=NAMES)
def test_the_models_of_the_lesson_have_its_figures(golden, name, shape, layers, counts, shapes):
    text = summary(ours(shape, layers), columns="all")
    golden(f"summary_{name}_all.txt", text)
    rows = cells(text)
    assert [row[1] for row in rows] == [str((None, *shape)), *(str((None, *out)) for out in shapes)]
    assert [int(row[2]) for row in rows] == [0, *counts]
    assert f"Total params: {sum(counts)} " in text


def test_the_older_keras_2_prints_no_sizes(golden):
    """The lesson was written with it: its lines are looked for one by one, since its rules were lost on the way."""
    layers = [Input((8, 8, 1), name="input_5"), Conv2D(3, 2, name="conv2d_4")]
    text = summary(layers, style="keras2.10", name="model_4")
    golden("summary_single_keras2.10.txt", text)
    for line in [
        'Model: "model_4"',
        " Layer (type)                Output Shape              Param #   ",
        " input_5 (InputLayer)        [(None, 8, 8, 1)]         0         ",
        " conv2d_4 (Conv2D)           (None, 7, 7, 3)           15        ",
        "Total params: 15",
        "Trainable params: 15",
        "Non-trainable params: 0",
        "_" * 65,
    ]:
        assert line in text.splitlines()


def cells(text):
    """The cells of a table of Keras 3 whose rows have one line each."""
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if line[0] == "│"]


def common_layers(layers):
    """One of each kind, with the same arguments in Keras and in ours."""
    return [
        layers.Conv2D(8, 3, padding="same"),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.MaxPooling2D(),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.SeparableConv2D(16, (3, 5), padding="same", strides=2),
        layers.Conv2DTranspose(4, 3, strides=2),
        layers.AveragePooling2D(2, strides=1, padding="same"),
        layers.ZeroPadding2D(((0, 1), (2, 3))),
        layers.Dropout(0.2),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(1000, trainable=False),
        layers.Dense(10, activation="softmax", use_bias=False),
    ]


@pytest.mark.parametrize("columns", [None, 64, 80, 92, 93, 120])
def test_a_sequential_of_common_layers_prints_as_in_keras(keras, golden, monkeypatch, columns):
    if columns:
        monkeypatch.setenv("COLUMNS", str(columns))
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((32, 32, 3)), *common_layers(keras.layers)])
    text = summary(common_layers(convkit), input_shape=(32, 32, 3))
    assert text == summary(model) == printed(model)
    if columns == 80:
        golden("summary_common_keras3.txt", text)


def test_a_functional_model_of_common_layers_prints_as_in_keras(keras):
    keras.backend.clear_session()
    inputs = x = keras.Input((None, None, 3))
    for layer in [*common_layers(keras.layers)[:11], keras.layers.GlobalAveragePooling2D()]:
        x = layer(x)
    listed = [Input((None, None, 3)), *common_layers(convkit)[:11], convkit.GlobalAveragePooling2D()]
    model = keras.Model(inputs, x)
    assert summary(listed) == summary(model) == printed(model)


def test_common_layers_print_as_in_keras_2(tf_keras, golden):
    tf_keras.backend.clear_session()
    model = tf_keras.Sequential([tf_keras.Input((32, 32, 3)), *common_layers(tf_keras.layers)])
    text = summary(common_layers(convkit), style="keras2", input_shape=(32, 32, 3))
    assert text == printed(model)
    golden("summary_common_keras2.txt", text)


def build_residual(keras):
    inputs = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(3, 3, padding="same", name="a_rather_long_name_for_a_layer_of_a_model")(inputs)
    x = keras.layers.Add(name="add")([inputs, x])
    return keras.Model(inputs, keras.layers.Conv2D(4, 3, name="last")(x), name="residual")


def build_shared(keras):
    shared = keras.layers.Conv2D(3, 3, padding="same", name="shared")
    inputs = keras.Input((8, 8, 3), name="image")
    x = keras.layers.MaxPooling2D(name="pool")(shared(inputs))
    return keras.Model(inputs, keras.layers.Conv2D(3, 2, name="last")(shared(x)), name="twice")


def build_branches(keras):
    image, numbers = keras.Input((8, 8, 3), name="image"), keras.Input((4,), name="numbers")
    left = keras.layers.Flatten(name="flat")(keras.layers.Conv2D(3, 3, name="conv")(image))
    right = keras.layers.Dense(3, name="dense")(numbers)
    joined = keras.layers.Concatenate(name="joined")([left, right])
    return keras.Model([image, numbers], [joined, right], name="branches")


def build_nested(keras):
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="in"), keras.layers.BatchNormalization(name="bn")]
    base = keras.Sequential(layers, name="base")
    base.trainable = False
    inputs = keras.Input((8, 8, 3), name="image")
    return keras.Model(inputs, keras.layers.Conv2D(2, 3, name="out")(base(inputs)), name="nested")


def build_batched(keras):
    inputs = keras.Input((8, 8, 3), batch_size=4, name="image")
    return keras.Model(inputs, keras.layers.Conv2D(2, 3, name="conv")(inputs), name="batched")


def build_half(keras):
    layers = [keras.layers.Conv2D(3, 2, dtype=dtype, name=dtype) for dtype in ("float16", "mixed_float16", "float64")]
    return keras.Sequential([keras.Input((8, 8, 3)), *layers, keras.layers.Dense(1000, name="dense")], name="half")


def build_unbuilt(keras):
    return keras.Sequential([keras.layers.Conv2D(3, 2, name="conv"), keras.layers.Dense(4, name="dense")], name="late")


def build_unknown(keras):
    inputs = keras.Input((8,), name="words")
    x = keras.layers.Embedding(100, 4, name="embedding")(inputs)
    return keras.Model(inputs, keras.layers.LSTM(5, return_state=True, name="lstm")(x), name="unknown")


def build_operators(keras):
    inputs = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(3, 3, padding="same", name="conv")(inputs)
    return keras.Model(inputs, keras.ops.relu(x * 2.0 + inputs), name="operators")


def build_fitted(keras):
    keras.utils.set_random_seed(1)
    layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 2, name="conv"), keras.layers.Flatten(name="flat")]
    model = keras.Sequential([*layers, keras.layers.Dense(2, name="dense")], name="fitted")
    model.compile("adam", "mse")
    model.fit(np.zeros((2, 8, 8, 1)), np.zeros((2, 2)), verbose=0)
    return model


def build_subclassed(keras):
    class Two(keras.Model):
        def __init__(self):
            super().__init__(name="two")
            self.conv, self.never = keras.layers.Conv2D(3, 2, name="conv"), keras.layers.Dense(4, name="never")

        def call(self, x):
            return self.conv(x)

    model = Two()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one layer is left unbuilt on purpose
        model(np.zeros((2, 8, 8, 1)))
    return model


BUILDERS = [value for name, value in list(globals().items()) if name.startswith("build_")]


@pytest.mark.parametrize("build", BUILDERS, ids=[build.__name__ for build in BUILDERS])
@pytest.mark.parametrize("arguments", [{}, {"show_trainable": True}, {"expand_nested": True}], ids=str)
def test_any_model_prints_as_in_keras(keras, build, arguments):
    model = build(keras)
    assert summary(model, **arguments) == printed(model, **arguments)


@pytest.mark.parametrize("build", BUILDERS, ids=[build.__name__ for build in BUILDERS])
@pytest.mark.parametrize("width", [50, 60, 76, 100, 108])
def test_any_width_prints_as_in_keras(keras, monkeypatch, build, width):
    monkeypatch.setenv("COLUMNS", "120")  # else rich cuts off what is wider than the terminal
    model = build(keras)
    assert summary(model, width=width) == printed(model, line_length=width)


K2_BUILDERS = [build_residual, build_shared, build_branches, build_batched]


@pytest.mark.parametrize("build", K2_BUILDERS, ids=[build.__name__ for build in K2_BUILDERS])
@pytest.mark.parametrize("arguments", [{}, {"line_length": 80}, {"show_trainable": True}], ids=str)
def test_a_graph_prints_as_in_keras_2(keras, tf_keras, build, arguments):
    """Built in Keras 3 and printed in the layout of Keras 2, against the same model built in Keras 2."""
    ours = {"width" if name == "line_length" else name: value for name, value in arguments.items()}
    assert summary(build(keras), style="keras2", **ours) == printed(build(tf_keras), **arguments)


@pytest.mark.parametrize("build", BUILDERS, ids=[build.__name__ for build in BUILDERS])
def test_the_parameter_column_adds_up_to_the_total(keras, build):
    model = build(keras)
    text = summary(model, columns="all")
    rows, (total, trained, frozen, *optimizer) = cells(text), counts(text)
    column = [int(row[2].replace(",", "").split()[0]) for row in rows]
    assert sum(column) + sum(optimizer) == total == trained + frozen + sum(optimizer)
    assert sum(column) == model.count_params() if model.built else sum(column) == 0


def counts(text):
    """The numbers of the total lines."""
    return [int(found.replace(",", "")) for found in re.findall(r" params: ([\d,]+) \(", text)]


@pytest.mark.parametrize("build", BUILDERS, ids=[build.__name__ for build in BUILDERS])
def test_the_columns_of_our_own_add_up_too(keras, build):
    text = summary(build(keras), columns=["params_sum", "macs"])
    header = [cell.strip() for cell in text.splitlines()[2].strip("┃").split("┃")]
    sums, macs = header.index("Param # as a sum"), header.index("MACs")
    for row in cells(text):
        if row[sums] != "-":
            assert eval(row[sums]) == int(row[2].replace(",", ""))
    total = sum(int(row[macs].replace(",", "")) for row in cells(text) if row[macs] != "?")
    assert f" Total MACs: {total:,} (" in text
    assert ("marked ?" in text) == any(row[macs] == "?" for row in cells(text))


def test_columns_of_our_own_stand_where_they_are_asked_for(golden):
    layers = [Conv2D(8, 3, strides=2), convkit.DepthwiseConv2D((3, 5)), convkit.Flatten(), convkit.Dense(10)]
    text = summary(layers, columns=["receptive_field", "kernel"], input_shape=(28, 28, 1))
    assert [row[3:] for row in cells(text)] == [["3x3", "3x3"], ["7x11", "3x5"], ["7x11", "-"], ["27x27", "-"]]
    golden("summary_own_columns_keras3.txt", text)
    golden("summary_own_columns_keras2.txt", summary(layers, "keras2", "all", input_shape=(28, 28, 1)))


def test_a_list_without_an_input_hides_it_as_sequential_does():
    layers = [Conv2D(2, 3)]
    with_input, without = summary([Input((8, 8, 3)), *layers]), summary(layers, input_shape=(8, 8, 3))
    assert 'Model: "functional"' in with_input
    assert "InputLayer" in with_input
    assert 'Model: "sequential"' in without
    assert "InputLayer" not in without
    assert without == summary(layers, input_shape=(None, 8, 8, 3)) == summary(layers[0], input_shape=(8, 8, 3))


def test_a_name_can_be_given(keras):
    assert 'Model: "mine"' in summary([Input((8, 8, 3)), Conv2D(2, 3)], name="mine")
    assert 'Model: "mine"' in summary(build_residual(keras), name="mine")


WRONG = [
    (lambda: summary([Conv2D(2, 3)]), "the input shape is missing. Begin the list with Input"),
    (
        lambda: summary([Input((8, 8, 3)), Conv2D(2, 3)], style="keras"),
        "style is 'keras', and has to be one of 'keras3'",
    ),
    (lambda: summary([Input((8, 8, 3))], columns=["mac"]), "there is no column 'mac'. .* Did you mean 'macs'?"),
    (lambda: summary([Input((8, 8, 3))], columns="kernels"), "there is no column 'kernels'. .* Did you mean 'kernel'?"),
    (lambda: summary(8), "got a builtins.int, and summary takes a list of layers"),
    (lambda: summary([Input((8, 8, 3))], "keras2", expand_nested=True), "is drawn in style='keras3' only"),
    (lambda: summary([Input((8, 8, 3)), Conv2D(2, 3)], width=10), "width=10 leaves a column less than 4 characters"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[row[1][:30] for row in WRONG])
def test_what_cannot_be_summarised_is_named(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        wrong()


def test_a_layer_that_does_not_fit_is_named_with_its_place():
    with pytest.raises(ShapeError, match=r"in layer 2 'conv2d_1', input \(6, 6, 2\): along the height, a kernel spann"):
        summary([Input((8, 8, 3)), Conv2D(2, 3), Conv2D(2, 7)])


def test_a_model_of_keras_2_is_refused_with_a_word(tf_keras):
    with pytest.raises(
        ArgumentError, match=r"got a tf_keras.*Sequential, and summary takes .* a keras.Model of Keras 3"
    ):
        summary(tf_keras.Sequential([tf_keras.Input((8, 8, 1)), tf_keras.layers.Conv2D(3, 2)]))


def test_our_own_layers_are_summarised_with_numpy_alone():
    code = (
        "import sys, convkit; convkit.summary([convkit.Input((8, 8, 1)), convkit.Conv2D(3, 2)], columns='all'); "
        "print([name for name in ('keras', 'tensorflow', 'rich', 'tf_keras') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
