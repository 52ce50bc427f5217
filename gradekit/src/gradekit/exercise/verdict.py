"""`check` and its verdict, as HTML, as plain text, and as a JSON record for reports."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from .find_mistake import diagnose
from .mistake import Args, Diagnosis
from .registry import find

MIME = "application/vnd.gradekit.verdict+json"
HAPPENED, STEPS, CAUSE, HINT, NOTE, MORE = "What happened: ", "Steps: ", "Cause: ", "Hint: ", "Note: ", "And: "
HEADS: dict[str, str] = {
    "right": "right in {cases} tried",
    "unwritten": "not written yet",
    "no-answer": "nothing to check yet",
    "slow": "no answer in time",
    "stopped": "stopped with an error",
}

_last_hint: tuple[Any, str, str] | None = None  # the answer, what showed the hint, the hint


def check(exercise_id: str, answer: Any) -> Verdict:
    """Try an answer on small cases, and say what happened, with a hint where the evidence singles out a mistake.

    Grading tries other cases, so that nothing here promises points. Raises UnknownExercise for an unknown id.

    >>> from gradekit import Exercise, Mistake, register
    >>> register(Exercise("area", "area", ("w", "h"), lambda w, h: w * h, visible=[(2, 3), (1, 5)], probes=[(4, 4)],
    ...          mistakes=[Mistake("half-the-outline", lambda w, h: w + h, "It adds the sides.", "Draw the squares.")]))
    >>> print(check("area", lambda width, height: height + width))
    area: not yet.
    What happened: `area(w=2, h=3)` returned 5.
    Cause: It adds the sides.
    Hint: Draw the squares.
    """
    diagnosis = diagnose(find(exercise_id), answer)
    if diagnosis.found:
        _once(answer, "check", _words(diagnosis))
    return Verdict(diagnosis)


class Verdict:
    """The result of `check`. A notebook shows it; `right`, `mistakes` and `case` are for code."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis

    @property
    def right(self) -> bool:
        """Right in every case that was tried. Grading tries others."""
        return self.diagnosis.right

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of the mistakes, empty unless the evidence singles them out."""
        return self.diagnosis.mistakes

    @property
    def case(self) -> Args | None:
        """The arguments of the smallest case that is not right: call your function with `*verdict.case`."""
        return self.diagnosis.case

    def __str__(self) -> str:
        return "\n".join([head(self.diagnosis), *(f"{label}{text}" for label, text in lines(self.diagnosis))])

    __repr__ = __str__

    def record(self) -> dict[str, Any]:
        """What a report needs: no source, no case, no result."""
        return record(self.diagnosis)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": html(self.diagnosis), MIME: self.record()}


def record(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis for json.dumps: no source, no case, no result."""
    return {
        "exercise": diagnosis.exercise,
        "right": diagnosis.right,
        "kind": diagnosis.kind,
        "mistakes": list(diagnosis.mistakes),
        "right_cases": diagnosis.right_cases,
        "cases": diagnosis.cases,
    }


def head(diagnosis: Diagnosis) -> str:
    """The first line: the answer's name and how it stands."""
    cases = {1: "the one case", 2: "both cases"}.get(diagnosis.cases, f"all {diagnosis.cases} cases")
    how = HEADS.get(diagnosis.kind, "not yet").format(cases=cases)
    return f"{diagnosis.answer}: {how}."


def lines(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """The other lines, each a label and a text."""
    did, helps = ([getattr(found, name) for found in diagnosis.found] for name in ("did", "helps"))
    helps += [diagnosis.advice] if diagnosis.advice and not diagnosis.right else []
    derived = f" {diagnosis.derivation}." if diagnosis.derivation else ""
    return [
        *([(HAPPENED, diagnosis.seen + derived)] if diagnosis.seen else []),
        *([(STEPS, _steps(diagnosis))] if any(holds for _, holds in diagnosis.steps) else []),
        *_labelled(CAUSE, did),
        *_labelled(HINT, helps),
        *[(NOTE, note) for note in diagnosis.notes],
        *([("", diagnosis.advice)] if diagnosis.right and diagnosis.advice else []),
    ]


def _steps(diagnosis: Diagnosis) -> str:
    return "; ".join(f"{name}: {'right' if holds else 'not yet'}" for name, holds in diagnosis.steps) + "."


def _labelled(label: str, texts: list[str]) -> list[tuple[str, str]]:
    told = [text for text in texts if text]
    return [(MORE if i else label, text) for i, text in enumerate(told)]


def hint(diagnosis: Diagnosis | None, answer: Any, where: str, seen: bool = False) -> str:
    """What a graded cell adds where points are lost: the mistakes that are singled out, in the words of the check.

    It is "" where nothing is singled out. With `seen` the case of the check is shown too: a visible one or a probe,
    never a fresh one. What was shown for this answer before, by another cell than `where`, is not repeated.
    """
    if diagnosis is None or not diagnosis.found:
        return ""
    return _once(answer, where, _words(diagnosis), _words(diagnosis, seen))


def _words(diagnosis: Diagnosis, seen: bool = False) -> str:
    told = diagnosis if seen else replace(diagnosis, seen="", steps=(), notes=())
    return "".join(f"\n{label}{text}" for label, text in lines(told))


def _once(answer: Any, where: str, words: str, shown: str = "") -> str:
    """The hint, or its first sentence where another cell has shown it for this answer."""
    global _last_hint
    if _last_hint and _last_hint[0] is answer and _last_hint[2] == words and _last_hint[1] != where:
        return f"{words.split(f'{chr(10)}{HINT}')[0]} The hint above is for this cell as well."
    _last_hint = answer, where, words
    return shown or words


# Lab sets these colors for its light and its dark theme; elsewhere the second ones hold, on white and on black.
_BAR = {True: "var(--jp-success-color1, #388e3c)", False: "var(--jp-warn-color1, #ef6c00)"}
_BOX = "border-left: 4px solid {bar}; padding: 0.3em 0 0.3em 0.8em; margin: 0.3em 0; line-height: 1.45; max-width: 46em"


def html(diagnosis: Diagnosis) -> str:
    """The verdict as a labelled section; text takes the colors of the page around it."""
    shown = "".join(_paragraph(label, text) for label, text in lines(diagnosis))
    title = escape(head(diagnosis))
    box = _BOX.format(bar=_BAR[diagnosis.right])
    return f'<section aria-label="{title}" style="{box}"><strong>{title}</strong>{shown}</section>'


def _paragraph(label: str, text: str) -> str:
    name = f"<em>{escape(label.strip())}</em> " if label else ""
    return f'<p style="margin: 0.3em 0 0">{name}{with_code(text)}</p>'


def with_code(text: str) -> str:
    """Text as HTML, what is between backticks as code."""
    parts = enumerate(text.split("`"))
    return "".join(
        f"<code>{escape(part, quote=False)}</code>" if i % 2 else escape(part, quote=False) for i, part in parts
    )
