"""Call an answer without the functions that its question forbids; this runs in the kernel.

The student's function is called in a fork of the kernel. There the compiled code of the forbidden packages can't be
executed, forbidden functions written in Python raise an error, and no new code can be loaded. What returns there is
the student's own work, however it is written. What does not is called again in the kernel itself; if it succeeds only
there, the reply says so, and a person decides.

What this can't decide: an answer that forks processes needs what these packages do at a fork; it waits for a person.
A kernel's memory belongs to the student's code, which could rewrite its own machine code there.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

from gradekit.exercise import kernel_side
from gradekit.judge import isolation

LINUX = sys.platform.startswith("linux")
if LINUX:
    from gradekit.sandbox import seccomp

SHARED = {"numpy"}  # packages that every answer needs
OURS = (  # what answers a request, each after those that it imports
    *("gradekit.exercise.run", "gradekit.exercise.serialize", "gradekit.exercise.kernel_side"),
    *("gradekit.sandbox.syscalls", "gradekit.sandbox.seccomp"),
    *("gradekit.judge.isolation", "gradekit.judge.own_work"),
)
LATE = ("numpy.fft", "numpy.linalg", "numpy.random", "numpy.polynomial", "concurrent.futures.thread")


def install(name: str) -> None:
    """Make `reply` callable under a name that only the grader knows: a notebook can't replace it."""
    from IPython.display import display

    for module in LATE:  # compiled parts that can't be loaded in the fork
        __import__(module)
    mine = private_copy() if LINUX else sys.modules[__name__]
    _kept.append(type(name, (), {"__new__": lambda cls, answer, request: mine.reply(answer, request, display)}))


_kept: list[type] = []  # classes, which object's list of subclasses refers to only weakly


def private_copy() -> Any:
    """This module, and those that it uses, loaded once more: what a notebook assigns in a module doesn't reach it.

    The modules that they use keep the functions that they have now.
    """
    known = {name: sys.modules.pop(name) for name in OURS}
    try:
        made = [importlib.import_module(name) for name in OURS]
    finally:
        for name, module in known.items():
            package, _, short = name.rpartition(".")
            sys.modules[name] = module
            setattr(sys.modules[package], short, module)
    for mine in made:
        for short, used in list(vars(mine).items()):
            if isinstance(used, ModuleType):
                setattr(mine, short, SimpleNamespace(**vars(used)))
    return made[-1]


def ask(name: str, answer: str, request: str) -> str:
    """The source of a cell that answers a request. It uses no name that a notebook could define.

    >>> ask("Reply1", "conv2d", "{}")
    "[c for c in ().__class__.__mro__[1].__subclasses__() if c.__name__ == 'Reply1'][0](lambda: (conv2d), '{}')"
    """
    found = f"[c for c in ().__class__.__mro__[1].__subclasses__() if c.__name__ == {name!r}][0]"
    return f"{found}(lambda: ({answer}), {request!r})"


def reply(answer: Callable[[], Any], request: str, display: Callable[..., Any]) -> None:
    """Answer a request with an output of the cell. `answer` looks up the student's function or array."""
    display({kernel_side.ANSWERS: answers(answer, json.loads(request))}, raw=True)


def answers(answer: Callable[[], Any], request: dict[str, Any]) -> str:
    """What the student's function did in each case, as JSON, and whether it needs what is forbidden.

    >>> json.loads(answers(lambda: abs, {"cases": [], "forbidden": ["statistics.mean"]}))["unproven"]
    ''
    """
    found, forbidden = answer(), request.get("forbidden", ())
    if not forbidden or not callable(found) or not LINUX:
        return kernel_side.answers(lambda: found, request)
    why, alone = _in_a_fork(found, request, forbidden)
    if alone is not None and not _failed(alone):
        return json.dumps({**alone, "unproven": ""})
    whole = json.loads(kernel_side.answers(lambda: found, request))
    return json.dumps({**whole, "unproven": why or "it fails without them" if not _failed(whole) else ""})


def _failed(said: dict[str, Any]) -> bool:
    return any(outcome["error"] is not None for outcome in said["outcomes"])


