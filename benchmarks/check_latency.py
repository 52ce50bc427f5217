"""`convkit.check` against building one Keras layer, the quickest way to ask the real framework.

    python -m benchmarks.check_latency [ROUNDS]

A check tries its whole table of cases and looks for known mistakes; the layer is built once and counted, with
TensorFlow loaded. The answers are right, wrong in a known way, and wrong in no known way: the last takes longest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import numpy as np

import convkit
from benchmarks._timing import in_turns, readable, show, typical
from convkit.lesson.oracles import keras_params


def counted(bias: int) -> Callable[[int, int, int], int]:
    """Parameters with this many biases for each filter."""
    return lambda kernel_size, in_channels, filters: (kernel_size**2 * in_channels + bias) * filters


def in_loops(sign: int, scale: float) -> Callable[..., np.ndarray]:
    """A convolution in two loops, as the notebook asks for it; sign -1 flips the kernel."""

    def conv2d(x: np.ndarray, kernel: np.ndarray, strides: int, padding: str) -> np.ndarray:
        kernel = kernel[::sign, ::sign]
        if padding == "SAME":
            rows, columns = (convkit.padding_amounts(x.shape[1 + i], kernel.shape[i], strides) for i in (0, 1))
            x = np.pad(x, ((0, 0), rows, columns, (0, 0)))
        height, width = ((x.shape[1 + i] - kernel.shape[i]) // strides + 1 for i in (0, 1))
        y = np.zeros((len(x), height, width, kernel.shape[3]))
        for i, j in np.ndindex(height, width):
            top, left = i * strides, j * strides
            y[:, i, j] = np.tensordot(x[:, top : top + kernel.shape[0], left : left + kernel.shape[1]], kernel, 3)
        return y * scale

    return conv2d


ANSWERS: list[tuple[str, Callable[..., object]]] = [
    ("layer-params", counted(1)),
    ("layer-params", counted(0)),
    ("layer-params", counted(5)),
    ("conv2d", in_loops(1, 1.0)),
    ("conv2d", in_loops(-1, 1.0)),
    ("conv2d", in_loops(1, 7.0)),
]


def main(rounds: int = 15) -> None:
    """Measure and print."""
    calls = [partial(convkit.check, *answer) for answer in ANSWERS]
    layer, *checks = (typical(taken) for taken in in_turns([partial(keras_params, 3, 2, 4), *calls], rounds))
    rows = [["one Keras layer, built and counted", readable(layer), "1.00"]]
    for (name, answer), taken in zip(ANSWERS, checks, strict=True):
        verdict = convkit.check(name, answer)
        how = "right" if verdict.right else " + ".join(verdict.mistakes) or "no known mistake"
        rows.append([f"check {name}: {how}", readable(taken), f"{taken / layer:.2f}"])
    show("convkit.check, medians", ["", "time", "/ a Keras layer"], rows)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
