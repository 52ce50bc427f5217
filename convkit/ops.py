"""Arrays in, arrays out: the convolution of `tf.nn.conv2d`, in NumPy alone.

What TensorFlow answers with a crash or with garbage is an error here, with the numbers and what would work.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._conv2d.matmul import Array, Convolution
from ._conv2d.shape_check import Shape, go_together, shape_error
from ._conv2d.tiling import fill
from .arguments import ArgumentError, ShapeError, image_padding, items, pair
from .axis import Axis, make_axis


def conv2d(
    x: npt.ArrayLike,
    kernel: npt.ArrayLike,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: npt.ArrayLike | None = None,
) -> Array:
    """Slide every filter of `kernel` over the images in `x`, with the results of `tf.nn.conv2d`.

    It is a cross-correlation: the kernel is not flipped.

    - x: (images, height, width, channels).
    - kernel: (kernel height, kernel width, channels / groups, filters). The groups follow from the shapes.
    - strides, dilations: one number, (height, width), or TensorFlow's [1, height, width, 1].
    - padding: "valid", "same" in any case, or ((top, bottom), (left, right)), or that within TensorFlow's pairs for all axes.
    - bias: (filters,), added to every output.

    Returns (images, output height, output width, filters). The dtype is NumPy's for x * kernel + bias: float32 with
    float32 stays float32. float16 is summed in float32 and rounded once. Integers stay whole and exact; those below
    32 bits, and booleans, become int64, as in `np.sum`, because a sum of bytes does not fit a byte.

    Raises ShapeError where sizes do not go together, ArgumentError where a value makes no sense.

    >>> x = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> right_minus_left = np.array([[-1.0, 1.0]])[:, :, None, None]
    >>> conv2d(x, right_minus_left)[0, :, :, 0]
    array([[1., 1., 1.],
           [1., 1., 1.],
           [1., 1., 1.],
           [1., 1., 1.]])
    >>> conv2d(x, np.ones((3, 3, 1, 2)), strides=2, padding="SAME").shape
    (1, 2, 2, 2)
    >>> conv2d(np.ones((1, 2, 2, 1)), np.ones((3, 3, 1, 1)))
    Traceback (most recent call last):
    convkit.arguments.ShapeError: along the height, a kernel spanning 3 px does not fit 2 px: 3 > 2. Use kernel_size <= 2 or padding='same'.
    """  # noqa: E501
    checked = check(x, kernel, strides, padding, dilations, bias)
    x, kernel, rows, columns = checked.x, checked.kernel, checked.rows, checked.columns
    dtype = _dtype(x, kernel, checked.bias)
    out = np.empty((x.shape[0], rows.length, columns.length, kernel.shape[3]), dtype)
    if out.size:
        sums = np.float32 if dtype == np.float16 else dtype
        fill(Convolution(x, np.ascontiguousarray(kernel, sums), checked.bias, checked.groups, rows, columns, out))
    return out


class Checked(NamedTuple):
    """The arguments of a convolution that go together, and their geometry."""

    x: Array  # (images, height, width, channels)
    kernel: Array  # (kernel height, kernel width, channels / groups, filters)
    bias: Array | None  # (filters,)
    rows: Axis
    columns: Axis
    groups: int


def check(x: Any, kernel: Any, strides: Any, padding: Any, dilations: Any, bias: Any) -> Checked:
    """The arguments of `conv2d` as arrays and geometry, or the error that it raises."""
    x, kernel = _numbers("x", x), _numbers("kernel", kernel)
    strides, dilations = _height_and_width("strides", strides), _height_and_width("dilations", dilations)
    geometry = _geometry(x.shape, kernel.shape, strides, image_padding(padding), dilations)
    return Checked(x, kernel, None if bias is None else _bias(bias, kernel.shape[3]), *geometry)


@lru_cache(maxsize=256)  # a function of whole numbers and words; it saves half of the time of a tiny convolution
def _geometry(x: Shape, kernel: Shape, strides: Any, padding: Any, dilations: Any) -> tuple[Axis, Axis, int]:
    if not go_together(x, kernel):
        raise shape_error(x, kernel)
    settings = zip(("height", "width"), x[1:3], kernel[:2], strides, padding, dilations, strict=True)
    rows, columns = (_axis(*along) for along in settings)
    return rows, columns, x[3] // kernel[2]


def _axis(name: str, *along: Any) -> Axis:
    try:
        return make_axis(*along)
    except ShapeError as error:
        raise ShapeError(f"along the {name}, {error}".replace("dilation_rate", "dilations")) from None


def _numbers(name: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:  # lists of different lengths
        raise ShapeError(f"{name} is not an array: its rows have different lengths. {error}") from None
    if array.dtype.kind not in "fiub":
        raise ArgumentError(
            f"{name} has dtype {array.dtype}, and has to hold real numbers. "
            f"If they are numbers, {name}.astype('float32') works."
        )
    return array


def _dtype(x: Array, kernel: Array, bias: Array | None) -> np.dtype[Any]:
    dtype = np.result_type(x, kernel) if bias is None else np.result_type(x, kernel, bias)
    return np.dtype(np.int64) if dtype.kind in "biu" and dtype.itemsize < 4 else dtype


def _bias(value: Any, filters: int) -> Array:
    bias = _numbers("bias", value)
    if bias.shape != (filters,):
        raise ShapeError(
            f"bias has shape {bias.shape}, and {filters} filters need one number each: shape ({filters},), "
            f"such as np.zeros({filters})."
        )
    return bias


def _height_and_width(name: str, value: Any) -> tuple[int, int]:
    """One number, (height, width), or TensorFlow's [1, height, width, 1]."""
    sizes = items(value)
    if sizes is not None and len(sizes) == 4:
        if (sizes[0], sizes[3]) != (1, 1):
            raise ArgumentError(
                f"{name} is {value!r}: its first and last number, for images and channels, have to be 1, "
                f"such as {name}=[1, {sizes[1]}, {sizes[2]}, 1]."
            )
        value = sizes[1:3]
    return pair(name, value)
