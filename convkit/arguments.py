"""What a caller passes -> clean whole numbers, pairs and words, or an error that says what would work."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable
from typing import Any, Literal

PaddingMode = Literal["valid", "same"]
PADDING_MODES: tuple[PaddingMode, ...] = ("valid", "same")

# A pair of pixels along one axis: (before, after).
Amounts = tuple[int, int]


class ShapeError(ValueError):
    """Sizes that do not go together. The message gives the numbers and what would fit."""


class ArgumentError(ValueError, TypeError):
    """A value that no layer can have: text for a number, a stride of 0, a word that is not a padding.

    It is a ValueError and a TypeError, because callers of Keras and tf.nn meet either for the same slip.
    """


def whole(name: str, value: Any, least: int = 1) -> int:
    """`value` as an int of at least `least`; NumPy integers count as whole numbers, booleans and text do not.

    >>> whole("filters", 4)
    4
    >>> whole("strides", 0)
    Traceback (most recent call last):
    convkit.arguments.ArgumentError: strides is 0, and has to be a whole number of at least 1, such as strides=1.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise ArgumentError(
            f"{name} is {value!r} ({type(value).__name__}), and has to be a whole number, such as {name}={least}."
        )
    if number < least:
        raise ArgumentError(
            f"{name} is {number}, and has to be a whole number of at least {least}, such as {name}={least}."
        )
    return number


def items(value: Any) -> list[Any] | None:
    """What is in a list, a tuple or a NumPy array, as a list; None for any other value.

    >>> items((1, 2)), items("same"), items(3)
    ([1, 2], None, None)
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    return list(value) if isinstance(value, (list, tuple)) else None


def pair(name: str, value: Any, least: int = 1) -> tuple[int, int]:
    """One number for both axes, or (height, width), as (height, width).

    >>> pair("strides", 2), pair("kernel_size", (3, 5))
    ((2, 2), (3, 5))
    """
    sizes = items(value)
    if sizes is None:
        number = whole(name, value, least)
        return number, number
    if len(sizes) != 2:
        raise ArgumentError(
            f"{name} is {value!r} with {len(sizes)} numbers, and has to be one number or (height, width), "
            f"such as {name}=({least}, {least})."
        )
    height, width = sizes
    return whole(f"{name}[0]", height, least), whole(f"{name}[1]", width, least)


def without_batch(shape: Any) -> Any:
    """A shape without a leading None, the batch axis as Keras prints it; any other value as it is.

    >>> without_batch((None, 8, 8, 3)), without_batch([8, 8, 3]), without_batch(3)
    ((8, 8, 3), (8, 8, 3), 3)
    """
    if not isinstance(shape, (tuple, list)):
        return shape
    return tuple(shape[1:] if len(shape) == 4 and shape[0] is None else shape)


def image_shape(input_shape: Any) -> tuple[int, int, int]:
    """(height, width, channels) of one image; a leading None, the batch axis as Keras prints it, may stand before it.

    >>> image_shape((None, 8, 8, 3))
    (8, 8, 3)
    """
    shape = items(without_batch(input_shape))
    if shape is None or len(shape) != 3:
        raise ShapeError(
            f"an input shape is (height, width, channels), three numbers without the batch, such as (8, 8, 1); "
            f"got {input_shape!r}."
        )
    height, width, channels = (whole(f"input_shape[{axis}]", size) for axis, size in enumerate(shape))
    return height, width, channels


def padding_word(padding: str) -> PaddingMode:
    """'valid' or 'same', from any case. Keras takes any case too; tf.nn takes capitals only.

    >>> padding_word("VALID")
    'valid'
    """
    for mode in PADDING_MODES:
        if padding.lower() == mode:
            return mode
    hint = did_you_mean(padding.lower(), PADDING_MODES)
    raise ArgumentError(f"padding is {padding!r}, and has to be 'valid', 'same' or explicit amounts.{hint}")


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """A sentence that suggests the nearest known word, to end a message; empty where none is near.

    >>> did_you_mean("smae", PADDING_MODES), did_you_mean("full", PADDING_MODES)
    (" Did you mean 'same'?", '')
    """
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def axis_padding(padding: Any) -> PaddingMode | Amounts:
    """The padding of one axis: 'valid', 'same', or (before, after) in pixels."""
    if isinstance(padding, str):
        return padding_word(padding)
    amounts = items(padding)
    if amounts is None or len(amounts) != 2:
        raise ArgumentError(
            f"padding is {padding!r}, and along one axis it has to be 'valid', 'same' or (before, after), "
            "such as (1, 1)."
        )
    before, after = amounts
    return whole("padding[0]", before, least=0), whole("padding[1]", after, least=0)


def image_padding(padding: Any) -> tuple[PaddingMode | Amounts, PaddingMode | Amounts]:
    """The padding of both axes, from a word for both or ((top, bottom), (left, right)).

    TensorFlow's form, with pairs for images and channels around these, is taken too.

    >>> image_padding("SAME"), image_padding(((0, 1), (2, 2))), image_padding([[0, 0], [1, 1], [2, 2], [0, 0]])
    (('same', 'same'), ((0, 1), (2, 2)), ((1, 1), (2, 2)))
    """
    if isinstance(padding, str):
        word = padding_word(padding)
        return word, word
    sides = [items(side) for side in items(padding) or [None]]
    if len(sides) not in (2, 4) or any(side is None or len(side) != 2 for side in sides):
        raise ArgumentError(
            f"padding is {padding!r}, and has to be 'valid', 'same' or ((top, bottom), (left, right)), "
            "such as ((1, 1), (1, 1))."
        )
    if len(sides) == 4:
        images, *sides, channels = sides
        if images != [0, 0] or channels != [0, 0]:
            raise ArgumentError(
                f"padding is {padding!r}: images and channels, its first and last pair, can't be padded. "
                f"Use padding={tuple(tuple(side or ()) for side in sides)}."
            )
    rows, columns = sides
    return axis_padding(rows), axis_padding(columns)
