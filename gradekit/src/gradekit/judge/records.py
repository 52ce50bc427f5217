"""What reports need of a check that failed: the diagnosis of its answer, as JSON in an output of the graded cell.

Students' pages don't show this output. A kernel can't write one: `preprocessor` drops those that it sends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from gradekit.exercise.mistake import Diagnosis
from gradekit.exercise.model import Exercise
from gradekit.exercise.registry import exercises
from gradekit.exercise.serialize import encode
from gradekit.exercise.trial import Tried
from gradekit.exercise.verdict import record
from gradekit.judge.outputs import new_output, plain

MIME = "application/vnd.gradekit.diagnosis+json"
LONGEST = {True: 2_000, False: 60_000}  # characters of results that are kept, where a mistake is named and elsewhere


def output(diagnosis: Diagnosis) -> Any:
    """The output for a graded cell whose answer has this diagnosis."""
    exercise = exercises()[diagnosis.exercise]
    # Where the visible cases are those of one student, all have the probes in common.
    tried = [case for case in diagnosis.tried if not (case.visible and exercise.variants)]
    returned = [_encoded(case) for case in tried]
    short = len(json.dumps(returned)) <= LONGEST[bool(diagnosis.found)]
    about = {
        **record(diagnosis),
        "found": [[found.name, found.did, found.helps] for found in diagnosis.found],
        "seen": diagnosis.seen,
        "derivation": diagnosis.derivation,
        "advice": diagnosis.advice,
        "passed": [case.right for case in tried],  # by fixed case, as far as they were tried
        "returned": returned if short else None,
        "of": cases_digest(exercise),
    }
    return new_output("display_data", data={MIME: plain(about)})


def _encoded(case: Tried) -> dict[str, Any]:
    error = case.outcome.error
    return {"value": encode(case.value)} if error is None else {"error": [k.__name__ for k in type(error).__mro__]}


@cache
def cases_digest(exercise: Exercise) -> str:
    """A digest of the fixed cases: records of other cases can't be compared."""
    return hashlib.sha256(json.dumps([encode(args) for args, _ in exercise.expected]).encode()).hexdigest()[:12]


def is_record(output: Any) -> bool:
    """Whether an output of a cell is one of these."""
    return MIME in (output.get("data") or {})


def read(outputs: Iterable[Any]) -> dict[str, Any] | None:
    """The diagnosis in the outputs of a graded cell, or None."""
    return next((output["data"][MIME] for output in outputs if is_record(output)), None)
