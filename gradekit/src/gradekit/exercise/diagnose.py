"""Which mistake was it? One is named only if it agrees with the answer in every case, and no other known one does.

Where nothing is singled out, the smallest case that differs is shown, in the student's own numbers, and nothing is
guessed. Only the notebook's cases and the probes are used: no hidden case, and no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import slips
from .agree import agrees, plain, whole
from .contrasts import contrast
from .diagnosis import Diagnosis, Found
from .edge_kernel import diagnose_kernel
from .errors import meaning, stopped
from .exercise import Exercise
from .ideas import IDEAS
from .mistakes import MISTAKES, PATTERNS, Mistake
from .run import TookTooLong
from .trial import Trial, Tried, size, try_out

FITS_NOT = (ValueError, IndexError)  # what a rule for the wrong shapes ends in


def diagnose(asked: Exercise, answer: Any) -> Diagnosis:
    """What is seen of an answer, and the mistakes that it singles out.

    >>> from convkit.lesson import exercise
    >>> diagnose(exercise("layer-params"), lambda k, c, f: k * k * c * f).mistakes
    ('no-bias',)
    """
    if asked.id == "edge-filter":
        return diagnose_kernel(asked, answer)
    try:
        function = asked.as_function(answer)
    except TypeError as error:
        return Diagnosis(
            asked.id,
            asked.name,
            "no-answer",
            seen=f"A{str(error)[1:]}.",
            advice=_NO_FUNCTION.format(asked.id, asked.name),
        )
    trial = try_out(asked, function)
    if trial.called:
        seen = f"`{asked.call(trial.cases[-1].args)}` called `{trial.called}`."
        return Diagnosis(asked.id, asked.name, "mistake", (slips.READY_MADE,), seen, cases=len(trial.cases))
    return _with_notes(_judge(asked, trial), asked, trial.cases)


_NO_FUNCTION = 'Hand over the function itself, by its name and without brackets: `convkit.check("{}", {})`.'


def _judge(asked: Exercise, trial: Trial) -> Diagnosis:
    cases = trial.cases
    last, blank = cases[-1], Diagnosis(asked.id, asked.name, "differs")
    if isinstance(cases[0].outcome.error, NotImplementedError):
        return replace(blank, kind="unwritten", advice="Replace the line that raises NotImplementedError by your own.")
    if isinstance(last.outcome.error, TookTooLong):
        seen = f"`{asked.call(last.args)}` {stopped(last.outcome)}"
        return replace(blank, kind="slow", seen=seen, advice=meaning(asked, last.outcome), case=last.args)
    if all(case.right for case in cases):
        return _right(asked, cases)
    if not trial.steady:
        first = min((case for case in cases if not case.right), key=_order)
        return Diagnosis(asked.id, asked.name, "mistake", (slips.REMEMBERS,), _gave(asked, first), case=first.args)
    return _known(asked, cases) or _of_form(asked, cases) or _unknown(asked, cases)


def _right(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis:
    changed = slips.changes_input(cases)
    if not changed:
        return Diagnosis(asked.id, asked.name, "right", advice=IDEAS[asked.id])
    first = min((case for case in cases if case.outcome.changed), key=_order)
    names = " and ".join(f"`{asked.parameters[i]}`" for i in first.outcome.changed)
    seen = f"`{asked.call(first.args)}` gave what belongs there, and left its {names} changed."
    return Diagnosis(asked.id, asked.name, "mistake", (changed,), seen, case=first.args)


# -- known mistakes ----------------------------------------------------------------------------------------------------


def _known(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis | None:
    values = [plain(case.value) for case in cases]
    found = _single_out(asked.id, cases, values)
    form: tuple[Found, ...] = ()
    if found is None and any(
        type(whole(value)) is not type(value) or whole(value) != value for value in _small(values)
    ):
        values = [whole(value) for value in values]
        found, form = _single_out(asked.id, cases, values), (slips.FLOATS,)
    if found is None:
        return None
    first = min((case for case in cases if not case.right), key=lambda case: _telling(found, case))
    told = tuple(Found(mistake.name, mistake.did, mistake.helps) for mistake in found.single)
    return Diagnosis(
        asked.id, asked.name, "mistake", (*told, *form), _gave(asked, first), _derivation(found, first), case=first.args
    )


def _small(values: Sequence[Any]) -> Iterator[Any]:
    return (value for value in values if isinstance(value, int | float | tuple))


def _single_out(exercise_id: str, cases: Sequence[Tried], values: Sequence[Any]) -> Mistake | None:
    fitting = [mistake for mistake in MISTAKES[exercise_id] if _fits(mistake, cases, values)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(mistake: Mistake, cases: Sequence[Tried], values: Sequence[Any]) -> bool:
    """Does the mistake give what the answer gave, in every case? The probes come first: they tell most."""
    order = sorted(range(len(cases)), key=lambda i: cases[i].visible)
    return all(_agrees_in(mistake, cases[i], values[i]) for i in order)


def _agrees_in(mistake: Mistake, case: Tried, value: Any) -> bool:
    try:
        predicted = mistake.rule(*case.args)
    except FITS_NOT:
        return isinstance(case.outcome.error, FITS_NOT)
    except (ZeroDivisionError, OverflowError):
        return False
    return case.outcome.error is None and agrees(value, plain(predicted))


def _telling(mistake: Mistake, case: Tried) -> tuple[bool, bool, float]:
    """The notebook's cases first, then those on which each of two mistakes shows, then small ones."""
    here = plain(mistake.rule(*case.args)) if case.outcome.error is None else None
    hidden = any(agrees(plain(single.rule(*case.args)), here) for single in mistake.both) if here is not None else True
    return not case.visible, hidden, size(case.args)


