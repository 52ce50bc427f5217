"""The checks of graded cells: try an answer, and raise NotYet, an AssertionError, with what happened.

A case of the notebook is told with its numbers. A fresh case is not: no message tells its arguments or its result.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from .compare import Difference, as_array
from .error_hints import stopped
from .find_mistake import diagnose
from .mistake import Args, Diagnosis
from .model import Exercise
from .oracle import true_result
from .registry import find
from .run import Elsewhere, Outcome, TookTooLong, run
from .verdict import hint

MOST_PRINTED = 2000  # characters of a student's own prints that a visible case repeats
SECONDS = 10.0  # of processor time for one call


class NotYet(AssertionError):
    """An answer is not right yet. A notebook shows the message alone, without the lines of the check around it."""

    diagnosis: Diagnosis | None = None  # of the answer, where it was called

    def _render_traceback_(self) -> list[str]:
        return [line for paragraph in f"Not yet: {self}".split("\n") for line in textwrap.wrap(paragraph, 100)]


def verify(
    exercise_id: str, answer: Any, *, gives: Any = None, shape: tuple[int, ...] | None = None, **case: Any
) -> None:
    """Try an answer on one case of the notebook: `gives` is the right result, or `shape` the right shape.

    Prints a line for a right answer, raises NotYet for any other.

    >>> from gradekit import Exercise, register
    >>> register(Exercise("area", "area", ("width", "height"), lambda w, h: w * h))
    >>> verify("area", lambda w, h: w * h, width=2, height=3, gives=6)
    right: area(width=2, height=3) = 6
    >>> verify("area", lambda w, h: w + h, width=2, height=3, gives=6)
    Traceback (most recent call last):
    gradekit.exercise.verify.NotYet: area(width=2, height=3) returned 5, but 6 is correct.
    """
    asked = find(exercise_id)
    args = _arguments(asked, case)
    call = asked.call(args)
    outcome = _try(asked, answer, args, call)
    print((outcome.printed + outcome.warned)[:MOST_PRINTED], end="")
    expected = as_array(gives) if hasattr(gives, "shape") else gives
    wrong = asked.read(outcome.value, expected) if shape is None else _compare_shape(outcome.value, shape)
    if wrong:
        raise _explained(f"{asked.told(args, outcome.value, expected, wrong)}.", asked, answer, call)
    print(f"right: {_right(asked, args, gives, shape)}")


def verify_variant(exercise_id: str, answer: Any) -> None:
    """Try an answer on the cases of the notebook's variant, in order: those that `variant` has drawn.

    >>> from gradekit import Exercise, register, variant
    >>> register(Exercise("area", "area", ("width", "height"), lambda w, h: w * h,
    ...                   variants=lambda rng: [tuple(rng.integers(2, 9, 2).tolist())], probes=[(2, 3)]))
    >>> variant("ada")
    Variant: ada
    >>> verify_variant("area", lambda w, h: w * h)
    right: area(width=4, height=3) = 12
    """
    asked = find(exercise_id)
    for args in asked.visible:
        verify(exercise_id, answer, gives=true_result(asked, args), **dict(zip(asked.parameters, args, strict=True)))


def verify_unchanged(exercise_id: str, answer: Any, **case: Any) -> None:
    """Try that two calls with the same arguments give the right result, and leave the arguments unchanged.

    >>> from gradekit import Exercise, register
    >>> register(Exercise("total", "total", ("numbers",), sum))
    >>> verify_unchanged("total", sum, numbers=[1, 2])
    right: total(numbers=[1, 2]) leaves its arguments unchanged
    """
    asked = find(exercise_id)
    args = _arguments(asked, case)
    call = asked.call(args)
    outcome = _try(asked, answer, args, call, times=2)
    if outcome.changed:
        names = " and ".join(asked.parameters[i] for i in outcome.changed)
        raise NotYet(f"{call} changed its {names} in place. Work on a copy: the caller still needs the original.")
    expected = asked.rule(*args)
    if wrong := asked.read(outcome.value, expected):
        raise _explained(f"{asked.told(args, outcome.value, expected, wrong)}.", asked, answer, call)
    print(f"right: {call} leaves its arguments unchanged")


def verify_fresh(exercise_id: str, answer: Any, part: str | None = None) -> None:
    """Try an answer on fresh cases, drawn now, against the oracle of the exercise.

    `part` names one part of the question, None is all of them. The message of NotYet tells no case and no result.
    """
    asked = find(exercise_id)
    rng = np.random.default_rng()
    cases = [tuple(args) for name, draw in asked.parts.items() if part in (None, name) for args in draw(rng)]
    if not cases:
        raise KeyError(f"{exercise_id!r} has no part {part!r}; there are {', '.join(asked.parts) or 'no fresh cases'}")
    if isinstance(answer, Elsewhere):
        answer.prepare(cases, SECONDS)
    wrong = sum(_differs(asked, answer, args) for args in cases)
    if wrong:
        text = (
            f"{wrong} of {len(cases)} fresh cases of {asked.name} came out wrong. They are like the cases in the "
            "notebook, with other numbers. "
        )
        what = "What changes between them, that the answer does not follow?"
        raise _explained(text, asked, answer, f"fresh {part}", seen=True, otherwise=what)


def _differs(asked: Exercise, answer: Any, args: Args) -> bool:
    expected = true_result(asked, args)
    outcome = _try(asked, answer, args, f"{asked.name}, on a fresh case,", told=False)
    return asked.read(outcome.value, expected) is not None


def _try(asked: Exercise, answer: Any, args: Args, call: str, told: bool = True, times: int = 1) -> Outcome:
    """The outcome of one call, or NotYet where it has none. An error's text is told with `told` only."""
    try:
        function = asked.function(answer)
    except TypeError as error:
        raise NotYet(f"{asked.name}: {error}.") from None
    outcome = run(function, args, SECONDS, times, asked.forbidden)
    if outcome.called:
        where = f" Your line: {outcome.line}" if outcome.line else ""
        raise NotYet(f"{call} called a ready-made function for what you are asked to write.{where}")
    if outcome.error is not None:
        if isinstance(outcome.error, NotImplementedError):
            raise NotYet(f"{call} is not written yet.")
        text = f"{call} {stopped(outcome, told)}"
        late = isinstance(outcome.error, TookTooLong)
        raise NotYet(text) if late else _explained(text, asked, answer, call, seen=not told)
    return outcome


