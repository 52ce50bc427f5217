"""The correct results, by Keras and TensorFlow themselves, which are imported at the first call."""

from __future__ import annotations

from typing import Any

import numpy as np

from .quiet import quietly


def built_params(layer: str, in_channels: int, *args: int, **settings: Any) -> int:
    """Parameters of a layer of Keras with padding 'same', built for an image of a few pixels."""
    with quietly():
        import keras

        made = getattr(keras.layers, layer)(*args, padding="same", **settings)
        made.build((None, 8, 8, in_channels))
        return int(made.count_params())


def keras_params(kernel_size: int, in_channels: int, filters: int, groups: int = 1) -> int:
    """Parameters of a built `keras.layers.Conv2D`."""
    return built_params("Conv2D", in_channels, filters, kernel_size, groups=groups, kernel_initializer="zeros")


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


def tf_output_length(n: int, kernel_size: int, strides: int, padding: str) -> int:
    """Kernel positions along one axis, counted in the output of tf.nn.conv2d."""
    return len(tf_windows(n, kernel_size, strides, padding))


def tf_same_padding(n: int, kernel_size: int, strides: int) -> tuple[int, int]:
    """Zeros that tf.nn.conv2d reads before the first pixel and after the last one."""
    windows = tf_windows(n, kernel_size, strides, "SAME")
    return _leading_zeros(windows[0]), _leading_zeros(windows[-1][::-1])


def _leading_zeros(taps: np.ndarray) -> int:
    return int(np.argmax(taps > 0))


def tf_conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> np.ndarray:
    """tf.nn.conv2d itself, in float64."""
    with quietly():
        import tensorflow as tf

        y: np.ndarray = tf.nn.conv2d(np.float64(x), np.float64(kernel), strides, padding.upper()).numpy()
        return y


def tf_vertical_edge(image: np.ndarray) -> bool:
    """Does Sobel's filter for vertical edges, as TensorFlow ships it, find one?"""
    with quietly():
        import tensorflow as tf

        gradients: Any = tf.image.sobel_edges(tf.constant(image[None, :, :, None], tf.float32)).numpy()
    return bool(np.abs(gradients[..., 1]).max() > 1e-3)  # index 1 is the change from left to right


def tf_receptive_field(kernel_sizes: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """Pixels along one axis from the first to the last on which one value depends: by its gradient, on 400 pixels."""
    with quietly():
        import tensorflow as tf

        pixels = tf.Variable(np.ones((1, 400, 1, 1)))
        with tf.GradientTape() as tape:
            y = pixels
            for size, stride in zip(kernel_sizes, strides, strict=True):
                y = tf.nn.conv2d(y, np.ones((size, 1, 1, 1)), stride, "VALID")
            value = y[0, 0, 0, 0]
        read = np.flatnonzero(tape.gradient(value, pixels).numpy())
    return int(read[-1] - read[0] + 1)


def keras_dense_params(height: int, width: int, channels: int, units: int) -> int:
    """Parameters of a built `keras.layers.Dense` after Flatten. Large layers are counted by their units.

    A layer of 512 x 512 weights and more is built with 1 unit: each unit has the same number.
    """
    with quietly():
        import keras

        inputs = int(keras.layers.Flatten().compute_output_shape((None, height, width, channels))[-1])
        built = units if inputs * units < 512 * 512 else 1
        layer = keras.layers.Dense(built)
        layer.build((None, inputs))
        return int(layer.count_params()) // built * units


def tf_moved_right(image: np.ndarray) -> np.ndarray:
    """An image moved by one pixel to the right, zeros on the left."""
    with quietly():
        import tensorflow as tf

        moved: np.ndarray = tf.pad(image, [[0, 0], [1, 0]])[:, :-1].numpy()
        return moved
