"""Pictures: every number in one is TensorFlow's, every mark is where TensorFlow reads, and the text says the same."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont

import convkit
from convkit import ArgumentError, ShapeError
from convkit.layers import Conv2D
from convkit.picture import draw, draw_kernels
from convkit.picture.numerals import MINUS, is_rounded, number, numeral
from convkit.picture.paint import _dejavu
from convkit.picture.theme import COLORS, LABELS, ROLES, look

from .drawn import drawn_cells

SVG = "{http://www.w3.org/2000/svg}"
X = np.arange(25).reshape(5, 5) % 7 - 2
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


class Cell:
    """A cell as a reader of the SVG finds it, with the characters and marks that are inside of it."""

    def __init__(self, drawn, inside):
        self.data, self.classes = drawn.data, drawn.classes
        self.text, self.factors, self.mark = (inside[name].strip() for name in ("number", "factors", "mark"))
        self.plane, self.row, self.col = (int(self.data.get(name, -99)) for name in ("plane", "row", "col"))
        self.value = float(self.data["value"]) if "value" in self.data else None


def cells(svg, *roles):
    """The cells of these roles. What is in one is found by its place: a text or path belongs to a plane of cells."""
    root = ElementTree.fromstring(svg)
    drawn = list(drawn_cells(root))
    inside = [dict.fromkeys(("number", "factors", "mark"), "") for _ in drawn]
    for kind, character, x, y in printed(root):
        (n,) = [
            n
            for n, (left, top, right, bottom, slope) in enumerate(cell.corners for cell in drawn)
            if left <= x <= right and top <= y - slope * (x - left) <= bottom
        ]
        inside[n][kind] += character
    return [Cell(cell, texts) for cell, texts in zip(drawn, inside, strict=True) if cell.data.get("role") in roles]


def printed(root):
    """(number, factors or mark; the character, the whole text or the path; where it is)."""
    for element in root:
        kind, *others = element.get("class", "").removeprefix("cv-").split(" ")
        if kind == "number" and "cv-index" not in others:
            across, down = (element.get(name).split(" ") for name in "xy")
            for n, character in enumerate(element.text):
                yield kind, character, float(across[n]), float(down[n if len(down) > 1 else 0])
        elif kind == "factors":
            yield kind, element.text, float(element.get("x")), float(element.get("y"))
        elif kind == "mark":
            for path in element.get("d").split("M")[1:]:
                x, y = re.match(r"(-?[\d.]+) (-?[\d.]+)", path).groups()
                yield kind, path, float(x), float(y)


def plane_values(found, shape):
    """Cells by (row, column, plane) as an array; each cell once."""
    values = np.full(shape, np.nan)
    for cell in found:
        assert np.isnan(values[cell.row, cell.col, cell.plane])
        values[cell.row, cell.col, cell.plane] = cell.value
    return values


def tf_conv2d(tf, x, kernel, strides, padding, dilations, bias):
    """TensorFlow's answer for one image, in double precision."""
    if not isinstance(padding, str):
        padding = [[0, 0], *map(list, padding), [0, 0]]
    x, kernel = tf.cast(x[None], tf.float64), tf.cast(kernel, tf.float64)
    result = tf.nn.conv2d(x, kernel, strides, padding, dilations=dilations)[0]
    return result if bias is None else result + tf.cast(bias, tf.float64)


