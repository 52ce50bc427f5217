"""Parse the checks of a graded cell, whose source is the instructor's: nothing of it is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gradekit.exercise.model import Exercise
from gradekit.exercise.registry import exercises

VERIFY = {"verify", "verify_fresh", "verify_unchanged", "verify_variant"}
LIBRARY = "gradekit"


class NoChecks(Exception):
    """A cell contains something other than checks; the text says what."""


@dataclass(frozen=True)
class Check:
    """One call of `verify`, `verify_fresh`, `verify_unchanged` or `verify_variant`.

    `answer` is the student's function or array, as it is named in the cell.
    """

    kind: str
    exercise: Exercise
    answer: str
    case: dict[str, Any] = field(default_factory=dict)
    shape_only: bool = False
    part: str | None = None


def checks(source: str) -> tuple[Check, ...]:
    """The checks of a cell, in order. Raises NoChecks for a cell with any other code.

    >>> from gradekit import Exercise, register
    >>> register(Exercise("triangle", "triangle", ("n",), lambda n: n * (n + 1) // 2))
    >>> [one] = checks('verify("triangle", triangle, n=3, gives=6)')
    >>> one.answer, one.case
    ('triangle', {'n': 3})
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError) as problem:
        raise NoChecks(f"it is not Python: {problem}") from None
    found = tuple(check for statement in body for check in _statement(statement))
    if not found:
        raise NoChecks("it has no verify(...)")
    targets = [target for part in body if isinstance(part, ast.Assign) for target in part.targets]
    made = {target.id for target in targets if isinstance(target, ast.Name)}
    for check in found:
        if made & _names(check.answer):
            raise NoChecks(f"{check.answer} is defined in the cell itself")
    return found


def _names(expression: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}


def _statement(statement: ast.stmt) -> Iterator[Check]:
    match statement:
        case ast.Expr(ast.Call(ast.Name(name), arguments, keywords)) if name in VERIFY:
            yield _check(name, arguments, keywords)
        case ast.ImportFrom(module=module) if module == LIBRARY:
            return
        case ast.Assign(targets=[ast.Name()]):  # an expected value; the correct result comes from the oracle
            return
        case _:
            raise NoChecks(f"line {statement.lineno} is something else: {ast.unparse(statement).splitlines()[0]}")


def _check(kind: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> Check:
    if len(arguments) < 2 or any(word.arg is None for word in keywords):
        raise NoChecks(f"{kind} takes the name of an exercise and the answer")
    asked = _exercise(arguments[0])
    given = {str(word.arg): word.value for word in keywords}
    answer = ast.unparse(arguments[1])
    if kind == "verify_fresh":
        return Check(kind, asked, answer, part=_part(asked, [*arguments[2:], *given.values()]))
    if kind == "verify_variant":
        return Check(kind, asked, answer)
    shape_only = given.pop("shape", None) is not None
    given.pop("gives", None)
    return Check(kind, asked, answer, _case(asked, given), shape_only)


def _exercise(argument: ast.expr) -> Exercise:
    match argument:
        case ast.Constant(str(name)) if name in exercises():
            return exercises()[name]
    raise NoChecks(f"there is no exercise {ast.unparse(argument)}")


def _part(asked: Exercise, more: list[ast.expr]) -> str | None:
    match more:
        case []:
            return None
        case [ast.Constant(str(part))] if part in asked.parts:
            return part
    raise NoChecks(f"{asked.id} has no part {', '.join(map(ast.unparse, more))}")


def _case(asked: Exercise, given: dict[str, ast.expr]) -> dict[str, Any]:
    if set(given) != set(asked.parameters):
        raise NoChecks(f"a case of {asked.id} has {', '.join(asked.parameters)}")
    return {name: _value(asked, expression) for name, expression in given.items()}


def _value(asked: Exercise, expression: ast.expr) -> Any:
    """A literal, or an array of the lesson by its name."""
    if isinstance(expression, ast.Name):
        if expression.id not in asked.given:
            raise NoChecks(f"{asked.id} has no array {expression.id}")
        return asked.given[expression.id]
    try:
        return ast.literal_eval(expression)
    except (ValueError, TypeError):
        raise NoChecks(f"{ast.unparse(expression)} is not a literal") from None
