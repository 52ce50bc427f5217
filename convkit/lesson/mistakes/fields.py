"""Mistakes in the receptive field of a stack of layers."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradekit import Mistake

Sizes = tuple[int, ...]


def field(sizes: Sizes, strides: Sizes) -> int:
    """Pixels along one axis that one value of the last layer depends on.

    >>> field((3, 3), (2, 1))
    7
    """
    return _seen(sizes, _steps(strides))


def _steps(strides: Sizes) -> list[int]:
    """How far neighbors are apart before each layer: 1, then the product of the strides so far."""
    return [math.prod(strides[:layer]) for layer in range(len(strides))]


def _seen(sizes: Sizes, steps: list[int], start: int = 1) -> int:
    return start + sum((size - 1) * step for size, step in zip(sizes, steps, strict=True))


def _with_steps(steps: Callable[[Sizes], list[int]], start: int = 1) -> Callable[[Sizes, Sizes], int]:
    return lambda sizes, strides: _seen(sizes, steps(strides), start)


_DRAW = (
    "Draw the two stacks of the notebook: a row of pixels, and in brackets what each value of the first layer reads."
)
_STEP = "How far are neighbors apart before the first layer, before the second and before the third?"

RECEPTIVE_FIELD = (
    Mistake(
        "strides-ignored",
        _with_steps(lambda strides: [1] * len(strides)),
        "It counts as if all strides were 1.",
        "Compare the two drawings in the notebook: the kernels are the same, and the second stack sees more. " + _STEP,
    ),
    Mistake(
        "sizes-added",
        lambda sizes, strides: sum(sizes),
        "It adds up the kernel sizes.",
        "The pixels that neighbors read overlap. How many new pixels does each further value bring? " + _DRAW,
    ),
    Mistake(
        "sizes-multiplied",
        lambda sizes, strides: math.prod(sizes),
        "It multiplies the kernel sizes.",
        "The pixels that neighbors read overlap. How many new pixels does each further value bring? " + _DRAW,
    ),
    Mistake(
        "own-stride-too-early",
        _with_steps(lambda strides: [math.prod(strides[: layer + 1]) for layer in range(len(strides))]),
        "It counts the stride of a layer for that layer itself.",
        "A layer of its own sees its kernel, whatever its stride is. Its stride matters for the layers after it.",
    ),
    Mistake(
        "own-stride-alone",
        _with_steps(list),
        "For each layer it takes the stride of that layer, and not the strides of the layers before.",
        "A layer of its own sees its kernel, whatever its stride is. " + _STEP,
    ),
    Mistake(
        "last-layer-first",
        lambda sizes, strides: field(sizes[::-1], strides[::-1]),
        "It takes the layers in the other order: each counts the strides after it, and not those before it.",
        "The order matters. Which layer reads the pixels? " + _STEP,
    ),
    Mistake(
        "only-the-stride-before",
        _with_steps(lambda strides: [1, *strides[:-1]]),
        "For each layer it takes the stride of the layer before, and not of all layers before.",
        "It fits two layers. Draw a third one: how far are its neighbors apart, in pixels of the image?",
    ),
    Mistake(
        "strides-added",
        _with_steps(lambda strides: [1, *(sum(strides[:layer]) for layer in range(1, len(strides)))]),
        "It adds up the strides of the layers before.",
        "After two layers of stride 2, how far are neighbors apart? The notebook says it just above the question.",
    ),
    Mistake(
        "distances-added",
        _with_steps(lambda strides: [1 + sum(strides[:layer]) - layer for layer in range(len(strides))]),
        "For each layer of stride 2 it moves neighbors apart by 1 more pixel, and does not multiply their distance.",
        "After two layers of stride 2, how far are neighbors apart? The notebook says it just above the question.",
    ),
    Mistake(
        "stride-of-the-first-layer",
        _with_steps(lambda strides: [strides[0] ** layer for layer in range(len(strides))]),
        "It counts as if all layers had the stride of the first one.",
        "Each layer has its own stride: look at the second tuple. " + _STEP,
    ),
    Mistake(
        "first-kernel-twice",
        lambda sizes, strides: field(sizes, strides) + sizes[0] - 1,
        "It counts the kernel of the first layer twice.",
        "How many pixels does a value see before any layer? And what does the first layer add to that?",
    ),
    Mistake(
        "both-axes",
        lambda sizes, strides: field(sizes, strides) ** 2,
        "It gives the pixels of a whole square: those along one axis, times themselves.",
        "The question is about one axis only. " + _DRAW,
    ),
    Mistake(
        "no-first-pixel",
        _with_steps(_steps, start=0),
        "It is one pixel too few everywhere: it begins with 0 pixels.",
        "How many pixels does a value see before any layer?",
    ),
    Mistake(
        "whole-kernels-added",
        lambda sizes, strides: 1 + sum(size * step for size, step in zip(sizes, _steps(strides), strict=True)),
        "It adds kernel_size pixels for each layer.",
        "A layer with kernel size 1 brings nothing new. What does one of size 2 bring?",
    ),
    Mistake(
        "sizes-times-steps",
        lambda sizes, strides: sum(size * step for size, step in zip(sizes, _steps(strides), strict=True)),
        "It multiplies each kernel size by the distance of neighbors, and adds up.",
        "The pixels that neighbors read overlap. How many new pixels does each further value bring? " + _DRAW,
    ),
    Mistake(
        "strides-alone",
        lambda sizes, strides: math.prod(strides),
        "It returns how far neighbors are apart, and not how many pixels are seen.",
        "Keep two numbers while you go through the layers, and return the other one.",
    ),
    Mistake(
        "last-layer-alone",
        lambda sizes, strides: sizes[-1],
        "It returns the kernel size of the last layer.",
        "That layer reads values, and each of these reads pixels of its own. " + _DRAW,
    ),
    Mistake(
        "largest-kernel",
        lambda sizes, strides: max(sizes),
        "It returns the largest of the kernel sizes.",
        "That layer reads values, and each of these reads pixels of its own. " + _DRAW,
    ),
)
