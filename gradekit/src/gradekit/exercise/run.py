"""Run a student's function on one case; what happened, errors included, is returned as data."""

from __future__ import annotations

import copy
import io
import linecache
import signal
import sys
import threading
import traceback
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import FrameType
from typing import Any

import numpy as np

WAITING = 10  # times the limit: an answer that sleeps or waits for input uses no processor time


class TookTooLong(BaseException):
    """The answer did not return in time. Not an Exception, so that an answer that catches those is stopped as well."""


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    value: Any = None
    error: BaseException | None = None
    line: str = ""  # the student's own line where the error was raised or a forbidden function called, "" if not known
    printed: str = ""  # stdout of the call
    changed: tuple[int, ...] = ()  # positions of the arguments that the call changed in place
    given: tuple[Any, ...] = ()  # the arguments as they are after the call
    called: tuple[str, ...] = ()  # forbidden functions that it called
    warned: str = ""  # stderr of the call: warnings, and what libraries log


class Elsewhere(ABC):
    """A function in another process, where a student's code runs; it answers requests with plain data."""

    @abstractmethod
    def outcome(self, args: Sequence[Any], seconds: float, times: int) -> Outcome:
        """What a call there did."""

    @abstractmethod
    def prepare(self, cases: Sequence[Sequence[Any]], seconds: float, altogether: float | None = None) -> None:
        """Announce the next cases, which may be sent in one request."""

    def __call__(self, *args: Any) -> Any:
        """Raise TypeError: only `run` can call it."""
        raise TypeError("a function of another process is called by `run`")


def run(
    function: Callable[..., Any] | Elsewhere,
    args: Sequence[Any],
    seconds: float = 10.0,
    times: int = 1,
    forbidden: Sequence[str] = (),
) -> Outcome:
    """Call function(*args) on copies of the arguments, `times` times on the same copies; the last result counts.

    Prints, warnings and exceptions are caught. A call that uses more than `seconds` of processor time is stopped, where
    the platform can (main thread, not Windows), but not while it imports a library. A keyboard interrupt is passed on.

    >>> run(lambda n: n // 0, [3]).error
    ZeroDivisionError('integer division or modulo by zero')
    """
    if isinstance(function, Elsewhere):
        return function.outcome(args, seconds, times)
    given = [copy.deepcopy(value) for value in args]
    printed, warned = io.StringIO(), io.StringIO()
    value: Any = None
    error: BaseException | None = None
    quiet = redirect_stdout(printed), redirect_stderr(warned)
    called: Sequence[ForbiddenCall] = ()
    try:
        with quiet[0], quiet[1], _plain_warnings(), forbidden_calls(forbidden) as called, _time_limit(seconds):
            try:
                for _ in range(times):
                    value = function(*given)
            except (Exception, SystemExit, TookTooLong) as raised:
                error = raised
    except TookTooLong as late:  # the time ran out when the answer had just ended
        error = error or late
    line = called[0].line if called else "" if error is None else own_line(error)
    changed = tuple(i for i, (before, after) in enumerate(zip(args, given, strict=True)) if not _same(before, after))
    names = tuple(call.name for call in called)
    return Outcome(value, error, line, printed.getvalue(), changed, tuple(given), names, warned.getvalue())


def own_line(error: BaseException) -> str:
    """The student's line where an error was raised: the innermost frame outside of packages and installed modules.

    >>> own_line(ValueError("never raised"))
    ''
    """
    return _own_line(reversed(list(traceback.walk_tb(error.__traceback__))))


def _own_line(frames: Iterable[tuple[FrameType, int]]) -> str:
    """The line of the first frame, with its line number, that is not of a package or an installed module."""
    for frame, number in frames:
        file, package = frame.f_code.co_filename, frame.f_globals.get("__package__")
        if not package and "site-packages" not in file and not file.startswith((sys.base_prefix, "<frozen")):
            return linecache.getline(file, number).strip()
    return ""


@dataclass(frozen=True)
class ForbiddenCall:
    """A call of a forbidden function: its name in the library, and the student's own line that led to it."""

    name: str
    line: str = ""


@contextmanager
def forbidden_calls(forbidden: Sequence[str]) -> Iterator[list[ForbiddenCall]]:
    """The calls of forbidden functions inside the block, in order.

    `package.function` stands for a function of any module of the package, the pattern of its name as in file names.
    What a library calls while it is imported is not counted. A function in compiled code may escape.

    >>> import statistics
    >>> with forbidden_calls(["statistics.me[ad]*"]) as called:
    ...     _ = statistics.mean([1, 2])
    >>> [call.name for call in called]
    ['mean']
    """
    called: list[ForbiddenCall] = []
    patterns = [pattern.rpartition(".")[::2] for pattern in forbidden]
    known: dict[Any, bool] = {}

    def matches(module: str, name: str) -> bool:
        return any(
            f"{module}.".startswith(f"{package}.") and fnmatchcase(name.lower(), pattern)
            for package, pattern in patterns
        )

    def note(frame: FrameType, event: str, builtin: Any) -> None:
        key: Any
        if event == "call":
            key, name, module = frame.f_code, frame.f_code.co_name, frame.f_globals.get("__name__")
        elif event == "c_call" and builtin.__module__:
            name, module = builtin.__name__, builtin.__module__
            key = (module, name)
        else:
            return
        if key not in known:
            known[key] = matches(str(module), name)
        if known[key] and not _imports(frame):
            called.append(ForbiddenCall(name, "" if called else _own_line(traceback.walk_stack(frame))))

    if not patterns:
        yield called
        return
    former = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(former)


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
    """Raise TookTooLong in the block after `seconds` of processor time, or WAITING times as long by the clock."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    limits = {signal.SIGPROF: (signal.ITIMER_PROF, seconds), signal.SIGALRM: (signal.ITIMER_REAL, WAITING * seconds)}

    def stop(number: int, frame: FrameType | None) -> None:
        timer, limit = limits[signal.Signals(number)]
        if _imports(frame):
            signal.setitimer(timer, limit)  # a library that loads is not an endless loop
        else:
            raise TookTooLong(f"no answer after {limit:g} s")

    former = {number: signal.signal(number, stop) for number in limits}
    for timer, limit in limits.values():
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for number, (timer, _) in limits.items():
            signal.setitimer(timer, 0)
            # A signal may still be on its way to another thread, and by default it would end the process.
            signal.signal(number, signal.SIG_IGN if former[number] == signal.SIG_DFL else former[number])
