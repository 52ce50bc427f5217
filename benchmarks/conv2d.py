"""conv2d against TensorFlow, SciPy, plain Python, and the limit: one matrix product of the same size.

    python -m benchmarks.conv2d [ROUNDS]

Ratios are convkit's time over the other's, of the quickest turn and of the median turn: below 1, convkit is faster.
TensorFlow runs eagerly, once on tensors that are ready, once from NumPy arrays to a NumPy array.
SciPy and plain Python compute a part, and are scaled up: the whole would take minutes.
"""

from __future__ import annotations

import itertools
import math
import os
import sys
import tracemalloc
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import scipy.signal
import tensorflow as tf

from benchmarks._timing import in_turns, readable, seconds, show
from convkit import conv2d


class Size(NamedTuple):
    """One convolution, NHWC, float32, VALID."""

    x: tuple[int, int, int, int]
    kernel: tuple[int, int, int, int]
    stride: int = 1

    def __str__(self) -> str:
        stride = f" /{self.stride}" if self.stride > 1 else ""
        return f"{'x'.join(map(str, self.x))} * {'x'.join(map(str, self.kernel))}{stride}"


SIZES = [
    Size((1, 8, 8, 3), (3, 3, 3, 2)),
    Size((1, 28, 28, 1), (3, 3, 1, 32)),
    Size((32, 28, 28, 32), (3, 3, 32, 64)),
    Size((1, 224, 224, 3), (7, 7, 3, 64), 2),
    Size((8, 56, 56, 64), (3, 3, 64, 64)),
    Size((8, 56, 56, 64), (1, 1, 64, 128)),
]


def one_product(size: Size, places: int):
    """Patches that are there already, times the kernel, into an array that is there already."""
    patches = np.random.rand(places, math.prod(size.kernel[:3])).astype("float32")
    kernel = np.random.rand(patches.shape[1], size.kernel[3]).astype("float32")
    out = np.empty((places, size.kernel[3]), "float32")
    return lambda: np.matmul(patches, kernel, out=out)


def scipy_seconds(x: np.ndarray, kernel: np.ndarray, stride: int) -> float:
    """scipy.signal has one image and one filter a call: the quicker of two calls, times images and filters."""
    one = [seconds(lambda: scipy.signal.correlate(x[0], kernel[..., 0], "valid")[::stride, ::stride]) for _ in range(2)]
    return min(one) * len(x) * kernel.shape[3]


def python_seconds(x: np.ndarray, kernel: np.ndarray, places: int) -> float:
    """Loops over lists: the time of one output, times the number of outputs."""
    image, taps = x[0].tolist(), kernel.tolist()
    height, width, channels, filters = kernel.shape

    def one_output() -> float:
        total = 0.0
        for i, j, channel in itertools.product(range(height), range(width), range(channels)):
            total += image[i][j][channel] * taps[i][j][channel][0]
        return total

    return min(seconds(one_output, 20) for _ in range(5)) * places * filters


def peak_bytes(call) -> int:
    """The most memory that a call held at a time, its result included."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure(size: Size, rounds: int) -> tuple[list[str], list[str], float]:
    """A row of times, a row of memory, and the ratio to TensorFlow."""
    x, kernel = (np.random.rand(*shape).astype("float32") for shape in (size.x, size.kernel))
    tensors = tf.constant(x), tf.constant(kernel)
    out = conv2d(x, kernel, size.stride)
    np.testing.assert_allclose(out, tf.nn.conv2d(*tensors, size.stride, "VALID").numpy(), rtol=1e-3)
    places = out.size // out.shape[3]
    turns = in_turns(
        [
            lambda: conv2d(x, kernel, size.stride),
            lambda: tf.nn.conv2d(*tensors, size.stride, "VALID"),
            lambda: tf.nn.conv2d(x, kernel, size.stride, "VALID").numpy(),
            one_product(size, places),
        ],
        rounds,
    )
    best, median = [[pick(taken) for taken in turns] for pick in (min, np.median)]
    both = [f"{best[0] / best[i]:.2f} {median[0] / median[i]:.2f}" for i in (1, 2, 3)]
    slow = [best[0] / scipy_seconds(x, kernel, size.stride), best[0] / python_seconds(x, kernel, places)]
    times = [str(size), readable(best[0]), readable(best[1]), *both, *(f"1/{1 / ratio:.0f}" for ratio in slow)]
    peak = peak_bytes(lambda: conv2d(x, kernel, size.stride)) - out.nbytes
    patches = places * math.prod(size.kernel[:3]) * 4
    memory = [str(size), *(f"{held / 2**20:.2f}" for held in (x.nbytes, out.nbytes, peak, patches))]
    return times, memory, best[0] / best[1]


def main(rounds: int = 60) -> None:
    """Measure and print."""
    times, memory, ratios = zip(*(measure(size, rounds) for size in SIZES), strict=True)
    mean = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
    show(
        "conv2d, float32: times of the quickest turn, and ratios (quickest, median)",
        ["input * kernel / stride", "convkit", "TF", "/ TF", "/ TF, arrays", "/ product", "/ SciPy", "/ Python"],
        times,
        f"Geometric mean of the ratios to TensorFlow: {mean:.2f}. The largest: {max(ratios):.2f}. {rounds} rounds.",
    )
    show(
        "MiB held at the peak of one call",
        ["input * kernel / stride", "input", "output", "beside them", "all patches at once"],
        memory,
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
