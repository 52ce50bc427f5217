"""conv2d against tf.nn.conv2d and against an obvious loop: shapes first, then values, dtypes, errors and memory."""

from __future__ import annotations

import itertools
import re
import tracemalloc
import warnings
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from convkit import ArgumentError, ShapeError, conv2d
from convkit._conv2d import forward

RNG = np.random.default_rng(7)


class Case(NamedTuple):
    """What one call of conv2d is made of. Values are small whole numbers: then every sum is exact in every dtype."""

    x: tuple[int, int, int, int]
    kernel: tuple[int, int, int, int]
    strides: tuple[int, int] = (1, 1)
    padding: object = "VALID"
    dilations: tuple[int, int] = (1, 1)
    dtype: str = "float32"

    def arrays(self, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return tuple(rng.integers(-4, 5, shape).astype(self.dtype) for shape in (self.x, self.kernel))

    def fits(self) -> bool:
        spans = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=False)]
        pads = ((0, 0), (0, 0)) if self.padding == "VALID" else self.padding
        return self.padding == "SAME" or all(
            span <= n + sum(pad) for span, n, pad in zip(spans, self.x[1:3], pads, strict=True)
        )

    def ours(self, seed: int = 0) -> np.ndarray:
        return conv2d(*self.arrays(seed), self.strides, self.padding, self.dilations)


def tensorflow(tf, case: Case, seed: int = 0) -> np.ndarray:
    """tf.nn.conv2d in float64, exact here.

    Its CPU kernel has int32 for some configurations only, and float32 with oneDNN is incorrect for one channel, one
    output column and a width stride above the height stride. No images are cut from one image: with none,
    its oneDNN kernel returns the shape of the input.
    """
    if not case.x[0]:
        return tensorflow(tf, case._replace(x=(1, *case.x[1:])), seed)[:0]
    x, kernel = case.arrays(seed)
    padding = case.padding if isinstance(case.padding, str) else [[0, 0], *map(list, case.padding), [0, 0]]
    exact = x.astype("float64"), kernel.astype("float64")
    return tf.nn.conv2d(*exact, case.strides, padding, dilations=case.dilations).numpy().astype(x.dtype)