def _derivation(mistake: Mistake, case: Tried) -> str:
    words, value = mistake.derive(*case.args), plain(case.value)
    if not words:
        return ""
    words = f"One way to get there: {words}"
    if isinstance(value, np.ndarray) or value is None:
        return words
    sums = isinstance(value, int | float) and ";" not in words
    gives = f" = {_number(value)}" if sums else f", which gives {value}"
    return f"{words}{gives}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"


# -- mistakes of form, and in where an answer is right -----------------------------------------------------------------


def _of_form(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis | None:
    found = slips.page_only(cases) or slips.always_the_same(cases) or _pattern(asked, cases)
    if found is None and not any(case.outcome.error for case in cases):
        found = slips.no_return(cases) or _floats(asked, cases) or slips.of_arrays(cases)
    if found is None:
        return None
    first = min((case for case in cases if not case.right), key=_order)
    if found in (slips.NO_RETURN, slips.PRINT_FOR_RETURN):
        first = min((case for case in cases if case.value is None), key=_order)
    return Diagnosis(asked.id, asked.name, "mistake", (found,), _gave(asked, first), case=first.args)


def _pattern(asked: Exercise, cases: Sequence[Tried]) -> Found | None:
    for pattern in PATTERNS.get(asked.id, ()):
        here = [pattern.right_where(*case.args) for case in cases]
        right = [case.right for case in cases]
        if pattern.by_chance:
            here = [inside or by_chance for inside, by_chance in zip(here, right, strict=True)]
        if here == right and 3 <= sum(right) <= len(cases) - 2:
            return Found(pattern.name, pattern.did, pattern.helps)
    return None


def _floats(asked: Exercise, cases: Sequence[Tried]) -> Found | None:
    """Every number is right, and some come as floats."""
    values = [whole(plain(case.value)) for case in cases]
    right = [asked.read(value, case.expected) is None for value, case in zip(values, cases, strict=True)]
    return slips.FLOATS if all(right) else None


# -- nothing singled out -----------------------------------------------------------------------------------------------


def _unknown(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis:
    errors = [case for case in cases if case.outcome.error is not None]
    first = min(errors or [case for case in cases if not case.right], key=_order)
    if errors:
        seen = f"`{asked.call(first.args)}` {stopped(first.outcome)}"
        return Diagnosis(
            asked.id, asked.name, "stopped", seen=seen, advice=meaning(asked, first.outcome), case=first.args
        )
    return Diagnosis(asked.id, asked.name, "differs", seen=_gave(asked, first), advice=_advice(first), case=first.args)


def _advice(case: Tried) -> str:
    where = case.slip.where if case.slip else "values"
    if case.slip and (where == "type" or (where == "shape" and not isinstance(case.expected, np.ndarray))):
        kind = case.slip.right.removesuffix(" is")
        return f"{kind[0].upper()}{kind[1:]} belongs there. Look at your line with `return`."
    if where == "shape":
        return "Another shape belongs there. Work the size of the result out, axis by axis."
    return "Another result belongs there. Work this case out by hand, and compare step by step with your function."


# -- words -------------------------------------------------------------------------------------------------------------


def _order(case: Tried) -> tuple[bool, float]:
    """The notebook's cases first, small ones first."""
    return not case.visible, size(case.args)


def _gave(asked: Exercise, case: Tried) -> str:
    if case.outcome.error is not None:
        return f"`{asked.call(case.args)}` {stopped(case.outcome)}"
    seen = case.slip.seen if case.slip else "it gave what belongs there"
    return f"`{asked.call(case.args)}` {seen[3:]}." if seen.startswith("it ") else f"`{asked.call(case.args)}`: {seen}."


_ARRAYS = ("pointwise", "conv2d")


def _with_notes(diagnosis: Diagnosis, asked: Exercise, cases: Sequence[Tried]) -> Diagnosis:
    notes, found = list(diagnosis.notes), diagnosis.found
    right = [case.args for case in cases if case.right]
    wrong = [case.args for case in cases if not case.right]
    if not found and diagnosis.kind in ("differs", "stopped") and (told := contrast(asked.id, right, wrong)):
        notes.append(told)
    if not found and any(case.args is diagnosis.case and not case.visible for case in cases) and asked.id in _ARRAYS:
        notes.append(
            f"This case is not on the page. `{asked.name}(*verdict.case)` runs it, if the check is in `verdict`."
        )
    changed = slips.changes_input(cases)
    if changed and diagnosis.kind in ("mistake", "differs", "stopped") and changed not in found:
        found = (*found, changed)
    if any(case.outcome.printed for case in cases) and slips.PRINT_FOR_RETURN not in found:
        notes.append("It also prints. That does no harm; the result is what it returns.")
    kind = "mistake" if found and diagnosis.kind == "differs" else diagnosis.kind
    return replace(diagnosis, kind=kind, found=found, notes=tuple(notes), right_cases=len(right), cases=len(cases))
