"""The bank: answers as students write them, each with the mistakes that are in it.

Those with a name are graded as well: each graded cell of their exercise gives exactly the points in their heading.
"""

from __future__ import annotations

import linecache
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import convkit
from gradekit.exercise.registry import find

HERE = Path(__file__).parent
NO_NAME, RIGHT_ANSWER = "nothing", "right"

# The graded cells of each exercise, in the order of the points.
CELLS = {
    "edge-filter": ("edge-filter-vertical", "edge-filter-other"),
    "shift-kernel": ("shift-kernel-right",),
    "layer-params": ("layer-params-small", "layer-params-fresh"),
    "second-layer-params": ("second-layer-params-two", "second-layer-params-four"),
    "wanted-layer": ("wanted-layer-fits",),
    "ring-zeros": ("ring-zeros-odd", "ring-zeros-fresh"),
    "output-length": ("output-length-valid", "output-length-same", "output-length-fresh"),
    "halving-layer": ("halving-layer-once", "halving-layer-twice"),
    "receptive-field": ("receptive-field-small", "receptive-field-fresh"),
    "pointwise-params": ("pointwise-params-gray", "pointwise-params-fresh"),
    "pointwise": ("pointwise-shape", "pointwise-values"),
    "same-padding": ("same-padding-even", "same-padding-odd", "same-padding-fresh"),
    "one-position": ("one-position-small", "one-position-fresh"),
    "conv2d": ("conv2d-shape", "conv2d-valid", "conv2d-strides", "conv2d-same", "conv2d-unchanged"),
    "dense-params": ("dense-params-fresh",),
    "two-layers": ("two-layers-see", "two-layers-cost"),
    "transposed-length": ("transposed-length-small", "transposed-length-fresh"),
    "transposed": ("transposed-small", "transposed-fresh"),
    "dilated-length": ("dilated-length-fresh",),
    "grouped-params": ("grouped-params-small", "grouped-params-fresh"),
    "separable-params": ("separable-params-fresh",),
    "max-pool": ("max-pool-small", "max-pool-fresh"),
    "head-params": ("head-params-fresh",),
    "bias-grad": ("bias-grad-fresh",),
    "kernel-grad": ("kernel-grad-small", "kernel-grad-fresh"),
    "x-grad": ("x-grad-small", "x-grad-fresh"),
}


class TensorFlow:
    """`tf` in an answer, imported at its first use: few answers have one."""

    def __getattr__(self, name: str) -> Any:
        import tensorflow

        return getattr(tensorflow, name)


class Answer(NamedTuple):
    exercise: str
    expected: tuple[str, ...]  # the names of its mistakes, empty where none may be named
    right: bool
    source: str
    where: str
    name: str = ""  # of a graded answer
    points: tuple[int, ...] = ()

    def value(self) -> Any:
        """The student's function, or array: the source is run, and its lines can be shown."""
        linecache.cache[self.where] = (len(self.source), None, self.source.splitlines(keepends=True), self.where)
        names: dict[str, Any] = {"np": np, "math": math, "convkit": convkit, "tf": TensorFlow()}
        exec(compile(self.source, self.where, "exec"), names)
        return names[find(self.exercise).name]


def bank() -> list[Answer]:
    """Every answer of the bank."""
    return [answer for path in sorted(HERE.glob("*.txt")) for answer in _read(path)]


def _read(path: Path) -> list[Answer]:
    entries = path.read_text(encoding="utf-8").split("\n=== ")[1:]
    return [_answer(path.stem, number, *entry.split("\n", 1)) for number, entry in enumerate(entries, 1)]


def _answer(exercise: str, number: int, heading: str, source: str) -> Answer:
    said, name, points = (*heading.split(" | "), "", "")[:3]
    names = () if said in (NO_NAME, RIGHT_ANSWER) else tuple(said.split(" + "))
    where = f"{exercise} {number}: {said}"
    worth = tuple(int(number) for number in points.split())
    return Answer(exercise, names, said == RIGHT_ANSWER, source.strip() + "\n", where, name, worth)


GRADED = [answer for answer in bank() if answer.name]
WRONG = [answer for answer in GRADED if not answer.right]
RIGHT = [answer for answer in GRADED if answer.right]
