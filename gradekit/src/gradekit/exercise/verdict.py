"""How a diagnosis is shown: as HTML for either theme, as plain text that reads well aloud, and as a small record."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from .diagnose import diagnose
from .diagnosis import Diagnosis
from .exercise import Args, Exercise

MIME = "application/vnd.convkit.verdict+json"

HEADS: dict[str, str] = {
    "right": "right in all {cases} cases tried",
    "unwritten": "not written yet",
    "no-answer": "nothing to check yet",
    "slow": "no answer in time",
    "stopped": "stopped with an error",
}


class Verdict:
    """What `convkit.check` gives back. A notebook shows it; `right`, `mistakes` and `case` are for code."""

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
        return "\n".join([f"{head(self.diagnosis)}", *(f"{label}{text}" for label, text in lines(self.diagnosis))])

    __repr__ = __str__

    def record(self) -> dict[str, Any]:
        """What a report needs: no source, no case, no result."""
        seen = self.diagnosis
        return {
            "exercise": seen.exercise,
            "right": seen.right,
            "kind": seen.kind,
            "mistakes": list(seen.mistakes),
            "right_cases": seen.right_cases,
            "cases": seen.cases,
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": html(self.diagnosis), MIME: self.record()}


def head(diagnosis: Diagnosis) -> str:
    """The first line: the answer's name and how it stands."""
    how = HEADS.get(diagnosis.kind, "not yet").format(cases=diagnosis.cases)
    return f"{diagnosis.answer}: {how}."


def lines(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """The other lines, each a label and a text."""
    did, helps = ([getattr(found, name) for found in diagnosis.found] for name in ("did", "helps"))
    helps += [diagnosis.advice] if diagnosis.advice and not diagnosis.right else []
    derived = f" {diagnosis.derivation}." if diagnosis.derivation else ""
    return [
        *([("What was seen: ", diagnosis.seen + derived)] if diagnosis.seen else []),
        *[("What was done: ", text) if i == 0 else ("And: ", text) for i, text in enumerate(did)],
        *[("What could help: ", text) if i == 0 else ("And: ", text) for i, text in enumerate(helps)],
        *[("Note: ", note) for note in diagnosis.notes],
        *([("", diagnosis.advice)] if diagnosis.right else []),
    ]


def known(asked: Exercise, answer: Any, seen: bool = False) -> str:
    """What a graded cell adds where points are lost: the mistakes that are singled out, in the words of the check.

    It never raises, and "" says that nothing is singled out. With `seen`, the case of the check stands there too:
    one of the notebook's or a probe, never a hidden one.
    """
    try:
        diagnosis = diagnose(asked, answer)
    except Exception:
        return ""
    if not diagnosis.found:
        return ""
    told = lines(diagnosis) if seen else lines(replace(diagnosis, seen="", notes=()))
    return "".join(f"\n{label}{text}" for label, text in told)


# Lab sets these colours for its light and its dark theme; elsewhere the second ones hold, on white and on black.
_BAR = {True: "var(--jp-success-color1, #388e3c)", False: "var(--jp-warn-color1, #ef6c00)"}
_BOX = "border-left: 4px solid {bar}; padding: 0.3em 0 0.3em 0.8em; margin: 0.3em 0; line-height: 1.45; max-width: 46em"


def html(diagnosis: Diagnosis) -> str:
    """The verdict as a section with a label of its own; text takes the colours of the page around it."""
    shown = "".join(_paragraph(label, text) for label, text in lines(diagnosis))
    title = escape(head(diagnosis))
    box = _BOX.format(bar=_BAR[diagnosis.right])
    return f'<section aria-label="{title}" style="{box}"><strong>{title}</strong>{shown}</section>'


def _paragraph(label: str, text: str) -> str:
    marked = "".join(
        f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(text.split("`"))
    )
    name = f"<em>{escape(label.strip())}</em> " if label else ""
    return f'<p style="margin: 0.3em 0 0">{name}{marked}</p>'
