"""Decide the checks of a graded cell, with correct results from outside the kernel."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

from gradekit.exercise.mistake import Args
from gradekit.exercise.oracle import true_result
from gradekit.exercise.registry import find
from gradekit.exercise.verify import NotYet, verify, verify_fresh, verify_unchanged, verify_variant
from gradekit.judge import records
from gradekit.judge.oracle_process import NoOracle
from gradekit.judge.outputs import clean, error, new_output
from gradekit.judge.parse_checks import Check
from gradekit.judge.remote import NoKernel, NoReply, Remote, Send, answer
from gradekit.judge.scores import waiting

Outputs = list[Any]
UNPROVEN = (
    "{} returns correct results, and may need the libraries whose functions are forbidden here ({}). "
    "Your instructor will look at it and give the points."
)


class Undefined(Exception):
    """The answer could not be looked up in the kernel: the name and the text of its error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name, self.text = name, text


def decide(checks: Sequence[Check], sender_for: Callable[[str], Send]) -> Outputs:
    """The outputs of a graded cell: a line for each passed check, and an error for the first that fails.

    `sender_for` returns the function that sends requests about one answer, named as in the cell. An answer is fetched
    once for the whole cell: an array can't have one value in this check and another in the next.
    A cell that passes only with what its question forbids shows a text, and waits for manual grading. Raises NoOracle
    where there is no correct result to compare with, and NoKernel where there is no kernel.
    """
    said, answers = io.StringIO(), dict[str, Any]()
    try:
        with redirect_stdout(said):
            for check in checks:
                if check.answer not in answers:
                    cases, forbidden = _cases(checks, check.answer), check.exercise.forbidden
                    answers[check.answer] = answer(sender_for(check.answer), cases, forbidden=forbidden)
                hold(check, answers[check.answer])
    except Undefined as problem:
        return [*_stream(said), error(problem.name, problem.text, [f"{problem.name}: {problem.text}"])]
    except NotYet as problem:
        seen = [] if problem.diagnosis is None else [records.output(problem.diagnosis)]
        return [*_stream(said), *seen, _not_yet(problem)]
    except NoReply as problem:
        return [*_stream(said), *no_reply(str(problem))]
    except (NoOracle, NoKernel):
        raise
    except Exception as problem:  # an answer that this code did not expect is incorrect
        return [*_stream(said), *no_reply(f"its reply has an unexpected form ({type(problem).__name__})")]
    return [
        *_stream(said),
        *(waiting(UNPROVEN.format(name, why), why) for name, given in answers.items() if (why := unproven(given))),
    ]


def unproven(given: Any) -> str:
    """Why an answer isn't proven to be the student's own work; "" where it is."""
    return given.unproven if isinstance(given, Remote) else ""


def hold(check: Check, given: Any) -> None:
    """Run one check; raises NotYet where it fails."""
    if check.kind == "verify_fresh":
        verify_fresh(check.exercise.id, given, check.part)
    elif check.kind == "verify_variant":
        verify_variant(check.exercise.id, given)
    elif check.kind == "verify_unchanged":
        verify_unchanged(check.exercise.id, given, **check.case)
    else:
        correct = true_result(check.exercise, _args(check))
        wanted = {"shape": correct.shape} if check.shape_only else {"gives": correct}
        verify(check.exercise.id, given, **wanted, **check.case)


def no_reply(why: str) -> Outputs:
    """The outputs of a check without an answer."""
    return [_not_yet(NotYet(f"there is no answer to check: {why}."))]


def _cases(checks: Sequence[Check], text: str) -> list[Args]:
    """The cases of the notebook on which these checks try one answer, for one request."""
    own = [check for check in checks if check.answer == text]
    drawn = [args for check in own if check.kind == "verify_variant" for args in find(check.exercise.id).visible]
    return [_args(check) for check in own if check.kind == "verify"] + drawn


def _args(check: Check) -> Args:
    return tuple(check.case[name] for name in check.exercise.parameters)


def _not_yet(problem: NotYet) -> Any:
    return error("NotYet", str(problem), problem._render_traceback_())


def _stream(said: io.StringIO) -> Outputs:
    text = clean(said.getvalue())
    return [new_output("stream", name="stdout", text=text)] if text else []
