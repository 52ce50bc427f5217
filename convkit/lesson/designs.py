"""Answers that are a choice, not a function: a layer, a stack or a kernel with what the question asks for.

Every choice that fits is correct. What a layer does is asked of the oracles, so live Keras and TensorFlow decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradekit.exercise.compare import array, article, as_array, shown
from gradekit.exercise.mistake import Diagnosis, Found
from gradekit.exercise.model import Exercise
from gradekit.exercise.trial import Tried, try_out

from .. import arithmetic, ops
from ..explain.words import counted

MOST = 64  # the largest kernel size or stride: Keras builds what is asked for
MANY = 10_000  # channels and filters
CHANNELS = 16  # in and out, of the two layers

Layer = dict[str, Any]


@dataclass(frozen=True)
class Trait:
    """A mistake in a choice: its name, what was done, what helps, and the choices that have it."""

    name: str
    did: str
    helps: str
    fits: Callable[[Any], bool]


def only(traits: Iterable[Trait], choice: Any) -> tuple[Found, ...]:
    """The trait that fits a choice; nothing where several do."""
    fitting = [trait for trait in traits if trait.fits(choice)]
    return tuple(Found(trait.name, trait.did, trait.helps) for trait in fitting if len(fitting) == 1)


def _first_wrong(asked: Exercise, cases: tuple[Tried, ...]) -> str:
    first = next(case for case in cases if not case.right)
    if first.difference is None:
        return f"`{asked.name}` stopped with {type(first.outcome.error).__name__}."
    return f"{asked.told(first.args, first.value, first.expected, first.difference)}."


def _not(value: Any, right: Any) -> str:
    return "" if value == right else f", not {right}"


def by_traits(
    traits: Iterable[Trait],
    parse: Callable[[Any], Any],
    advice: str,
    see: Callable[[Exercise, tuple[Tried, ...]], str] = _first_wrong,
    derive: Callable[[Any], str] = lambda choice: "",
) -> Callable[[Exercise, Any], Diagnosis]:
    """A diagnosis that names the one trait which fits a choice, or else gives the advice.

    `parse` raises TypeError for what is not a choice; `see` and `derive` say what was seen of it, and why.
    """

    def diagnose(asked: Exercise, answer: Any) -> Diagnosis:
        try:
            choice, function = parse(answer), asked.function(answer)
        except TypeError as error:
            return Diagnosis(asked.id, asked.name, "no-answer", seen=f"`{asked.name}`: {error}.")
        cases = try_out(asked, function).cases
        right = sum(case.right for case in cases)
        if right == len(cases):
            return Diagnosis(asked.id, asked.name, "right", advice=asked.next_step, right_cases=right, cases=right)
        found = only(traits, choice)
        return Diagnosis(
            asked.id,
            asked.name,
            "mistake" if found else "differs",
            found,
            seen=see(asked, cases),
            derivation=derive(choice),
            advice="" if found else advice,
            right_cases=right,
            cases=len(cases),
        )

    return diagnose


def _layer(answer: Any, **kinds: Callable[[str, Any], Any]) -> Layer:
    """A dictionary with exactly these arguments of a layer, each as its kind reads it."""
    names = ", ".join(kinds)
    if not isinstance(answer, dict):
        raise TypeError(f"a dictionary with {names} is needed; this is {_kind(answer)}")
    if set(answer) != set(kinds):
        raise TypeError(f"a dictionary with {names} is needed; this one has {', '.join(map(str, answer)) or 'nothing'}")
    return {name: read(name, answer[name]) for name, read in kinds.items()}


def _kind(value: Any) -> str:
    return "None" if value is None else article(type(value).__name__)


def _whole(most: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
            raise TypeError(f"{name} has to be a whole number from 1 to {most}; this is {shown(value)}")
        return int(value)

    return read


def _padding(name: str, value: Any) -> str:
    if not isinstance(value, str) or value.lower() not in ("valid", "same"):
        raise TypeError(f'{name} has to be "valid" or "same"; this is {shown(value)}')
    return value.lower()


# -- a layer with 608 parameters ---------------------------------------------------------------------------------------

PARAMETERS, LARGER = "parameters", "larger than one pixel"
WANTED = 608


def wanted_layer(answer: Any) -> Layer:
    """The arguments of a layer with a bias. Raises TypeError for anything else."""
    return _layer(answer, kernel_size=_whole(MOST), in_channels=_whole(MANY), filters=_whole(MANY))


def count_wanted(ask: Callable[..., int], answer: Any) -> Callable[[str], int | bool]:
    """A layer as a function of what is asked about it. `ask` counts the parameters of the layers that fit."""
    layer = wanted_layer(answer)
    count = arithmetic.conv_params(**layer)
    if count == WANTED:  # Keras builds no layer of a million weights to say that it has not 608
        count = ask(*layer.values())
    return {PARAMETERS: count, LARGER: layer["kernel_size"] > 1}.__getitem__


def parameters_in_words(what: str, value: int | bool, right: int | bool) -> str:
    """What a layer with 608 parameters, or another number, is like."""
    if what == PARAMETERS:
        return f"your layer has {value} parameters{_not(value, right)}"
    return "your kernels are larger than one pixel" if value else "your kernels cover one pixel, and have to be larger"


def _weights(layer: Layer) -> int:
    return int(layer["kernel_size"] ** 2 * layer["in_channels"] * layer["filters"])


WANTED_ADVICE = (
    "Your `layer_params` counts the parameters of any choice. Divide 608 by the number of filters: that is what each "
    "filter has to have, its weights and its bias."
)
_BIAS = "Each filter has weights and a bias. Divide 608 by the number of filters: what is left for one filter?"
WANTED_TRAITS = (
    Trait("no-bias", "It has 608 weights; the biases come on top.", _BIAS, lambda layer: _weights(layer) == WANTED),
    Trait(
        "one-bias-for-the-layer",
        "It would have 608 parameters with one bias for the whole layer.",
        _BIAS,
        lambda layer: _weights(layer) + 1 == WANTED and layer["filters"] > 1,
    ),
    Trait(
        "one-pixel",
        "It has 608 parameters, but its kernels cover a single pixel.",
        "Try larger kernels: 608 divided by the number of filters has to be one more than kernel_size squared times "
        "the channels.",
        lambda layer: layer["kernel_size"] == 1 and _weights(layer) + layer["filters"] == WANTED,
    ),
    Trait(
        "channels-forgotten",
        "It would have 608 parameters if each filter had the weights of one channel only.",
        "A filter has weights for every input channel.",
        lambda layer: layer["in_channels"] > 1 and (layer["kernel_size"] ** 2 + 1) * layer["filters"] == WANTED,
    ),
)

# -- a layer that halves 28 pixels -------------------------------------------------------------------------------------


def halving_layer(answer: Any) -> Layer:
    """The arguments of a layer that say how long its output is. Raises TypeError for anything else."""
    return _layer(answer, kernel_size=_whole(MOST), strides=_whole(MOST), padding=_padding)


def lengths(ask: Callable[..., int], answer: Any) -> Callable[[int], int]:
    """A layer as a function of the number of pixels: 28, and 14. `ask` gives the length of an output."""
    layer = halving_layer(answer)
    return {n: _length(layer, n, ask) for n in (28, 14)}.__getitem__


def length_in_words(n: int, value: int, right: int) -> str:
    """What a layer makes of n pixels; 0 where its kernel does not fit."""
    if value == 0:
        return f"the kernel of your layer is longer than {n} pixels"
    return f"your layer turns {n} pixels into {value}{_not(value, right)}"


def _length(layer: Layer, n: int, ask: Callable[..., int] = arithmetic.output_length) -> int:
    too_large = layer["padding"] == "valid" and layer["kernel_size"] > n
    return 0 if too_large else ask(n, *layer.values())


HALVING_ADVICE = (
    "Your `output_length` says how long the output is for any choice. Does the stride leave half of the "
    "positions, and does the last one fit?"
)
HALVING_TRAITS = (
    Trait(
        "one-short",
        "It makes 13 of 28: one more position would end outside of the image.",
        "What could make room for it? The list of positions in the notebook shows the same for 8 pixels.",
        lambda layer: _length(layer, 28) == 13 and layer["strides"] == 2,
    ),
    Trait(
        "stride-1",
        "With a stride of 1, the kernel skips no position.",
        "How far should the kernel move, so that half of the positions are left?",
        lambda layer: layer["strides"] == 1 and _length(layer, 28) > 14,
    ),
    Trait(
        "only-for-28",
        "It makes 14 of 28, but not 7 of 14.",
        "It takes away the same number of pixels from every image. What halves any even number?",
        lambda layer: _length(layer, 28) == 14 and _length(layer, 14) != 7,
    ),
)

# -- two layers that see 5 pixels --------------------------------------------------------------------------------------

SEEN, CHEAPER = "pixels seen", "cheaper than 5x5"
FIVE = 5


def two_layers(answer: Any) -> tuple[int, int]:
    """The kernel sizes of two layers. Raises TypeError for anything else."""
    if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
        raise TypeError(f"two kernel sizes are needed, such as (1, 1); this is {shown(answer)}")
    first, second = (_whole(MOST)("a kernel size", size) for size in answer)
    return first, second


def seen_and_cost(see: Callable[..., int], ask: Callable[..., int], answer: Any) -> Callable[[str], int | bool]:
    """Two layers as a function of what is asked about them. `see` gives the receptive field, `ask` the parameters."""
    sizes = two_layers(answer)
    parameters = sum(ask(size, CHANNELS, CHANNELS) for size in sizes)
    return {SEEN: see(sizes, (1, 1)), CHEAPER: parameters < ask(FIVE, CHANNELS, CHANNELS)}.__getitem__


def stack_in_words(what: str, value: int | bool, right: int | bool) -> str:
    """What two layers see, and whether they are cheaper than one."""
    if what == SEEN:
        return f"your two layers see {counted(value, 'pixel')} along each axis{_not(value, right)}"
    return f"your two layers have {'fewer' if value else 'no fewer'} parameters than one layer with 5x5 kernels"


TWO_ADVICE = "Draw a row of pixels, as in notebook 4. How much does the second layer add to what the first one sees?"
TWO_TRAITS = (
    Trait(
        "sizes-added",
        "The two sizes add up to 5, and the layers see 4 pixels.",
        "Draw a row of pixels. Which of them does one value of the second layer read, through the first?",
        lambda sizes: sum(sizes) == FIVE,
    ),
    Trait(
        "five-twice",
        "Each of the two sees 5 pixels by itself; together they see 9.",
        "The second layer sees more than its own kernel. How much does it add to what the first one sees?",
        lambda sizes: sizes == (FIVE, FIVE),
    ),
    Trait(
        "as-large-as-one",
        "They see 5 pixels, but one of them is a 5x5 layer: together they have more parameters than that one.",
        "Share the work more evenly between the two.",
        lambda sizes: sorted(sizes) == [1, FIVE],
    ),
)

# -- a kernel that moves an image --------------------------------------------------------------------------------------

SHAPE = (3, 3, 1, 1)


def nine_weights(answer: Any) -> np.ndarray:
    """Nine weights as (3, 3). Raises TypeError for anything else."""
    weights = as_array(answer)
    if weights is None or not np.isfinite(weights).all():
        raise TypeError(f"a kernel is an array of nine numbers; this is {shown(answer)}")
    if weights.shape != SHAPE:
        raise TypeError(f"a kernel of shape {SHAPE} is needed; this one has the shape {weights.shape}")
    return weights.reshape(3, 3)


def shifted(answer: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A kernel as a function of an image: what SAME gives."""
    weights = nine_weights(answer)[:, :, None, None]
    return lambda image: ops.conv2d(image[None, :, :, None], weights, padding="SAME")[0, :, :, 0]