@st.composite
def convolutions(draw_):
    """Small ones of every kind: padding of each sort, strides, dilation, channels, filters, groups, bias."""
    numbers = draw_(st.sampled_from(["whole", "real"]))
    size = st.integers(1, 7)
    groups = draw_(st.sampled_from([1, 1, 2]))
    channels, filters = groups * draw_(st.integers(1, 2)), groups * draw_(st.integers(1, 2))
    height, width, kernel_height, kernel_width = draw_(size), draw_(size), *draw_(st.tuples(*[st.integers(1, 3)] * 2))
    strides, dilations = draw_(st.tuples(*[st.integers(1, 3)] * 2)), draw_(st.tuples(*[st.integers(1, 2)] * 2))
    amount = st.tuples(st.integers(0, 2), st.integers(0, 2))
    padding = draw_(st.one_of(st.sampled_from(["SAME", "VALID"]), st.tuples(amount, amount)))
    random = np.random.default_rng(draw_(st.integers(0, 2**32 - 1)))
    shapes = (height, width, channels), (kernel_height, kernel_width, channels // groups, filters), (filters,)
    if numbers == "whole":
        x, kernel, bias = (random.integers(-9, 10, shape) for shape in shapes)
    else:
        x, kernel, bias = (random.normal(size=shape) for shape in shapes)
    bias = bias if draw_(st.booleans()) else None
    both = padding if not isinstance(padding, str) else ((0, 0), (0, 0))
    spans = [(k - 1) * d + 1 for k, d in zip((kernel_height, kernel_width), dilations, strict=True)]
    if padding != "SAME" and any(
        span > n + sum(pair) for span, n, pair in zip(spans, (height, width), both, strict=True)
    ):
        padding = "SAME"
    return {"x": x, "kernel": kernel, "strides": strides, "padding": padding, "dilations": dilations, "bias": bias}


def some_focus(case, tf, pick):
    shape = tf_conv2d(tf, **case).shape
    return (pick % shape[0], pick // 7 % shape[1]), pick // 49 % shape[2]


@given(case=convolutions(), pick=st.integers(0, 10**6))
@settings(max_examples=60)
def test_every_number_is_the_one_that_tensorflow_computes(tf, case, pick):
    position, filter = some_focus(case, tf, pick)
    svg = draw(**case, position=position, filter=filter).svg
    expected = tf_conv2d(tf, **case).numpy()

    outputs = plane_values(cells(svg, "output"), expected.shape)
    assert outputs.shape == expected.shape
    np.testing.assert_allclose(outputs, expected, rtol=1e-9, atol=1e-9)
    pixels = plane_values(cells(svg, "pixel", "unseen"), case["x"].shape)
    np.testing.assert_array_equal(pixels, case["x"])
    (result,) = cells(svg, "result")
    np.testing.assert_allclose(result.value, expected[(*position, filter)], rtol=1e-9, atol=1e-9)
    total = sum(cell.value for cell in cells(svg, "sum", "bias"))
    np.testing.assert_allclose(total, result.value, rtol=1e-9, atol=1e-9)
    products = cells(svg, "product")
    assert len(products) == case["kernel"][..., 0].size
    bias = 0 if case["bias"] is None else case["bias"][filter]
    np.testing.assert_allclose(sum(cell.value for cell in products) + bias, result.value, rtol=1e-9, atol=1e-9)
    for cell in products:
        assert cell.value == float(cell.data["pixel"]) * float(cell.data["weight"])


@given(case=convolutions(), pick=st.integers(0, 10**6))
@settings(max_examples=40)
def test_marks_stand_where_tensorflow_reads(tf, case, pick):
    """One image for each pixel, 1 there and 0 elsewhere: a kernel of ones then says which outputs read it."""
    position, filter = some_focus(case, tf, pick)
    svg = draw(**case, position=position, filter=filter).svg
    shape = case["x"].shape
    probes = np.eye(np.prod(shape)).reshape(-1, *shape)
    padding = case["padding"] if isinstance(case["padding"], str) else [[0, 0], *map(list, case["padding"]), [0, 0]]
    ones = np.ones(case["kernel"].shape)
    answers = tf.nn.conv2d(probes, ones, case["strides"], padding, dilations=case["dilations"]).numpy() > 0.5
    read_here = answers[:, *position, filter].reshape(shape)
    read_ever = answers.any(axis=(1, 2, 3)).reshape(shape)
    drawn = cells(svg, "pixel", "unseen")
    assert {(c.row, c.col, c.plane) for c in drawn if "tap" in c.classes} == set(
        zip(*np.nonzero(read_here), strict=True)
    )
    unseen = {(c.row, c.col, c.plane) for c in drawn if c.data["role"] == "unseen"}
    assert unseen == set(zip(*np.nonzero(~read_ever), strict=True))


@given(case=convolutions())
@settings(max_examples=40)
def test_the_ring_is_the_padding_that_tensorflow_adds(tf, case):
    """VALID on the image with the drawn ring around it gives what the padding gave."""
    height, width, channels = case["x"].shape
    pads = cells(draw(**case).svg, "pad")
    rows, columns = {cell.row for cell in pads} | {0, height - 1}, {cell.col for cell in pads} | {0, width - 1}
    ring = ((-min(rows), max(rows) - height + 1), (-min(columns), max(columns) - width + 1), (0, 0))
    padded = np.pad(case["x"], ring)
    assert len(pads) == (padded[..., 0].size - height * width) * channels
    expected = tf_conv2d(tf, **case).numpy()
    valid = tf_conv2d(tf, **(case | {"x": padded, "padding": "VALID"})).numpy()
    assert valid.shape == expected.shape
    np.testing.assert_allclose(valid, expected, rtol=1e-9, atol=1e-9)


def right_of(label):
    """Where words end in DejaVu Sans, the widest of the fonts that a browser may take."""
    _, size, bold = LABELS[label.kind]
    font = ImageFont.truetype(str(_dejavu("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")), 10 * size)
    return label.x + font.getlength(label.text) / 10 * {"start": 1, "middle": 0.5, "end": 0}[label.anchor]


def clipped(layout):
    return [(label.key, label.text) for label in layout.labels if right_of(label) > layout.width - 4]


SHOWN = [("input", "kernel", "products", "output"), ("input", "output"), ("output",), ("kernel",), ("input",)]


@pytest.mark.parametrize(
    ("n", "kernel_size", "strides", "padding"),
    [
        (3, 2, 2, "valid"),  # an output of one cell, narrower than its heading
        (3, 2, 2, "same"),  # and of two
        (1, 1, 1, "valid"),  # one cell everywhere
        (1, 3, 1, "same"),  # nearly everything is padding
        (3, 3, 2, "same"),  # the sentence about the padding is longer than the planes are wide
        (5, 3, 2, "same"),
        (16, 11, 1, "same"),
    ],
)
@pytest.mark.parametrize("show", SHOWN, ids="+".join)
def test_no_words_are_cut_off_at_the_right(n, kernel_size, strides, padding, show):
    for channels, filters in itertools.product((1, 2), (1, 2)):
        x, kernel = np.ones((n, n, channels), int), np.ones((kernel_size, kernel_size, channels, filters), int)
        layouts = [
            draw(x, kernel, strides, padding, bias=[10] * filters, show=show, position=(place, place)).layout
            for place in {0, (convkit.output_length(n, kernel_size, strides, padding) - 1) // 2}
        ]
        assert [clipped(layout) for layout in layouts] == [[]] * len(layouts)
        assert len({layout.width for layout in layouts}) == 1  # the picture does not jump while the focus moves


@pytest.mark.parametrize(("size", "channels", "filters"), [(1, 1, 1), (3, 2, 4), (5, 5, 9), (11, 64, 2)])
@pytest.mark.parametrize("bias", [None, True])
def test_no_words_beside_the_kernels_are_cut_off(size, channels, filters, bias):
    assert clipped(draw_kernels(np.ones((size, size, channels, filters)), bias=bias).layout) == []


@given(case=convolutions(), pick=st.integers(0, 10**6))
@settings(max_examples=30)
def test_printed_numbers_and_factors_are_the_values(tf, case, pick):
    position, filter = some_focus(case, tf, pick)
    drawn = cells(draw(**case, position=position, filter=filter).svg, *ROLES)
    for cell in drawn:
        if cell.data["role"] == "pad":
            assert (cell.text, cell.value) == ("", 0.0)  # a real zero is printed, an added one is not
            continue
        # The input and output planes of a large picture print fewer digits; the sum at hand never does.
        short = cell.data["role"] in ("pixel", "unseen", "output") and cell.text != numeral(cell.value)
        assert cell.text == numeral(cell.value, short)
        assert number(cell.text) == pytest.approx(cell.value, rel=0.051, abs=5.1e-3 if short else 5.1e-5)
        if cell.factors:
            pixel, weight = cell.factors.split(" \u00d7 ")
            assert weight == numeral(float(cell.data["weight"]))
            assert pixel in ("pad", numeral(float(cell.data["pixel"])))


def test_numbers_of_a_plane_are_one_text_for_each_style():
    """A browser lays out each text by itself: one for each number takes most of a move's time."""
    root = ElementTree.fromstring(draw(X, KERNEL, position=(0, 0)).svg)
    texts = [text for text in root.iter(f"{SVG}text") if "cv-number" in text.get("class").split()]
    assert len([text for text in texts if text.get("id").endswith(".i0")]) == 2  # bold and not
    assert len([text for text in texts if "cv-index" in text.get("class")]) == 4  # rows and columns of two planes


def test_padding_is_told_from_a_real_zero_in_the_products():
    picture = draw(np.zeros((2, 2), int), np.ones((3, 3), int), padding="SAME")
    factors = [cell.factors for cell in cells(picture.svg, "product")]
    assert factors == ["pad \u00d7 1"] * 4 + ["0 \u00d7 1"] * 2 + ["pad \u00d7 1"] + ["0 \u00d7 1"] * 2


#      value         printed
NUMERALS = [
    (0, "0"),
    (-0.0, "0"),
    (-3, f"{MINUS}3"),
    (999999, "999999"),
    (1000000, "1.00e6"),
    (1234.56, "1235"),
    (12345.6, "12346"),
    (9999.7, "10000"),
    (0.5, "0.5"),
    (0.99996, "1.0000"),  # not quite 1
    (2.0004, "2.000"),
    (np.float32(0.1) * np.float32(30), "3"),  # 3.0000001, as single precision has it
    (np.float32(0.1), "0.1"),
    (-0.0999951, f"{MINUS}0.1"),
    (0.01, "0.01"),
    (0.0099, "9.9e\u22123"),
    (float("nan"), "nan"),
    (float("-inf"), f"{MINUS}inf"),
]


@pytest.mark.parametrize(("value", "printed"), NUMERALS, ids=[str(row[0]) for row in NUMERALS])
def test_numeral(value, printed):
    assert numeral(value) == printed


@given(st.floats(-1e6, 1e6, exclude_min=True, exclude_max=True).filter(lambda value: value == 0 or abs(value) > 1e-9))
def test_a_numeral_is_short_and_close(value):
    assert len(numeral(value)) <= 8
    assert number(numeral(value)) == pytest.approx(value, rel=0.051, abs=5.1e-5)
    assert len(numeral(value, short=True)) <= 6 or abs(value) >= 9999
    assert number(numeral(value, short=True)) == pytest.approx(value, rel=0.51, abs=5.1e-3)
    assert is_rounded(value) == (number(numeral(value)) != value)


# What the words have to say: arguments, words that must be there.
SAYINGS = [
    ({}, "padding='valid', strides=1: 5\u00d75\u00d71 becomes 3\u00d73\u00d71", "title"),
    ({}, "padding='valid': no zeros are added", "valid adds nothing"),
    ({"padding": "same"}, "1 row above, 1 below, 1 column left, 1 right.", "an even ring"),
    ({"kernel": np.ones((4, 4)), "padding": "same"}, "The extra row goes to the bottom and the extra column", "uneven"),
    ({"kernel": np.ones((3, 2)), "padding": "same"}, "right. The extra column goes to the right.", "one axis uneven"),
    ({"padding": ((2, 0), (0, 1))}, "(0, 1)) adds zeros: 2 rows above, 0 below, 0 columns left, 1", "explicit"),
    ({"strides": 3}, "Never read: rows 3, 4 and columns 3, 4.", "a remainder"),
    ({"dilations": 2}, "dilation_rate=2: the kernel spans 5\u00d75 pixels", "dilation"),
    ({"strides": (2, 1)}, "strides=(2, 1)", "strides per axis"),
    ({"padding": "same"}, "reads rows 0, 1 plus 1 of padding, columns 0, 1 plus 1 of padding.", "at a corner"),
    ({"bias": [7]}, "+ bias 7 =", "bias"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "said"), [row[:2] for row in SAYINGS], ids=[row[2] for row in SAYINGS])
def test_the_text_says_what_the_picture_shows(changed, said):
    picture = draw(**({"x": X, "kernel": KERNEL} | changed))
    assert said in picture.text
    assert "full" not in picture.text


def test_the_sum_is_spelled_out_and_right():
    text = draw(X, KERNEL, bias=[3], position=(1, 2)).text
    products = text.split("weight: ")[1].split(" = ")
    terms = products[0].replace("\u00d7", "*").replace(MINUS, "-").replace("bias", "")
    total = int(products[1].split(".")[0].replace(MINUS, "-"))
    patch = X[1:4, 2:5]
    assert eval(terms, {"__builtins__": {}}) == total == (patch * KERNEL).sum() + 3


def test_the_description_is_the_text_and_the_image_is_named():
    picture = draw(X, KERNEL)
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert by_id[root.get("aria-labelledby")].text == picture.title
    assert by_id[root.get("aria-describedby")].text == picture.text
    assert picture._repr_mimebundle_() == {"text/html": picture.svg, "text/plain": picture.text}


def test_ids_are_unique_on_a_page_with_the_same_picture_twice():
    page = "".join(draw(X, KERNEL, padding="same").svg for _ in range(2)) + draw_kernels(np.ones((2, 2, 1, 1))).svg
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) > 100
    assert len(set(ids)) == len(ids)


def test_a_given_uid_makes_the_same_text_each_time():
    first, second = (draw(X, KERNEL, uid="a") for _ in range(2))
    assert first.svg == second.svg
    assert first == second
    assert all(name.startswith("a") for name in re.findall(r'\bid="([^"]+)"', first.svg))


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_nothing_is_fetched_and_nothing_runs(theme):
    svg = draw(X, KERNEL, theme=theme).svg
    assert re.findall(r"\w+://[^\"']+", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"\b(href|src)=|url\(|@import|<script|\son\w+=", svg)


def test_a_fixed_theme_names_its_colors_and_auto_follows_the_page():
    for theme, dark in (("light", False), ("dark", True)):
        svg = draw(X, KERNEL, theme=theme).svg
        assert "var(" not in svg
        assert COLORS["tap"][dark] in svg
        assert COLORS["tap"][not dark] not in svg
    auto = draw(X, KERNEL).svg
    assert "prefers-color-scheme:dark" in auto
    assert 'body[data-jp-theme-light="false"]' in auto


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(dark):
    """WCAG AA: 4.5 to 1 for text, 3 to 1 for the lines that carry meaning."""
    on_inputs = itertools.product(("pixel", "pad", "unseen"), (("tap",), ("gap",), ("extra",), ("extra", "tap")))
    on_outputs = (("output", ("waiting",)), ("output", ("here",)))
    for role, states in (*((role, ()) for role in ROLES), *on_inputs, *on_outputs):
        style = look(role, states)
        assert contrast(COLORS[style.ink][dark], COLORS[style.fill][dark]) >= 4.5, (role, states)
    for name in ("ink", "muted"):
        assert contrast(COLORS[name][dark], COLORS["paper"][dark]) >= 4.5
    for name in ("window", "focus", "weight-line", "product-line", "output-line"):
        assert contrast(COLORS[name][dark], COLORS["paper"][dark]) >= 3, name


def test_figures_of_matplotlib_have_no_paper_and_words_for_light_and_dark_pages(caplog):
    """And each notebook that plots uses their style."""
    import matplotlib.pyplot as plt

    with plt.style.context("convkit.picture.figures"):
        figure, axes = plt.subplots()
        axes.semilogy([1, 0.1, 0.01])
        axes.set(title="title", xlabel="steps", ylabel="loss")
        words = [axes.title, axes.xaxis.label, axes.yaxis.label]
        file = io.BytesIO()
        figure.savefig(file, facecolor=figure.get_facecolor())
        plt.close(figure)
    transparent = np.asarray(Image.open(file))[..., 3] == 0
    assert transparent.mean() > 0.5
    assert caplog.text == ""  # a missing font would be reported below the figure
    for word, paper in itertools.product(words, COLORS["paper"]):
        assert contrast(word.get_color(), paper) >= 3
        assert (word.get_weight(), word.get_size()) == ("bold", 14)
    notebooks = [path.read_text("utf-8") for path in (Path(__file__).parents[1] / "source").glob("*/*.ipynb")]
    assert [text for text in notebooks if ("plt.show" in text) != ("convkit.picture.figures" in text)] == []


def test_no_meaning_rests_on_color_alone():
    svg = draw(np.ones((6, 6)), np.ones((2, 2)), strides=2, padding=((1, 0), (1, 0)), dilations=2).svg
    assert all(cell.mark for cell in cells(svg, "pad"))
    unseen = cells(draw(np.ones((6, 6)), np.ones((3, 3)), strides=2).svg, "unseen")
    assert len(unseen) == 11
    assert all(cell.mark for cell in unseen)
    assert look("pixel", ("tap",)).bold
    assert look("pixel", ("gap",)).dash
    words = draw(X, np.ones((4, 4)), padding="same").svg
    for entry in ("read for this output", "padding (a zero that was added)", "the extra row or column that SAME adds"):
        assert entry in words


def test_the_extra_row_and_column_of_same_are_marked():
    pads = cells(draw(np.ones((6, 5)), np.ones((3, 4)), strides=(2, 1), padding="same").svg, "pad")
    extra = {(cell.row, cell.col) for cell in pads if "extra" in cell.classes}
    rows, columns = range(7), range(-1, 7)  # row 6 and column 6 are the extra ones; columns -1 and 5 are a pair
    assert extra == {(6, column) for column in columns} | {(row, 6) for row in rows}


def test_dilation_gaps_are_under_the_window_and_not_read():
    drawn = cells(draw(X, KERNEL, dilations=2).svg, "pixel", "unseen")
    gaps = {(cell.row, cell.col) for cell in drawn if "gap" in cell.classes}
    assert gaps == {(row, column) for row in range(5) for column in range(5) if row % 2 or column % 2}


def test_a_layer_of_keras_is_drawn_with_its_weights_before_its_activation(keras):
    layer = keras.layers.Conv2D(2, (3, 2), strides=2, padding="same", activation="relu", bias_initializer="ones")
    x = np.random.default_rng(1).normal(size=(1, 6, 7, 3)).astype("float32")
    layer(x)
    picture = draw(x, layer, filter=1)
    layer.activation = keras.activations.linear
    expected = np.asarray(layer(x))[0]
    outputs = plane_values(cells(picture.svg, "output"), expected.shape)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)
    assert "before the activation relu" in picture.text


def test_a_layer_of_ours_is_drawn_without_numbers():
    picture = draw((None, 8, 8, 3), Conv2D(2, 3, strides=2, padding="same"))
    drawn = cells(picture.svg, "pixel", "weight", "output")
    assert {cell.text for cell in drawn} == {""}
    assert {cell.value for cell in drawn} == {None}
    assert len(drawn) == 8 * 8 * 3 + 3 * 3 * 3 + 4 * 4 * 2
    assert not cells(picture.svg, "product", "sum", "result")


def test_sixteen_by_sixteen_with_four_channels_and_four_filters_is_whole():
    random = np.random.default_rng(2)
    picture = draw(random.integers(0, 9, (16, 16, 4)), random.integers(-2, 3, (3, 3, 4, 4)), padding="same")
    assert len(cells(picture.svg, "pixel")) == 16 * 16 * 4
    assert len(cells(picture.svg, "output")) == 16 * 16 * 4
    assert "A part is drawn" not in picture.text
    assert picture.layout.width < 1500


def test_a_large_one_is_cropped_around_the_focus_and_its_numbers_are_right(tf):
    random = np.random.default_rng(3)
    x, kernel = random.normal(size=(224, 224, 12)), random.normal(size=(3, 3, 12, 64))
    picture = draw(x, kernel, padding="same", position=(100, 223), filter=40)
    expected = tf_conv2d(tf, x, kernel, 1, "SAME", 1, None).numpy()
    outputs = cells(picture.svg, "output")
    assert 0 < len(outputs) <= 4 * 7 * 5
    for cell in outputs:
        assert cell.value == pytest.approx(expected[cell.row, cell.col, cell.plane], rel=1e-9)
    (result,) = cells(picture.svg, "result")
    assert result.value == pytest.approx(expected[100, 223, 40], rel=1e-9)
    assert sum(cell.value for cell in cells(picture.svg, "sum")) == pytest.approx(result.value, rel=1e-9)
    assert "A part is drawn: rows 97 to 103 of 224" in picture.text
    assert "filters 40 to 43 of 64" in picture.text
    assert picture.layout.width < 1500


@pytest.mark.parametrize("position", [(0, 0), (27, 27), (13, 5)])
def test_the_whole_window_is_in_the_crop(position):
    svg = draw(np.ones((32, 32)), np.ones((3, 3)), dilations=2, position=position).svg
    assert len([cell for cell in cells(svg, "pixel") if "tap" in cell.classes]) == 9


def test_cells_do_not_overlap_and_stay_in_the_picture():
    layout = draw(np.ones((6, 6, 2)), np.ones((4, 3, 2, 3)), strides=2, padding="same", bias=[1, 2, 3]).layout
    boxes = layout.boxes
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height
    for a, b in itertools.combinations(boxes, 2):
        apart = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
        assert apart or a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6, (a.key, b.key)


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("input", {"read for this output", "padding (a zero that was added)"}),
        ("output", {"this output"}),
        (("input", "output"), {"read for this output", "padding (a zero that was added)", "this output"}),
        ("kernel", set()),
    ],
)
def test_the_legend_names_what_is_drawn_and_nothing_else(show, words):
    labels = draw(X, KERNEL, padding="SAME", show=show).layout.labels
    assert {label.text for label in labels if label.key.startswith("l-")} == words


