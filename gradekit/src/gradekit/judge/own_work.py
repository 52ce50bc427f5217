"""Answer the grader's requests in the kernel, also without the functions that a question forbids.

Where a question forbids functions, the student's function is called in a fork of the kernel, which the supervisor
isolates before it sends the cases (`gradekit.sandbox.isolation`). There the compiled code of the forbidden packages
can't run, and forbidden functions written in Python raise an error. What returns there is the student's own work,
however it is written. What does not is called again in the kernel itself; if it succeeds only there, a person decides.

What this can't decide: an answer that forks processes needs what these packages do at a fork; it waits for a person.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

from gradekit.exercise import kernel_side

if sys.platform.startswith("linux"):
    from gradekit.sandbox import isolation

SHARED = {"numpy"}  # packages that every answer needs
OURS = (  # what answers a request, each after those that it imports
    *("gradekit.exercise.run", "gradekit.exercise.serialize", "gradekit.exercise.kernel_side"),
    "gradekit.judge.own_work",
)
LATE = ("numpy.fft", "numpy.linalg", "numpy.random", "numpy.polynomial")
POOLS = ("concurrent.futures.thread", "multiprocessing.pool")


def install(name: str) -> None:
    """Make `reply` callable under a name that only the grader knows: a notebook can't replace it."""
    from IPython.display import display

    if not _prepared:
        prepare()
    mine = _prepared.pop()
    _kept.append(type(name, (complex,), {"__new__": lambda cls, answer, request: mine.reply(answer, request, display)}))


_kept: list[type] = []  # classes, to which their base's list of subclasses refers only weakly
_prepared: list[Any] = []  # a private copy that no `install` has used


def prepare() -> None:
    """Load what `install` needs. A fork server does it once for all of its kernels."""
    for module in (*LATE, *POOLS):  # compiled parts that can't be loaded in the fork
        importlib.import_module(module)
    _prepared.append(private_copy())


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

    The class is among the few of complex: a list of object's thousands would copy the page of each into the fork.

    >>> ask("Reply1", "conv2d", "{}")
    "[c for c in 0j.__class__.__subclasses__() if c.__name__ == 'Reply1'][0](lambda: (conv2d), '{}')"
    """
    found = f"[c for c in 0j.__class__.__subclasses__() if c.__name__ == {name!r}][0]"
    return f"{found}(lambda: ({answer}), {request!r})"


def packages(forbidden: Sequence[str]) -> set[str]:
    """The packages whose compiled code a question forbids.

    >>> sorted(packages(["tensorflow.nn.conv*", "scipy.signal.correlate", "numpy.convolve"]))
    ['scipy', 'tensorflow']
    """
    return {pattern.partition(".")[0] for pattern in forbidden} - SHARED


def reply(answer: Callable[[], Any], request: str, display: Callable[..., Any]) -> None:
    """Answer a request with an output of the cell. `answer` looks up the student's function or array.

    A request without cases is for a fork, which receives them when it is isolated.
    """
    asked, found = json.loads(request), answer()
    if asked["isolated"] and callable(found):
        _fork(found, asked["forbidden"])
    display({kernel_side.ANSWERS: kernel_side.answers(lambda: found, asked)}, raw=True)


def _fork(found: Any, forbidden: Sequence[str]) -> None:
    """Call a function in a fork, and wait for its end."""
    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for target in range(3):
                os.dup2(null, target)
            isolation.answer(
                lambda compiled: _disable([one for one in forbidden if one.partition(".")[0] not in compiled]),
                lambda request: _answers(found, request),
            )
        finally:
            os._exit(1 if sys.exc_info()[0] else 0)
    with contextlib.suppress(ChildProcessError):  # the notebook ignores the end of its processes
        os.waitpid(child, 0)


def _answers(found: Any, request: str) -> str:
    _restart_pools()
    return kernel_side.answers(lambda: found, json.loads(request))


def _disable(forbidden: Sequence[str]) -> None:
    """Make forbidden functions that are written in Python raise an error, in this process."""
    for function in _functions(forbidden):
        with contextlib.suppress(ValueError):  # it has variables of a scope around it
            function.__code__ = _refuse.__code__


def _refuse(*arguments: Any, **options: Any) -> Any:
    raise RuntimeError("this function is forbidden here")


def _functions(forbidden: Sequence[str]) -> Iterator[FunctionType]:
    """Functions written in Python that match a pattern, in the modules that are loaded."""
    wanted = defaultdict(list)
    for package, _, name in (pattern.rpartition(".") for pattern in forbidden):
        wanted[package].append(translate(name))
    for package, names in wanted.items():
        matches = re.compile("|".join(names)).match
        for module in [module for name, module in list(sys.modules.items()) if f"{name}.".startswith(f"{package}.")]:
            for attribute, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and matches(attribute.lower()):
                    yield value


def _restart_pools() -> None:
    """Let thread pools of the notebook start their threads again: a fork has none of them."""
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing.pool import ThreadPool

    for thing in gc.get_objects():
        if type(thing) is ThreadPoolExecutor:
            thing.__init__(thing._max_workers)  # type: ignore[misc]
        elif type(thing) is ThreadPool:
            thing.__init__(thing._processes)  # type: ignore[misc, attr-defined]
