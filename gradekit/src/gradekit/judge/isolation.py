"""Hold still what else of a notebook could do the work of one process: its other processes, and its threads.

Threads of the kernel can't be stopped one by one. Forbidden code is made inaccessible to them meanwhile: one that
runs it, such as a graph that TensorFlow executes, waits in a signal handler until it is accessible again.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import itertools
import operator
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence

Span = tuple[int, int]  # first byte, byte after the last

NO_ACCESS, READ_AND_EXECUTE = 0, 5
PATIENCE = 2.0  # seconds for processes to stop
STOPPED = "TtZX"  # states in /proc/PID/stat: stopped, traced, ended
LARGEST_ACTION = 1024  # bytes of a struct sigaction, and more


class NotAlone(Exception):
    """Another process of the notebook can't be held still; the text says which."""


@contextlib.contextmanager
def others_stopped() -> Iterator[Callable[[], bool]]:
    """Stop the notebook's other processes during the block; the function tells whether one has run nevertheless.

    Any process of the user can continue them, such as the answer itself. Raises NotAlone where they can't be stopped.
    """
    processes = descendants()
    _signal(processes, signal.SIGSTOP)
    try:
        before = _times_when_stopped(processes)
        yield lambda: _times(processes) != before
    finally:
        _signal(processes, signal.SIGCONT)


def descendants() -> list[int]:
    """Processes that this one started, and those that they started. Raises NotAlone where some can't be seen."""
    try:
        entries = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except PermissionError:  # a container without namespaces
        if any(map(_runs, _children())):
            raise NotAlone("another process of the notebook is running") from None
        return []
    parents = {}
    for entry in entries:
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{entry}/stat") as file:
            parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
    found, todo = [], [os.getpid()]
    while todo:
        above = todo.pop()
        below = [process for process, parent in parents.items() if parent == above]
        found += below
        todo += below
    return found


def _children() -> list[int]:
    """Children of this process, those that have ended included. Orphans are among them: it is their reaper."""
    found: list[int] = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children") as file:
            found += map(int, file.read().split())
    return found


def _runs(child: int) -> bool:
    """Whether a child has not ended. It stays to be waited for."""
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    return False


def _signal(processes: list[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _times_when_stopped(processes: list[int]) -> dict[int, list[str]]:
    """The times of processes after all have stopped. Raises NotAlone where one doesn't."""
    deadline = time.monotonic() + PATIENCE
    while not all(set(_read(process, "stat", _state)) <= set(STOPPED) for process in processes):
        if time.monotonic() > deadline:
            raise NotAlone("another process of the notebook can't be stopped")
        time.sleep(0.001)
    return _times(processes)


def _times(processes: list[int]) -> dict[int, list[str]]:
    """The nanoseconds that each thread of these processes has run."""
    return {process: _read(process, "schedstat", lambda text: text.split()[0]) for process in processes}


def _state(text: str) -> str:
    return text.rpartition(")")[2].split()[0]


def _read(process: int, name: str, part: Callable[[str], str]) -> list[str]:
    """A part of a file in /proc, for each thread of a process; none where it has ended."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in sorted(os.listdir(f"/proc/{process}/task")):
            with open(f"/proc/{process}/task/{task}/{name}") as file:
                found.append(part(file.read()))
    return found


def wait_alone(child: int, gate: int, spans: Sequence[Span]) -> int:
    """Let a child go on, which reads a byte from the gate, and wait for it; its status.

    Meanwhile the code in `spans` is inaccessible to all threads of this process, and no other one of Python runs: C
    calls C, with the interpreter's lock held. Raises InterruptedError, with the child ended, where a signal came.
    """
    libc, status = ctypes.PyDLL(None), ctypes.c_int()
    action = ctypes.create_string_buffer(LARGEST_ACTION)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    pause = ctypes.cast(libc.usleep, ctypes.c_void_p)  # as a handler: its argument is the number of the signal
    close = [(libc.mprotect, begin, end - begin, NO_ACCESS) for begin, end in spans]
    steps = [
        *((libc.sigaction, signal.SIGSEGV, None, action), (libc.signal, signal.SIGSEGV, pause)),
        *close,
        *((libc.write, gate, b"x", 1), (libc.waitpid, child, ctypes.byref(status), 0)),
        *((libc.mprotect, begin, end - begin, READ_AND_EXECUTE) for begin, end in spans),
        (libc.sigaction, signal.SIGSEGV, action, None),
    ]
    collects, ended = gc.isenabled(), False
    gc.disable()  # it could run code of the notebook
    try:
        done = list(itertools.starmap(operator.call, steps))
        ended = done[3 + len(close)] == child and not any(done[2 : 2 + len(close)])
    finally:
        if collects:
            gc.enable()
        if not ended:
            _end(child)
    if not ended:
        raise InterruptedError("its wait was interrupted")
    return status.value


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
