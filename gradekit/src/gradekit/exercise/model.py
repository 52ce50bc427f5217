"""What an exercise is. From one entry come the instant check, the graded cells and the feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .reading import Reader

Args = tuple[Any, ...]
Draw = Callable[[np.random.Generator], list[Args]]  # a batch of fresh cases that spans what the part is about


def _as_it_is(answer: Any) -> Callable[..., Any]:
    if not callable(answer):
        kind = type(answer).__name__
        raise TypeError(f"a function belongs here; this is {_a(kind) if answer is not None else 'None'}")
    return answer


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


@dataclass(frozen=True)
class Exercise:
    """One question: who is asked, what is right, and on which cases an answer is tried.

    `rule` is the right rule, with NumPy alone; `oracle` asks live Keras or TensorFlow, and grading believes it only.
    The `visible` cases stand in the notebook, to be worked by hand. The `probes` stand nowhere: they tell mistakes
    apart that the visible cases can't. They are no secret, and no grade hangs on them.
    """

    id: str
    unit: int
    name: str  # what the student's function or array is called
    parameters: tuple[str, ...]
    asks: str
    read: Reader
    rule: Callable[..., Any]
    oracle: Callable[..., Any]
    visible: tuple[Args, ...]
    probes: tuple[Args, ...] = ()
    fresh: Mapping[str, Draw] = field(default_factory=dict)  # by the part of the question that they are about
    as_function: Callable[[Any], Callable[..., Any]] = _as_it_is
    own_work: bool = False  # True where calling a library's convolution is not an answer
    given: Mapping[str, Any] = field(default_factory=dict)  # arrays of the notebook, by the names that checks use

    def call(self, args: Args) -> str:
        """The call as a student would write it, arrays by their shape.

        >>> from convkit.lesson import EXERCISES
        >>> EXERCISES["layer-params"].call((3, 1, 2))
        'layer_params(kernel_size=3, in_channels=1, filters=2)'
        """
        shown = (f"{name}={_brief(value)}" for name, value in zip(self.parameters, args, strict=True))
        return f"{self.name}({', '.join(shown)})"


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"<{' x '.join(map(str, value.shape))}>"
    return repr(value)
