"""The kernel's side of grading: a student's function is called on the cases that were sent, and its answers go back.

Whether they are right is not known here, and not decided here: everything in this process may have been changed by
the code that it ran. Where a notebook is graded by its own checks, this has no part in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from .plain_data import decode, encode, encode_outcome
from .run import Outcome, TookTooLong, run

ANSWERS = "application/x-convkit-answers"  # the kind of output that carries them


def reply(answer: Callable[[], Any], request: str) -> None:
    """Answer a request, as an output of the cell. `answer` looks the student's function or array up."""
    from IPython.display import display

    display({ANSWERS: answers(answer, json.loads(request))}, raw=True)  # type: ignore[no-untyped-call]


def answers(answer: Callable[[], Any], request: dict[str, Any]) -> str:
    """What the student's function did in each case, as JSON; its value where it is no function.

    >>> answers(lambda: 5, {"cases": []})
    '{"function": false, "value": {"int": "5"}, "outcomes": []}'
    """
    found = answer()
    function = callable(found)
    outcomes = list(_outcomes(found, request)) if function else []
    value = None if function else encode(found)
    return json.dumps({"function": function, "value": value, "outcomes": [encode_outcome(one) for one in outcomes]})


def _outcomes(function: Any, request: dict[str, Any]) -> Iterator[Outcome]:
    """One for each case, up to the first that takes too long, or is not written yet."""
    until = time.monotonic() + (request["altogether"] or float("inf")) if request["cases"] else 0.0
    for case in request["cases"]:
        outcome = run(function, [decode(value) for value in case], request["seconds"], request["times"])
        yield outcome
        if isinstance(outcome.error, TookTooLong | NotImplementedError) or time.monotonic() > until:
            return
