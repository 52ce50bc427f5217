"""Conditions that may separate the cases in which an answer is right from the others."""

from __future__ import annotations

from typing import Any

from gradekit.exercise.mistake import Contrast


def _alike(array: Any, axis: int) -> bool:
    return bool(array.shape[axis] == array.shape[axis + 1])


SAME_PADDING: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda n, k, s, *_: s == 1),
    ("where the stride divides n", "where it doesn't divide n", lambda n, k, s, *_: n % s == 0),
    ("for odd kernels", "for even kernels", lambda n, k, s, *_: k % 2 == 1),
    ("for an odd n", "for an even n", lambda n, k, s, *_: n % 2 == 1),
    ("where the stride is not longer than the kernel", "where the stride is longer", lambda n, k, s, *_: s <= k),
)

LAYER_PARAMS: tuple[Contrast, ...] = (
    ("with one input channel", "with more input channels", lambda k, c, f: c == 1),
    ("with kernel size 1", "with larger kernels", lambda k, c, f: k == 1),
    ("for odd kernels", "for even kernels", lambda k, c, f: k % 2 == 1),
    ("with up to three input channels", "with more input channels", lambda k, c, f: c <= 3),
)
SECOND_LAYER_PARAMS: tuple[Contrast, ...] = (
    ("for an even number of filters", "for an odd number", lambda f: f % 2 == 0),
    ("up to four filters", "for more filters", lambda f: f <= 4),
)
POINTWISE_PARAMS: tuple[Contrast, ...] = (
    ("with one input channel", "with more input channels", lambda c, f: c == 1),
    ("with fewer channels than filters", "with more channels than filters", lambda c, f: c < f),
    ("with up to three input channels", "with more input channels", lambda c, f: c <= 3),
)
OUTPUT_LENGTH: tuple[Contrast, ...] = (
    ("for VALID", "for SAME", lambda n, k, s, padding: padding == "valid"),
    *SAME_PADDING,
)
POINTWISE: tuple[Contrast, ...] = (
    ("with two channels", "with other numbers of channels", lambda x, w: w.shape[0] == 2),
    ("with as many filters as channels", "where they differ in number", lambda x, w: w.shape[0] == w.shape[1]),
)
CONV2D: tuple[Contrast, ...] = (
    ("for VALID", "for SAME", lambda x, k, s, p: p == "VALID"),
    ("with a stride of 1", "with longer strides", lambda x, k, s, p: s == 1),
    ("with VALID and a stride of 1", "in the others", lambda x, k, s, p: s == 1 and p == "VALID"),
    ("with one input channel", "with more input channels", lambda x, k, s, p: x.shape[3] == 1),
    ("with one image", "with a batch of more images", lambda x, k, s, p: len(x) == 1),
    ("with square kernels", "with kernels that are not square", lambda x, k, s, p: _alike(k, 0)),
    ("with square images", "with images that are not square", lambda x, k, s, p: _alike(x, 1)),
    ("with odd kernels", "with even ones", lambda x, k, s, p: k.shape[0] % 2 == k.shape[1] % 2 == 1),
)
RING_ZEROS: tuple[Contrast, ...] = (("for odd kernels", "for even kernels", lambda k: k % 2 == 1),)
RECEPTIVE_FIELD: tuple[Contrast, ...] = (
    ("with strides of 1", "with longer strides", lambda sizes, strides: set(strides) == {1}),
    ("with two layers", "with more layers", lambda sizes, strides: len(sizes) == 2),
    ("with kernels of one size", "with kernels of several sizes", lambda sizes, strides: len(set(sizes)) == 1),
)
ONE_POSITION: tuple[Contrast, ...] = (
    ("with a stride of 1", "with longer strides", lambda x, k, row, column, s: s == 1),
    ("with one image", "with a batch of more images", lambda x, k, row, column, s: len(x) == 1),
    ("with one input channel", "with more input channels", lambda x, k, row, column, s: x.shape[3] == 1),
)
DENSE_PARAMS: tuple[Contrast, ...] = (
    ("with one channel", "with more channels", lambda h, w, c, u: c == 1),
    ("for square images", "for images that are not square", lambda h, w, c, u: h == w),
    ("with one unit", "with more units", lambda h, w, c, u: u == 1),
)
