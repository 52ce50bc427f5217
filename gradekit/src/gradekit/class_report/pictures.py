"""The exercise's own picture of a mistake: a small case, its correct result, and what the mistake makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gradekit.class_report.unexplained import is_current
from gradekit.exercise.compare import comparable
from gradekit.exercise.mistake import Args
from gradekit.exercise.model import Exercise
from gradekit.exercise.serialize import decode
from gradekit.exercise.trial import size
from gradekit.sanitize import clean_html

Case = tuple[Args, Any, Any]  # arguments, correct result, incorrect result
MOST_TRIED = 12  # cases, the smallest first


def of_mistake(exercise: Exercise | None, name: str, record: dict[str, Any] | None, sentence: str = "") -> str:
    """The picture of the fixed case that a sentence is about, or of the smallest, as clean HTML; "" for none.

    The incorrect result is what an answer returned, or that of the mistake's rule where no results are kept.
    """
    if exercise is None or exercise.picture is None or record is None or not is_current(exercise, record):
        return ""
    failed = [case for case, passed in zip(exercise.expected, record["passed"], strict=False) if not passed]
    found = [*_by_record(exercise, record), *_by_rules(exercise, name, failed)]
    found.sort(key=lambda case: (exercise.call(case[0]) not in sentence, size(case[0])))
    for args, correct, value in found[:MOST_TRIED]:
        try:
            drawn = exercise.picture(exercise, args, correct, value)
        except Exception:  # of a result that can be anything: a report without this picture is better than none
            continue
        if drawn:
            return clean_html(drawn)
    return ""


def _by_record(exercise: Exercise, record: dict[str, Any]) -> Iterator[Case]:
    """The cases that an answer failed, with what it returned, as plain data."""
    cases = zip(exercise.expected, record["returned"] or [], record["passed"], strict=False)
    return (
        (args, correct, comparable(decode(said["value"])))
        for (args, correct), said, passed in cases
        if not passed and "value" in said
    )


def _by_rules(exercise: Exercise, name: str, failed: Sequence[tuple[Args, Any]]) -> Iterator[Case]:
    """Failed cases with the result of the mistake's rule: several may have one name."""
    for rule in (mistake.rule for mistake in exercise.mistakes if name and mistake.name == name):
        for args, correct in failed:
            try:
                value = rule(*args)
            except Exception:  # a mistake may lead to an error
                continue
            if exercise.read(value, correct) is not None:
                yield args, correct, value