def shifted_in_words(image: np.ndarray, value: np.ndarray, right: np.ndarray) -> str:
    """What a kernel makes of the image."""
    difference = array(value, np.asarray(right))
    return f"your kernel returns {difference.told}" if difference else "your kernel moves the picture to the right"


def _one_at(row: int, column: int) -> Callable[[np.ndarray], bool]:
    return lambda nine: bool(nine[row, column] == 1 and np.count_nonzero(nine) == 1)


_READ = "The weight in row 0 reads the pixel above, the weight in column 0 the pixel on the left. Which one is copied?"
SHIFT_ADVICE = _READ
SHIFT_TRAITS = (
    Trait(
        "moved-left",
        "It moves the image to the left: each output value is the pixel on its right.",
        "The kernel is not flipped. " + _READ,
        _one_at(1, 2),
    ),
    Trait("moved-down", "It moves the image down: each output value is the pixel above it.", _READ, _one_at(0, 1)),
    Trait("moved-up", "It moves the image up: each output value is the pixel below it.", _READ, _one_at(2, 1)),
    Trait("not-moved", "It copies the image and leaves it where it is.", _READ, _one_at(1, 1)),
    Trait(
        "moved-diagonally",
        "It moves the image along a diagonal.",
        _READ,
        lambda nine: any(_one_at(row, column)(nine) for row in (0, 2) for column in (0, 2)),
    ),
    Trait("zeros-only", "All nine weights are 0, and so is the output.", _READ, lambda nine: not nine.any()),
    Trait(
        "one-weight-of-another-size",
        "It moves the image to the right, and makes it brighter or darker.",
        "A copied pixel keeps its value. By what is it multiplied?",
        lambda nine: bool(np.count_nonzero(nine) == 1 and nine[1, 0] not in (0, 1)),
    ),
    Trait(
        "several-pixels",
        "More than one weight is not 0, so it mixes several pixels.",
        "Each output value is a copy of a single pixel.",
        lambda nine: int(np.count_nonzero(nine)) > 1,
    ),
)