def _in_a_fork(found: Any, request: dict[str, Any], forbidden: Sequence[str]) -> tuple[str, dict[str, Any] | None]:
    """(why there is no answer, the answers), with everything else of the notebook held still meanwhile."""
    mapped = _compiled({pattern.partition(".")[0] for pattern in forbidden} - SHARED)
    spans = [span for spans in mapped.values() for span in spans]
    interpreted = [pattern for pattern in forbidden if pattern.partition(".")[0] not in mapped]
    with tempfile.TemporaryFile(dir=os.getcwd()) as file, contextlib.closing(_Gate()) as gate:
        try:
            with isolation.others_stopped() as others_ran:
                child = os.fork()
                if child == 0:
                    _answer(found, request, interpreted, spans, gate.read_end, file.fileno())
                status = isolation.wait_alone(child, gate.write_end, spans)
                if others_ran():
                    return "another process of the notebook ran meanwhile", None
        except (isolation.NotAlone, InterruptedError) as problem:
            return str(problem), None
        if status:
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            return f"it ended with {signal.Signals(number).name}" if number else "it ended early", None
        file.seek(0)
        try:
            said: dict[str, Any] = json.loads(file.read())
        except ValueError:  # the answer has ended the process
            return "it ended early", None
        return "", said


class _Gate:
    """A pipe from which the fork reads a byte when the rest is held still."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()

    def close(self) -> None:
        os.close(self.read_end)
        os.close(self.write_end)


def _answer(
    found: Any, request: dict[str, Any], interpreted: list[str], spans: list[isolation.Span], gate: int, result: int
) -> None:
    """In the fork: answer and end."""
    code = 1
    try:
        os.read(gate, 1)
        null = os.open(os.devnull, os.O_RDWR)
        for target in range(3):
            os.dup2(null, target)
        _restart_pools()
        disable(interpreted, spans)
        text = kernel_side.answers(lambda: found, request)
        os.write(result, text.encode())
        code = 0
    finally:
        os._exit(code)


def disable(interpreted: Sequence[str], spans: Sequence[isolation.Span]) -> None:
    """Make forbidden functions of Python fail, and compiled code inaccessible, in this process."""
    for function in _functions(interpreted):
        with contextlib.suppress(ValueError):  # it has variables of a scope around it
            function.__code__ = _refuse.__code__
    memory = ctypes.CDLL(None, use_errno=True)
    memory.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for begin, end in spans:
        if memory.mprotect(begin, end - begin, isolation.NO_ACCESS):
            raise OSError(ctypes.get_errno(), "mprotect")
    seccomp.refuse_new_code()


def _refuse(*arguments: Any, **options: Any) -> Any:
    raise RuntimeError("this function is forbidden here")


def _functions(forbidden: Sequence[str]) -> Iterator[FunctionType]:
    """Functions written in Python that match a pattern, in the modules that are loaded."""
    tops = {pattern.partition(".")[0] for pattern in forbidden}
    loaded = [(name, module) for name, module in list(sys.modules.items()) if name.partition(".")[0] in tops]
    for package, _, wanted in (pattern.rpartition(".") for pattern in forbidden):
        for module in [module for name, module in loaded if f"{name}.".startswith(f"{package}.")]:
            for attribute, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and fnmatchcase(attribute.lower(), wanted):
                    yield value


def _compiled(packages: set[str]) -> dict[str, list[isolation.Span]]:
    """The executable mappings of each package's libraries: (first byte, byte after the last)."""
    names = "|".join(map(re.escape, sorted(packages)))
    mapping = re.compile(
        rf"([0-9a-f]+)-([0-9a-f]+) ..x. .*/(?:site|dist)-packages/({names})(?:lib)?(?:[._-][^/\n]*)?/", re.MULTILINE
    )
    found: dict[str, list[isolation.Span]] = {}
    for begin, end, package in mapping.findall(_memory_map()):
        found.setdefault(package, []).append((int(begin, 16), int(end, 16)))
    return found


def _memory_map() -> str:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        return file.read()


def _restart_pools() -> None:
    """Let thread pools of the notebook start their threads again: a fork has none of them."""
    from concurrent.futures import ThreadPoolExecutor

    for pool in (thing for thing in gc.get_objects() if type(thing) is ThreadPoolExecutor):
        pool.__init__(pool._max_workers)  # type: ignore[misc]
