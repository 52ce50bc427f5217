"""Compute the results that grading compares with in a fork that has the course's framework loaded.

It runs no code of a submission: it receives the id of an exercise and the arguments of a case as JSON, returns the
result as JSON, and ends with its client. Without a fork server this process computes the result itself,
and loads the framework once.
"""

from __future__ import annotations

import json
import os
import select
import sys
import threading
from typing import Any

from gradekit.errors import CourseError, in_a_line
from gradekit.exercise import oracle
from gradekit.exercise.registry import find, load, sources
from gradekit.exercise.serialize import Placeholder, decode, encode

MODULE = "gradekit.judge.oracle_process"
PATIENCE = 60.0  # seconds for one answer; the first of a fork takes part of one

_one_at_a_time = threading.Lock()
_other: tuple[int, OracleProcess] | None = None  # this process, and the one that answers for it


class NoOracle(CourseError):
    """There is no correct result to compare with: the notebook is not graded, as its answer may be correct."""


class OracleProcess:
    """A process with TensorFlow loaded, connected by two pipes."""

    def __init__(self, env: dict[str, str]) -> None:
        from gradekit.forkserver.client import fork_kernel, order_here

        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        try:
            with open(os.devnull, "wb") as null:
                order = order_here(MODULE, [], os.sep, env)
                self._fork = fork_kernel(order, (requests, answers, null.fileno()))
        finally:
            os.close(requests)
            os.close(answers)
        self._replies = os.fdopen(self._answers, "rb")

    def ask(self, name: str, args: tuple[Any, ...]) -> Any:
        """Its result for a case. Raises OSError or ValueError without one."""
        line = json.dumps([name, [encode(value) for value in args], sources()]).encode() + b"\n"
        while line:
            line = line[os.write(self._requests, line) :]
        if not select.select([self._answers], [], [], PATIENCE)[0]:
            raise TimeoutError(f"no answer from {name}")
        found = decode(json.loads(self._replies.readline()))
        if isinstance(found, Placeholder):
            raise ValueError(f"the result of {name} is not plain data")
        return found


def have(env: dict[str, str] | None = None) -> None:
    """Let a fork compute the oracles' results, where this process has not loaded TensorFlow."""
    global _other
    with _one_at_a_time:
        if "tensorflow" in sys.modules:
            oracle.answered_by(_here)
        elif _other is None or _other[0] != os.getpid():
            from gradekit.forkserver.client import NoForkServer

            try:
                _other = os.getpid(), OracleProcess(dict(os.environ) if env is None else env)
                oracle.answered_by(_ask)
            except (OSError, NoForkServer):
                oracle.answered_by(_here)


def _ask(name: str, args: tuple[Any, ...]) -> Any:
    global _other
    with _one_at_a_time:
        if _other is not None and _other[0] == os.getpid():
            try:
                return _other[1].ask(name, args)
            except (OSError, ValueError):  # it has ended, or has no result: this process can compute it too
                _other = None
                oracle.answered_by(_here)
    return _here(name, args)


def _here(name: str, args: tuple[Any, ...]) -> Any:
    """The result computed by this process, which loads TensorFlow if needed."""
    try:
        return oracle.here(find(name), args)
    except Exception as problem:  # no memory, no TensorFlow: not the fault of the answer
        why = in_a_line(problem).rstrip(".")
        raise NoOracle(f"there is no correct result for {name} ({why}). Grade it again.") from problem


def serve() -> None:
    """Answer requests until the client disconnects."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not an answer
    for line in sys.stdin.buffer:
        name, args, known = json.loads(line)
        for spec, folder in known:
            load(spec, folder)
        found = oracle.here(find(name), tuple(decode(value) for value in args))
        answers.write(json.dumps(encode(found)).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    serve()