def loop(case: Case, seed: int = 0) -> np.ndarray:
    """The definition, written out: pad, stand, cut, multiply, add."""
    x, kernel = case.arrays(seed)
    (n, *size, channels), (*taps, depth, filters) = x.shape, kernel.shape
    spans = [(k - 1) * d + 1 for k, d in zip(taps, case.dilations, strict=True)]
    pads = [[0, 0], [0, 0]] if case.padding == "VALID" else case.padding
    if case.padding == "SAME":
        totals = [
            max((-(-length // s) - 1) * s + span - length, 0)
            for length, s, span in zip(size, case.strides, spans, strict=True)
        ]
        pads = [(total // 2, total - total // 2) for total in totals]
    padded = np.pad(x, [(0, 0), *pads, (0, 0)])
    tops, lefts = (
        range(0, length - span + 1, s) for length, span, s in zip(padded.shape[1:3], spans, case.strides, strict=True)
    )
    out = np.zeros((n, len(tops), len(lefts), filters), x.dtype)
    of_a_group = filters // (channels // depth)
    for (row, top), (column, left), filt in itertools.product(enumerate(tops), enumerate(lefts), range(filters)):
        first = filt // of_a_group * depth
        window = padded[:, top : top + spans[0] : case.dilations[0], left : left + spans[1] : case.dilations[1]]
        out[:, row, column, filt] = (window[..., first : first + depth] * kernel[..., filt]).sum(axis=(1, 2, 3))
    return out


def assert_same(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


# --- the results of TensorFlow

CASES = {
    "the brief's first layer": Case((1, 8, 8, 1), (2, 2, 1, 3)),
    "three channels": Case((1, 8, 8, 3), (3, 3, 3, 2)),
    "a filter by hand": Case((1, 5, 5, 1), (2, 2, 1, 2)),
    "the kernel is the image": Case((2, 5, 4, 3), (5, 4, 3, 2)),
    "one pixel, one tap": Case((1, 1, 1, 1), (1, 1, 1, 1)),
    "no image": Case((0, 5, 5, 2), (3, 3, 2, 4)),
    "SAME, even kernel: the odd row at the bottom": Case((1, 5, 6, 1), (2, 4, 1, 1), padding="SAME"),
    "SAME, stride 2 on an even size": Case((1, 8, 8, 2), (3, 3, 2, 2), (2, 2), "SAME"),
    "SAME on one pixel": Case((1, 1, 1, 2), (5, 5, 2, 3), padding="SAME"),
    "SAME, kernel wider than the image": Case((1, 3, 2, 1), (7, 9, 1, 2), padding="SAME"),
    "SAME, stride larger than the kernel: no padding at all": Case((1, 9, 9, 1), (2, 2, 1, 1), (4, 4), "SAME"),
    "stride drops the last row": Case((1, 8, 8, 1), (3, 3, 1, 1), (2, 2)),
    "stride larger than the kernel": Case((1, 11, 7, 2), (2, 1, 2, 3), (5, 3)),
    "a stride for each axis": Case((2, 9, 10, 3), (3, 2, 3, 4), (2, 3)),
    "a dilation for each axis": Case((2, 9, 10, 3), (3, 2, 3, 4), dilations=(2, 5)),
    "strides and dilations, which Keras refuses": Case((1, 12, 13, 2), (3, 3, 2, 2), (2, 3), "SAME", (3, 2)),
    "one output column, and a stride along the width": Case((1, 2, 2, 1), (1, 2, 1, 1), (1, 2), "SAME"),
    "padding on one corner": Case((1, 4, 4, 1), (3, 3, 1, 1), padding=((2, 0), (0, 1))),
    "padding beyond the kernel: outputs that read zeros alone": Case(
        (1, 3, 3, 1), (2, 2, 1, 1), padding=((4, 5), (3, 0))
    ),
    "two groups": Case((2, 6, 6, 4), (3, 3, 2, 6), padding="SAME"),
    "depthwise": Case((2, 6, 6, 4), (3, 3, 1, 4)),
    "depthwise with a multiplier": Case((2, 6, 6, 4), (3, 3, 1, 12), (2, 1), "SAME", (1, 2)),
    "1x1": Case((2, 5, 5, 3), (1, 1, 3, 8)),
    "1x1 with stride": Case((2, 5, 5, 3), (1, 1, 3, 8), (2, 2)),
    "1x1 with stride and padding: the size of the input again": Case(
        (1, 1, 3, 1), (1, 1, 1, 1), (1, 3), padding=((0, 0), (0, 4))
    ),
    "1x1 in groups": Case((2, 5, 5, 4), (1, 1, 2, 8)),
    "float64": Case((1, 7, 7, 3), (3, 3, 3, 2), padding="SAME", dtype="float64"),
    "float16": Case((1, 7, 7, 3), (3, 3, 3, 2), padding="SAME", dtype="float16"),
    "int32": Case((1, 7, 7, 3), (3, 3, 3, 2), padding="SAME", dtype="int32"),
    "patches in one piece, with threads": Case((32, 28, 28, 16), (3, 3, 16, 16), padding="SAME"),
    "patches, thick": Case((2, 28, 28, 192), (3, 3, 192, 192)),
    "taps, with threads": Case((2, 56, 56, 64), (3, 3, 64, 64), padding="SAME"),
    "one product for all pixels": Case((2, 56, 56, 64), (1, 1, 64, 128)),
    "a kernel that is too large for patches": Case((1, 70, 70, 64), (70, 70, 64, 2)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_equals_tensorflow(tf, case):
    assert_same(case.ours(), tensorflow(tf, case))


def lengths(most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(*[st.integers(1, most)] * 2)


@st.composite
def cases(draw) -> Case:
    groups, depth, multiple = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    margin = st.integers(0, 4)
    margins = st.tuples(*[st.tuples(margin, margin)] * 2)
    case = Case(
        x=(draw(st.integers(0, 3)), *draw(lengths(14)), groups * depth),
        kernel=(*draw(lengths(5)), depth, groups * multiple),
        strides=draw(lengths(6)),
        padding=draw(st.sampled_from(["VALID", "SAME"]) | margins),
        dilations=draw(st.just((1, 1)) | lengths(4)),
        dtype=draw(st.sampled_from(["float32", "float32", "float64", "int32"])),
    )
    assume(case.fits())
    return case


@given(case=cases(), seed=st.integers(0, 99))
@settings(max_examples=500)
@example(case=CASES["SAME, stride larger than the kernel: no padding at all"], seed=1)
def test_equals_tensorflow_on_any_configuration(tf, case, seed):
    assert_same(case.ours(seed), tensorflow(tf, case, seed))


@given(case=cases(), seed=st.integers(0, 99))
@settings(max_examples=100)
def test_equals_the_definition(case, seed):
    assert_same(case.ours(seed), loop(case, seed))


# Small inputs take the short way. Limits that are far too low send them through each of the others.
LIMITS = {
    "patches, uncut": {"SMALL": 0},
    "patches, in blocks of a few places": {"SMALL": 0, "ALONE": 2000},
    "patches, in tiles, by threads": {"SMALL": 0, "SHARED_FROM": 0, "OURS": 3000, "ONE_THREAD": 200},
    "taps": {"SMALL": 0, "WINDOW": 0, "ALONE": 4000},
    "taps, place by place": {"SMALL": 0, "ALONE": 1},
    "taps, in narrow blocks, by threads": {"SMALL": 0, "SHARED_FROM": 0, "OURS": 100, "ONE_THREAD": 60},
}


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS.keys())
def test_every_way_equals_the_definition(limits):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(forward, name, value)
        patch.setattr(forward, "_threads", lambda: 3)

        @given(case=cases(), seed=st.integers(0, 99), bias=st.booleans())
        @settings(max_examples=150)
        @example(case=CASES["1x1 with stride and padding: the size of the input again"], seed=0, bias=False)
        def holds(case, seed, bias):
            added = np.arange(case.kernel[3], dtype=case.dtype) if bias else np.zeros(case.kernel[3], case.dtype)
            ours = conv2d(*case.arrays(seed), case.strides, case.padding, case.dilations, added if bias else None)
            assert_same(ours, loop(case, seed) + added)

        holds()


def test_random_floats_are_as_close_as_rounding_allows(tf):
    x, kernel = (RNG.standard_normal(shape).astype("float32") for shape in ((2, 20, 20, 8), (3, 3, 8, 16)))
    theirs = tf.nn.conv2d(x, kernel, 1, "SAME").numpy()
    np.testing.assert_allclose(conv2d(x, kernel, padding="SAME"), theirs, rtol=1e-4, atol=1e-5)


# --- how arguments may be written


def test_arguments_may_be_written_as_in_keras_or_as_in_tensorflow():
    case = Case((1, 9, 9, 2), (3, 3, 2, 2))
    x, kernel = case.arrays()
    written = conv2d(x, kernel, (2, 1), "same", (1, 2))
    np.testing.assert_array_equal(conv2d(x, kernel, [1, 2, 1, 1], "SAME", [1, 1, 2, 1]), written)
    explicit = conv2d(x, kernel, padding=((1, 0), (2, 3)))
    np.testing.assert_array_equal(conv2d(x, kernel, padding=[[0, 0], [1, 0], [2, 3], [0, 0]]), explicit)
    np.testing.assert_array_equal(conv2d(x, kernel, np.int64(2)), conv2d(x, kernel, (2, 2)))


def test_lists_and_tensors_are_arrays(tf):
    x, kernel = Case((1, 4, 4, 1), (2, 2, 1, 1)).arrays()
    expected = conv2d(x, kernel)
    np.testing.assert_array_equal(conv2d(x.tolist(), kernel.tolist()), expected)
    assert_same(conv2d(tf.constant(x), tf.constant(kernel)), expected)


VIEWS = {
    "channels first, moved": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1),
    "every other row and column of a larger image": lambda x: np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)[
        :, ::2, ::2
    ],
    "upside down, twice": lambda x: np.ascontiguousarray(x[:, ::-1, ::-1])[:, ::-1, ::-1],
    "read only": lambda x: np.broadcast_to(x, x.shape),
    "Fortran order": np.asfortranarray,
    "the other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
    "between bytes": lambda x: np.frombuffer(b"-" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
}


@pytest.mark.parametrize("limits", [{}, {"SMALL": 0}, {"SMALL": 0, "ALONE": 1}], ids=["short", "patches", "taps"])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_views_are_read_as_they_are_and_left_alone(monkeypatch, view, limits):
    for name, value in limits.items():
        monkeypatch.setattr(forward, name, value)
    case = Case((2, 7, 6, 4), (3, 2, 2, 4), padding="SAME")
    x, kernel = case.arrays()
    seen_x, seen_kernel = view(x), view(kernel)
    assert_same(conv2d(seen_x, seen_kernel, padding="SAME"), loop(case))
    np.testing.assert_array_equal(seen_x, x)
    np.testing.assert_array_equal(seen_kernel, kernel)


# --- values: dtypes and bias

DTYPES = [
    ("float32", "float32", None, "float32", "stays"),
    ("float64", "float64", None, "float64", "stays"),
    ("float16", "float16", "float16", "float16", "stays, summed in float32"),
    ("int32", "int32", "int32", "int32", "stays, as in TensorFlow"),
    ("int64", "int64", None, "int64", "stays; TensorFlow has none"),
    ("uint64", "uint64", None, "uint64", "stays"),
    ("uint8", "uint8", None, "int64", "a sum of bytes does not fit a byte"),
    ("int8", "int16", None, "int64", "the same"),
    ("bool", "bool", None, "int64", "counts"),
    ("uint8", "float32", None, "float32", "a picture and a filter"),
    ("int64", "float32", None, "float64", "as NumPy multiplies them"),
    ("int32", "int32", "float64", "float64", "a bias takes part"),
    ("float32", "float64", "float32", "float64", "the wider one"),
]


@pytest.mark.parametrize(("of_x", "of_kernel", "of_bias", "of_result", "_reason"), DTYPES)
def test_dtypes(of_x, of_kernel, of_bias, of_result, _reason):
    x, kernel = RNG.integers(0, 2, (2, 6, 6, 2)), RNG.integers(0, 2, (3, 3, 2, 3))
    bias = None if of_bias is None else np.arange(3).astype(of_bias)
    exact = conv2d(x, kernel) + (0 if bias is None else bias)
    result = conv2d(x.astype(of_x), kernel.astype(of_kernel), bias=bias)
    assert result.dtype == of_result
    np.testing.assert_array_equal(result, exact)


def test_bytes_do_not_wrap_around():
    assert conv2d(np.full((1, 3, 3, 1), 255, "uint8"), np.full((3, 3, 1, 1), 255, "uint8")).item() == 9 * 255 * 255


def test_int64_is_exact_where_float64_is_not():
    assert conv2d(np.array([[[[2**53], [1]]]]), np.ones((1, 2, 1, 1), "int64")).item() == 2**53 + 1


@pytest.mark.parametrize("limits", [{}, {"SMALL": 0, "ALONE": 1}], ids=["patches", "taps"])
def test_float16_is_summed_in_float32(monkeypatch, limits):
    """In float16 alone, 2048 + 1 is 2048 again, and 4096 ones would add up to 2048."""
    for name, value in limits.items():
        monkeypatch.setattr(forward, name, value)
    ones = np.ones((1, 64, 64, 1), "float16")
    assert conv2d(ones, np.ones((64, 64, 1, 1), "float16")).item() == 4096


@pytest.mark.parametrize("case", [CASES["three channels"], CASES["two groups"], CASES["taps, with threads"]])
def test_bias_is_added_to_every_output(tf, case):
    bias = np.arange(1, case.kernel[3] + 1, dtype=case.dtype)
    ours = conv2d(*case.arrays(), case.strides, case.padding, case.dilations, bias)
    assert_same(ours, tf.nn.bias_add(tensorflow(tf, case), bias).numpy())


def test_not_a_number_stays_where_it_is_read():
    x = np.zeros((1, 5, 5, 1), "float32")
    x[0, 0, 0, 0] = np.nan
    np.testing.assert_array_equal(
        np.isnan(conv2d(x, np.ones((2, 2, 1, 1), "float32")))[0, :, :, 0].nonzero(), [[0], [0]]
    )


def test_errstate_holds_in_every_thread(monkeypatch):
    """A warning would reach stderr, and there it costs a student the points of a graded cell."""
    monkeypatch.setattr(forward, "_threads", lambda: 2)
    x, kernel = np.full((64, 28, 28, 16), 3e38, "float32"), np.full((3, 3, 16, 16), 3e38, "float32")
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        conv2d(x, kernel)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(conv2d(x, kernel)).all()


def test_the_cores_asked_for_are_not_exceeded(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert forward._threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= forward._threads() <= forward.MOST_THREADS


# --- errors: what is wrong, with the numbers, and what would work

X, KERNEL = np.ones((1, 5, 5, 1)), np.ones((3, 3, 1, 2))

ERRORS = {
    "one grey image": (ShapeError, {"x": np.ones((5, 5))}, ["rank 2", "(5, 5)", "x[None, :, :, None]"]),
    "one colour image": (
        ShapeError,
        {"x": np.ones((5, 6, 3)), "kernel": np.ones((3, 3, 3, 2))},
        ["rank 3", "x[None] has shape (1, 5, 6, 3)"],
    ),
    "grey images": (ShapeError, {"x": np.ones((9, 5, 6))}, ["rank 3", "x[..., None] has shape (9, 5, 6, 1)"]),
    "a row": (ShapeError, {"x": np.ones(5)}, ["rank 1", "(5,)"]),
    "a number": (ShapeError, {"x": 5}, ["rank 0", "()"]),
    "a video": (ShapeError, {"x": np.ones((1, 2, 5, 5, 1))}, ["rank 5"]),
    "a kernel without channels": (
        ShapeError,
        {"kernel": np.ones((3, 3))},
        ["rank 2", "kernel[:, :, None, None] has shape (3, 3, 1, 1)"],
    ),
    "the same for three channels": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 3)), "kernel": np.ones((3, 3))},
        ["np.repeat(kernel[:, :, None, None], 3, axis=2)"],
    ),
    "a kernel without filters": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 3)), "kernel": np.ones((2, 2, 3))},
        ["rank 3", "kernel[..., None]"],
    ),
    "filters without a channel": (ShapeError, {"kernel": np.ones((2, 2, 4))}, ["kernel[:, :, None, :]"]),
    "a kernel too high": (
        ShapeError,
        {"kernel": np.ones((6, 3, 1, 1))},
        ["along the height, a kernel spanning 6 px does not fit 5 px: 6 > 5", "kernel_size <= 5", "padding='same'"],
    ),
    "a kernel too wide": (ShapeError, {"kernel": np.ones((3, 7, 1, 1))}, ["along the width", "7", "5 px"]),
    "a kernel spread too far": (
        ShapeError,
        {"dilations": 3},
        ["a kernel spanning 7 px (dilations 3) does not fit 5 px", "Use kernel_size <= 2, dilations <= 2 or"],
    ),
    "padding too small": (
        ShapeError,
        {"kernel": np.ones((9, 1, 1, 1)), "padding": ((1, 1), (0, 0))},
        ["does not fit 5 px padded with 1 before and 1 after: 9 > 7", "kernel_size <= 7"],
    ),
    "channels that do not match": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 3)), "kernel": np.ones((3, 3, 2, 4))},
        ["3 channels", "spans 2", "(3, 3, 3, 4) fits"],
    ),
    "fewer channels than the kernel": (ShapeError, {"kernel": np.ones((3, 3, 3, 4))}, ["1 channels", "spans 3"]),
    "channels first": (
        ShapeError,
        {"x": np.ones((1, 3, 8, 8)), "kernel": np.ones((3, 3, 3, 4))},
        ["np.moveaxis(x, 1, -1) fits: shape (1, 8, 8, 3)"],
    ),
    "in and out swapped": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 3)), "kernel": np.ones((2, 2, 4, 3))},
        ["kernel.swapaxes(2, 3) fits: shape (2, 2, 3, 4)"],
    ),
    "a kernel from PyTorch": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 4)), "kernel": np.ones((8, 4, 3, 2))},
        ["kernel.transpose(2, 3, 1, 0) fits: shape (3, 2, 4, 8)"],
    ),
    "groups that do not divide": (
        ShapeError,
        {"x": np.ones((1, 5, 5, 6)), "kernel": np.ones((3, 3, 2, 4))},
        ["6 channels", "3 groups", "4 filters", "such as 6", "(3, 3, 6, 4)"],
    ),
    "no rows": (ShapeError, {"x": np.ones((1, 0, 5, 1))}, ["(1, 0, 5, 1)", "only the images may be 0"]),
    "no channels": (ShapeError, {"x": np.ones((1, 5, 5, 0))}, ["(1, 5, 5, 0)"]),
    "no filters": (ShapeError, {"kernel": np.ones((3, 3, 1, 0))}, ["(3, 3, 1, 0)", "1 or more"]),
    "no taps": (ShapeError, {"kernel": np.ones((0, 3, 1, 1))}, ["(0, 3, 1, 1)"]),
    "a ragged list": (ShapeError, {"x": [[1, 2], [3]]}, ["x is not an array", "different lengths"]),
    "text": (ArgumentError, {"x": [[[["1"]]]]}, ["x has dtype <U1", "x.astype('float32')"]),
    "objects": (ArgumentError, {"kernel": np.ones((3, 3, 1, 1), object)}, ["kernel has dtype object"]),
    "complex": (ArgumentError, {"x": np.ones((1, 5, 5, 1), complex)}, ["complex128", "real numbers"]),
    "nothing": (ArgumentError, {"x": None}, ["x has dtype object"]),
    "a stride of 0": (ArgumentError, {"strides": 0}, ["strides is 0", "at least 1"]),
    "a negative stride": (ArgumentError, {"strides": (1, -1)}, ["strides[1] is -1"]),
    "half a stride": (ArgumentError, {"strides": 1.5}, ["1.5", "whole number"]),
    "a stride in words": (ArgumentError, {"strides": "2"}, ["'2'", "whole number"]),
    "a stride over images": (ArgumentError, {"strides": [2, 1, 1, 1]}, ["[2, 1, 1, 1]", "strides=[1, 1, 1, 1]"]),
    "three strides": (ArgumentError, {"strides": (1, 1, 1)}, ["3 numbers", "(height, width)"]),
    "a dilation of 0": (ArgumentError, {"dilations": (0, 1)}, ["dilations[0] is 0"]),
    "an unknown padding": (ArgumentError, {"padding": "sam"}, ["'sam'", "Did you mean 'same'?"]),
    "padding as a number": (ArgumentError, {"padding": 1}, ["padding is 1", "((1, 1), (1, 1))"]),
    "negative padding": (ArgumentError, {"padding": ((-1, 0), (0, 0))}, ["-1"]),
    "padding of the images": (
        ArgumentError,
        {"padding": [[1, 0], [1, 1], [2, 2], [0, 0]]},
        ["can't be padded", "padding=((1, 1), (2, 2))"],
    ),
    "a bias too long": (ShapeError, {"bias": np.ones(3)}, ["(3,)", "2 filters", "np.zeros(2)"]),
    "a bias that is one number": (ShapeError, {"bias": 1.0}, ["()", "2 filters"]),
    "a bias in words": (ArgumentError, {"bias": ["a", "b"]}, ["bias has dtype <U1"]),
}


