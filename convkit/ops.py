"""Arrays in, arrays out: the convolution of `tf.nn.conv2d`, in NumPy alone.

What TensorFlow answers with a crash or with garbage is an error here, with the numbers and what would work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._conv2d.adjoint import to_input, to_kernel
from ._conv2d.forward import Array, Convolution, fill
from ._conv2d.shape_check import Shape, go_together, shape_error
from .arguments import ArgumentError, ShapeError, image_padding, items, pair
from .arithmetic import Axis, kernel_span, make_axis, transposed_length


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
    float32 stays float32. float16 is summed in float32 and rounded once. Integers stay whole and exact;
    small ones and booleans become int64, as in `np.sum`, because a sum of bytes does not fit a byte.

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


def depthwise_conv2d(
    x: npt.ArrayLike,
    kernel: npt.ArrayLike,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: npt.ArrayLike | None = None,
) -> Array:
    """Slide a filter of its own over every channel of `x`, with the results of `tf.nn.depthwise_conv2d`.

    - x: (images, height, width, channels).
    - kernel: (kernel height, kernel width, channels, multiplier): so many filters for each channel.
    - bias: (channels * multiplier,). The other arguments are those of `conv2d`, and so are the errors.

    Returns (images, output height, output width, channels * multiplier): the outputs of a channel are neighbors.

    >>> depthwise_conv2d(np.ones((1, 4, 4, 2)), np.ones((2, 2, 2, 3))).shape
    (1, 3, 3, 6)
    """
    x, kernel = numbers("x", x), numbers("kernel", kernel)
    if kernel.ndim != 4 or x.ndim != 4 or kernel.shape[2] != x.shape[3]:
        raise ShapeError(
            f"x has shape {x.shape} and kernel {kernel.shape}: a depthwise kernel is "
            "(kernel height, kernel width, channels, multiplier), with the channels of x."
        )
    height, width, channels, multiplier = kernel.shape
    by_channel = kernel.reshape(height, width, 1, channels * multiplier)
    return conv2d(x, by_channel, strides, padding, dilations, bias)


def conv2d_transpose(
    x: npt.ArrayLike,
    kernel: npt.ArrayLike,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
    bias: npt.ArrayLike | None = None,
    *,
    output_size: Any = None,
) -> Array:
    """Lay every filter down on the output, scaled by a pixel of `x`, with the results of `tf.nn.conv2d_transpose`.

    It is the gradient of a `conv2d` with the same kernel, strides and padding, and not its inverse.

    - x: (images, height, width, channels).
    - kernel: (kernel height, kernel width, filters, channels): the last two axes are those of `conv2d` exchanged.
    - bias: (filters,). strides, padding, dilations: as in `conv2d`.
    - output_size: (height, width) of the output; without it, the size that `Conv2DTranspose` of Keras has. With
      explicit padding, the smallest size.

    Returns (images, output height, output width, filters). Raises ShapeError where a `conv2d` of the output would not
    have the size of x.

    >>> conv2d_transpose(np.ones((1, 2, 2, 1)), np.ones((3, 3, 1, 1)), strides=2)[0, :, :, 0]
    array([[1., 1., 2., 1., 1.],
           [1., 1., 2., 1., 1.],
           [2., 2., 4., 2., 2.],
           [1., 1., 2., 1., 1.],
           [1., 1., 2., 1., 1.]])
    """
    x, kernel = numbers("x", x), numbers("kernel", kernel)
    if kernel.ndim != 4 or x.ndim != 4 or kernel.shape[3] != x.shape[3] or 0 in (*x.shape[1:], *kernel.shape):
        raise ShapeError(
            f"x has shape {x.shape} and kernel {kernel.shape}: a kernel of conv2d_transpose is "
            "(kernel height, kernel width, filters, channels), with the channels of x."
        )
    axes = (
        _transposed(name, *along)
        for name, *along in zip(
            ("height", "width"),
            x.shape[1:3],
            kernel.shape[:2],
            _height_and_width("strides", strides),
            image_padding(padding),
            _height_and_width("dilations", dilations),
            (None, None) if output_size is None else pair("output_size", output_size),
            strict=True,
        )
    )
    out = _exact(to_input, x, kernel, 1, *axes)
    return out if bias is None else out + _bias(bias, kernel.shape[2])


def _transposed(name: str, n: int, taps: int, strides: int, padding: Any, dilation: int, size: int | None) -> Axis:
    """The axis of the convolution whose output is the input of the transposed one."""
    if size is not None:
        shortest = size
    elif isinstance(padding, str):
        shortest = transposed_length(n, taps, strides, padding, dilation)
    else:
        shortest = max((n - 1) * strides + kernel_span(taps, dilation) - sum(padding), 1)
    axis = _axis(name, shortest, taps, strides, padding, dilation)
    if axis.length != n:
        raise ShapeError(
            f"along the {name}, an output of {shortest} px does not come from {n} px: a conv2d of it has "
            f"{axis.length} positions. Use another output_size, or leave it out."
        )
    return axis


class Gradients(NamedTuple):
    """The gradients of a `conv2d`, each of the shape of what it belongs to."""

    x: Array
    kernel: Array
    bias: Array


def conv2d_grad(
    x: npt.ArrayLike,
    kernel: npt.ArrayLike,
    grad: npt.ArrayLike,
    strides: Any = 1,
    padding: Any = "VALID",
    dilations: Any = 1,
) -> Gradients:
    """How sum(conv2d(x, kernel, ..., bias) * grad) changes with x, kernel and bias: the backward pass of `conv2d`.

    grad has the shape of the output: the gradient of a loss with respect to it. The other arguments are those of
    `conv2d`. Raises ShapeError where grad has another shape, and the errors of `conv2d`.

    >>> found = conv2d_grad(np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)), np.ones((1, 2, 2, 1)))
    >>> found.x[0, :, :, 0], found.kernel[:, :, 0, 0], found.bias
    (array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]]), array([[4., 4.],
           [4., 4.]]), array([4.]))
    """
    work, grad = check(x, kernel, strides, padding, dilations, None), numbers("grad", grad)
    rows, columns = work.rows, work.columns
    shape = (len(work.x), rows.length, columns.length, work.kernel.shape[3])
    if grad.shape != shape:
        raise ShapeError(f"grad has shape {grad.shape}, and has to have the shape of the output: {shape}.")
    return Gradients(
        _exact(to_input, grad, work.kernel, work.groups, rows, columns),
        _exact(to_kernel, grad, work.x, work.kernel.shape, work.groups, rows, columns),
        grad.sum(axis=(0, 1, 2), dtype=_dtype(grad, grad, None)),
    )


def _exact(backward: Callable[..., Array], first: Array, second: Array, *of: Any) -> Array:
    """The sums in the dtype that `conv2d` has for these arrays; those of float16 are float32, and rounded once."""
    dtype = _dtype(first, second, None)
    sums = np.dtype(np.float32) if dtype == np.float16 else dtype
    return backward(first.astype(sums, copy=False), second.astype(sums, copy=False), *of).astype(dtype, copy=False)


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
    x, kernel = numbers("x", x), numbers("kernel", kernel)
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


def numbers(name: str, value: Any) -> Array:
    """An argument as an array of real numbers, or the error that `conv2d` raises."""
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
    bias = numbers("bias", value)
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
