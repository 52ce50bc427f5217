"""What every layer answers: which shape comes out, which weights it holds, and how far it looks.

Shapes are those of one image or one vector, without the batch axis, channels last.
A size that is not known yet is None. `Input` and `Other`, the placeholder for a layer of Keras that convkit does not
know, are here as well.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from ..arguments import (
    ArgumentError,
    PaddingMode,
    ShapeError,
    did_you_mean,
    image_shape,
    items,
    padding_word,
    whole,
    without_batch,
)

Size = int | None
Shape = tuple[Size, ...]
ImageShape = tuple[Size, Size, int]
Activation = str | Callable[..., Any] | None

# Which positions of its input one output reads: those in a window, all of them, or not known.
View = Literal["window", "all", "unknown"]

# The words that Keras 3 takes for an activation.
ACTIVATIONS = {
    *("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu"),
    *("hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu"),
    *("relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold"),
}


@dataclass(frozen=True)
class Weight:
    """One array of parameters: what it is called in Keras, its shape, and whether training changes it."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True
    dtype: str = "float32"

    @property
    def count(self) -> int:
        return math.prod(self.shape)


# Arguments of Keras that a layer takes and does not use, each with the values that it may have; empty is any value.
Unused = dict[str, tuple[Any, ...]]
ANY: tuple[Any, ...] = ()
CHANNELS_LAST: Unused = {"data_format": (None, "channels_last")}
LAST_AXIS: Unused = {"axis": (-1, 3)}
OF_ALL: Unused = {"activity_regularizer": ANY, "autocast": ANY}  # of every layer of Keras


def of_weights(*weights: str) -> Unused:
    """What Keras takes for each of these weights, in its order: it changes numbers, and neither shapes nor counts."""
    start = {f"{weight}_{kind}": ANY for kind in ("initializer", "regularizer") for weight in weights}
    return {**start, "activity_regularizer": ANY, **{f"{weight}_constraint": ANY for weight in weights}}


class _LayerType(type):
    """Lets a layer be written with the arguments that it has in Keras, its unused ones included."""

    if not TYPE_CHECKING:  # type checkers read the arguments of the dataclasses

        def __call__(cls, *args: Any, **arguments: Any) -> Any:
            own = {field.name for field in dataclasses.fields(cls)}
            given = {name: _plain(value) for name, value in _by_name(cls, args, arguments).items()}
            for name in given.keys() - own:
                _check_unused(cls, name, given.pop(name), own)
            if not isinstance(given.get("name"), str | None):
                raise ArgumentError(f"name is {given['name']!r}, and has to be text, such as name='first'.")
            if "dtype" in given:
                given["dtype"] = _weight_dtype(given["dtype"])
            return super().__call__(**given)


def positional(cls: type[Layer]) -> list[str]:
    """The names of a layer's arguments in the order of Keras.

    >>> from convkit.layers import MaxPooling2D
    >>> positional(MaxPooling2D)
    ['pool_size', 'strides', 'padding', 'data_format']
    """
    own = [field.name for field in dataclasses.fields(cls) if field.name not in COMMON]
    return list(dict.fromkeys([*cls.order, *own, *cls.unused]))


def _by_name(cls: type[Layer], args: tuple[Any, ...], arguments: dict[str, Any]) -> dict[str, Any]:
    names = positional(cls)
    if len(args) > len(names):
        shown = ", ".join(names) or "none"
        raise ArgumentError(f"{cls.__name__} got {len(args)} arguments without a name, and takes {shown}.")
    found = dict(zip(names, args, strict=False))
    if twice := found.keys() & arguments.keys():
        raise ArgumentError(f"{cls.__name__} got {min(twice)} twice: by its position and by its name.")
    return found | arguments


