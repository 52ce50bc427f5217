"""What the fork server has loaded before it forks: the course's modules, one picture and one error.

A course names its modules in `nbgrader_config.py`:

    c.Preload.modules = ["pandas", "matplotlib.pyplot"]

No module may start threads while it is imported, as a fork has none of them. ipywidgets and
matplotlib_inline.backend_inline must not be loaded early: they look for IPython when they are imported.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

VARIABLE = "GRADEKIT_PRELOAD"
NEEDED = ("numpy", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
# Imported by a first picture or a first completion: their absence costs time and nothing else.
USEFUL = (
    *("gradekit.kernel.app", "IPython.core.pylabtools", "jedi", "sqlite3", "ipykernel.debugger", "encodings.latin_1"),
    *("tornado.platform.asyncio", "tornado.locks", "tornado.queues", "concurrent.futures.thread"),
    *(f"IPython.core.{part}" for part in ("completerlib", "debugger", "logger", "oinspect")),
    "IPython.extensions.storemagic",
    *(
        "gradekit.sandbox.launch",
        "gradekit.judge.own_work",
        "gradekit.exercise.verify",
    ),
)

HUGE, MADV_COLLAPSE = 2 << 20, 25
OWN_MEMORY = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *(?:\[heap\])?$")

modules: frozenset[str] = frozenset()  # the names of all that is loaded
failures: dict[str, str] = {}  # modules of the course that could not be imported, and why


def chosen(config: Any, env: Mapping[str, str]) -> tuple[str, ...]:
    """The modules in a traitlets configuration's `Preload.modules`; where it has none, those of an environment."""
    section = config.Preload if config is not None and "Preload" in config else {}
    return tuple(section.get("modules", ())) or named_in(env)


def named_in(env: Mapping[str, str]) -> tuple[str, ...]:
    """The modules that an environment names.

    >>> named_in(added({}, ("numpy", "pandas")))
    ('numpy', 'pandas')
    """
    return tuple(filter(None, env.get(VARIABLE, "").split(",")))


def added(env: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The environment, naming these modules."""
    return {**env, VARIABLE: ",".join(names)} if names else dict(env)


def folders(env: Mapping[str, str]) -> list[str]:
    """Folders or files of the top-level packages that are loaded, also where they are installed in place."""
    found: list[str] = []
    for top in sorted({"gradekit", *(name.partition(".")[0] for name in named_in(env))}):
        spec = importlib.util.find_spec(top)
        if spec is not None:
            found += spec.submodule_search_locations or filter(None, [spec.origin])
    return [place for place in found if os.path.exists(place)]


def load() -> dict[str, str]:
    """Import everything; return the variables that modules have set, for a kernel's environment to have them too.

    Raises ImportError when something needed is missing. A module of the course that fails is in `failures`.
    """
    global modules
    settings_read_at_import()
    before = dict(os.environ)
    for name in NEEDED:
        importlib.import_module(name)
    for name in named_in(os.environ):
        if problem := try_import(name):
            failures[name] = problem
    for name in USEFUL:
        try_import(name)
    draw()
    fail()
    if own_work := sys.modules.get("gradekit.judge.own_work"):
        own_work.prepare()
    for kind in (str, int, tuple):  # logs and kernels ask; the answer takes a look at all subclasses, and is kept
        issubclass(kind, Mapping) or issubclass(kind, Sequence)
    modules = frozenset(sys.modules)
    gc.collect()
    gc.freeze()  # a collector that writes into old objects would copy the pages that forks share
    use_huge_pages()
    return {name: value for name, value in os.environ.items() if name not in before}


def try_import(name: str) -> str:
    """Import a module; return the error in one line, empty without one, and print it to the fork server's log."""
    try:
        importlib.import_module(name)
    except Exception as problem:
        print(f"{name} is not loaded: {problem!r}", file=sys.stderr)
        return " ".join(str(problem).split()) or type(problem).__name__
    return ""


def use_huge_pages() -> None:
    """Collapse this process's own memory into huge pages, whose page tables are quick to copy. Linux 6.1 or later.

    A fork still copies what it writes in small pages.
    """
    if not sys.platform.startswith("linux"):
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        found = [match for line in file if (match := OWN_MEMORY.match(line))]
    for begin, end in ((int(edge, 16) // HUGE for edge in match.groups()) for match in found):
        for page in range(begin + 1, end):
            madvise(page * HUGE, HUGE, MADV_COLLAPSE)


def draw() -> None:
    """Draw one small picture, as a notebook shows it, where Matplotlib is loaded: fonts are looked up once."""
    if "matplotlib" not in sys.modules:
        return
    try:
        import io

        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(2, 1), dpi=matplotlib.rcParams["figure.dpi"])
        for axis in FigureCanvasAgg(figure).figure.subplots(1, 2):
            axis.imshow([[0, 1], [2, 3]], cmap="gray")
            axis.set_title("0123456789 a kernel, its output")
            axis.text(0, 0, "1")
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    except Exception as problem:
        print(f"no picture is drawn: {problem!r}", file=sys.stderr)


def fail() -> None:
    """Format one error, as a notebook shows it: the source of each module is looked up once, for all forks."""
    try:
        from IPython.core.ultratb import VerboseTB

        try:
            exec(compile("1 / 0", "<cell>", "exec"), {})
        except ZeroDivisionError:
            VerboseTB(include_vars=False).structured_traceback(*sys.exc_info())
    except Exception as problem:
        print(f"no error is formatted: {problem!r}", file=sys.stderr)


def settings_read_at_import() -> None:
    """Set what ipykernel and Matplotlib read from the environment while they are imported."""
    os.environ["JPY_PARENT_PID"] = "1"  # ipykernel then leaves watching the parent to us, and prints nothing
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # what ipykernel chooses
