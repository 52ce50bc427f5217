"""An exercise: one question with everything that checks, grades and explains its answers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .compare import Difference, Reader, article, as_expected
from .mistake import Args, Contrast, Mistake, Pattern

if TYPE_CHECKING:
    from .mistake import Diagnosis
    from .practice import Question

Batch = Callable[[np.random.Generator], Sequence[Args]]  # a batch of fresh cases
Draw = Callable[[np.random.Generator], Args]  # one case to practice on


@dataclass(frozen=True, eq=False)
class Exercise:
    """One question: what it asks, what is correct, on which cases an answer is tried, and what is known to go wrong.

    A case is a tuple of arguments, one for each of `parameters`. Only `id`, `name`, `parameters` and `rule` are
    required.

    - `rule`: the correct function, with light imports only: `check` and `practice` run it in the student's notebook.
    - `oracle`: the function that grading compares with, such as a call of a real framework; default: `rule`.
    - `visible`: the cases in the notebook. `probes`: more fixed cases, which tell mistakes apart. Neither is secret.
    - `variants`: draws the visible cases of one student, from a generator that a name seeds (`variant.py`).
    - `fresh`: draws the cases of `verify_fresh`: a function of a NumPy generator, or one for each part of the question.
    - `read`: compares a value with the expected one; default: by the type of the expected value.
    - `mistakes`: wrong rules by name. `pairs`: makes wrong rules of two mistakes, when no single one fits.
    - `patterns` and `contrasts`: conditions on a case that may separate correct cases from the others.
    - `aspects`: the steps of a long answer, each with the condition on the cases that show it; `check` says which hold.
    - `levels`: draws a case to practice on, from easy to hard. `question` words it, `solution` works it out, and
      `practice_rule` is the correct function where such a case has other arguments than `parameters`.
    - `forbidden`: library functions that an answer may not call, as `package.function` with `*` and `[...]` as in file
      names; a function of any module of the package counts.
    - `shortcuts`: ready-made functions that an answer may call, written in the same way; `check` says that it does.
    - `as_function`: makes a function of an answer that is not one, such as an array; raises TypeError if it can't.
    - `words`: says in a sentence what an answer of `as_function` does in a case, from the arguments, the result and the
      correct result. Without it, messages name the answer and what it is applied to.
    - `given`: arrays of the notebook, by the names that graded cells use.
    - `diagnose`: replaces the diagnosis, for answers that are not functions.
    - `picture`: draws a case for the class report, from the exercise, the arguments, the correct result, and an
      incorrect one that can be anything. Returns HTML or SVG that loads nothing, or None.
    """

    id: str
    name: str  # of the student's function or array
    parameters: tuple[str, ...]
    rule: Callable[..., Any]
    _: KW_ONLY
    asks: str = ""
    oracle: Callable[..., Any] | None = None
    visible: Sequence[Args] = ()
    probes: Sequence[Args] = ()
    variants: Batch | None = None
    fresh: Mapping[str, Batch] | Batch = field(default_factory=dict)
    read: Reader = as_expected
    mistakes: Sequence[Mistake] = ()
    pairs: Callable[[], Iterable[Mistake]] = tuple
    patterns: Sequence[Pattern] = ()
    contrasts: Sequence[Contrast] = ()
    aspects: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    next_step: str = ""
    levels: Sequence[Draw] = ()
    question: Callable[..., Question | str] | None = None
    solution: Callable[..., Any] | None = None
    practice_rule: Callable[..., Any] | None = None
    forbidden: Sequence[str] = ()
    shortcuts: Sequence[str] = ()
    as_function: Callable[[Any], Callable[..., Any]] | None = None
    words: Callable[..., str] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    diagnose: Callable[[Exercise, Any], Diagnosis] | None = None
    picture: Callable[[Exercise, Args, Any, Any], str | None] | None = None

    def __post_init__(self) -> None:
        if self.variants and (self.visible or not self.probes):
            raise ValueError(
                f"{self.id} has variants: it needs probes, the same for all students, and no visible cases"
            )

    @property
    def parts(self) -> Mapping[str, Batch]:
        """The sources of fresh cases, by the part of the question that they cover."""
        return {"any": self.fresh} if callable(self.fresh) else self.fresh

    @cached_property
    def expected(self) -> tuple[tuple[Args, Any], ...]:
        """Every fixed case with the result of the rule: the visible ones first, then the probes."""
        return tuple((args, self._result(args)) for args in (*self.visible, *self.probes))

    def _result(self, args: Args) -> Any:
        """The rule's result for a case, which it leaves unchanged."""
        try:
            return self.rule(*copy.deepcopy(args))
        except Exception as error:
            raise ValueError(
                f"the rule of {self.id} has no result for {self.call(args)}: {type(error).__name__}: {error}. "
                "Leave this case out, and test the exception with an assert in another graded cell"
            ) from error

    @cached_property
    def combined(self) -> tuple[Mistake, ...]:
        """The wrong rules that are made of two mistakes."""
        return tuple(self.pairs())

    def function(self, answer: Any) -> Callable[..., Any]:
        """The answer as a function. Raises TypeError for any other answer, with a text that follows its name."""
        if self.as_function is not None:
            return self.as_function(answer)
        if callable(answer):
            function: Callable[..., Any] = answer
            return function
        kind = type(answer).__name__
        raise TypeError(f"a function is needed; this is {'None' if answer is None else article(kind)}")

    def told(self, args: Args, value: Any, expected: Any, difference: Difference) -> str:
        """What an answer did in a case, and what is correct: a sentence without its period.

        >>> area = Exercise("area", "area", ("width", "height"), lambda w, h: w * h)
        >>> area.told((2, 3), 5, 6, area.read(5, 6))
        'area(width=2, height=3) returned 5, but 6 is correct'
        """
        if self.words is not None and difference.where == "values":
            return self.words(*args, value, expected)
        return f"{self.call(args)} returned {difference.told}"

    def call(self, args: Args) -> str:
        """The call as a student would write it, arrays by their shape; for an array, what it is applied to.

        >>> Exercise("area", "area", ("width", "height"), lambda w, h: w * h).call((2, 3))
        'area(width=2, height=3)'
        """
        if self.as_function is not None:
            return f"{self.name} on {', '.join(self._brief(value) for value in args)}"
        shown = (f"{name}={self._brief(value)}" for name, value in zip(self.parameters, args, strict=True))
        return f"{self.name}({', '.join(shown)})"

    def _brief(self, value: Any) -> str:
        if not isinstance(value, np.ndarray):
            return repr(value)
        names = [name for name, given in self.given.items() if np.array_equal(given, value)]
        if self.as_function is not None and names:
            return names[0]
        return f"<{' x '.join(map(str, value.shape))}>"
