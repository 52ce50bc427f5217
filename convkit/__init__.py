"""convkit: the convolution layer, taught. Everything here needs NumPy alone."""

from .arguments import ArgumentError, ShapeError
from .arithmetic import output_length, padding_amounts, receptive_field, unseen_pixels
from .explain import explain
from .layers import Conv2D
from .trace import trace

__version__ = "0.1.0"
__all__ = [
    "ArgumentError",
    "Conv2D",
    "ShapeError",
    "explain",
    "output_length",
    "padding_amounts",
    "receptive_field",
    "trace",
    "unseen_pixels",
]
