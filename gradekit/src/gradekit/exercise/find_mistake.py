"""Find the known mistake in an answer; where there is none, say what happened and where to look.

A mistake is named only if it agrees with the answer in every case, and no other known one does. Where none is singled
out, the smallest case that differs is shown, in the student's own numbers. Only the visible cases and the probes are
used: no fresh case, and no oracle.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import generic_mistakes as generic
from .compare import agrees, comparable, plain, whole
from .error_hints import meaning, stopped
from .mistake import Args, Diagnosis, Found, Kind, Mistake
from .model import Exercise
from .run import TookTooLong
from .trial import Trial, Tried, size, takes_shortcut, try_out

DOES_NOT_FIT = (ValueError, IndexError)  # what a rule for other shapes raises
SHORTCUT = "It calls a ready-made function, which is allowed here. Can you write the rule yourself as well?"
SMALL = 30  # a number up to this one is met by some pair of mistakes by chance


def diagnose(asked: Exercise, answer: Any) -> Diagnosis:
    """What is seen of an answer, and the mistakes that it singles out.

    >>> area = Exercise("area", "area", ("w", "h"), lambda w, h: w * h, visible=[(2, 3), (1, 5)], probes=[(4, 4)],
    ...                 mistakes=[Mistake("half-the-outline", lambda w, h: w + h, "It adds the sides.")])
    >>> diagnose(area, lambda width, height: height + width).mistakes
    ('half-the-outline',)
    """
    if asked.diagnose is not None:
        return asked.diagnose(asked, answer)
    try:
        function = asked.function(answer)
    except TypeError as error:
        call = f'`check("{asked.id}", {asked.name})`'
        advice = f"Pass the function itself, by its name and without parentheses: {call}."
        return Diagnosis(asked.id, asked.name, "no-answer", seen=f"A{str(error)[1:]}.", advice=advice)
    if not asked.expected:
        advice = "This question has no example cases: the graded cells check it."
        return Diagnosis(asked.id, asked.name, "no-answer", advice=advice)
    trial = try_out(asked, function)
    shortcut = all(case.right for case in trial.cases) and takes_shortcut(asked, function)
    return replace(_with_notes(_judge(asked, trial), asked, trial.cases, shortcut), tried=trial.cases)


def _judge(asked: Exercise, trial: Trial) -> Diagnosis:
    cases = trial.cases
    last, blank = cases[-1], Diagnosis(asked.id, asked.name, "differs")
    if trial.called:
        where = f" in your line `{last.outcome.line}`." if last.outcome.line else "."
        seen = f"`{asked.call(last.args)}` called a ready-made function{where}"
        return replace(blank, kind="mistake", found=(generic.FORBIDDEN_CALL,), seen=seen)
    if isinstance(cases[0].outcome.error, NotImplementedError):
        return replace(
            blank, kind="unwritten", advice="Replace the line that raises NotImplementedError with your own code."
        )
    if isinstance(last.outcome.error, TookTooLong):
        seen = f"`{asked.call(last.args)}` {stopped(last.outcome)}"
        return replace(blank, kind="slow", seen=seen, advice=meaning(asked, last.outcome), case=last.args)
    if all(case.right for case in cases):
        return _right(asked, cases)
    if not trial.steady:
        return _mistake(asked, generic.REMEMBERS, _first(cases))
    return _known(asked, cases) or _of_form(asked, cases) or _unknown(asked, cases)


def _mistake(asked: Exercise, found: Found, case: Tried) -> Diagnosis:
    return Diagnosis(asked.id, asked.name, "mistake", (found,), _gave(asked, case), case=case.args)


def _right(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis:
    changed = [case for case in cases if case.outcome.changed]
    if not changed:
        return Diagnosis(asked.id, asked.name, "right", advice=asked.next_step)
    first = min(changed, key=_order)
    names = " and ".join(f"`{asked.parameters[i]}`" for i in first.outcome.changed)
    seen = f"`{asked.call(first.args)}` returned the right result, and changed its {names}."
    return Diagnosis(asked.id, asked.name, "mistake", (generic.CHANGES_INPUT,), seen, case=first.args)


# -- known mistakes ----------------------------------------------------------------------------------------------------


def _known(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis | None:
    found, form = single_out(asked, cases)
    if found is None:
        return None
    first = min((case for case in cases if not case.right), key=lambda case: _telling(found, case))
    told = tuple(Found(mistake.name, mistake.did, mistake.helps) for mistake in found.single)
    return replace(_mistake(asked, told[0], first), found=(*told, *form), derivation=_derivation(found, first))


def single_out(asked: Exercise, cases: Sequence[Tried]) -> tuple[Mistake | None, tuple[Found, ...]]:
    """The known mistake that agrees with an answer in all cases, if it is one alone; and that it gives floats.

    Two mistakes at once are considered where no single one fits, and the results are more than a small number.
    """
    values = [comparable(case.value) for case in cases]
    counts = [whole(value) for value in values]
    telling = len(cases) > 1 or not isinstance(values[0], int | float | None) or abs(values[0] or 0) > SMALL
    results = [(values, ()), (counts, (generic.FLOATS,))] if _is_changed(values, counts) else [(values, ())]
    for given, form in results:
        fitting = _fitting(asked.mistakes, cases, given) or (_fitting(asked.combined, cases, given) if telling else [])
        if fitting:
            return (fitting[0] if len({mistake.name for mistake in fitting}) == 1 else None), form
    return None, ()


def _fitting(mistakes: Sequence[Mistake], cases: Sequence[Tried], values: Sequence[Any]) -> list[Mistake]:
    return [mistake for mistake in mistakes if _fits(mistake, cases, values)]


def _is_changed(values: Sequence[Any], counts: Sequence[Any]) -> bool:
    pairs = zip(values, counts, strict=True)
    return any(repr(value) != repr(count) for value, count in pairs if not isinstance(value, np.ndarray))


def _fits(mistake: Mistake, cases: Sequence[Tried], values: Sequence[Any]) -> bool:
    """Whether the mistake leads to what the answer returned, in every case. The probes come first: they tell most."""
    order = sorted(range(len(cases)), key=lambda i: cases[i].visible)
    return all(_agrees_in(mistake, cases[i], values[i]) for i in order)


def _agrees_in(mistake: Mistake, case: Tried, value: Any) -> bool:
    try:
        predicted = predict(mistake, case.args)
    except DOES_NOT_FIT:
        return isinstance(case.outcome.error, DOES_NOT_FIT)
    except Exception:
        return False
    return case.outcome.error is None and agrees(value, comparable(predicted))


def predict(mistake: Mistake, args: Args) -> Any:
    """What the mistake returns on a case, which it leaves unchanged."""
    with np.errstate(all="ignore"):
        return mistake.rule(*copy.deepcopy(args))


def _telling(mistake: Mistake, case: Tried) -> tuple[bool, bool, float]:
    """The notebook's cases first, then those on which each of two mistakes shows, then small ones."""
    here = plain(predict(mistake, case.args)) if case.outcome.error is None else None
    hidden = here is None or any(agrees(plain(predict(one, case.args)), here) for one in mistake.both)
    return not case.visible, hidden, size(case.args)


