"""Explorers without a browser: what is asked, what is right, what is said, and what is left where no script runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from convkit import ArgumentError, explore
from convkit.explore.explorer import Explorer
from convkit.explore.knobs import NumberSlider
from convkit.explore.session import Session
from convkit.explore.topic import numbers
from convkit.explore.topics.dilated import Dilated
from convkit.explore.topics.filters import KNOWN, Filters
from convkit.explore.topics.groups import Groups
from convkit.explore.topics.padding import Padding
from convkit.explore.topics.parameters import Parameters
from convkit.explore.topics.pooling import Pooling
from convkit.explore.topics.receptive_field import ReceptiveField
from convkit.explore.topics.stride import Stride
from convkit.explore.topics.transposed import TransposedConvolution
from convkit.lesson import oracles
from convkit.picture.svg import render
from tests.receptive_fields import responses

EXPLORERS = [getattr(explore, name) for name in explore.EXPLORERS]
TOPICS = [type(explorer().topic) for explorer in EXPLORERS]
WRONG = {Padding: "3 3", Pooling: "9 9 9"}  # "3" elsewhere
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda factory: factory.__name__)


def opened(topic, **chosen) -> Session:
    return Explorer(topic(), **chosen).session


def imported(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_nothing_heavy_is_loaded_before_an_explorer_is_shown():
    heavy = {"ipywidgets", "anywidget", "tensorflow", "keras", "matplotlib", "nbgrader", "PIL"}
    assert not imported("import convkit") & {*heavy, "convkit.explore", "convkit.picture"}
    assert not imported("import convkit; convkit.explore.stride()._repr_mimebundle_()") & heavy


# ---------------------------------------------------------------------------------------------------- what is right

#  explorer, settings, what Keras or TensorFlow is asked
ORACLES = [
    (explore.parameters, {"filters": 4}, lambda: oracles.keras_params(3, 2, 4)),
    (explore.parameters, {"filters": 2}, lambda: oracles.keras_params(3, 2, 2)),
    (explore.parameters, {"kernel_size": 1, "in_channels": 3, "filters": 2}, lambda: oracles.keras_params(1, 3, 2)),
    (explore.padding, {"n": 8, "kernel_size": 2}, lambda: oracles.tf_same_padding(8, 2, 1)),
    (explore.padding, {"n": 9, "kernel_size": 2, "strides": 3}, lambda: oracles.tf_same_padding(9, 2, 3)),
    (explore.padding, {"n": 5, "kernel_size": 6}, lambda: oracles.tf_same_padding(5, 6, 1)),
    (explore.pointwise, {"filters": 2}, lambda: oracles.keras_params(1, 3, 2)),
    (explore.pointwise, {"filters": 1}, lambda: oracles.keras_params(1, 3, 1)),
]


@pytest.mark.parametrize(("explorer", "chosen", "oracle"), ORACLES)
def test_the_right_answer_is_the_frameworks(keras, explorer, chosen, oracle):
    session = explorer(**chosen).session
    assert session.topic.right(session.settings) == oracle()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 1), (4, 4)])
def test_strides_give_the_rows_and_columns_of_keras(keras, strides, padding):
    session = opened(Stride, height=9, width=7, strides_down=strides[0], strides_across=strides[1], padding=padding)
    layer = keras.layers.Conv2D(1, 3, strides=strides, padding=padding)
    assert session.topic.right(session.settings) == layer.compute_output_shape((None, 9, 7, 1))[1:3]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_a_transposed_convolution_has_the_size_of_keras(keras, strides, kernel_size, padding):
    session = opened(TransposedConvolution, n=3, kernel_size=kernel_size, strides=strides, padding=padding)
    layer = keras.layers.Conv2DTranspose(1, kernel_size, strides=strides, padding=padding)
    assert session.topic.right(session.settings) == tuple(layer.compute_output_shape((None, 3, 3, 1))[1:3])


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_has_the_shape_of_keras(keras, kind, strides, padding):
    session = opened(Pooling, kind=kind, n=8, pool_size=3, strides=strides, padding=padding)
    layer = getattr(keras.layers, "MaxPooling2D" if kind == "max" else "AveragePooling2D")(3, strides, padding)
    assert session.topic.right(session.settings) == tuple(layer.compute_output_shape((None, 8, 8, 3))[1:])


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel_size", [1, 2, 3])
@pytest.mark.parametrize("rate", [1, 2, 4])
def test_a_dilated_convolution_has_the_size_of_keras(keras, rate, kernel_size, padding):
    session = opened(Dilated, n=9, kernel_size=kernel_size, dilation_rate=rate, padding=padding)
    layer = keras.layers.Conv2D(1, kernel_size, dilation_rate=rate, padding=padding)
    assert session.topic.right(session.settings) == tuple(layer.compute_output_shape((None, 9, 9, 1))[1:3])


@pytest.mark.parametrize("rate", [2, 3])
def test_two_layers_of_one_dilation_rate_read_one_pixel_in_so_many(tf, rate):
    """What the explorer's page says about gridding, and that the rates 1, 2 and 4 leave no gaps."""
    rows, columns = np.nonzero(responses(tf, [(3, 1, rate)] * 2, 20, (0, 0)))
    assert np.all(rows % rate == 0)
    assert np.all(columns % rate == 0)
    seen = responses(tf, [(3, 1, 1), (3, 1, 2), (3, 1, 4)], 20, (0, 0))
    assert np.array_equal(np.argwhere(seen), [(row, column) for row in range(15) for column in range(15)])
    facts = revealed_facts(Dilated, dilation_rate=rate)
    assert f"depends on every {'second' if rate == 2 else 'third'} pixel only" in facts


