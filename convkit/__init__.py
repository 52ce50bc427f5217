"""convkit: the convolution layer, taught. Everything here needs NumPy alone."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .arguments import ArgumentError, ShapeError
from .arithmetic import output_length, padding_amounts, receptive_field, unseen_pixels
from .explain import explain
from .from_keras import from_keras
from .layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
    LayerNormalization,
    MaxPooling2D,
    Multiply,
    Normalization,
    ReLU,
    Rescaling,
    Reshape,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding2D,
)
from .ops import conv2d
from .summary import summary
from .trace import trace

if TYPE_CHECKING:
    from . import explore, picture
    from .explore import animate
    from .lesson.practice import Practice
    from .lesson.verdict import Verdict

__version__ = "0.1.0"
__all__ = [
    "Activation",
    "Add",
    "ArgumentError",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Input",
    "LayerNormalization",
    "MaxPooling2D",
    "Multiply",
    "Normalization",
    "ReLU",
    "Rescaling",
    "Reshape",
    "SeparableConv2D",
    "ShapeError",
    "UpSampling2D",
    "ZeroPadding2D",
    "animate",
    "check",
    "conv2d",
    "explain",
    "explore",
    "from_keras",
    "output_length",
    "padding_amounts",
    "picture",
    "practice",
    "receptive_field",
    "summary",
    "trace",
    "unseen_pixels",
]


def __getattr__(name: str) -> Any:
    """Pictures and explorers are imported when they are asked for."""
    if name not in ("animate", "explore", "picture"):
        raise AttributeError(f"module 'convkit' has no attribute {name!r}")
    module = importlib.import_module(".picture" if name == "picture" else ".explore", __name__)
    return module.animate if name == "animate" else module


def check(exercise_id: str, answer: Any) -> Verdict:
    """What is seen of a student's answer, shown in a notebook at once: see `convkit.lesson.check`.

    >>> check("pointwise-params", lambda in_channels, filters: in_channels * filters).mistakes
    ('no-bias',)
    """
    from .lesson.check import check

    return check(exercise_id, answer)


def practice(exercise_id: str, level: int | None = None, seed: int | None = None) -> Practice:
    """A fresh question, with `.check(value)`, `.next()` and `.solution()`: see `convkit.lesson.practice`.

    >>> practice("output-length", level=2, seed=5).share()
    'convkit.practice("output-length", level=2, seed=5)'
    """
    from .lesson.practice import practice

    return practice(exercise_id, level, seed)
