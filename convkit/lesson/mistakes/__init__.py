"""What is known to go wrong: for every exercise its mistakes, each a wrong rule with words."""

from .conv2d import CONV2D, CONV2D_PATTERNS
from .counting import LAYER_PARAMS, POINTWISE_PARAMS, SECOND_LAYER_PARAMS
from .edges import KINDS, SHAPES, Kind
from .lengths import OUTPUT_LENGTH
from .mistake import Mistake, Pattern
from .padding import SAME_PADDING
from .pointwise import POINTWISE, POINTWISE_PATTERNS

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "layer-params": LAYER_PARAMS,
    "second-layer-params": SECOND_LAYER_PARAMS,
    "same-padding": SAME_PADDING,
    "output-length": OUTPUT_LENGTH,
    "pointwise-params": POINTWISE_PARAMS,
    "pointwise": POINTWISE,
    "conv2d": CONV2D,
}
PATTERNS: dict[str, tuple[Pattern, ...]] = {"pointwise": POINTWISE_PATTERNS, "conv2d": CONV2D_PATTERNS}

__all__ = ["KINDS", "MISTAKES", "PATTERNS", "SHAPES", "Kind", "Mistake", "Pattern"]