def revealed_facts(topic, **chosen):
    session = opened(topic, **chosen)
    session.covered = False
    return session.view.facts


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize(("channels", "filters", "groups"), [(4, 4, 2), (4, 8, 4), (3, 6, 3), (4, 4, 4), (2, 6, 1)])
def test_the_count_with_groups_is_that_of_keras(keras, channels, filters, groups, use_bias):
    """And each filter of a depthwise convolution reads one channel: DepthwiseConv2D has as many weights."""
    session = opened(Groups, in_channels=channels, filters=filters, groups=groups, use_bias=use_bias)
    layers = [keras.layers.Conv2D(filters, 3, groups=groups, use_bias=use_bias)]
    if groups == channels:
        layers.append(keras.layers.DepthwiseConv2D(3, depth_multiplier=filters // channels, use_bias=use_bias))
    for layer in layers:
        layer.build((None, 8, 8, channels))
        assert session.topic.right(session.settings) == layer.count_params()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_each_filter_is_drawn_with_the_channels_whose_gradient_it_has(tf, keras, groups):
    session = opened(Groups, in_channels=4, filters=8, groups=groups)
    session.predict("1")
    layer = keras.layers.Conv2D(8, 3, groups=groups)
    x = tf.random.normal((1, 3, 3, 4))
    for filter in range(8):
        session.go(0, 0, filter)
        drawn = {dict(box.data)["plane"] for box in session.view.panels[0].layout.boxes if box.role == "weight"}
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = layer(x)[0, 0, 0, filter]
        read = np.flatnonzero(np.abs(tape.gradient(output, x).numpy()).sum(axis=(0, 1, 2)))
        assert drawn == set(read)


STACKS = [((3, 1, 1), (3, 1, 1)), ((3, 2, 1), (3, 2, 1), (2, 1, 1)), ((5, 1, 1), (1, 2, 1)), ((3, 1, 1), (3, 1, 4))]


@pytest.mark.parametrize("layers", STACKS)
def test_the_receptive_field_is_as_far_as_tensorflows_pixels_reach(tf, layers):
    named = zip(("kernel", "strides", "dilation"), zip(*layers, strict=True), strict=True)
    chosen = {f"{name}_{n}": value for name, values in named for n, value in enumerate(values, start=1)}
    session = opened(ReceptiveField, layers=len(layers), **chosen)
    for axis in np.nonzero(responses(tf, layers, 32, position=(2, 1))):
        assert session.topic.right(session.settings) == axis.max() - axis.min() + 1


def test_a_stride_and_a_dilation_in_one_layer_are_refused_as_keras_refuses_them(keras):
    said = opened(ReceptiveField, dilation_1=2).predict("7")
    assert "layer 1 has strides=2 and dilation_rate=2, and Keras takes one of them" in said
    with pytest.raises(ValueError, match="strides > 1` not supported in conjunction with `dilation_rate > 1`"):
        keras.layers.Conv2D(1, 3, strides=2, dilation_rate=2)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [*KNOWN, "own"])
def test_the_first_value_is_that_of_tensorflow(tf, kernel, padding):
    session = opened(Filters, kernel=kernel, padding=padding)
    rows = KNOWN[kernel] if kernel != "own" else session.settings["filter_0"]
    x = np.array(session.settings["x"], dtype="float64")[None, :, :, None]
    y = tf.nn.conv2d(x, np.array(rows, dtype="float64")[:, :, None, None], 1, padding.upper()).numpy()
    assert session.topic.right(session.settings) == pytest.approx(y[0, 0, 0, 0], abs=0.005)


# ----------------------------------------------------------------------------------------------------- predictions

#  explorer, settings, prediction, what has to be said, why this row exists
SAID = [
    (explore.parameters, {}, "76", "Right.", "right"),
    (explore.parameters, {}, "72", "72 would be right for use_bias=False", "no bias, by a setting"),
    (explore.parameters, {}, "40", "right for in_channels=1", "channels forgotten, by a setting"),
    (
        explore.parameters,
        {},
        "40",
        "cause: it counts the weights of each kernel on one input channel only, (3",
        "in words",
    ),
    (explore.parameters, {}, "38", "38 would be right for filters=2", "the other number of the question"),
    (explore.parameters, {"filters": 2}, "76", "76 would be right for filters=4", "and the other way round"),
    (explore.padding, {"kernel_size": 2}, "1, 0", "before the image. Write down which pixels", "the odd one before"),
    (explore.padding, {"strides": 2}, "1 1", "right for n=7 or for kernel_size=4", "another size, or no stride"),
    (explore.stride, {}, "3 x 3", "right for strides=3 or for padding='valid'", "without padding"),
    (explore.stride, {}, "8", "8 x 8 would be right for strides=1", "the stride forgotten; one number for both"),
    (explore.pointwise, {}, "6", "The likeliest cause: it counts weights, and no bias", "one of several ways, named"),
    (explore.filters, {}, "11", "rotates the kernel by 180 degrees", "flipped"),
    (explore.filters, {}, "1,9", "You predicted 1.9; it is 10", "a comma for a point"),
    (
        explore.transposed,
        {},
        "6 x 6",
        "for VALID it lays the copies side by side, so that none overlap",
        "kernels that overlap",
    ),
    (explore.transposed, {}, "7", "for VALID it adds a whole kernel after n strides. With n copies", "the fence"),
    (
        explore.transposed,
        {"n": 4},
        "1",
        "it returns the output length of an ordinary convolution.",
        "the other direction: 4 to 1",
    ),
    (explore.transposed, {}, "4", "right for kernel_size=2 or for strides=1", "the stride forgotten"),
    (explore.groups, {}, "148", "right for groups=1. The likeliest cause: it lets every filter read all", "no groups"),
    (explore.groups, {}, "38", "it counts the filters of one group only. There are 2 groups of 2", "one group"),
    (explore.groups, {"filters": 8}, "304", "it counts all filters once for each group", "filters for each group"),
    (explore.receptive_field, {}, "5", "or for strides=1 in layer 1. The likeliest cause: it counts as if", "strides"),
    (
        explore.receptive_field,
        {},
        "9",
        "it multiplies the kernel sizes. The pixels that neighbors read",
        "the lesson's",
    ),
    (explore.receptive_field, {"strides_1": 1, "dilation_1": 2}, "5", "as if nothing were dilated", "no dilation"),
    (explore.pooling, {}, "4 x 4 x 1", "it adds the channels up, as a convolution does.", "channels mixed"),
    (
        explore.pooling,
        {"pool_size": 3},
        "2 2 3",
        "it divides by pool_size, 8 / 3 rounded down = 2",
        "the wrong divisor",
    ),
    (explore.pooling, {"n": 7}, "4 x 4 x 3", "would be right for n=8 or for padding='same'.", "rounded up"),
    (explore.transposed, {"n": 3, "padding": "same"}, "7", "would be right for padding='valid'", "nothing cut off"),
    (explore.dilated, {}, "7 x 7", "cause: it counts as if the rate were 1. Draw a row", "the rate ignored"),
    (explore.dilated, {}, "4", "it takes a kernel that is as many times as long as the rate says", "k times d"),
    (
        explore.dilated,
        {"dilation_rate": 3},
        "9",
        "9 x 9 would be right for kernel_size=1 or for padding='same'",
        "same",
    ),
    (explore.dilated, {"padding": "same"}, "5", "5 x 5 would be right for n=5 or for padding='valid'.", "no zeros"),
]


@pytest.mark.parametrize(("explorer", "chosen", "typed", "said", "why"), SAID, ids=[row[-1] for row in SAID])
def test_a_prediction_is_told_what_it_would_be_right_for(explorer, chosen, typed, said, why):
    assert said in explorer(**chosen).session.predict(typed)


def test_another_word_that_makes_a_guess_right_is_cause_enough():
    assert "cause" not in opened(Stride).predict("3 x 3")


def test_what_is_said_to_be_right_elsewhere_is_right_there():
    session = opened(Parameters)
    for guess in range(1, 400):
        for words, others in session.topic.neighbors(session.settings):
            if f"would be right for {words}." in session.predict(str(guess)):
                assert session.topic.right(others) == guess


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type your prediction first, such as"),
        ("many", "'many' can't be read. Type your prediction, such as"),
        ("1 2 3", "'1 2 3' can't be read."),
    ],
)
def test_what_is_not_a_number_reveals_nothing(typed, said):
    session = opened(Parameters)
    assert session.predict(typed).startswith(said)
    assert session.covered
    assert session.predictions == []


