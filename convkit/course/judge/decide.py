"""Is it right, and what does the cell show? The same words as in the notebook, with the right results from here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from typing import Any

from nbformat import v4

from convkit.course.judge.checks import Check
from convkit.course.judge.remote import Ask, NoReply, answer
from convkit.lesson.verify import NotYet, verify, verify_fresh, verify_unchanged

Outputs = list[Any]
new_output: Callable[..., Any] = v4.new_output


class Undefined(Exception):
    """The answer could not be looked up: the error that the notebook's own program gave."""

    def __init__(self, name: str, text: str, lines: list[str]) -> None:
        super().__init__(text)
        self.name, self.text, self.lines = name, text, lines


def decide(checks: Iterable[Check], asker: Callable[[str], Ask]) -> Outputs:
    """The outputs of a graded cell: a line for each check that holds, and an error for the first that does not.

    `asker` makes the way to ask the kernel about one answer, by the text that names it there.
    """
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            for check in checks:
                hold(check, answer(asker(check.answer)))
    except Undefined as error:
        return [*_stream(said), _error(error.name, error.text, error.lines)]
    except NotYet as problem:
        return [*_stream(said), _error("NotYet", str(problem), problem._render_traceback_())]
    except NoReply as problem:
        return [*_stream(said), *no_reply(str(problem))]
    return _stream(said)


def hold(check: Check, given: Any) -> None:
    """Try one check; raises NotYet where it does not hold."""
    if check.kind == "verify_fresh":
        verify_fresh(check.exercise.id, given, check.part)
        return
    if check.kind == "verify_unchanged":
        verify_unchanged(check.exercise.id, given, **check.case)
        return
    right = check.exercise.oracle(*(check.case[name] for name in check.exercise.parameters))
    wanted = {"shape": right.shape} if check.shape_only else {"gives": right}
    verify(check.exercise.id, given, **wanted, **check.case)


def no_reply(why: str) -> Outputs:
    """What a check shows that had no answer."""
    problem = NotYet(f"there is no answer to judge: {why}.")
    return [_error("NotYet", str(problem), problem._render_traceback_())]


def _stream(said: io.StringIO) -> Outputs:
    text = said.getvalue()
    return [new_output("stream", name="stdout", text=text)] if text else []


def _error(name: str, text: str, lines: list[str]) -> Any:
    return new_output("error", ename=name, evalue=text, traceback=lines)
