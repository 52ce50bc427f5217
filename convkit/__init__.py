"""convkit: the convolution layer, taught. Its arithmetic, conv2d, layers and summaries need NumPy alone."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Bound now, because each has the name of its own package: an import of, say, `convkit.summary.rows` would bind that.
from .explain import explain
from .summary import summary

if TYPE_CHECKING:
    from gradekit.exercise.practice import Practice
    from gradekit.exercise.verdict import Verdict

    from . import explore, layers, picture
    from .arguments import ArgumentError, ShapeError
    from .arithmetic import output_length, padding_amounts, receptive_field, unseen_pixels
    from .explain.trace import trace
    from .explore import animate
    from .ops import conv2d, conv2d_grad, conv2d_transpose, depthwise_conv2d

__version__ = "0.1.0"
__all__ = [
    "ArgumentError",
    "ShapeError",
    "animate",
    "check",
    "conv2d",
    "conv2d_grad",
    "conv2d_transpose",
    "depthwise_conv2d",
    "explain",
    "explore",
    "layers",
    "output_length",
    "padding_amounts",
    "picture",
    "practice",
    "receptive_field",
    "summary",
    "trace",
    "unseen_pixels",
]

# Imported at first use, so that `import convkit` takes no longer than `import numpy`.
_MODULES = {
    **{name: f".{name}" for name in ("explore", "layers", "picture")},
    **dict.fromkeys(("ArgumentError", "ShapeError"), ".arguments"),
    **dict.fromkeys(("output_length", "padding_amounts", "receptive_field", "unseen_pixels"), ".arithmetic"),
    **dict.fromkeys(("conv2d", "conv2d_grad", "conv2d_transpose", "depthwise_conv2d"), ".ops"),
    "animate": ".explore.animation",
    "trace": ".explain.trace",
}


if not TYPE_CHECKING:  # type checkers know the names from above

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module 'convkit' has no attribute {name!r}")
        module = importlib.import_module(_MODULES[name], __name__)
        globals()[name] = found = module if _MODULES[name] == f".{name}" else getattr(module, name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})


def check(exercise_id: str, answer: Any) -> Verdict:
    """Try a student's answer on small cases, and show what happened at once: see `gradekit.check`.

    >>> check("pointwise-params", lambda in_channels, filters: in_channels * filters).mistakes
    ('no-bias',)
    """
    from gradekit.exercise.verdict import check

    return check(exercise_id, answer)


def practice(exercise_id: str, level: int | None = None, seed: int | None = None) -> Practice:
    """A fresh question, with `.check(value)`, `.next()` and `.solution()`: see `gradekit.practice`.

    >>> practice("output-length", level=2, seed=5).share()
    'convkit.practice("output-length", level=2, seed=5)'
    """
    from gradekit.exercise.practice import practice

    return practice(exercise_id, level, seed, package="convkit")