def test_predictions_are_remembered():
    session = opened(Parameters)
    session.predict("72")
    session.turn("filters", 2)
    assert session.remembered == ""
    session.turn("filters", 4)
    assert session.remembered == "For this you predicted 72; it is 76."
    session.ask_another()
    assert session.covered
    assert [made.said for made in session.predictions] == ["72"]


def test_a_prediction_belongs_to_all_settings_and_to_typed_numbers():
    """The question reads the same after x[0, 0] is typed, and its answer is another."""
    session = opened(Filters)
    session.predict("10")
    question = session.question
    session.type("x", 0, 0, 9)
    assert session.question == question
    assert session.remembered == ""
    assert session.view.said == "The output is 4 x 4; its first value is 24."
    session.type("x", 0, 0, 2)
    assert session.remembered == "For this you predicted 10; it is 10."


@each_topic
@pytest.mark.parametrize("number", range(4))
def test_the_next_question_is_never_the_one_just_asked(topic, number):
    """Opened with any question's settings, as the first notebook opens parameters(filters=2)."""
    session = opened(topic, **topic.questions[number % len(topic.questions)])
    asked = []
    for _ in range(len(topic.questions)):
        asked.append(session.question)
        session.predict(WRONG.get(topic, "3"))
        session.ask_another()
        assert session.question != asked[-1]
    assert len(set(asked)) >= min(len(topic.questions), 2)


