"""Answers that no mistake explains: grouped by what they return, with a stub that makes a mistake of a group.

The stub is a rule of results. It names the same answers when it is pasted into the exercise; a teacher who has
understood what they do writes the rule as a formula, and gives it its sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradekit.class_report.model import Returned
from gradekit.exercise.compare import comparable, shown
from gradekit.exercise.find_mistake import DOES_NOT_FIT
from gradekit.exercise.mistake import case_key
from gradekit.exercise.model import Exercise
from gradekit.exercise.serialize import decode
from gradekit.judge.records import cases_digest

Record = dict[str, Any]
LONGEST_STUB = 20_000  # characters
UNRECOGNIZED, STOPPED = "Unrecognized mistake", "stopped with "
PLAIN = re.compile(r"returned ([-\d(\['\"][^`A-Za-z]*|True|False|None)$")  # a value in a sentence
STUB = """\
gradekit.Mistake(
    "name-of-the-mistake",  # {answers} to {exercise}
    gradekit.as_returned(
        {{
{results}
        }}
    ),
    did="It ...",  # what it does: true of each answer with these results
    helps="...",  # where to look next; never the correct result
),"""
FIT_NAMES = {error.__name__ for error in DOES_NOT_FIT}


def is_current(exercise: Exercise, record: Record) -> bool:
    """Whether a record is about the fixed cases that the exercise has now."""
    return bool(record.get("of") == cases_digest(exercise))


def key(record: Record) -> str:
    """What the answers of a group have in common."""
    if record["kind"] == "right":
        return "right"
    return json.dumps([record["kind"], record["returned"] or record["seen"]])


def headings(exercise: Exercise, groups: Sequence[Record], case: int | None) -> list[str]:
    """What the answers of each group do, each in other words: on this case where it tells them apart."""
    found: list[str] = []
    board, results = [*literals(exercise)], [returned(exercise, record) for record in groups]
    for record, own in zip(groups, results, strict=True):
        if record["kind"] == "right":
            found.append("Correct in every fixed case, and not in the fresh ones. Another fixed case could tell why.")
            continue
        failed = [n for n in board if n < len(own) and not own[n].passed]
        alike = {n: sum(n < len(some) and some[n].value == own[n].value for some in results) for n in failed}
        cases = sorted(failed, key=lambda n: (alike[n], n != case))
        words = [f"{UNRECOGNIZED}: {said}" for said in [*(sentence(own[n]) for n in cases), seen(record)]]
        found.append(next((said for said in words if said not in found), f"{words[0]} ({len(found) + 1})"))
    return found


def sentence(case: Returned) -> str:
    """What happened on a case, in words; values are between backticks."""
    if case.value.startswith(STOPPED):
        return f"`{case.call}` {case.value}"
    return f"`{case.call}` returned `{case.value}`, not `{case.correct}`"


def seen(record: Record) -> str:
    """What a student reads of the smallest case, with a plain value between backticks."""
    said = PLAIN.sub(r"returned `\1`", record["seen"].removesuffix("."))
    return f"{said}. {record['derivation']}." if record["derivation"] else said


def returned(exercise: Exercise, record: Record) -> list[Returned]:
    """What the answers returned, case by case."""
    if not is_current(exercise, record) or not record["returned"]:
        return []
    cases = zip(exercise.expected, record["returned"], record["passed"], strict=False)
    return [
        Returned(exercise.call(args), text(said), brief(correct), passed) for (args, correct), said, passed in cases
    ]


def text(said: dict[str, Any]) -> str:
    """A result as text on one line."""
    if "error" in said:
        return STOPPED + str(said["error"][0])
    return brief(decode(said["value"]))


def brief(value: Any) -> str:
    """A value as text on one line, a large array by its shape."""
    if isinstance(value, np.ndarray) and value.size > 9:
        return f"<{' x '.join(map(str, value.shape))}>"
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return f"{value:.6g}" if isinstance(value, float) and not value.is_integer() else shown(value)


def stub(exercise: Exercise, record: Record, answers: int) -> str:
    """A mistake whose rule is what these answers returned, as a line of Python; "" where results make no rule."""
    if record["kind"] == "right" or exercise.variants or not is_current(exercise, record) or not record["returned"]:
        return ""
    if len(record["returned"]) < len(exercise.expected):
        return ""
    lines = []
    for (args, _), said in zip(exercise.expected, record["returned"], strict=True):
        if "error" in said:
            if not FIT_NAMES & set(said["error"]):
                return ""  # only these errors are compared with a rule's
            continue
        literal = _literal(comparable(decode(said["value"])))
        if literal is None:
            return ""
        key = case_key(args)
        lines.append(f"            {key!r}: {literal},{f'  # {exercise.call(args)}' if isinstance(key, str) else ''}")
    many = "1 answer" if answers == 1 else f"{answers} answers"
    made = STUB.format(answers=many, exercise=exercise.id, results="\n".join(lines))
    return made if lines and len(made) <= LONGEST_STUB else ""


def _literal(value: Any) -> str | None:
    """A plain result as Python code, or None for what is not."""
    if isinstance(value, np.ndarray):
        return None if not np.isfinite(value).all() else f"np.array({json.dumps(value.tolist())}, dtype=float)"
    if isinstance(value, tuple):
        items = [_literal(item) for item in value]
        return None if None in items else f"({', '.join(map(str, items))}{',' if len(items) == 1 else ''})"
    if type(value) not in (bool, int, float, str) or (isinstance(value, float) and not np.isfinite(value)):
        return None  # a repr in a dictionary or a set may be the student's own text
    return repr(value)


def literals(exercise: Exercise) -> Iterable[int]:
    """Indices of the fixed cases that can be written on a board: no arrays in them."""
    return (n for n, (args, _) in enumerate(exercise.expected) if not any(isinstance(a, np.ndarray) for a in args))