def test_parts_can_be_left_out():
    svg = draw(X, KERNEL, show=("input", "output")).svg
    assert cells(svg, "pixel")
    assert cells(svg, "output")
    assert not cells(svg, "weight", "product", "sum")


def test_later_outputs_can_wait():
    drawn = cells(draw(X, KERNEL, position=(1, 0), revealed=4).svg, "output")
    assert [cell.value is None for cell in drawn] == [False] * 4 + [True] * 5
    assert [cell.text == "" for cell in drawn] == [False] * 4 + [True] * 5


def test_the_parameters_are_drawn_one_by_one(keras):
    for filters, count in ((2, 38), (4, 76)):
        picture = draw_kernels(Conv2D(filters, 3), (6, 6, 2))
        layer = keras.layers.Conv2D(filters, 3)
        layer.build((None, 6, 6, 2))
        assert len(cells(picture.svg, "weight", "bias")) == layer.count_params() == count
        assert f"= {count} parameters" in picture.text
        with_numbers = cells(draw_kernels(layer).svg, "weight")
        for cell in with_numbers:
            kernel = layer.get_weights()[0]
            assert cell.value == kernel[cell.row, cell.col, cell.plane, int(cell.data["filter"])]


# What can't be drawn, and the advice, which is then followed.
REFUSALS = [
    (lambda: draw(np.ones(5), KERNEL), ShapeError, "has to be (height, width, channels)"),
    (lambda: draw(np.ones((2, 5, 5, 1)), KERNEL), ShapeError, "Use x[0]"),
    (lambda: draw(X, np.ones((3, 3, 1))), ShapeError, "has to be (height, width, channels, filters)"),
    (lambda: draw(np.ones((5, 5, 3)), np.ones((3, 3, 2, 1))), ShapeError, "A kernel of shape (3, 3, 3, 1) fits"),
    (lambda: draw(X[:2, :2], KERNEL), ShapeError, "padding='same'"),
    (lambda: draw(X, KERNEL, position=(3, 0)), ArgumentError, "Use position=(2, 0)"),
    (lambda: draw(X, KERNEL, filter=1), ArgumentError, "Use filter=0"),
    (lambda: draw(X, KERNEL, theme="blue"), ArgumentError, "'auto', 'light' or 'dark'"),
    (lambda: draw(X, KERNEL, show="bias"), ArgumentError, "'products'"),
    (lambda: draw(X, KERNEL, padding="sme"), ArgumentError, "Did you mean 'same'?"),
    (lambda: draw([["a"]], KERNEL), ArgumentError, "has to hold real numbers"),
    (lambda: draw([[1, 2], [3]], KERNEL), ShapeError, "its rows have different lengths"),
    (lambda: draw(X, Conv2D(1, 3), strides=2), ArgumentError, "Set strides in the layer"),
    (lambda: draw(X, KERNEL).save("picture.pdf"), ArgumentError, ".svg, .png or .gif"),
    (lambda: draw_kernels(Conv2D(1, 3)), ArgumentError, "input_shape is missing"),
]