def test_questions_that_were_answered_come_last():
    session = opened(Parameters, filters=2)
    asked = set()
    for _ in Parameters.questions:
        asked.add(session.question)
        session.predict("3")
        session.ask_another()
        assert session.question not in asked or len(asked) == len(Parameters.questions)


@pytest.mark.parametrize(("text", "found"), [("4 x 4", (4, 4)), ("(0, 1)", (0, 1)), ("0,1", (0, 1)), ("7", (7,))])
def test_pairs_may_be_written_in_many_ways(text, found):
    assert numbers(text, (1, 2), "4 x 4") == found


# ------------------------------------------------------------------------------------------------- what may be seen


def drawn(view) -> str:
    return "".join(render(panel.layout, "a", "page") for panel in view.panels if panel.layout)


def test_padding_before_the_prediction_is_in_the_legend():
    assert "the extra row or column that SAME adds" in drawn(opened(Stride).view)
    assert "padding (a zero that was added)" in drawn(opened(Filters, padding="same", kernel="blur").view)


@each_topic
def test_a_covered_view_shows_no_output_and_no_answer(topic):
    session = opened(topic)
    view = session.view
    pictures = drawn(view)
    assert 'data-role="output"' not in pictures
    assert "becomes" not in pictures
    assert "Never read" not in pictures
    assert session.topic.say(session.topic.right(session.settings)) not in view.text.replace(session.question, "")
    session.predict(session.topic.say(session.topic.right(session.settings)))
    assert len(session.view.text) > len(view.text)


