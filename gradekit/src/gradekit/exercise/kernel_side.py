"""The kernel's side of grading: call a student's function on the requested cases.

Whether that is correct is decided in another process, since a student's code may have changed everything in this one.
A notebook that is graded by its own asserts does not use it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from .run import Outcome, TookTooLong, run
from .serialize import decode, encode, encode_outcome

ANSWERS = "application/x-gradekit-answers"  # the MIME type of the output that carries them


def answers(answer: Callable[[], Any], request: dict[str, Any]) -> str:
    """What the student's function did in each case, as JSON; its value where it is not a function.

    >>> answers(lambda: 5, {"cases": []})
    '{"function": false, "value": {"int": "5"}, "outcomes": []}'
    """
    found = answer()
    function = callable(found)
    outcomes = list(_outcomes(found, request)) if function else []
    value = None if function else encode(found)
    return json.dumps({"function": function, "value": value, "outcomes": [encode_outcome(one) for one in outcomes]})


def _outcomes(function: Any, request: dict[str, Any]) -> Iterator[Outcome]:
    """One for each case, up to the first that takes too long or is not written yet."""
    until = time.process_time() + (request["altogether"] or float("inf")) if request["cases"] else 0.0
    for case in request["cases"]:
        args = [decode(value) for value in case]
        outcome = run(function, args, request["seconds"], request["times"], request.get("forbidden", ()))
        yield outcome
        if isinstance(outcome.error, TookTooLong | NotImplementedError) or time.process_time() > until:
            return
