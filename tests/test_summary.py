"""Summaries: byte for byte those of Keras, and columns that add up."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import warnings

import pytest

import convkit
from convkit import ArgumentError, ShapeError, summary
from convkit.layers import Conv2D, Dense, DepthwiseConv2D, Flatten, GlobalAveragePooling2D, Input
from tests.summary_models import BOTH, KERAS_3

ALL = {**BOTH, **KERAS_3}

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
    text = summary(common_layers(convkit.layers), input_shape=(32, 32, 3))
    assert text == summary(model) == printed(model)
    if columns == 80:
        golden("summary_common_keras3.txt", text)


def test_a_functional_model_of_common_layers_prints_as_in_keras(keras):
    keras.backend.clear_session()
    inputs = x = keras.Input((None, None, 3))
    for layer in [*common_layers(keras.layers)[:11], keras.layers.GlobalAveragePooling2D()]:
        x = layer(x)
    listed = [Input((None, None, 3)), *common_layers(convkit.layers)[:11], GlobalAveragePooling2D()]
    model = keras.Model(inputs, x)
    assert summary(listed) == summary(model) == printed(model)


def test_common_layers_print_as_in_keras_2(tf_keras, golden):
    tf_keras.backend.clear_session()
    model = tf_keras.Sequential([tf_keras.Input((32, 32, 3)), *common_layers(tf_keras.layers)])
    text = summary(common_layers(convkit.layers), style="keras2", input_shape=(32, 32, 3))
    assert text == printed(model)
    golden("summary_common_keras2.txt", text)


@functools.cache
def built(keras, name):
    """One model for all tests: none of them changes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some leave a layer unbuilt on purpose
        return ALL[name](keras)


EVERYTHING = {"show_trainable": True, "expand_nested": True}


@pytest.mark.parametrize("name", ALL)
def test_any_model_prints_as_in_keras_3(keras, name):
    model = built(keras, name)
    for arguments in ({}, EVERYTHING, {"line_length": 60}):
        assert summary(model, **arguments) == printed(model, **arguments), arguments


@pytest.mark.parametrize("name", BOTH)
def test_a_model_prints_as_in_keras_2(keras, tf_keras, name):
    """Built in Keras 3 and printed in the layout of Keras 2, against the same model built in Keras 2."""
    model, theirs = built(keras, name), built(tf_keras, name)
    for arguments in ({}, EVERYTHING, {"line_length": 120}):
        assert summary(model, style="keras2", **arguments) == printed(theirs, **arguments), arguments


WIDE = ["residual_with_a_long_name", "nested_three_deep", "chinese_names_that_do_not_fit", "lstm_states", "mobilenet"]


