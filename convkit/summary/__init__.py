"""Layers -> rows -> text, as Keras 3 and Keras 2 print it, and with columns of our own."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from ..arguments import ArgumentError
from ..from_keras import from_keras
from ..layers import Layer
from ..model import Network, chain
from . import keras2, keras3
from .columns import chosen
from .rows import Amount, Report, Row, report

STYLES: dict[str, Callable[..., str]] = {
    "keras3": keras3.text,
    "keras2": keras2.text,  # as its last version, which is still published as tf_keras
    "keras2.10": partial(keras2.text, sizes=False),  # no sizes in bytes yet, as many older lessons show it
}

__all__ = ["STYLES", "Amount", "Report", "Row", "report", "summary"]


def summary(
    model: Any,
    style: str = "keras3",
    columns: str | Iterable[str] = (),
    *,
    input_shape: Any = None,
    name: str | None = None,
    width: int | None = None,
    show_trainable: bool = False,
    expand_nested: bool = False,
) -> str:
    """What `model.summary()` prints, as text that ends in a newline.

    model: a list of layers, a `keras.Model`, or what `from_keras` gives. A list that begins with an Input is printed
    as a functional model, input row included; a list without one needs input_shape, and is printed as a Sequential.
    style: "keras3", "keras2", or "keras2.10" (Keras 2 before sizes in bytes were added).
    columns: of our own, at the right: "kernel", "macs", "receptive_field", "params_sum", or "all". The receptive field
    ignores the border of the image. With them all columns are as wide as they need to be.
    name: of the model. width: in characters; without it what Keras 3 takes from the terminal, and Keras 2 always has.
    show_trainable: a column of Y and N. expand_nested: rows for the layers of models within the model, Keras 3 only.
    Errors: ShapeError says which layer does not fit its input, ArgumentError what else cannot be.

    >>> from convkit import Conv2D, Input
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
    if style not in STYLES:
        near = difflib.get_close_matches(str(style), STYLES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ArgumentError(f"style is {style!r}, and has to be one of {', '.join(map(repr, STYLES))}.{hint}")
    if expand_nested and style != "keras3":
        raise ArgumentError("expand_nested=True is drawn in style='keras3' only.")
    found = report(_network(model, input_shape, name, style), expand_nested)
    return STYLES[style](found, chosen(columns), width, show_trainable)


def _network(model: Any, input_shape: Any, name: str | None, style: str) -> Network:
    network = model if isinstance(model, Network) else None
    if network is None and _is_keras(model):
        network = from_keras(model)
    if network is None:
        return chain(_layers(model), input_shape, name, style.partition(".")[0])
    if input_shape is not None:
        raise ArgumentError("a model knows its input shape. Leave out input_shape, which belongs to a list of layers.")
    return network if name is None else replace(network, name=name)


def _is_keras(model: Any) -> bool:
    # Who holds a model of Keras has imported it; nobody else has to wait for the import.
    return "keras" in sys.modules and isinstance(model, sys.modules["keras"].Model)


def _layers(model: Any) -> Any:
    if isinstance(model, (list, tuple, Layer)):
        return model
    raise ArgumentError(
        f"got a {type(model).__module__}.{type(model).__name__}, and summary takes a list of layers, such as "
        "[Input((8, 8, 1)), Conv2D(3, 2)], or a keras.Model of Keras 3."
    )
