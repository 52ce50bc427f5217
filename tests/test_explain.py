"""Derivations: what they say is what Keras does, and every equation in the text holds."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convkit import ArgumentError, ShapeError, explain
from convkit.layers import (
    Add,
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
    Input,
    LayerNormalization,
    MaxPooling2D,
    Normalization,
    ReLU,
    Reshape,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding2D,
)

EQUATION = re.compile(r"((?:max\()?[\d(][\d ()x+/,-]*?(?: rounded (?:up|down))?) = (-?\d+)")
ROUND = {"up": math.ceil, "down": math.floor, "": lambda value: value}


def evaluate(formula: str) -> float:
    """Read a formula as a student would: x is times, and rounding comes last."""
    plain, _, way = formula.partition(" rounded ")
    return ROUND[way](eval(plain.replace(" x ", " * "), {"max": max}))


def check_equations(text: str) -> int:
    equations = EQUATION.findall(text)
    for formula, result in equations:
        assert evaluate(formula) == int(result), f"{formula} = {result}"
    return len(equations)


def twin(keras, layer):
    """The layer of Keras with the same arguments."""
    arguments = {key: value for key, value in vars(layer).items() if key not in ("name", "trainable", "dtype")}
    return getattr(keras.layers, type(layer).__name__)(**arguments)


sizes = st.integers(1, 3)
pairs = st.tuples(sizes, sizes)
shapes = st.tuples(st.integers(7, 14), st.integers(7, 14), st.sampled_from([2, 4, 6]))
words = st.sampled_from(["valid", "same"])


@st.composite
def layers(draw):
    kind = draw(st.sampled_from([Conv2D, Conv2D, DepthwiseConv2D, SeparableConv2D, Conv2DTranspose, MaxPooling2D]))
    strides, dilation = draw(st.sampled_from([((1, 1), draw(pairs)), (draw(pairs), (1, 1))]))
    if kind is MaxPooling2D:
        return kind(pool_size=draw(pairs), strides=draw(st.none() | pairs), padding=draw(words))
    if kind in (DepthwiseConv2D, SeparableConv2D):
        side = draw(sizes)
        strides = (side, side) if max(dilation) == 1 else (1, 1)  # the kernels under both take equal strides only
    common = {"kernel_size": draw(pairs), "strides": strides, "padding": draw(words), "dilation_rate": dilation}
    common["use_bias"] = draw(st.booleans())
    if kind is Conv2DTranspose and max(dilation) > 1:
        common["dilation_rate"] = (dilation[0], dilation[0])
    if kind is DepthwiseConv2D:
        return kind(depth_multiplier=draw(sizes), **common)
    more = {"depth_multiplier": draw(sizes)} if kind is SeparableConv2D else {}
    if kind is Conv2D:
        more["groups"] = draw(st.sampled_from([1, 1, 2]))
    return kind(filters=2 * draw(sizes), **common, **more)


@settings(max_examples=150)
@given(layer=layers(), shape=shapes)
def test_a_derivation_ends_where_keras_ends(keras, layer, shape):
    theirs = twin(keras, layer)
    theirs.build((None, *shape))
    derived = explain(layer, shape)
    assert derived["parameters"].result == theirs.count_params()
    assert derived["output_shape"].result == tuple(theirs.compute_output_shape((None, *shape))[1:])
    assert check_equations(str(derived)) >= 2


@settings(max_examples=150)
@given(layer=layers(), shape=shapes)
def test_steps_give_the_results_of_their_section(layer, shape):
    derived = explain(layer, shape)
    for section in derived.sections:
        for step in section.steps:
            assert type(step.result) is int
            assert evaluate(step.formula) == step.result
    for key in ("parameters", "macs"):
        assert not derived[key].steps or derived[key].steps[-1].result == derived[key].result
    shape_steps = [step.result for step in derived["output_shape"].steps]
    assert all(size in shape_steps for size in derived["output_shape"].result)


@settings(max_examples=60)
@given(kernel_size=sizes, strides=sizes, dilation=sizes, padding=words, n=st.integers(7, 14))
def test_padding_and_unread_pixels_are_what_tensorflow_does(tf, kernel_size, strides, dilation, padding, n):
    strides = strides if dilation == 1 else 1
    layer = Conv2D(1, (kernel_size, 1), (strides, 1), padding, dilation_rate=(dilation, 1))
    derived = explain(layer, (n, 1, 1))

    # One kernel for each tap, over the pixels 1 to n: what stands under each tap, and 0 on padding.
    pixels = np.arange(1.0, n + 1).reshape(1, n, 1, 1)
    taps = np.eye(kernel_size).reshape(kernel_size, 1, 1, kernel_size)
    under = tf.nn.conv2d(pixels, taps, (strides, 1), padding.upper(), dilations=(dilation, 1)).numpy()[0, :, 0]

    unread = [pixel for pixel in range(n) if pixel + 1 not in under]
    if "unseen_pixels" in derived:
        rows = derived["unseen_pixels"].steps[0]
        assert rows.result == derived["unseen_pixels"].result == len(unread)
        assert [int(pixel) for pixel in re.findall(r"\d+", rows.unit.removesuffix("counted from 0"))[:8]] == unread[:8]
    else:
        assert not unread
    if dilation > 1 and kernel_size > 1 and padding == "valid":
        spans = derived["output_shape"].steps[0]
        assert spans.what.endswith("spans")
        assert spans.result == under[0].max() - under[0].min() + 1
    if padding == "same":
        sides = {step.what: step.result for step in derived["output_shape"].steps}
        first, last = np.nonzero(under[0])[0][0], np.nonzero(under[-1])[0][-1]
        assert sides["above:"] == first * dilation - (under[0, first] - 1)
        end = under[-1, last] - 1 + (kernel_size - 1 - last) * dilation
        assert sides["below:"] == max(end - (n - 1), 0)


def profiled_macs(tf, layer, shape):
    """Multiply-accumulates as TensorFlow's own profiler counts them: half of its floating point operations."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    call = tf.function(lambda x: layer(x)).get_concrete_function(tf.TensorSpec((1, *shape)))
    graph = convert_variables_to_constants_v2(call).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops / 2


