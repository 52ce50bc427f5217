"""How far a pixel reaches in a stack of layers, by TensorFlow."""

from __future__ import annotations


def responses(tf, layers, n, output):
    """How much an output changes with each of n pixels: each of them alone, through kernels of ones."""
    y = tf.reshape(tf.eye(n, dtype=tf.float64), (n, n, 1, 1))
    for size, strides, rate in layers:
        y = tf.nn.conv2d(y, tf.ones((size, 1, 1, 1), tf.float64), (strides, 1), "VALID", dilations=(rate, 1))
    return y.numpy()[:, output, 0, 0]