@each_topic
@settings(max_examples=25)
@given(data=st.data())
def test_every_position_of_every_knob_has_an_answer(topic, data):
    session = opened(topic)
    for knob in session.topic.knobs:
        if isinstance(knob, NumberSlider):
            session.turn(knob.name, data.draw(st.floats(knob.least, knob.most)))
        elif knob.values:
            session.turn(knob.name, data.draw(st.sampled_from(list(knob.values))))
    assert session.view.text
    said = session.predict(WRONG.get(topic, "3"))
    assert said.startswith(("You predicted", "There is nothing to predict here"))
    view = session.view
    assert view.panels
    assert view.text
    for index in {0, session.count - 1} if session.count else ():
        session.jump(index)
        assert session.view.moment


@each_topic
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_each_move_of_a_control_is_heard(topic, padding):
    """The live region says what a view says: one step of any control changes that."""
    session = opened(topic)
    if "padding" in session.settings:
        session.turn("padding", padding)
    session.predict(WRONG.get(topic, "3"))
    for knob in session.topic.knobs:
        if knob.name in session.topic.idle(session.settings) or not knob.values:
            continue
        before, now = session.view.said, session.settings[knob.name]
        at = list(knob.values).index(now)
        session.turn(knob.name, [*knob.values, *knob.values][at + 1 if at + 1 < len(knob.values) else at - 1])
        assert session.view.said != before, knob.name
        session.turn(knob.name, now)


def test_sizes_that_do_not_fit_show_what_would():
    session = opened(Stride, height=3, kernel_size=5, padding="valid")
    assert "Use kernel_size <= 3 or padding='same'" in session.view.text
    assert "nothing to predict" in session.predict("1 1")


def test_the_count_ends_at_the_number_of_parameters():
    session = opened(Parameters)
    session.predict("76")
    assert session.extent == (4, 19, 1)
    session.room = 800
    for index, words in ((0, "1 so far"), (37, "38 so far"), (75, "(3*3*2 + 1) * 4 = 76 parameters.")):
        session.jump(index)
        layout = session.view.panels[0].layout
        assert [label.text for label in layout.labels if label.key == "sum"] == [words]
        waiting = [box for box in layout.boxes if "waiting" in box.states]
        assert len(waiting) == 75 - index
        assert [box.text for box in layout.boxes] == [str(n) for n in range(1, 77)]
    assert session.view.moment == "76 of 76. Filter 3: its bias."


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_name_of_a_channel_is_below_its_plane(padding):
    """Planes are seen at an angle, and padding begins before the first column."""
    session = opened(Pooling, n=7, pool_size=4, strides=1, padding=padding)
    session.predict("7 7 3")
    layout = session.view.panels[0].layout
    cells = [box for box in layout.boxes if box.key.startswith("i1.")]
    left = min(box.x for box in cells)
    bottom = max(box.y + box.height for box in cells if box.x == left)
    (name,) = [label for label in layout.labels if label.key == "i1-name"]
    assert (name.x, name.y) == (left, bottom + 14)
    numbers_above = {label.key: label.x for label in layout.labels if label.key.startswith("i0-c")}
    first = {f"i0-c{dict(box.data)['col']}": box.x for box in layout.boxes if box.key.startswith("i0.0.")}
    assert all(first[key] < x < first[key] + cells[0].width for key, x in numbers_above.items())


@pytest.mark.parametrize("room", [None, 330, 860, 1066])
def test_same_and_valid_have_one_scale(room):
    session = opened(Padding)
    session.predict("1 1")
    session.room = room
    pixels = [{box.height for box in panel.layout.boxes if box.key[0] == "i"} for panel in session.view.panels]
    assert len(pixels) == 2
    assert len(pixels[0] | pixels[1]) == 1


