"""How far a pixel reaches in a stack of layers, by TensorFlow."""

from __future__ import annotations


def responses(tf, layers, n, position):
    """How much an output changes with each of n x n pixels: each of them alone, through kernels of ones."""
    y = tf.reshape(tf.eye(n * n, dtype=tf.float64), (n * n, n, n, 1))
    for size, strides, rate in layers:
        y = tf.nn.conv2d(y, tf.ones((size, size, 1, 1), tf.float64), strides, "VALID", dilations=rate)
    return y.numpy()[:, position[0], position[1], 0].reshape(n, n)