@pytest.mark.parametrize(("error", "change", "told"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_tell_the_numbers_and_what_works(error, change, told):
    arguments = {"x": X, "kernel": KERNEL, **change}
    with pytest.raises(error) as caught:
        conv2d(**arguments)
    message = str(caught.value)
    assert [part for part in told if part not in message] == []
    for name, code, shape in advice(message):
        mended = {**arguments, name: eval(code, {"np": np, "x": arguments["x"], "kernel": arguments["kernel"]})}
        assert shape in ("", str(mended[name].shape))
        assert conv2d(**mended).size


def advice(message: str) -> list[tuple[str, str, str]]:
    """(argument, code, shape) for every piece of code in a message that is said to fit."""
    code = r"((?:np\.\w+\()?(x|kernel)[\[.,].*?[\])]) (?:has shape|fits: shape) (\([^)]*\))"
    return [(name, text, shape) for text, name, shape in re.findall(code, message)]


def test_the_advice_is_found_and_tried():
    assert advice("x[None, :, :, None] has shape (1, 5, 5, 1): one image.") == [
        ("x", "x[None, :, :, None]", "(1, 5, 5, 1)")
    ]
    assert advice("If so, np.moveaxis(x, 1, -1) fits: shape (1, 8, 8, 3).") == [
        ("x", "np.moveaxis(x, 1, -1)", "(1, 8, 8, 3)")
    ]


# What the messages say in words, followed: (what fails, what it says to change).
FOLLOWED = [
    ({"kernel": np.ones((6, 3, 1, 1))}, {"kernel": np.ones((5, 3, 1, 1))}),
    ({"kernel": np.ones((6, 7, 1, 1))}, {"padding": "SAME"}),
    ({"dilations": 3}, {"kernel": np.ones((2, 2, 1, 1))}),
    ({"dilations": 3}, {"dilations": 2}),
    ({"kernel": np.ones((9, 1, 1, 1)), "padding": ((1, 1), (0, 0))}, {"kernel": np.ones((7, 1, 1, 1))}),
    ({"x": np.ones((1, 5, 5, 3)), "kernel": np.ones((3, 3, 2, 4))}, {"kernel": np.ones((3, 3, 3, 4))}),
    ({"x": np.ones((1, 5, 5, 6)), "kernel": np.ones((3, 3, 2, 4))}, {"kernel": np.ones((3, 3, 2, 6))}),
    ({"x": np.ones((1, 5, 5, 6)), "kernel": np.ones((3, 3, 2, 4))}, {"kernel": np.ones((3, 3, 6, 4))}),
    ({"strides": [2, 1, 1, 1]}, {"strides": [1, 1, 1, 1]}),
    ({"padding": [[1, 0], [1, 1], [2, 2], [0, 0]]}, {"padding": ((1, 1), (2, 2))}),
    ({"bias": np.ones(3)}, {"bias": np.zeros(2)}),
]


@pytest.mark.parametrize(("wrong", "mend"), FOLLOWED)
def test_what_the_errors_advise_works(wrong, mend):
    with pytest.raises(ValueError, match=r"."):
        conv2d(**{"x": X, "kernel": KERNEL, **wrong})
    assert conv2d(**{"x": X, "kernel": KERNEL, **wrong, **mend}).size


def test_a_number_that_passed_before_does_not_let_its_likes_pass():
    """1, 1.0 and True are one key in a cache."""
    conv2d(X, KERNEL, strides=1)
    for wrong in (1.0, True, (1.0, 1)):
        with pytest.raises(ArgumentError):
            conv2d(X, KERNEL, strides=wrong)


# --- memory: never more than the output and 64 MiB beside the input

ROOMY = {
    "tiny": Case((1, 8, 8, 3), (3, 3, 3, 2)),
    "grey": Case((1, 28, 28, 1), (3, 3, 1, 32)),
    "middle": Case((32, 28, 28, 32), (3, 3, 32, 64)),
    "first layer": Case((1, 224, 224, 3), (7, 7, 3, 64), (2, 2)),
    "thick": Case((8, 56, 56, 64), (3, 3, 64, 64), padding="SAME"),
    "pointwise": Case((8, 56, 56, 64), (1, 1, 64, 128)),
    "many small images": Case((20_000, 8, 8, 3), (3, 3, 3, 8), padding="SAME"),
    "a large image": Case((1, 2000, 2000, 3), (3, 3, 3, 4), padding="SAME"),
    "a long row": Case((1, 1, 2_000_000, 4), (1, 9, 4, 4), padding="SAME"),
    "a long column": Case((1, 2_000_000, 1, 4), (9, 1, 4, 4), padding="SAME"),
    "a large kernel": Case((1, 200, 200, 16), (41, 41, 16, 2), (2, 2)),
    "a kernel as large as its image": Case((2, 100, 100, 64), (100, 100, 64, 4)),
    "a kernel larger than its image": Case((1, 64, 64, 64), (127, 127, 64, 1), padding="SAME"),
    "a dilation as large as the image": Case((1, 1500, 1500, 2), (3, 3, 2, 2), (2, 2), "SAME", (700, 700)),
    "a large stride": Case((1, 3000, 3000, 4), (3, 3, 4, 4), (100, 100), "SAME"),
    "many channels": Case((1, 14, 14, 2048), (3, 3, 2048, 64), padding="SAME"),
    "many filters": Case((1, 64, 64, 1), (3, 3, 1, 4096)),
    "many filters in half precision": Case((1, 64, 64, 1), (1, 2, 1, 16_384), dtype="float16"),
    "depthwise": Case((4, 112, 112, 64), (3, 3, 1, 64), padding="SAME"),
    "half precision": Case((8, 56, 56, 64), (1, 1, 64, 128), dtype="float16"),
    "integers": Case((4, 56, 56, 16), (3, 3, 16, 8), dtype="int32"),
}


def peak_of(call) -> tuple[np.ndarray, int]:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = call()
        return result, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("moved", [False, True], ids=["", "a view"])
@pytest.mark.parametrize("case", ROOMY.values(), ids=ROOMY.keys())
def test_memory_is_bounded(monkeypatch, case, moved):
    monkeypatch.setattr(forward, "_threads", lambda: forward.MOST_THREADS)
    x, kernel = np.ones(case.x, case.dtype), np.ones(case.kernel, case.dtype)
    if moved:
        x = np.ones(case.x[::-1], case.dtype).T
    result, peak = peak_of(lambda: conv2d(x, kernel, case.strides, case.padding, case.dilations))
    assert peak <= result.nbytes + 64 * 2**20
    middle = tuple(length // 2 for length in result.shape)
    assert result[middle] == np.prod(case.kernel[:3]) or case.padding == "SAME"