def _explained(text: str, asked: Exercise, answer: Any, where: str, seen: bool = False, otherwise: str = "") -> NotYet:
    """NotYet with a text, the diagnosis of the answer, and its hint, or another text where there is none."""
    try:
        diagnosis = diagnose(asked, answer)
    except Exception:  # of an answer that can do anything
        diagnosis = None
    problem = NotYet(text + (hint(diagnosis, answer, where, seen) or otherwise))
    problem.diagnosis = diagnosis
    return problem


def _right(asked: Exercise, args: Args, gives: Any, shape: tuple[int, ...] | None) -> str:
    if asked.words is not None:
        return asked.words(*args, gives, gives)
    if shape is not None:
        return f"{asked.call(args)} has the shape {shape}"
    if hasattr(gives, "shape"):
        return asked.call(args)
    return f"{asked.call(args)} {'=' if asked.as_function is None else 'gives'} {gives!r}"


def _compare_shape(value: Any, shape: Sequence[int]) -> Difference | None:
    numbers = as_array(value)
    right = f"the shape {tuple(shape)}"
    if numbers is None:
        return Difference("type", "something other than an array of numbers", right)
    return None if numbers.shape == tuple(shape) else Difference("shape", f"an array of shape {numbers.shape}", right)


def _arguments(asked: Exercise, case: dict[str, Any]) -> Args:
    """The case in the order of the signature. Answers are called by position: a student may name parameters freely."""
    if set(case) != set(asked.parameters):
        raise TypeError(f"a case of {asked.id!r} has {', '.join(asked.parameters)}; got {', '.join(case)}")
    return tuple(case[name] for name in asked.parameters)
