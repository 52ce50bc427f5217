"""Feedback pages: what a student wrote and what each check reported, without anything secret.

nbgrader's own page shows hidden tests and marking schemes, quotes hidden tests in tracebacks, runs the student's
scripts, and loads others from the network. `gradekit.adopt` names the classes here, so that formgrader's button makes
the same pages.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from typing import Any, ClassVar

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task

from gradekit.hidden_regions import HIDDEN, TELLING, Secret, given_away, marked_lines, regions, strings, without_regions
from gradekit.page import StudentPage

WITHHELD = "(An output that repeats the check is not shown.)"
RAISED_AT = re.compile(r"\bline (\d+)")  # the first frame of a check's traceback is in its own cell
POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
NOT_READ = "not read yet"


class Scores(GetGrades):  # type: ignore[misc]
    """nbgrader's scores, without one where points still wait for a person."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb, resources = super().preprocess(nb, resources)
        marks = [cell.metadata.nbgrader for cell in nb.cells if is_grade(cell) or is_task(cell)]
        resources["nbgrader"]["some_not_read"] = any(mark.get("score", 0) is None for mark in marks)
        return nb, resources

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._get_score(cell, resources)
        place = self.notebook_id, self.assignment_id, self.student_id
        if self.gradebook.find_grade(cell.metadata.nbgrader["grade_id"], *place).needs_manual_grade:
            cell.metadata.nbgrader["score"] = None


class HideSecrets(NbGraderPreprocessor):  # type: ignore[misc]
    """Take hidden tests and marking schemes out of the cells, and out of everything that a cell put out."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        checks = [cell for cell in nb.cells if is_task(cell) or (is_grade(cell) and not is_solution(cell))]
        guarded = [secret for cell in checks for secret in _secrets(cell)]
        for cell in nb.cells:
            if any(cell is check for check in checks):
                _clear_check(cell, guarded)
            elif cell.cell_type == "code":
                cell.outputs = [_safe(_without_paths(output), guarded) for output in cell.outputs]
        return nb, resources


def _secrets(cell: NotebookNode) -> list[Secret]:
    """The hidden lines of a check, and the messages in them, which a failing assert would show."""
    lines = {line for region, line in marked_lines(cell.source) if region in HIDDEN}
    return [Secret("check", "", cell.metadata.nbgrader["grade_id"], text) for text in lines | _hidden_messages(cell)]


def _hidden_messages(cell: NotebookNode) -> set[str]:
    """The texts of hidden code that tell something, and are not in the visible part: "same" alone tells nothing."""
    if cell.cell_type != "code":
        return set()
    try:
        tree = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    hidden = _hidden_lines(cell.source)
    asserts = [node.msg for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg is not None]
    messages = {id(part) for message in asserts for part in ast.walk(message)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    telling = [
        one for one in constants if isinstance(one.value, str) and (id(one) in messages or len(one.value) >= TELLING)
    ]
    texts = [(one.lineno in hidden, str(one.value)) for one in telling if str(one.value).strip()]
    return {text for inside, text in texts if inside} - {text for inside, text in texts if not inside}


def _hidden_lines(source: str) -> set[int]:
    """The numbers of the lines of a cell's hidden regions, from 1."""
    lines = enumerate(regions(source.split("\n"), HIDDEN), start=1)
    return {number for number, (_, inside, _) in lines if inside}


def _clear_check(cell: NotebookNode, guarded: list[Secret]) -> None:
    visible = without_regions(cell.source)
    if cell.cell_type == "code":
        hidden, messages = _hidden_lines(cell.source), _hidden_messages(cell)
        errors = [_reported(output, hidden, messages) for output in cell.outputs if output.output_type == "error"]
        shown = errors if hidden else [o for o in cell.outputs if o.output_type != "error"] + errors
        cell.outputs = [_safe(output, guarded) for output in shown]
    cell.source = visible


def _reported(error: NotebookNode, hidden: set[int], messages: set[str]) -> NotebookNode:
    """What a check reported, without the lines of code around it; of a hidden test, that it failed."""
    at = RAISED_AT.search(_plain("\n".join(error.traceback)))
    if (at and int(at[1]) in hidden) or any(message in error.evalue for message in messages):
        lines = [f"A hidden test failed ({error.ename})."]
    else:
        name = "Not yet" if error.ename == "NotYet" else error.ename
        lines = f"{name}: {error.evalue}".splitlines() if error.evalue else [name]
    error.evalue = ""  # it is in these lines, where it may be shown
    error.traceback = [part for line in lines for part in textwrap.wrap(line, 100)]
    return error


def _without_paths(output: NotebookNode) -> NotebookNode:
    """A traceback in a student's own cell, as far as it runs through the notebook: no files of this machine."""
    if output.output_type == "error":
        output.traceback = [part for part in output.traceback if not _plain(part).lstrip().startswith("File ")]
    return output


def _plain(text: str) -> str:
    """Text without the colors of a terminal."""
    return str(strip_ansi(text))  # type: ignore[no-untyped-call]


def _safe(output: NotebookNode, guarded: list[Secret]) -> NotebookNode:
    if not given_away(map(_plain, strings(output)), guarded):
        return output
    return NotebookNode(output_type="stream", name="stdout", text=WITHHELD)  # type: ignore[no-untyped-call]


def shown_score(score: float | None) -> str:
    """A score on a page.

    >>> shown_score(2), shown_score(None)
    ('2.0', 'not read yet')
    """
    return NOT_READ if score is None else str(round(float(score), 2))


class FeedbackPage(StudentPage):
    """nbgrader's feedback page, which runs no script and loads nothing from the network."""

    changes: ClassVar[dict[str, str]] = {
        **StudentPage.changes,
        "<html>": '<html lang="en">',
        "<head>": f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        "cell.metadata.nbgrader.score | float | round(2)": "cell.metadata.nbgrader.score | shown_score",
        "(Score: {{ resources.nbgrader.score": "({{ 'Score so far' if resources.nbgrader.some_not_read else 'Score' }}:"
        " {{ resources.nbgrader.score",
    }

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()
        yield "shown_score", shown_score