@pytest.mark.parametrize(("refused", "kind", "advice"), REFUSALS, ids=[row[2] for row in REFUSALS])
def test_refusals_say_what_would_fit(refused, kind, advice):
    with pytest.raises(kind, match=re.escape(advice)):
        refused()


def test_other_layers_of_keras_are_refused(keras):
    for layer in (keras.layers.MaxPooling2D(2), keras.layers.Conv2DTranspose(1, 3), keras.layers.Dense(2)):
        with pytest.raises((ArgumentError, ShapeError), match=r"not a Conv2D layer|kernel"):
            draw(X, layer)


def test_bytes_do_not_wrap_around():
    x = np.full((2, 2), 200, dtype=np.uint8)
    (cell,) = cells(draw(x, np.full((2, 2), 100, dtype=np.uint8)).svg, "output")
    assert cell.value == 4 * 200 * 100


def test_a_picture_is_saved_as_text_and_as_paint(tmp_path):
    from PIL import Image

    picture = draw(X, KERNEL, uid="a")
    assert picture.save(tmp_path / "a.svg").read_text(encoding="utf-8") == picture.svg
    with Image.open(picture.save(tmp_path / "a.png")) as image:
        assert image.size == (2 * picture.layout.width, 2 * picture.layout.height)


def test_paint_prints_the_same_characters_as_the_svg(monkeypatch):
    from convkit.picture.paint import Brush

    painted, paint_text = [], Brush._text

    def spy(self, x, y, text, *rest):
        painted.append(text)
        paint_text(self, x, y, text, *rest)

    monkeypatch.setattr(Brush, "_text", spy)
    picture = draw(X, KERNEL, padding="same", bias=[2])
    picture.image()
    written = [text.text for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text") if text.text]
    assert sorted("".join(painted)) == sorted("".join(written))


def test_pictures_are_imported_when_asked_for_and_bring_no_heavy_library():
    code = (
        "import sys, convkit; assert 'convkit.picture' not in sys.modules; convkit.picture.draw; convkit.animate;"
        " heavy = {'PIL', 'matplotlib', 'tensorflow', 'IPython', 'ipywidgets'} & set(sys.modules);"
        " assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="pictures"):
        convkit.pictures  # noqa: B018