@pytest.mark.parametrize(
    ("layer", "shape", "why"),
    [
        (Conv2D(4, 3, use_bias=False), (6, 6, 2), "the plain case"),
        (Conv2D(4, (3, 2), 2, "same", use_bias=False), (9, 7, 3), "padding is multiplied too"),
        (DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), (6, 7, 3), "channels never meet"),
        (SeparableConv2D(5, 3, use_bias=False), (6, 7, 3), "two parts"),
        (Dense(5, use_bias=False), (7,), "a product for each weight"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_macs_are_those_of_the_profiler(tf, keras, layer, shape, why):
    assert explain(layer, shape)["macs"].result == profiled_macs(tf, twin(keras, layer), shape)


OTHERS = [
    (BatchNormalization(), (7, 7, 16)),
    (LayerNormalization(), (7, 7, 5)),
    (Normalization(), (4,)),
    (Dense(10), (128,)),
    (Dense(3, use_bias=False), (4, 5, 6)),
    (Flatten(), (4, 4, 8)),
    (Reshape((-1, 4)), (4, 4, 8)),
    (Reshape((8, 16)), (4, 4, 8)),
    (Dropout(0.5), (4, 4, 8)),
    (ReLU(), (4, 4, 8)),
    (ZeroPadding2D(((1, 2), (0, 3))), (4, 5, 2)),
    (Cropping2D(((1, 0), (2, 1))), (6, 7, 2)),
    (UpSampling2D((2, 3)), (4, 5, 2)),
    (GlobalAveragePooling2D(), (4, 5, 6)),
]


@pytest.mark.parametrize(("layer", "shape"), OTHERS, ids=lambda value: type(value).__name__)
def test_other_layers_end_where_keras_ends(keras, layer, shape):
    theirs = twin(keras, layer)
    output = theirs(keras.Input(shape))
    derived = explain(layer, shape)
    assert derived["output_shape"].result == tuple(output.shape[1:])
    assert derived["parameters"].result == theirs.count_params()
    check_equations(str(derived))


def test_the_line_of_the_lesson():
    derived = explain(Conv2D(filters=4, kernel_size=3), (6, 6, 2))
    assert derived["parameters"].lines == ("each kernel spans 3 x 3 x 2 = 18 weights, plus 1 bias = 19; 4 kernels: 76",)
    assert [(step.what, step.formula, step.result) for step in derived["parameters"].steps] == [
        ("each kernel spans", "3 x 3 x 2", 18),
        ("plus 1 bias:", "18 + 1", 19),
        ("4 kernels:", "4 x 19", 76),
    ]


def test_without_a_bias_none_is_added():
    assert explain(Conv2D(4, 3, use_bias=False), (6, 6, 2))["parameters"].lines == (
        "each kernel spans 3 x 3 x 2 = 18 weights, without a bias; 4 kernels: 72",
    )


def test_a_stride_says_which_pixels_it_never_reaches():
    section = explain(Conv2D(2, 3, strides=2), (8, 8, 1))["unseen_pixels"]
    assert section.result == 15  # the last row and the last column
    assert section.lines[0] == "of 8 rows, the kernels read 7: 8 - 7 = 1 row never read: row 7, counted from 0"


def test_sizes_that_are_not_known_leave_the_rest():
    derived = explain(Conv2D(4, 3), (None, None, 3))
    assert derived["parameters"].result == 112
    assert derived["output_shape"].result == (None, None, 4)
    assert "macs" not in derived


def test_a_batch_axis_may_stand_before_the_shape():
    assert str(explain(Conv2D(4, 3), (None, 8, 8, 3))) == str(explain(Conv2D(4, 3), (8, 8, 3)))
    assert str(explain(Conv2D(4, 3), [8, 8, 3])) == str(explain(Conv2D(4, 3), (8, 8, 3)))


def test_layers_with_several_inputs_take_several_shapes():
    derived = explain(Concatenate(), (4, 4, 3), (4, 4, 5))
    assert derived["output_shape"].lines == ("channels, those of all inputs: 3 + 5 = 8",)
    assert explain(Add(), (4, 4, 3), (4, 4, 3))["output_shape"].result == (4, 4, 3)


def test_what_cannot_be_explained_says_what_can():
    with pytest.raises(ShapeError, match=r"a kernel spanning 9 px does not fit 8 px.*Use kernel_size <= 8"):
        explain(Conv2D(4, 9), (8, 8, 3))
    with pytest.raises(ArgumentError, match=r"input shape is missing.*\(8, 8, 1\)\)"):
        explain(Conv2D(4, 3))
    with pytest.raises(ArgumentError, match=r"got 'Conv2D' \(str\), and explain takes a layer"):
        explain("Conv2D", (8, 8, 3))
    with pytest.raises(KeyError, match=r"no section 'params' here; there are parameters, output_shape, macs"):
        explain(Conv2D(4, 3), (8, 8, 3))["params"]


# A whole model.


def lesson_model(keras):
    return keras.Sequential(
        [
            keras.Input((28, 30, 3)),
            keras.layers.Conv2D(6, 3, padding="same", activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.MaxPooling2D(2),
            keras.layers.DepthwiseConv2D(3, strides=2),
            keras.layers.Conv2D(4, 1),
            keras.layers.Dropout(0.2),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


def graph_model(keras):
    """Two paths that meet, a layer that is called twice, and a model in the model."""
    inner = keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(4, 3, padding="same")])
    shared = keras.layers.Conv2D(4, 1)
    x = keras.Input((8, 8, 4))
    y = keras.layers.Add()([shared(x), shared(inner(x))])
    return keras.Model(x, keras.layers.GlobalAveragePooling2D()(y))


def test_a_model_is_explained_layer_by_layer(keras):
    model = lesson_model(keras)
    derived = explain(model)
    assert len(derived) == len(model.layers)
    for section, layer in zip(derived, model.layers, strict=True):
        assert f"name={layer.name!r}" in section.title
        assert section["parameters"].result == layer.count_params()
        assert section["output_shape"].result == tuple(layer.output.shape[1:])
    assert derived["parameters"].result == model.count_params()
    assert derived["macs"].result == sum(layer["macs"].result for layer in derived)
    assert check_equations(str(derived)) > 20
    assert "12 of them are kept, but not trained" in str(derived["parameters"])


def test_a_graph_counts_a_shared_layer_once(keras):
    model = graph_model(keras)
    derived = explain(model)
    assert derived["parameters"].result == model.count_params()
    assert sum("Conv2D(filters=4, kernel_size=(1, 1)" in layer.title for layer in derived) == 2  # both calls are shown
    assert derived["macs"].result == 8 * 8 * (9 * 4 * 4 + 2 * 4 * 4)


def test_a_list_of_ours_is_a_model(keras):
    ours = explain([Conv2D(2, 3), Conv2D(4, 3)], (8, 8, 3))
    assert [layer["parameters"].result for layer in ours] == [56, 76]
    assert str(ours["parameters"]) == "Parameters of all layers: 132\n  layer by layer: 56 + 76 = 132"
    assert len(explain([Input((8, 8, 3)), Conv2D(2, 3)])) == 2  # the input has a row of its own, as in the summary


def test_the_receptive_field_is_what_a_gradient_reaches(tf, keras):
    stack = [Conv2D(2, (3, 5)), DepthwiseConv2D(3, strides=2), Conv2D(3, 2, dilation_rate=3), Conv2D(1, 1)]
    network = keras.Sequential([keras.Input((40, 40, 2)), *(twin(keras, layer) for layer in stack)])
    for weight in network.weights:
        weight.assign(tf.ones_like(weight))  # nothing can cancel
    image = tf.ones((1, 40, 40, 2))
    with tf.GradientTape() as tape:
        tape.watch(image)
        one = network(image)[0, 4, 4, 0]
    reached = np.nonzero(tape.gradient(one, image).numpy()[0, :, :, 0])
    assert explain(network)["receptive_field"].result == tuple(int(axis.max() - axis.min() + 1) for axis in reached)


def test_a_layer_of_keras_is_explained_and_left_alone(keras):
    theirs = keras.layers.Conv2D(4, 3)
    assert explain(theirs, (6, 6, 2))["parameters"].result == 76
    assert not theirs.built


# How it looks.


class Outline(HTMLParser):
    """Tags in order, and whether they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    assert parser.open == []
    return parser


@settings(max_examples=30)
@given(layer=layers(), shape=shapes)
def test_html_says_what_the_text_says(layer, shape):
    derived = explain(layer, shape)
    page = outline(derived._repr_html_())
    assert page.tags.count("h5") == len(derived.sections)
    assert page.tags.count("li") == sum(len(section.steps) for section in derived.sections)
    for section in derived.sections:
        assert section.heading in page.text
        for step in section.steps:
            assert step.text in page.text


def test_html_keeps_to_the_theme_around_it():
    html = explain([Conv2D(2, 3), Conv2D(4, 3)], (8, 8, 3))._repr_html_()
    assert "script" not in html
    assert "background" not in html
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb\(", html)
    assert 'aria-label="A model of 2 layers on (8, 8, 3)"' in html
    assert [tag for tag in outline(html).tags if tag[0] == "h"][:3] == ["h3", "h4", "h5"]


def test_names_are_escaped():
    derived = explain(Conv2D(2, 3, name="<b>a_b&"), (8, 8, 3))
    assert "<b>" not in derived._repr_html_()
    assert r"a\_b\&" in derived.latex()


@settings(max_examples=30)
@given(layer=layers(), shape=shapes)
def test_latex_is_balanced_and_complete(layer, shape):
    derived = explain(layer, shape)
    latex = derived.latex()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert latex.startswith(r"\begin{aligned}")
    rows = latex.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}").split(" \\\\\n")
    remarks = sum(bool(section.remark) for section in derived.sections)
    assert len(rows) == 1 + sum(1 + len(section.steps) for section in derived.sections) + remarks
    assert derived._repr_latex_() == f"$$\n{latex}\n$$"