@each_topic
@pytest.mark.parametrize("room", [330, 500, 860, 1066])
def test_pictures_keep_to_the_room_there_is(topic, room):
    session = opened(topic)
    session.room = room
    for _ in range(2):
        for panel in session.view.panels:
            assert panel.layout is None or panel.layout.width <= max(room, 400)
        session.predict(WRONG.get(topic, "3"))


# ---------------------------------------------------------------------------------------------------- lines of code


def shown_code(explorer, **chosen) -> dict[str, str]:
    session = explorer(**chosen).session
    session.covered = False
    return dict(session.view.code)


CODE = [
    (explore.stride, {"height": 8, "width": 7, "strides_down": 2, "strides_across": 1}, (1, 8, 7, 1), (1, 4, 7, 2)),
    (explore.stride, {"strides_down": 2, "strides_across": 2, "padding": "valid"}, (1, 8, 8, 1), (1, 3, 3, 2)),
    (explore.padding, {"n": 7, "kernel_size": 4}, (1, 7, 7, 1), (1, 7, 7, 1)),
    (explore.parameters, {}, (1, 8, 8, 2), (1, 6, 6, 4)),
    (explore.pointwise, {}, (1, 75, 64, 3), (1, 75, 64, 2)),
    (explore.filters, {}, (1, 5, 5, 1), (1, 4, 4, 2)),
    (explore.transposed, {}, (1, 2, 2, 1), (1, 5, 5, 1)),
    (explore.transposed, {"n": 3, "padding": "same"}, (1, 3, 3, 1), (1, 6, 6, 1)),
    (explore.transposed, {"n": 3, "kernel_size": 1, "strides": 3}, (1, 3, 3, 1), (1, 9, 9, 1)),
    (explore.groups, {}, (1, 8, 8, 4), (1, 6, 6, 4)),
    (explore.dilated, {}, (1, 9, 9, 1), (1, 5, 5, 1)),
    (explore.dilated, {"kernel_size": 2, "padding": "same", "dilation_rate": 3}, (1, 9, 9, 1), (1, 9, 9, 1)),
    (explore.pooling, {}, (1, 8, 8, 3), (1, 4, 4, 3)),
    (explore.pooling, {"kind": "average", "n": 7, "pool_size": 3, "padding": "same"}, (1, 7, 7, 3), (1, 4, 4, 3)),
]


@pytest.mark.parametrize(("explorer", "chosen", "shape", "result"), CODE)
def test_the_lines_of_keras_and_tensorflow_run(tf, keras, explorer, chosen, shape, result):
    lines = shown_code(explorer, **chosen)
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    layer_line = lines["Keras"].removesuffix("(x)")
    layer = eval(layer_line, {"keras": keras})
    y = layer(x).numpy()
    kernel, bias = (*layer.get_weights(), None, None)[:2]
    assert y.shape == result
    assert np.allclose(eval(lines["tf.nn"], {"tf": tf, "x": x, "kernel": kernel, "bias": bias}), y, atol=1e-4)


def test_the_line_of_a_stack_runs(keras):
    line = shown_code(explore.receptive_field, layers=3, dilation_2=2)["Keras"]
    assert eval(line, {"keras": keras, "x": np.zeros((1, 18, 18, 1))}).shape == (1, 2, 2, 1)


@pytest.mark.parametrize(("explorer", "chosen", "shape", "result"), CODE)
def test_the_line_of_pytorch_runs(explorer, chosen, shape, result):
    torch = pytest.importorskip("torch")
    x = torch.zeros((shape[0], shape[3], *shape[1:3]))
    y = eval(shown_code(explorer, **chosen)["PyTorch"], {"torch": torch, "x": x})
    assert tuple(y.shape) == (result[0], result[3], *result[1:3])


# --------------------------------------------------------------------------------------------------------- trouble


def test_an_error_inside_becomes_a_sentence():
    shown = explore.stride()
    shown.topic.view = None  # as broken as it can be
    assert "could not be drawn" in shown._repr_mimebundle_()["text/plain"]


def test_a_typed_number_has_limits():
    session = opened(Filters)
    with pytest.raises(ArgumentError, match="not a number from -1000 to 1000"):
        session.type("x", 0, 0, 1e9)


