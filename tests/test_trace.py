"""A trace adds up to what tf.nn.conv2d gives at that place, and its text adds up to itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convkit import ArgumentError, ShapeError, trace

# The lesson's image and its first kernel.
X = np.array([[2, 1, 2, 0, 1], [1, 3, 2, 2, 3], [1, 1, 3, 3, 0], [2, 2, 0, 1, 1], [0, 0, 3, 1, 2]])[None, :, :, None]
KERNELS = np.array([[2, 3], [0, 1]])[:, :, None, None]


@st.composite
def calls(draw):
    """A convolution that fits, in whole numbers, and one place of its output."""
    size, groups, depth = st.integers(1, 3), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    kernel_size = draw(st.tuples(size, size))
    dilations = draw(st.tuples(size, size))
    x_shape = (draw(size), draw(st.integers(7, 10)), draw(st.integers(7, 10)), groups * depth)
    kernel_shape = (*kernel_size, depth, groups * draw(size))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x, kernel = rng.integers(-9, 10, x_shape), rng.integers(-9, 10, kernel_shape)
    # tf.nn on the CPU: strides above 1 only along both axes alike where there are groups or dilation.
    strides = draw(st.tuples(size, size))
    explicit = ((draw(size), draw(size)), (draw(size), draw(size)))
    padding = draw(st.sampled_from(["VALID", "SAME", explicit]))
    return x, kernel, strides, padding, dilations, groups


def by_tensorflow(tf, x, kernel, strides, padding, dilations):
    padding = padding if isinstance(padding, str) else [[0, 0], *map(list, padding), [0, 0]]
    return tf.nn.conv2d(np.float64(x), np.float64(kernel), strides, padding, dilations=dilations).numpy()


@settings(max_examples=200)
@given(call=calls(), data=st.data())
def test_the_value_is_that_of_tensorflow(tf, call, data):
    x, kernel, strides, padding, dilations, _ = call
    y = by_tensorflow(tf, x, kernel, strides, padding, dilations)
    place = tuple(data.draw(st.integers(0, size - 1)) for size in y.shape)
    bias = np.arange(kernel.shape[3]) if data.draw(st.booleans()) else None
    image, row, column, filter = place
    seen = trace(x, kernel, (row, column), strides, padding, dilations, bias, image=image, filter=filter)
    assert type(seen.value) is int
    assert seen.value == y[place] + (0 if bias is None else bias[filter])
    assert len(seen.products) == kernel.shape[0] * kernel.shape[1] * kernel.shape[2]


@settings(max_examples=100)
@given(call=calls())
def test_products_are_the_pixels_and_weights_that_they_name(call):
    x, kernel, strides, padding, dilations, groups = call
    filters = kernel.shape[3]
    seen = trace(x, kernel, (0, 0), strides, padding, dilations, filter=filters - 1)
    first = (groups - 1) * kernel.shape[2]  # the last filter reads the channels of the last group
    for product in seen.products:
        inside = 0 <= product.row < x.shape[1] and 0 <= product.column < x.shape[2]
        assert product.is_padding == (not inside)
        assert product.weight == kernel[(*product.tap, product.channel - first, filters - 1)]
        if inside:
            assert product.pixel == x[0, product.row, product.column, product.channel]


@settings(max_examples=100)
@given(call=calls(), with_bias=st.booleans())
def test_the_text_adds_up(call, with_bias):
    x, kernel, strides, padding, dilations, _ = call
    bias = np.full(kernel.shape[3], -3) if with_bias else None
    seen = trace(x, kernel, (0, 0), strides, padding, dilations, bias)
    results = []
    for line in seen.lines:
        if "=" in line:
            terms, result = line.rpartition(": ")[2].split(" = ")
            assert eval(terms, {"pad": 0}) == int(result)
            results.append(int(result))
    assert results[-1] == seen.value
    assert seen.title.endswith(f": {seen.value}")


def test_the_sum_of_the_lesson(tf):
    seen = trace(X, KERNELS, (0, 0))
    assert seen.lines == ("2*2 + 1*3 + 1*0 + 3*1 = 10",)
    assert seen.value == by_tensorflow(tf, X, KERNELS, 1, "VALID", 1)[0, 0, 0, 0] == 10


def test_padding_is_not_a_zero_of_the_image():
    x = np.zeros((1, 2, 2, 1), int)
    seen = trace(x, np.full((2, 2, 1, 1), 5), (1, 1), padding="same")
    assert str(seen.channels[0]) == "0*5 + pad*5 + pad*5 + pad*5 = 0"
    assert "pad is padding, which counts as 0" in str(seen)
    assert [product.pixel for product in seen.products] == [0, None, None, None]
    assert "pad is padding" not in str(trace(x, np.full((2, 2, 1, 1), 5), (0, 0)))


def test_channels_and_the_bias_are_added_in_sight():
    x = np.arange(8).reshape(1, 2, 2, 2)
    seen = trace(x, np.ones((2, 2, 2, 1), int), (0, 0), bias=[-2])
    assert str(seen).splitlines() == [
        "Image 0, filter 0, output at row 0, column 0: 26",
        "  channel 0: 0*1 + 2*1 + 4*1 + 6*1 = 12",
        "  channel 1: 1*1 + 3*1 + 5*1 + 7*1 = 16",
        "  the channels and the bias: 12 + 16 + (-2) = 26",
    ]


def test_floats_are_as_near_as_float32_allows(tf):
    rng = np.random.default_rng(5)
    x, kernel = rng.normal(size=(1, 6, 6, 3)).astype("f4"), rng.normal(size=(3, 3, 3, 2)).astype("f4")
    seen = trace(x, kernel, (2, 1), padding="SAME", filter=1)
    assert seen.value == pytest.approx(tf.nn.conv2d(x, kernel, 1, "SAME").numpy()[0, 2, 1, 1], rel=1e-5)
    assert "shown with 6 digits" in str(seen)


def test_nothing_is_minus_zero():
    padded = trace(np.zeros((1, 2, 2, 1)), np.full((2, 2, 1, 1), -1.5), (1, 1), padding="SAME")
    assert "pad*(-1.5) = 0<" in padded._repr_html_()
    assert str(padded.channels[0]) == "0*(-1.5) + pad*(-1.5) + pad*(-1.5) + pad*(-1.5) = 0"


x, kernel = np.ones((2, 5, 6, 2)), np.ones((3, 3, 2, 4))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"position": (3, 0)}, ShapeError, r"\(3, 0\) is outside the output of 3 x 4: the row has to be one of 0 to 2"),
        ({"position": (0, -1)}, ShapeError, r"the column one of 0 to 3"),
        ({"position": (0, 0), "padding": ((0, 0), (0, 0)), "strides": 9, "x": x[:, :3]}, None, ""),
        ({"position": (1, 0), "x": x[:, :3]}, ShapeError, r"the row has to be 0, the only one, the column"),
        ({"position": 3}, ArgumentError, r"position is 3, and has to be \(row, column\)"),
        ({"position": (0, 0, 0)}, ArgumentError, r"has to be \(row, column\)"),
        ({"filter": 4}, ArgumentError, r"filter is 4, and has to be one of 0 to 3"),
        ({"image": 2}, ArgumentError, r"image is 2, and has to be one of 0 to 1"),
        ({"bias": 1}, ShapeError, r"4 filters need one number each: shape \(4,\)"),
        (
            {"kernel": np.ones((3, 3, 3, 4))},
            ShapeError,
            r"x has 2 channels, and a kernel of shape .* spans 3",
        ),
        (
            {"x": x[0, :, :, 0], "kernel": kernel[:, :, :1]},
            ShapeError,
            r"x\[None, :, :, None\] has shape \(1, 5, 6, 1\)",
        ),
        ({"kernel": kernel[:, :, 0, 0]}, ShapeError, r"np.repeat\(kernel\[:, :, None, None\], 2, axis=2\)"),
        ({"x": x.astype(str)}, ArgumentError, r"has to hold real numbers"),
        ({"kernel": np.ones((7, 3, 2, 1))}, ShapeError, r"Use kernel_size <= 5 or padding='same'"),
    ],
)
def test_errors_say_what_would_work(changed, error, message):
    call = {"x": x, "kernel": kernel, "position": (0, 0), **changed}
    if error is None:
        assert trace(**call).value == 18
        return
    with pytest.raises(error, match=message):
        trace(**call)


def test_the_advice_for_a_plain_picture_works():
    plain, weights = np.array([[2, 1], [1, 3]]), np.array([[2, 3], [0, 1]])
    assert trace(plain[None, :, :, None], weights[:, :, None, None], (0, 0)).value == 10


class Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag in ("td", "th", "caption", "p"):
            self.cells.append((tag, ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th", "caption", "p"):
            self.cells[-1] = (self.open[-1], self.cells[-1][1] + data)


def test_html_has_a_table_for_each_channel():
    seen = trace(x, kernel, (0, 0), padding="SAME", bias=np.ones(4))
    page = Table()
    page.feed(seen._repr_html_())
    assert page.open == []
    assert sum(tag == "caption" for tag, _ in page.cells) == 2
    cells = [text for tag, text in page.cells if tag == "td" and text]
    assert cells == [f"{product} = {product.value:g}" for product in seen.products]
    heads = [text for tag, text in page.cells if tag == "th"]
    assert heads[:6] == ["pad", "column 0", "column 1", "pad", "row 0", "row 1"]
    assert ("p", "the channels and the bias: 4 + 4 + 1 = 9") in page.cells
    assert not re.search(r"script|background|rgb\(|#[0-9a-f]{3}", seen._repr_html_())


def test_latex_has_a_row_for_each_sum():
    latex = trace(x, kernel, (0, 0), padding="SAME", bias=np.ones(4)).latex()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\text{pad}") == 2 * 5
    assert r"4 + 4 + 1 = 9" in latex
    assert r"2 \times 2 + 1 \times 3 + 1 \times 0 + 3 \times 1 = 10" in trace(X, KERNELS, (0, 0)).latex()
