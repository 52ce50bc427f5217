"""What Keras and TensorFlow themselves answer. Imported late: TensorFlow takes long.

A process that has not loaded it may have another one answer, which has: see `answered_by`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from .quiet import quietly

F = TypeVar("F", bound=Callable[..., Any])
Elsewhere = Callable[[str, tuple[Any, ...]], Any]  # the name of an oracle and its arguments -> what it answers

ORACLES: dict[str, Callable[..., Any]] = {}
_elsewhere: Elsewhere | None = None


def answered_by(elsewhere: Elsewhere | None) -> None:
    """Let another process answer for all oracles from now on; None for this one."""
    global _elsewhere
    _elsewhere = elsewhere


def oracle(function: F) -> F:
    """An oracle, which may be asked here or elsewhere. It is called by position."""
    ORACLES[function.__name__] = function

    @wraps(function)
    def ask(*args: Any) -> Any:
        return function(*args) if _elsewhere is None else _elsewhere(function.__name__, args)

    return cast(F, ask)


@oracle
def keras_params(kernel_size: int, in_channels: int, filters: int) -> int:
    """Parameters of a built `keras.layers.Conv2D`."""
    return _count(kernel_size, in_channels, filters)


def _count(kernel_size: int, in_channels: int, filters: int) -> int:
    with quietly():
        import keras

        layer = keras.layers.Conv2D(filters, kernel_size, padding="same")
        layer.build((None, 8, 8, in_channels))
        return int(layer.count_params())


@oracle
def keras_second_layer_params(filters: int) -> int:
    """Parameters of the lesson's second layer, on the channels that the first layer makes."""
    return _count(3, 2, filters)


@oracle
def keras_pointwise_params(in_channels: int, filters: int) -> int:
    """Parameters of a built 1x1 `keras.layers.Conv2D`."""
    return _count(1, in_channels, filters)


def tf_windows(n: int, kernel_size: int, strides: int, padding: str) -> np.ndarray:
    """What each kernel position reads along one axis, as (position, tap): pixels by their number, zero for padding.

    tf.nn.conv2d with one kernel per tap: each output channel shows the pixel under its tap.
    """
    with quietly():
        import tensorflow as tf

        pixels = np.arange(1, n + 1, dtype=np.float32).reshape(1, n, 1, 1)
        taps = np.eye(kernel_size, dtype=np.float32).reshape(kernel_size, 1, 1, kernel_size)
        windows: np.ndarray = tf.nn.conv2d(pixels, taps, strides, padding.upper()).numpy()[0, :, 0, :]
        return windows


@oracle
def tf_output_length(n: int, kernel_size: int, strides: int, padding: str) -> int:
    """Kernel positions along one axis, counted in what tf.nn.conv2d gives back."""
    return len(tf_windows(n, kernel_size, strides, padding))


@oracle
def tf_same_padding(n: int, kernel_size: int, strides: int) -> tuple[int, int]:
    """Zeros that tf.nn.conv2d reads before the first pixel and after the last one."""
    windows = tf_windows(n, kernel_size, strides, "SAME")
    return _leading_zeros(windows[0]), _leading_zeros(windows[-1][::-1])


def _leading_zeros(taps: np.ndarray) -> int:
    return int(np.argmax(taps > 0))


@oracle
def tf_conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> np.ndarray:
    """tf.nn.conv2d itself, in float64."""
    with quietly():
        import tensorflow as tf

        y: np.ndarray = tf.nn.conv2d(np.float64(x), np.float64(kernel), strides, padding.upper()).numpy()
        return y


@oracle
def tf_pointwise(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A 1x1 tf.nn.conv2d over one image (h, w, c_in) with weights (c_in, filters)."""
    return tf_conv2d(image[None], weights[None, None], 1, "VALID")[0]


@oracle
def tf_vertical_edge(image: np.ndarray) -> bool:
    """Does Sobel's filter for vertical edges, as TensorFlow ships it, find one?"""
    with quietly():
        import tensorflow as tf

        gradients: Any = tf.image.sobel_edges(tf.constant(image[None, :, :, None], tf.float32)).numpy()
    return bool(np.abs(gradients[..., 1]).max() > 1e-3)  # index 1 is the change from left to right