def test_settings_that_are_not_there_do_not_stop_a_notebook():
    assert "There are height, width" in explore.stride(dilation=2)._repr_mimebundle_()["text/plain"]
    assert "kernel_size is 9, and can be 1 to 5 here" in explore.stride(kernel_size=9)._repr_mimebundle_()["text/html"]


# -------------------------------------------------------------------------------------- where no script runs


@each_explorer
def test_outside_a_notebook_there_is_a_picture_and_its_text(explorer):
    bundle = explorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "<svg" in bundle["text/html"]
    assert re.search(r"Keras: keras\.(layers|Sequential)", bundle["text/plain"])
    assert not re.search(r'(src|href)="https?:', bundle["text/html"])


@pytest.mark.parametrize("person", [True, False])
def test_only_who_can_be_asked_gets_controls(person):
    """Whatever nbgrader's variable says: a server in which nbgrader met an error leaves it to every kernel."""
    manager, client = start_new_kernel(env={**os.environ, "NBGRADER_EXECUTION": "validate"})
    seen = []
    try:
        client.execute_interactive(
            "from convkit import explore; explore.stride()", allow_stdin=person, output_hook=seen.append, timeout=300
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    (result,) = [message["content"]["data"] for message in seen if message["msg_type"] == "execute_result"]
    assert ("<script>" in result["text/html"]) == person
    assert "<svg" in result["text/html"]


def test_nbconvert_shows_pictures_and_asks_no_network(tmp_path):
    names = [explorer.__name__ for explorer in EXPLORERS]
    cells = ["import sys\nfrom convkit import explore"] + [f"explore.{name}()" for name in names]
    cells.append(
        "print([name for name in ('ipywidgets', 'anywidget', 'matplotlib', 'tensorflow') if name in sys.modules])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = [cell.outputs[0] for cell in notebook.cells[1:-1]]
    assert [set(output.data) for output in shown] == [{"text/plain", "text/html"}] * len(names)
    assert notebook.cells[-1].outputs[0].text == "[]\n"  # grading waits for none of these
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert page.count('class="convkit-still"') == len(names)
    assert "html-manager" not in page.split("<body", 1)[1]


# ----------------------------------------------------------------------------------------------------------- pages


@pytest.fixture
def kept_text(tmp_path, monkeypatch):
    """What `kept` returns from a package, a cache and a user's cache in tmp_path; makes "text 1", "text 2", ..."""
    from convkit.explore import kept

    made = []

    def text():
        kept._fingerprint.cache_clear()
        return kept.kept("a", lambda: made.append(1) or f"text {len(made)}")

    monkeypatch.setattr(kept, "PACKAGE", tmp_path)
    monkeypatch.setattr(kept, "SHARED", tmp_path / "shared")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    yield text
    kept._fingerprint.cache_clear()


def test_what_is_kept_is_made_again_when_a_source_changes(tmp_path, kept_text):
    source = tmp_path / "module.py"
    source.write_text("1")
    assert [kept_text(), kept_text()] == ["text 1", "text 1"]
    source.write_text("22")
    assert kept_text() == "text 2"
    (file,) = (tmp_path / "shared").iterdir()
    assert file.stat().st_mode & 0o004  # installed by root, read by students
    (tmp_path / "shared").rename(tmp_path / "gone")
    for name in ("shared", "own"):
        (tmp_path / name).write_text("a file where a folder has to be: nothing can be written")
    assert [kept_text(), kept_text()] == ["text 3", "text 4"]


@pytest.mark.parametrize("theirs", [True, False], ids=["not writable", "no bytecode"])
def test_a_user_keeps_what_the_package_can_not(tmp_path, monkeypatch, kept_text, theirs):
    """Else the renderer is translated again in each kernel."""
    if theirs:
        (tmp_path / "shared").touch()
    monkeypatch.setattr(sys, "dont_write_bytecode", not theirs)
    assert [kept_text(), kept_text()] == ["text 1", "text 1"]
    assert len(list(tmp_path.glob("own/convkit/*/a.*.txt"))) == 1


def test_pages_are_written_by_the_command_line_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "convkit.cli", "pages", str(tmp_path / "out")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{made.__name__}.html" for made in EXPLORERS}
    for line in done.stdout.splitlines():
        assert re.search(r"\.html \(\d{2,3} kB\)$", line)
