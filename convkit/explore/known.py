"""What the rest of convkit knows about a few whole numbers or words.

These functions are not translated for a browser. A page without a kernel has their answers as tables, for all
arguments that its explorer gives them (`Topic.lookups`): one source of numbers and of sentences.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..explain.counts import parameters
from ..explain.output_shape import output_shape
from ..layers import Conv2D
from ..summary import summary

ABOUT_CODE = "Its numbers"  # begins a mistake of code, such as swapped arguments: a prediction has none
SIDE = 8  # pixels of an image whose size does not count


def shape_steps(n: int, kernel_size: int, strides: int, padding: str, dilation_rate: int = 1) -> list[list[str]]:
    """The derivations of an output length along the height and along the width, a step an item."""
    layer = Conv2D(1, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return [line.split("; ") for line in output_shape(layer, (n, n, 1)).lines[:2]]


def count_steps(kernel_size: int, in_channels: int, filters: int, use_bias: bool, groups: int = 1) -> list[str]:
    """The derivation of the number of parameters, a line an item."""
    layer = Conv2D(filters, kernel_size, groups=groups, use_bias=use_bias)
    return list(parameters(layer, (SIDE, SIDE, in_channels)).lines)


def keras_summary(kernel_size: int, in_channels: int, filters: int, use_bias: bool, groups: int = 1) -> str:
    """The table that Keras prints for a model of this one layer."""
    layers = [Conv2D(filters, kernel_size, groups=groups, use_bias=use_bias)]
    return summary(layers, input_shape=(SIDE, SIDE, in_channels), line_length=58)


def slips(exercise_id: str, *args: Any) -> list[list[Any]]:
    """Wrong results that the lesson's mistakes lead to: [result, name of the mistake, its sum], the likeliest first."""
    from ..lesson import EXERCISES

    asked = EXERCISES[exercise_id]
    found: list[list[Any]] = []
    seen = set()
    for mistake in (*asked.mistakes, *asked.combined):
        result = _result(mistake.rule, args)
        if mistake.did.startswith(ABOUT_CODE):
            continue
        if result is not None and not (mistake.both and repr(result) in seen):
            seen.add(repr(result))
            found.append([result, mistake.name, mistake.derive(*args)])
    return found


def slip_words(exercise_id: str) -> dict[str, list[str]]:
    """For each of an exercise's mistakes what was done, and where to look."""
    from ..lesson import EXERCISES

    asked = EXERCISES[exercise_id]
    return {
        mistake.name: [" ".join(part.did for part in mistake.single), " ".join(part.helps for part in mistake.single)]
        for mistake in (*asked.mistakes, *asked.combined)
    }


def first_value_slips(x: Any, kernel: Any, padding: str) -> list[list[Any]]:
    """Wrong first values of a convolution of x (height, width) with a kernel (height, width): as `slips`."""
    from ..lesson import EXERCISES

    args = (
        np.array(x)[None, :, :, None].astype(float),
        np.array(kernel)[:, :, None, None].astype(float),
        1,
        padding.upper(),
    )
    found = [(_first(_result(mistake.rule, args)), mistake.name) for mistake in EXERCISES["conv2d"].mistakes]
    return [[value, name, ""] for value, name in found if value is not None]


def _first(result: Any) -> float | None:
    """The first value of a wrong rule's output, rounded to two decimals; None if it is not an image."""
    array = np.asarray(result)
    return round(float(array.flat[0]), 2) + 0.0 if array.ndim == 4 and array.size else None


def _result(rule: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a wrong rule returns, as plain data; None where it raises an error."""
    try:
        result = rule(*args)
    except Exception:
        return None
    return list(result) if isinstance(result, tuple) else result


def pixel(row: int, column: int) -> list[int]:
    """Red, green and blue of a pixel of the photograph."""
    from .photo import photograph

    found: list[int] = photograph()[row, column].tolist()
    return found


def gray_part(row: int, column: int, size: int) -> list[list[int]]:
    """A square of the gray photograph."""
    from .photo import gray

    found: list[list[int]] = gray()[row : row + size, column : column + size].tolist()
    return found


def tables(lookups: Iterable[tuple[str, tuple[Any, ...]]]) -> dict[str, dict[str, Any]]:
    """{function: {its arguments as JSON: its answer}}; arguments that it refuses have none."""
    found: dict[str, dict[str, Any]] = {}
    for name, args in lookups:
        try:
            answer = globals()[name](*args)
        except ValueError:
            continue
        found.setdefault(name, {})[json.dumps(args, separators=(",", ":"))] = answer
    return found