def _derivation(mistake: Mistake, case: Tried) -> str:
    words, value = mistake.derive(*case.args), plain(case.value)
    if not words:
        return ""
    words = f"One way to get there: {words}"
    if isinstance(value, np.ndarray) or value is None:
        return words
    sums = isinstance(value, int | float) and ";" not in words
    shown = str(value) if isinstance(value, int) or not sums else f"{value:.4g}"
    return f"{words} = {shown}" if sums else f"{words}, which gives {value}"


# -- mistakes of form, and in where an answer is right -----------------------------------------------------------------


def _of_form(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis | None:
    found = (
        generic.page_only(cases)
        or generic.always_the_same(cases)
        or generic.several_times(cases)
        or _pattern(asked, cases)
    )
    if found is None and not any(case.outcome.error for case in cases):
        found = generic.no_return(cases) or _floats(asked, cases) or generic.of_arrays(cases)
    if found is None:
        return None
    without = found in (generic.NO_RETURN, generic.PRINT_FOR_RETURN)
    return _mistake(asked, found, _first([case for case in cases if case.value is None] if without else cases))


def _pattern(asked: Exercise, cases: Sequence[Tried]) -> Found | None:
    right = [case.right for case in cases]
    for pattern in asked.patterns:
        here = [bool(pattern.right_where(*case.args)) for case in cases]
        if pattern.by_chance:
            here = [inside or by_chance for inside, by_chance in zip(here, right, strict=True)]
        if here == right and 3 <= sum(right) <= len(cases) - 2:
            return Found(pattern.name, pattern.did, pattern.helps)
    return None


def _floats(asked: Exercise, cases: Sequence[Tried]) -> Found | None:
    """Every number is right, and some are floats."""
    values = [plain(case.value) for case in cases]
    counts = [whole(value) for value in values]
    right = [asked.read(value, case.expected) is None for value, case in zip(counts, cases, strict=True)]
    return generic.FLOATS if all(right) and _is_changed(values, counts) else None


# -- nothing singled out -----------------------------------------------------------------------------------------------


def _unknown(asked: Exercise, cases: Sequence[Tried]) -> Diagnosis:
    errors = [case for case in cases if case.outcome.error is not None]
    first = _first(errors or cases)
    kind: Kind = "stopped" if errors else "differs"
    advice = meaning(asked, first.outcome) if errors else _advice(first)
    return Diagnosis(asked.id, asked.name, kind, seen=_gave(asked, first), advice=advice, case=first.args)


def _advice(case: Tried) -> str:
    where = case.difference.where if case.difference else "values"
    if case.difference and (where == "type" or (where == "shape" and not isinstance(case.expected, np.ndarray))):
        kind = case.difference.right
        return f"{kind[0].upper()}{kind[1:]} is needed. Look at your line with `return`."
    if where == "shape":
        return "The result needs a different shape. Work out its size, axis by axis."
    return "This result is not correct. Work it out by hand, and compare with your function step by step."


def contrast(asked: Exercise, cases: Sequence[Tried]) -> str:
    """What separates the right cases from the others; "" where nothing does, or where there are too few of either."""
    right, others = ([case.args for case in cases if case.right is wanted] for wanted in (True, False))
    if min(len(right), len(others)) < 2:
        return ""
    for here, there, holds in asked.contrasts:
        in_right, in_others = {bool(holds(*args)) for args in right}, {bool(holds(*args)) for args in others}
        if len(in_right) == len(in_others) == 1 and in_right != in_others:
            first, second = (here, there) if True in in_right else (there, here)
            return f"It is correct in all cases tried {first}, and in none {second}."
    return ""


# -- words -------------------------------------------------------------------------------------------------------------


def _order(case: Tried) -> tuple[bool, float]:
    """The notebook's cases first, small ones first."""
    return not case.visible, size(case.args)


def _first(cases: Sequence[Tried]) -> Tried:
    """The first case in that order that is not right."""
    return min((case for case in cases if not case.right), key=_order)


def _gave(asked: Exercise, case: Tried) -> str:
    if case.outcome.error is not None:
        return f"`{asked.call(case.args)}` {stopped(case.outcome)}"
    seen = case.difference.seen if case.difference else "the correct result"
    return f"`{asked.call(case.args)}` returned {seen}."


def _with_notes(diagnosis: Diagnosis, asked: Exercise, cases: Sequence[Tried], shortcut: bool) -> Diagnosis:
    notes, found = [], diagnosis.found
    if not found and diagnosis.kind in ("differs", "stopped"):
        shown = next(case for case in cases if case.args is diagnosis.case)
        notes += [told] if (told := contrast(asked, cases)) else []
        if not shown.visible and any(isinstance(value, np.ndarray) for value in shown.args):
            notes.append(
                f"This case is not in the notebook. After `verdict = ...`, `{asked.name}(*verdict.case)` runs it."
            )
    steps = _steps(asked, cases) if diagnosis.kind in ("mistake", "differs", "stopped") else ()
    changed = any(case.outcome.changed for case in cases) and generic.CHANGES_INPUT not in found
    if changed and diagnosis.kind in ("mistake", "differs", "stopped"):
        found = (*found, generic.CHANGES_INPUT)
    if shortcut:
        notes.append(SHORTCUT)
    if any(case.outcome.printed for case in cases) and generic.PRINT_FOR_RETURN not in found:
        notes.append("It also prints something. That does no harm: only the value that it returns counts.")
    kind = "mistake" if found and diagnosis.kind == "differs" else diagnosis.kind
    right = sum(case.right for case in cases)
    seen = replace(diagnosis, kind=kind, found=found, steps=steps, notes=tuple(notes))
    return replace(seen, right_cases=right, cases=len(cases))


def _steps(asked: Exercise, cases: Sequence[Tried]) -> tuple[tuple[str, bool], ...]:
    """Whether the shape, if results are arrays, and each aspect are right in all cases that show them."""
    if not asked.aspects:
        return ()
    shapes = [np.shape(plain(case.value)) == case.expected.shape for case in cases if hasattr(case.expected, "shape")]
    shown = {name: [case.right for case in cases if shows(*case.args)] for name, shows in asked.aspects.items()}
    holds = {**({"shape": shapes} if shapes else {}), **shown}
    return tuple((name, all(right)) for name, right in holds.items() if right)
