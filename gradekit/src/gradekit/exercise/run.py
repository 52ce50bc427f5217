"""Runs a student's function on one case, and says what happened as data: never an exception of its own."""

from __future__ import annotations

import copy
import io
import linecache
import os
import signal
import sys
import threading
import traceback
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from .watch import convolution_calls

CONVKIT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


class TookTooLong(BaseException):
    """The answer did not come back within its time. No Exception: an answer that catches those is stopped as well."""


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    value: Any = None
    error: BaseException | None = None
    line: str = ""  # the student's own line where the error rose, "" if it is not known
    printed: str = ""  # stdout and stderr of the call, warnings included
    changed: tuple[int, ...] = ()  # positions of the arguments that the call changed in place
    called: tuple[str, ...] = ()  # library convolutions that it called


class Elsewhere(ABC):
    """A function of another process, where a student's code runs: it is asked, and answers with plain data."""

    @abstractmethod
    def outcome(self, args: Sequence[Any], seconds: float, times: int) -> Outcome:
        """What a call there did."""

    @abstractmethod
    def prepare(self, cases: Sequence[Sequence[Any]], seconds: float, altogether: float | None = None) -> None:
        """These cases come next: they may be asked in one go."""

    def __call__(self, *args: Any) -> Any:
        """It has no result here."""
        raise TypeError("a function of another process is called by `run`")


def run(
    function: Callable[..., Any] | Elsewhere, args: Sequence[Any], seconds: float = 10.0, times: int = 1
) -> Outcome:
    """Call function(*args) on copies of the arguments; `times` over on the same copies, and the last result counts.

    Prints, warnings and exceptions are caught; a call that takes more than `seconds` is stopped where the platform
    can (main thread, not Windows); while it imports a library, it is not. An interrupt from the keyboard goes through.

    >>> run(lambda n: n // 0, [3]).error
    ZeroDivisionError('integer division or modulo by zero')
    """
    if isinstance(function, Elsewhere):
        return function.outcome(args, seconds, times)
    given = [copy.deepcopy(value) for value in args]
    printed = io.StringIO()
    value, error, line = None, None, ""
    quiet = redirect_stdout(printed), redirect_stderr(printed)
    with quiet[0], quiet[1], _plain_warnings(), convolution_calls() as called, _time_limit(seconds):
        try:
            for _ in range(times):
                value = function(*given)
        except (Exception, SystemExit, TookTooLong) as raised:
            error, line = raised, own_line(raised)
    changed = tuple(i for i, (before, after) in enumerate(zip(args, given, strict=True)) if not _same(before, after))
    return Outcome(value, error, line, printed.getvalue(), changed, tuple(called))


def own_line(error: BaseException) -> str:
    """The student's line where an error rose: the innermost frame that no installed package owns.

    >>> own_line(ValueError("never raised"))
    ''
    """
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        owned = "site-packages" in filename or filename.startswith((sys.base_prefix, CONVKIT))
        if not owned:
            return linecache.getline(filename, number).strip()
    return ""


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and before.shape == after.shape and np.array_equal(before, after)
    return bool(before == after)


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextmanager
def _plain_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # a course that turns warnings into errors does not turn them into lost points
        yield


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, frame: FrameType | None) -> None:
        if _imports(frame):
            signal.setitimer(signal.ITIMER_REAL, seconds)  # a library that loads is not a loop that does not end
        else:
            raise TookTooLong(f"no answer after {seconds:g} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
