"""One layer and its input shapes -> all sections of its derivation."""

from __future__ import annotations

from typing import Any

from ..layers import Layer
from .derivation import Derivation
from .macs import macs
from .output_shape import output_shape, unseen_pixels
from .parameters import parameters


def explain_layer(layer: Layer, *input_shapes: Any, number: int | None = None) -> Derivation:
    """A derivation; `number`, if given, is the layer's place in a model, and goes into the title."""
    sections = (
        parameters(layer, *input_shapes),
        output_shape(layer, *input_shapes),
        unseen_pixels(layer, *input_shapes),
        macs(layer, *input_shapes),
    )
    place = f"Layer {number}: " if number else ""
    on = f" on {' and '.join(map(str, input_shapes))}" if input_shapes else ""
    return Derivation(f"{place}{layer!r}{on}", tuple(section for section in sections if section))
