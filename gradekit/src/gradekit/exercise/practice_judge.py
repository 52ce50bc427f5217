"""Right or not yet: one answer to one practice question, read as the exercise reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..exercise import Args, Exercise
from ..mistakes import Mistake
from ..reading import Slip, array, as_array
from ..run import run
from .rules import expected, told_by


@dataclass(frozen=True)
class Judged:
    """Whether an answer is right, what to say to it, and the names of the mistakes that it gives away."""

    right: bool
    text: str
    mistakes: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Right, or Not yet."""
        return "Right" if self.right else "Not yet"


def judge(asked: Exercise, args: Args, answer: Any) -> Judged:
    """The verdict on one answer: a value, or a function that gives one."""
    if callable(answer) and not hasattr(answer, "shape"):
        value, trouble = _called(asked, args, answer)
        if trouble:
            return Judged(False, f"Not yet: {trouble}")
    else:
        value = answer
    right = expected(asked, args)
    value = _fitted(value, right)
    slip = _slip(asked, value, right)
    if slip is None:
        return Judged(True, f"Right: {_shown(right)}.")
    mistake = told_by(asked, args, value)
    seen = f"Not yet: {_seen(asked, slip)}"
    return Judged(False, f"{seen} {_explained(mistake)}", mistake.names) if mistake else Judged(False, seen)


def _called(asked: Exercise, args: Args, function: Any) -> tuple[Any, str]:
    """What a student's function gives, and what went wrong in it."""
    outcome = run(function, args)
    if asked.own_work and outcome.called:
        return (
            None,
            f"this called {outcome.called[0]}, a ready-made convolution. Here the convolution is yours to write.",
        )
    if outcome.error is not None:
        where = f" At your line: {outcome.line}" if outcome.line else ""
        return None, f"your function stopped with {type(outcome.error).__name__}: {outcome.error}.{where}"
    return outcome.value, ""


def _fitted(value: Any, right: Any) -> Any:
    """An array worked out by hand, without the axes of the batch and of the only filter, gets them back."""
    numbers = as_array(value)
    if numbers is None or not isinstance(right, np.ndarray):
        return value
    return numbers.reshape(right.shape) if numbers.shape in _short_shapes(right.shape) else value


def _short_shapes(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    images = [shape, shape[1:]] if len(shape) == 4 and shape[0] == 1 else [shape]
    for image in images:
        yield image
        if image[-1] == 1:
            yield image[:-1]


def _slip(asked: Exercise, value: Any, right: Any) -> Slip | None:
    if isinstance(right, bool) and not isinstance(value, bool | np.bool_):
        return Slip("type", f"it gave {value!r}", "True or False is")
    return asked.read(value, right)


def _seen(asked: Exercise, slip: Slip) -> str:
    """What is seen in the answer, and the kind of answer that is wanted; never the right numbers or their shape."""
    told = slip.where == "type" or (slip.where == "shape" and asked.read is not array)
    wanted = f"; {slip.right} wanted." if told else "."
    return slip.seen.replace("it gave", "you gave") + wanted


def _explained(mistake: Mistake) -> str:
    did = " ".join(single.did for single in mistake.single)
    helps = " ".join(single.helps for single in mistake.single)
    return f"A wrong rule gives just this: {did[0].lower()}{did[1:]} {helps}"


def _shown(right: Any) -> str:
    return f"all {right.size} numbers" if isinstance(right, np.ndarray) else str(right)