@pytest.mark.parametrize("columns", [64, 92, 120, 200])
@pytest.mark.parametrize("name", WIDE)
def test_any_width_prints_as_in_keras(keras, monkeypatch, name, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    model = built(keras, name)
    for arguments in ({}, {"line_length": 50}, {"line_length": 108, **EVERYTHING}):
        assert summary(model, **arguments) == printed(model, **arguments), arguments


RANGES = [("conv_1", "flat"), ("flat", "conv_1"), ("conv.*", "conv.*"), ("pool", "pool"), ("", "drop")]


@pytest.mark.parametrize("layer_range", RANGES)
def test_a_range_of_layers_is_the_one_of_keras(keras, tf_keras, layer_range):
    model, theirs = built(keras, "classifier"), built(tf_keras, "classifier")
    arguments = {"layer_range": layer_range}
    assert summary(model, **arguments) == printed(model, **arguments)
    assert summary(model, style="keras2", **arguments) == printed(theirs, **arguments)


def test_a_range_counts_the_layers_of_the_outer_model(keras):
    model = built(keras, "nested")
    arguments = {"layer_range": ("base", "out"), "expand_nested": True}
    assert summary(model, **arguments) == printed(model, **arguments)


@pytest.mark.parametrize("positions", [[0.2, 0.5, 1.0], [20, 45, 65]])
def test_positions_are_shares_or_characters_in_keras_2(keras, tf_keras, positions):
    text = summary(built(keras, "classifier"), style="keras2", positions=positions)
    assert text == printed(built(tf_keras, "classifier"), positions=list(positions))


@pytest.mark.parametrize("name", ["classifier", "residual"])
@pytest.mark.parametrize("trainable", [False, True])
def test_positions_that_are_left_over_are_ignored_as_in_keras(keras, tf_keras, name, trainable):
    arguments = {"positions": [0.3, 0.56, 0.7, 0.85, 1.0], "show_trainable": trainable}
    model, theirs = built(keras, name), built(tf_keras, name)
    assert summary(model, **arguments) == printed(model, **arguments)
    assert summary(model, style="keras2", **arguments) == printed(
        theirs, **{**arguments, "positions": [*arguments["positions"]]}
    )


@pytest.mark.parametrize("name", ["sequential_not_built", "subclassed_not_built"])
def test_keras_2_refuses_a_model_that_is_not_built(keras, tf_keras, name):
    with pytest.raises(ValueError, match="This model has not yet been built"):
        printed(built(tf_keras, name))
    with pytest.raises(ArgumentError, match=r"this model has not yet been built.*Build it first: call model.build\(\)"):
        summary(built(keras, name), style="keras2")


def first_columns(text, count):
    return [row[:count] for row in cells(text)]


@pytest.mark.parametrize("name", sorted(set(ALL) - {"class_with_brackets_of_its_own"}))
def test_our_columns_change_nothing_in_those_of_keras(keras, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "500")
    model = built(keras, name)
    theirs, ours = printed(model, line_length=480), summary(model, columns="all")
    width = len(cells(theirs)[0]) if cells(theirs) else 0
    assert first_columns(ours, width) == cells(theirs)
    assert counts(ours) == counts(theirs)


ADDS_UP = [
    *("classifier", "frozen_base", "residual", "siamese", "trained_with_adam", "operators", "lstm_states", "unet"),
    *("subclassed_with_a_part_unused", "sequential_not_built", "adapted_normalization", "half_precision", "mobilenet"),
]


@pytest.mark.parametrize("name", ADDS_UP)
def test_the_parameter_column_adds_up_to_the_total(keras, name):
    model = built(keras, name)
    text = summary(model, columns="all")
    rows, (total, trained, frozen, *optimizer) = cells(text), counts(text)
    column = [int(row[2].replace(",", "").split()[0]) for row in rows]
    assert sum(column) + sum(optimizer) == total == trained + frozen + sum(optimizer)
    assert sum(column) == model.count_params() if model.built else sum(column) == 0


def counts(text):
    """The numbers of the total lines."""
    return [int(found.replace(",", "")) for found in re.findall(r" params: ([\d,]+) \(", text)]


@pytest.mark.parametrize("name", ADDS_UP)
def test_the_columns_of_our_own_add_up_too(keras, name):
    text = summary(built(keras, name), columns=["params_sum", "macs"])
    header = [cell.strip() for cell in text.splitlines()[2].strip("┃").split("┃")]
    sums, macs = header.index("Param # as a sum"), header.index("MACs")
    for row in cells(text):
        if row[sums] != "-":
            assert eval(row[sums]) == int(row[2].replace(",", ""))
    total = sum(int(row[macs].replace(",", "")) for row in cells(text) if row[macs] != "?")
    assert f" Total MACs: {total:,} (" in text
    assert ("marked ?" in text) == any(row[macs] == "?" for row in cells(text))


def test_columns_of_our_own_stand_where_they_are_asked_for(golden):
    layers = [
        Conv2D(8, 3, strides=2),
        DepthwiseConv2D((3, 5)),
        Flatten(),
        Dense(10),
    ]
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
    assert 'Model: "mine"' in summary(built(keras, "residual"), name="mine")


WRONG = [
    (lambda: summary([Conv2D(2, 3)]), "the input shape is missing. Begin the list with Input"),
    (
        lambda: summary([Input((8, 8, 3)), Conv2D(2, 3)], style="keras"),
        "style is 'keras', and has to be one of 'keras3'",
    ),
    (lambda: summary([Input((8, 8, 3))], columns=["mac"]), "there is no column 'mac'. .* Did you mean 'macs'?"),
    (lambda: summary([Input((8, 8, 3))], columns="kernels"), "there is no column 'kernels'. .* Did you mean 'kernel'?"),
    (lambda: summary(8), "got a builtins.int, and summary takes a list of layers"),
    (
        lambda: summary([Input((8, 8, 3)), Conv2D(2, 3)], line_length=10),
        "line_length=10 leaves a column less than 4 characters",
    ),
    (
        lambda: summary([Input((8, 8, 3)), Conv2D(2, 3)], positions=[0.5, 1.0]),
        r"positions has 2 numbers, and this summary has 3 columns: Layer \(type\), Output Shape, Param #.",
    ),
    (lambda: summary([Input((8, 8, 3))], positions="wide"), "positions is 'wide', and has to be numbers above 0"),
    (lambda: summary([Input((8, 8, 3))], line_length="wide"), "line_length is 'wide'"),
    (lambda: summary([Input((8, 8, 3))], style=3), "style is 3, and has to be one of 'keras3'"),
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


def test_our_own_layers_are_summarized_without_keras():
    code = (
        "import sys, convkit; from convkit.layers import Conv2D, Input; "
        "convkit.summary([Input((8, 8, 1)), Conv2D(3, 2)], columns='all'); "
        "print([name for name in ('keras', 'tensorflow', 'tf_keras') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
def test_a_summary_prints_on_any_standard_output(encoding):
    code = (
        "import convkit; from convkit.layers import Conv2D, Input; "
        "layers = [Input((8, 8, 3)), Conv2D(2, 3, name='\u7b2c\u4e00' * 20)]; "
        "print(convkit.summary(layers), convkit.summary(layers, style='keras2'))"
    )
    settings = {**os.environ, "PYTHONIOENCODING": encoding}
    run = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, check=True)
    assert run.stderr == b""
    assert b"| \\u7b2c" in run.stdout
    assert b"Total params: 56 (224.00 B)" in run.stdout


def test_a_kernel_shows_a_summary_once():
    """rich shows a table by itself where it sees a notebook."""
    from jupyter_client.manager import start_new_kernel

    seen = []
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        made = "from convkit.layers import Input, Conv2D; layers = [Input((8, 8, 3)), Conv2D(2, 3)]"
        code = f"import convkit; {made}; print(convkit.summary(layers))"
        client.execute_interactive(code, output_hook=lambda message: seen.append(message["msg_type"]), timeout=300)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert set(seen) - {"status", "execute_input"} == {"stream"}
