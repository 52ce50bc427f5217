"""Layers -> rows -> text, as Keras 3 and Keras 2 print it, and with columns of our own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

# `import convkit` imports this module, so that what a summary is made of is imported when one is made.


def summary(
    model: Any,
    style: str = "keras3",
    columns: str | Iterable[str] = (),
    *,
    input_shape: Any = None,
    name: str | None = None,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """What `model.summary()` prints, as text that ends in a newline.

    - model: a list of layers, or a `keras.Model`. A list that begins with an Input is printed as a functional model,
      with a row for the input; a list without one needs input_shape, and is printed as a Sequential.
    - style: "keras3", "keras2", or "keras2.10" (Keras 2 before sizes in bytes were added).
    - columns: added by convkit, at the right: "kernel", "macs", "receptive_field", "params_sum", or "all". The
      receptive field ignores the border of the image. With them, every column is as wide as it needs to be.
    - name: of the model.
    - line_length, positions, expand_nested, show_trainable, layer_range: as in Keras.

    Raises ShapeError, which names the layer that does not fit its input, and ArgumentError for any other argument.

    >>> from convkit.layers import Conv2D, Input
    >>> print(summary([Input((8, 8, 3)), Conv2D(2, 3), Conv2D(4, 3)], columns=["params_sum"]), end="")
    Model: "functional"
    ┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┓
    ┃ Layer (type)             ┃ Output Shape    ┃ Param # ┃ Param # as a sum ┃
    ┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━━━━┩
    │ input_layer (InputLayer) │ (None, 8, 8, 3) │       0 │ -                │
    ├──────────────────────────┼─────────────────┼─────────┼──────────────────┤
    │ conv2d (Conv2D)          │ (None, 6, 6, 2) │      56 │ (3*3*3 + 1) * 2  │
    ├──────────────────────────┼─────────────────┼─────────┼──────────────────┤
    │ conv2d_1 (Conv2D)        │ (None, 4, 4, 4) │      76 │ (3*3*2 + 1) * 4  │
    └──────────────────────────┴─────────────────┴─────────┴──────────────────┘
     Total params: 132 (528.00 B)
     Trainable params: 132 (528.00 B)
     Non-trainable params: 0 (0.00 B)
    """
    from functools import partial

    from ..arguments import ArgumentError, did_you_mean, whole
    from . import keras2, keras3
    from .rows import chosen, stops, within

    styles: dict[str, Callable[..., str]] = {
        "keras3": keras3.text,
        "keras2": keras2.text,
        "keras2.10": partial(keras2.text, sizes=False),
    }
    if not isinstance(style, str) or style not in styles:
        known = ", ".join(map(repr, styles))
        raise ArgumentError(f"style is {style!r}, and has to be one of {known}.{did_you_mean(style, styles)}")
    if name is not None and not isinstance(name, str):
        raise ArgumentError(f"name is {name!r}, and has to be text, such as name='model'.")
    if line_length is not None:
        line_length = whole("line_length", line_length)
    extra = chosen(columns)
    report = within(_report(model, input_shape, name, style, expand_nested, bool(extra)), layer_range)
    return _printable(styles[style](report, extra, line_length, stops(positions), show_trainable))


def _printable(text: str) -> str:
    """The text with escapes for characters that standard output can't encode, so that printing it never fails."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _report(model: Any, input_shape: Any, name: str | None, style: str, expand_nested: bool, with_figures: bool) -> Any:
    from dataclasses import replace

    from ..arguments import ArgumentError
    from ..layers import Layer
    from ..model import Network, chain
    from . import keras_rows, rows

    # A model of Keras exists only where Keras is imported: other models don't wait for the import.
    if "keras" in sys.modules and isinstance(model, sys.modules["keras"].Model):
        if input_shape is not None:
            raise ArgumentError("a model knows its input shape: input_shape belongs to a list of layers.")
        report = keras_rows.report(model, expand_nested, with_figures)
        return report if name is None else replace(report, name=name)
    if isinstance(model, (list, tuple, Layer)) and not isinstance(model, Network):
        return rows.report(chain(model, input_shape, name, style.partition(".")[0]), with_figures)
    raise ArgumentError(
        f"got a {type(model).__module__}.{type(model).__name__}, and summary takes a list of layers, such as "
        "[Input((8, 8, 1)), Conv2D(3, 2)], or a keras.Model of Keras 3."
    )
