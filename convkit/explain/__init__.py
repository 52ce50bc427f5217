"""Why a layer has the numbers that it has: layers -> a derivation, a line a step, as text, LaTeX and HTML."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from ..layers import Layer
    from ..model import Network
    from .derivation import Derivation, ModelDerivation

# `import convkit` imports this module, so that what derivations are made of is imported when one is made.


@overload  # a Network is a Layer, and the first that fits counts
def explain(layer: Sequence[Layer] | Network, *input_shapes: Any) -> ModelDerivation: ...  # type: ignore[overload-overlap]
@overload
def explain(layer: Layer, *input_shapes: Any) -> Derivation: ...
@overload
def explain(layer: Any, *input_shapes: Any) -> Any: ...
def explain(layer: Any, *input_shapes: Any) -> Any:
    """Parameters, output shape with its padding, pixels that are never read, and MACs, each with its steps.

    layer: a layer of ours or of Keras with its input shape, (height, width, channels) without the batch; a list of
    layers with the input shape of the first; a keras.Model. A layer with several inputs takes as many shapes.
    -> a Derivation, and for a model a ModelDerivation with one Derivation for each row of its summary.

    Formulas: the notes on padding of tf.nn, and the Keras documentation of each layer.
    Errors: ShapeError where a layer does not take the shape, ArgumentError for what is not a layer.

    >>> from convkit.layers import Conv2D
    >>> print(explain(Conv2D(filters=4, kernel_size=3), (6, 6, 2)))
    Conv2D(filters=4, kernel_size=(3, 3)) on (6, 6, 2)
    Parameters: 76
      each kernel spans 3 x 3 x 2 = 18 weights, plus 1 bias = 19; 4 kernels: 76
    Output shape: (4, 4, 4)
      height: without padding, a kernel over 3 rows of 6 can start at 6 - 3 + 1 = 4 positions
      width: without padding, a kernel over 3 columns of 6 can start at 6 - 3 + 1 = 4 positions
      channels, one for each filter: 4
    Multiply-accumulates: 1152
      each output value is a sum of 3 x 3 x 2 = 18 products
      output values: 4 x 4 x 4 = 64
      multiply-accumulates: 64 x 18 = 1152
      for one image; a multiply and its add count as one, the bias is not counted
    """
    from ..arguments import ArgumentError, without_batch
    from ..layers import Input, Layer
    from ..model import Network, chain
    from .model import explain_layer, explain_network

    shapes = tuple(map(without_batch, input_shapes))
    if isinstance(layer, (list, tuple)):
        return explain_network(chain(layer, *input_shapes))
    # A layer of Keras exists only where Keras is imported: other layers don't wait for the import.
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(layer, keras.Model):
        from ..from_keras import from_keras

        return explain_network(from_keras(layer))
    if isinstance(layer, Network):
        return explain_network(layer, *shapes)
    theirs = keras is not None and isinstance(layer, keras.layers.Layer)
    if not theirs and not isinstance(layer, Layer):
        raise ArgumentError(
            f"got {layer!r} ({type(layer).__name__}), and explain takes a layer such as Conv2D(2, 3) with an input "
            "shape, a list of layers with an input shape, or a keras.Model."
        )
    if not shapes and not isinstance(layer, Input):
        raise ArgumentError("the input shape is missing. Pass it after the layer, as in explain(layer, (8, 8, 1)).")
    if theirs:
        from ..from_keras import layer_from_keras

        layer = layer_from_keras(layer, *shapes)
    return explain_layer(layer, *shapes)
