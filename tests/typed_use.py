"""How convkit is used, for mypy: `test_typing` checks this file. It is not run."""

from typing import Any, assert_type

import numpy as np
import numpy.typing as npt

import convkit
from convkit.explain.derivation import Derivation, ModelDerivation
from convkit.explain.trace import Trace
from convkit.layers import Conv2D, Dense, Flatten, Input, Layer

x = np.ones((1, 8, 8, 3), np.float32)
kernel = np.ones((3, 3, 3, 2), np.float32)
layers: list[Layer] = [Input((8, 8, 3)), Conv2D(filters=2, kernel_size=3, padding="same"), Flatten(), Dense(10)]

assert_type(convkit.output_length(8, kernel_size=3, strides=2, padding="same"), int)
assert_type(convkit.padding_amounts(8, kernel_size=3), tuple[int, int])
assert_type(convkit.unseen_pixels(8, kernel_size=3, strides=2), tuple[int, ...])
assert_type(convkit.receptive_field([(3, 1), (3, 2)]), int)
assert_type(convkit.conv2d(x, kernel, strides=(1, 2), padding=((1, 1), (0, 0)), bias=[0.0, 1.0]), npt.NDArray[Any])
assert_type(convkit.summary(layers, columns=["macs"], line_length=80), str)
assert_type(convkit.explain(Conv2D(2, 3), (8, 8, 3)), Derivation)
assert_type(convkit.explain(layers), ModelDerivation)
assert_type(convkit.trace(x, kernel, (0, 0)), Trace)
assert_type(convkit.layers.Conv2D(2, 3).count_params((8, 8, 3)), int)
assert_type(Conv2D(2, 3).output_shape((8, 8, 3)), tuple[int | None, int | None, int])

convkit.output_length(8)  # type: ignore[call-arg]
convkit.output_length("8", 3)  # type: ignore[arg-type]
convkit.nothing()  # type: ignore[attr-defined]
Conv2D(2)  # type: ignore[call-arg]