def _plain(value: Any) -> Any:
    """A NumPy array as a list, and a number of NumPy as one of Python."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


# Keras' dtype policies whose weights have another dtype than the computation.
POLICIES = {"mixed_float16": "float32", "mixed_bfloat16": "float32"}
DTYPE = re.compile(r"(?:bfloat|float|u?int|complex)\d+\w*|bool|string")
COMMON_DTYPES = ("float16", "bfloat16", "float32", "float64", "int32", "int64")


def _weight_dtype(dtype: Any) -> str:
    """The dtype of a layer's weights, from a word, a dtype of NumPy or TensorFlow, a policy of Keras, or None.

    >>> _weight_dtype(None), _weight_dtype(np.float16), _weight_dtype("mixed_float16")
    ('float32', 'float16', 'float32')
    """
    word = getattr(dtype, "name", getattr(dtype, "__name__", dtype)) if dtype is not None else "float32"
    word = POLICIES.get(word, word) if isinstance(word, str) else word
    if not isinstance(word, str) or not DTYPE.fullmatch(word):
        hint = did_you_mean(word, COMMON_DTYPES) or " Use a word such as 'float32'."
        raise ArgumentError(f"dtype is {dtype!r}, which is not a dtype of weights.{hint}")
    return word


def _check_unused(cls: type[Layer], name: str, value: Any, own: set[str]) -> None:
    known = OF_ALL | cls.unused
    if name in known:
        accepted = known[name]
        if accepted and value not in accepted:
            values = " or ".join(repr(one) for one in accepted if one is not None) or "None"
            why = (
                "in convkit channels are the last axis" if name in CHANNELS_LAST | LAST_AXIS else "convkit has no other"
            )
            raise ArgumentError(f"{name} is {value!r}, and {why}: {name}={values}.")
    elif name in ("input_shape", "batch_input_shape", "batch_shape", "input_dim"):
        begin = "Begin the list of layers with Input, such as Input((8, 8, 1))."
        shape = "Give the shape without the batch: Input((8, 8, 1), batch_size=4)."
        raise ArgumentError(f"{cls.__name__} takes no {name}. {shape if 'shape' in own else begin}")
    else:
        hint = did_you_mean(name, [*own, *known])
        raise ArgumentError(f"{cls.__name__} has no argument {name!r} in convkit.{hint}")


@dataclass(frozen=True, kw_only=True, repr=False)
class Layer(metaclass=_LayerType):
    """A layer as a value: arguments in, questions answered. It holds no numbers to train.

    name: None until a network names it as Keras would. trainable: False freezes the weights. dtype: of the weights.
    """

    unused: ClassVar[Unused] = {}
    order: ClassVar[tuple[str, ...]] = ()  # the first arguments in Keras' order, where it is not that of the fields

    name: str | None = None
    trainable: bool = True
    dtype: str = "float32"

    @property
    def kind(self) -> str:
        """The name of its class, as Keras prints it."""
        return type(self).__name__

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The shape that comes out; most layers leave it as it is."""
        return any_shape(*input_shapes)

    def output_shapes(self, *input_shapes: Any) -> tuple[Shape, ...]:
        """All shapes that come out; nearly every layer has one."""
        return (self.output_shape(*input_shapes),)

    def weights(self, *input_shapes: Any) -> tuple[Weight, ...]:
        """The arrays that Keras would create for this input shape."""
        return ()

    def count_params(self, *input_shapes: Any) -> int:
        """Numbers in all weights together, trained or not."""
        return sum(weight.count for weight in self.weights(*input_shapes))

    def params_sum(self, *input_shapes: Any) -> str:
        """The terms of `count_params`, such as (3*3*2 + 1) * 4; empty for a layer without weights."""
        return ""

    def macs(self, *input_shapes: Any) -> int | None:
        """Multiply-accumulates for one image; None when a size is not known. Bias, pooling, scaling: not counted."""
        return 0

    def view(self, *input_shapes: Any) -> View:
        """Which positions of its input one output reads: the window of `reach`, all of them, or not known."""
        return "window"

    def reach(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(span, stride) along height and along width: what the receptive field is made of."""
        return (1, 1), (1, 1)

    def shift(self, input_shape: Any) -> tuple[int, int]:
        """Pixels above and left of the image that the first window begins at."""
        return 0, 0

    @property
    def window_size(self) -> tuple[int, int] | None:
        """(height, width) of the kernel or pool, without dilation; None for a layer that has none."""
        return None

    def __repr__(self) -> str:
        own = [field for field in dataclasses.fields(self) if field.name not in COMMON]
        common = [field for field in dataclasses.fields(self) if field.name in COMMON]
        said = [(field.name, getattr(self, field.name)) for field in own + common if _was_said(self, field)]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in said)})"

    def _put(self, **values: Any) -> None:
        for name, value in values.items():  # a layer is frozen; here its arguments get their one normal form
            object.__setattr__(self, name, value)


COMMON = frozenset(field.name for field in dataclasses.fields(Layer))


def _was_said(layer: Layer, field: dataclasses.Field[Any]) -> bool:
    return bool(field.default is dataclasses.MISSING or getattr(layer, field.name) != field.default)


def image(input_shape: Any) -> ImageShape:
    """(height, width, channels) of one image; height and width may be None, and a batch axis of None may lead.

    >>> image((None, None, 3)), image((None, 8, 8, 3))
    ((None, None, 3), (8, 8, 3))
    """
    shape = without_batch(input_shape)
    if not isinstance(shape, tuple) or len(shape) != 3 or shape[2] is None:
        return image_shape(shape)  # raises, with the sentence for this case
    height, width, channels = image_shape(tuple(1 if size is None else size for size in shape))
    return (None if shape[0] is None else height), (None if shape[1] is None else width), channels


def any_shape(*input_shapes: Any) -> Shape:
    """The one input shape of a layer that takes any rank."""
    sizes = items(input_shapes[0]) if len(input_shapes) == 1 else None
    if sizes is None:
        raise ShapeError(
            f"a layer with one input has one input shape, such as (8, 8, 1) or (10,); got {input_shapes!r}."
        )
    return tuple(None if size is None else whole(f"input_shape[{i}]", size, least=0) for i, size in enumerate(sizes))


def last_axis(input_shape: Shape) -> int:
    """The channels of an image, or the length of a vector."""
    if not input_shape or input_shape[-1] is None:
        raise ShapeError(f"the last size of the input shape has to be known, as in (8, 8, 1); got {input_shape!r}.")
    return input_shape[-1]


def layer_padding(padding: Any) -> PaddingMode:
    """'valid' or 'same': a layer takes no explicit amounts."""
    if not isinstance(padding, str):
        raise ArgumentError(
            f"padding is {padding!r}, and a layer's padding has to be 'valid' or 'same'. "
            "For explicit amounts use convkit.conv2d, or a ZeroPadding2D layer before this one."
        )
    return padding_word(padding)


def activation_word(activation: Any) -> Activation:
    """The name of an activation in Keras, a function, or None.

    >>> activation_word("rleu")
    Traceback (most recent call last):
    convkit.arguments.ArgumentError: activation is 'rleu', which Keras does not know. Did you mean 'relu'?
    """
    if activation is None or callable(activation) or (isinstance(activation, str) and activation in ACTIVATIONS):
        return activation
    known = " Use a word such as 'relu' or 'softmax', a function, or None."
    hint = did_you_mean(str(activation).lower(), ACTIVATIONS) or known
    raise ArgumentError(f"activation is {activation!r}, which Keras does not know.{hint}")


def times(*sizes: Size) -> int | None:
    """The product of sizes, or None when one is not known."""
    return None if None in sizes else math.prod(size for size in sizes if size is not None)


@dataclass(frozen=True, repr=False)
class Input(Layer):
    """The shape of one input, without the batch axis: `keras.Input`. A size that may change is None.

    >>> Input((8, 8, 3)).output_shape()
    (8, 8, 3)
    """

    unused: ClassVar[Unused] = {
        "sparse": (None, False),
        "ragged": (None, False),
        "tensor": (None,),
        "optional": (False,),
    }
    order: ClassVar[tuple[str, ...]] = ("shape", "batch_size", "dtype", "sparse", "ragged")

    shape: Any
    batch_size: int | None = None

    def __post_init__(self) -> None:
        shape = items(self.shape)
        if shape is None:
            raise ShapeError(f"shape is {self.shape!r}, and has to be a shape without the batch, such as (8, 8, 1).")
        sizes = (None if size is None else whole(f"shape[{i}]", size) for i, size in enumerate(shape))
        self._put(shape=tuple(sizes))
        if self.batch_size is not None:
            self._put(batch_size=whole("batch_size", self.batch_size))

    @property
    def kind(self) -> str:
        """Keras prints the layer behind `keras.Input`."""
        return "InputLayer"

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The shape itself."""
        return tuple(self.shape)


@dataclass(frozen=True, repr=False)
class Other(Layer):
    """A layer of Keras that convkit does not know, with the class name, output shapes and weights that Keras has.

    outputs is one shape with its batch axis, or a tuple, list or dict of them; None is not known.
    calls holds (input shapes, outputs) of each call, for a layer that is called on several shapes.
    """

    class_name: str = "Layer"
    outputs: Any = None
    kept: tuple[Weight, ...] = ()
    calls: tuple[tuple[tuple[Shape, ...], Any], ...] = ()

    @property
    def kind(self) -> str:
        """Keras' own class name."""
        return self.class_name

    def output_shape(self, *input_shapes: Any) -> Shape:
        """The first output shape, without the batch axis."""
        shapes = self.output_shapes(*input_shapes)
        if not shapes:
            raise ShapeError(f"the output shape of this {self.class_name} layer is not known.")
        return shapes[0]

    def output_shapes(self, *input_shapes: Any) -> tuple[Shape, ...]:
        """All output shapes, without the batch axis."""
        outputs = next((given for taken, given in self.calls if taken == input_shapes), self.outputs)
        return tuple(shape[1:] for shape in flat_shapes(outputs))

    def weights(self, *input_shapes: Any) -> tuple[Weight, ...]:
        """The weights that Keras has."""
        return self.kept

    def macs(self, *input_shapes: Any) -> int | None:
        """Not known."""
        return None

    def view(self, *input_shapes: Any) -> View:
        """Not known."""
        return "unknown"


def is_shape(value: Any) -> bool:
    """A tuple of sizes, and not a tuple of shapes."""
    return isinstance(value, tuple) and all(size is None or isinstance(size, int) for size in value)


def flat_shapes(outputs: Any) -> list[Shape]:
    """The shapes in a shape, or in a tuple, list or dict of shapes, in order."""
    if outputs is None:
        return []
    if is_shape(outputs):
        return [outputs]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    return [shape for value in values for shape in flat_shapes(value)]
