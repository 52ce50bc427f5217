"""The graded cells: an answer is tried on a case, and an AssertionError says what was seen where it is not right.

A case that stands in the notebook is told with its numbers. A fresh case is not: nothing about it leaves this room.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from .exercise import Args, Exercise
from .exercises import exercise
from .reading import Slip, as_array
from .run import Elsewhere, Outcome, TookTooLong, run
from .verdict import known

MOST_PRINTED = 2000  # characters of a student's own prints that a visible case repeats
SECONDS = 10.0  # for one call


class NotYet(AssertionError):
    """An answer is not right yet. A notebook shows the message alone, without the lines of the check around it."""

    def _render_traceback_(self) -> list[str]:
        return [line for paragraph in f"Not yet: {self}".split("\n") for line in textwrap.wrap(paragraph, 100)]


def verify(
    exercise_id: str, answer: Any, *, gives: Any = None, shape: tuple[int, ...] | None = None, **case: Any
) -> None:
    """Try an answer on one case of the notebook: `gives` is the right result, or `shape` the right shape.

    Prints a line for a right answer, raises NotYet for any other.

    >>> verify("layer-params", lambda k, c, f: (k * k * c + 1) * f, kernel_size=3, in_channels=1, filters=2, gives=20)
    right: layer_params(kernel_size=3, in_channels=1, filters=2) = 20
    >>> verify("layer-params", lambda k, c, f: k * k * c * f, kernel_size=3, in_channels=1, filters=2, gives=20)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    convkit.lesson.verify.NotYet: layer_params(kernel_size=3, in_channels=1, filters=2): it gave 18, and 20 is right.
    What was done: It counts weights, and no bias...
    """
    asked = exercise(exercise_id)
    args = _arguments(asked, case)
    outcome = _try(asked, answer, args)
    print(outcome.printed[:MOST_PRINTED], end="")
    slip = _shape_slip(outcome.value, shape) if shape is not None else asked.read(outcome.value, _expected(gives))
    if slip:
        raise NotYet(f"{asked.call(args)}: {slip.seen}, and {slip.right} right." + known(asked, answer))
    print(f"right: {asked.call(args)}{_gave(gives, shape)}")


def verify_unchanged(exercise_id: str, answer: Any, **case: Any) -> None:
    """Try that a call gives the right result, and leaves its arguments as they were: it is called twice with the same.

    >>> case = {"image": np.ones((2, 2, 3)), "weights": np.ones((3, 1))}
    >>> verify_unchanged("pointwise", lambda image, weights: image @ weights, **case)
    right: pointwise(image=<2 x 2 x 3>, weights=<3 x 1>) leaves its input as it was
    """
    asked = exercise(exercise_id)
    args = _arguments(asked, case)
    outcome = _try(asked, answer, args, times=2)
    if outcome.changed:
        names = " and ".join(asked.parameters[i] for i in outcome.changed)
        raise NotYet(
            f"{asked.call(args)} changed its {names} in place. Work on a copy: whoever calls it still needs them."
        )
    if slip := asked.read(outcome.value, asked.rule(*args)):
        raise NotYet(f"{asked.call(args)}: {slip.seen}, and {slip.right} right." + known(asked, answer))
    print(f"right: {asked.call(args)} leaves its input as it was")


def verify_fresh(exercise_id: str, answer: Any, part: str | None = None, seed: int | None = None) -> None:
    """Try an answer on fresh cases, drawn now, against live Keras or TensorFlow.

    `part` names one part of the question, None is all of them. What it raises tells no case and no result.
    """
    asked = exercise(exercise_id)
    rng = np.random.default_rng(seed)
    cases = [args for name, draw in asked.fresh.items() if part in (None, name) for args in draw(rng)]
    if not cases:
        raise KeyError(f"{exercise_id!r} has no part {part!r}; there are {', '.join(asked.fresh)}")
    if isinstance(answer, Elsewhere):
        answer.prepare(cases, SECONDS)
    wrong = sum(_fresh_slip(asked, answer, args) for args in cases)
    if wrong:
        what = "What changes between them, that the answer does not follow?"
        raise NotYet(
            f"{wrong} of {len(cases)} fresh cases of {asked.name} came out wrong. They are like the cases of this "
            f"page, with "
            f"other numbers. {known(asked, answer, seen=True) or what}"
        )


def _fresh_slip(asked: Exercise, answer: Any, args: Args) -> bool:
    expected = asked.oracle(*args)
    outcome = _try(asked, answer, args, told=False)
    return asked.read(outcome.value, expected) is not None


def _try(asked: Exercise, answer: Any, args: Args, told: bool = True, times: int = 1) -> Outcome:
    """The outcome of one call, or NotYet where there is none. An untold case is not named in it."""
    try:
        function = asked.as_function(answer)
    except TypeError as error:
        raise NotYet(f"{asked.name}: {error}.") from None
    outcome = run(function, args, SECONDS, times)
    call = asked.call(args) if told else f"{asked.name}, on a fresh case,"
    if asked.own_work and outcome.called:
        raise NotYet(
            f"{call} called {outcome.called[0]}, a ready-made convolution. Here the convolution is yours to write."
        )
    if outcome.error is not None:
        hopeless = isinstance(outcome.error, TookTooLong | NotImplementedError)
        raise NotYet(f"{call} {_stopped(outcome, told)}" + ("" if hopeless else known(asked, answer, seen=not told)))
    return outcome


def _stopped(outcome: Outcome, told: bool) -> str:
    error = outcome.error
    if isinstance(error, NotImplementedError):
        return "is not written yet."
    if isinstance(error, TookTooLong):
        return f"gave {error}. Is there a loop that does not end?"
    said = f": {error}" if told and str(error) else ""  # an error's text may quote the case
    where = f" At your line: {outcome.line}" if outcome.line else ""
    return f"stopped with {type(error).__name__}{said}.{where}"


def _expected(gives: Any) -> Any:
    """The right result of a case, a tensor as an array."""
    return as_array(gives) if hasattr(gives, "shape") else gives


def _gave(gives: Any, shape: tuple[int, ...] | None) -> str:
    if shape is not None:
        return f" has the shape {shape}"
    return "" if hasattr(gives, "shape") else f" = {gives}"


def _shape_slip(value: Any, shape: Sequence[int]) -> Slip | None:
    numbers = as_array(value)
    right = f"the shape {tuple(shape)} is"
    if numbers is None:
        return Slip("type", "it gave no array of numbers", right)
    return None if numbers.shape == tuple(shape) else Slip("shape", f"it gave the shape {numbers.shape}", right)


def _arguments(asked: Exercise, case: dict[str, Any]) -> Args:
    """The case in the order of the signature. Answers are called by position: a student may name parameters freely."""
    if set(case) != set(asked.parameters):
        raise TypeError(f"a case of {asked.id!r} has {', '.join(asked.parameters)}; got {', '.join(case)}")
    return tuple(case[name] for name in asked.parameters)
