"""The bank: answers as students write them, each with the mistakes that are in it."""

from __future__ import annotations

import linecache
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import convkit
from gradekit.exercise.registry import find

HERE = Path(__file__).parent
NO_NAME, RIGHT = "nothing", "right"


class Answer(NamedTuple):
    exercise: str
    expected: tuple[str, ...]  # the names of its mistakes, empty where none may be named
    right: bool
    source: str
    where: str

    def value(self) -> Any:
        """The student's function, or array: the source is run, and its lines can be shown."""
        linecache.cache[self.where] = (len(self.source), None, self.source.splitlines(keepends=True), self.where)
        names: dict[str, Any] = {"np": np, "math": math, "convkit": convkit}
        exec(compile(self.source, self.where, "exec"), names)
        return names[find(self.exercise).name]


def bank() -> list[Answer]:
    """Every answer of the bank."""
    return [answer for path in sorted(HERE.glob("*.txt")) for answer in _read(path)]


def _read(path: Path) -> list[Answer]:
    entries = path.read_text(encoding="utf-8").split("\n=== ")[1:]
    return [_answer(path.stem, number, *entry.split("\n", 1)) for number, entry in enumerate(entries, 1)]


def _answer(exercise: str, number: int, said: str, source: str) -> Answer:
    names = () if said in (NO_NAME, RIGHT) else tuple(said.split(" + "))
    return Answer(exercise, names, said == RIGHT, source.strip() + "\n", f"{exercise} {number}: {said}")
