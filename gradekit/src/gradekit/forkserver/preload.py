"""What does the nursery have loaded?

Modules, one picture and one error. No operation runs: that would start TensorFlow's threads, which no fork has.
ipywidgets and matplotlib_inline.backend_inline are missing on purpose: they look for IPython when they are imported,
and would not find it.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys

NEEDED = ("numpy", "tensorflow", "keras", "convkit", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
# Imported by a first model, a first picture or a first completion: their absence costs time and nothing else.
USEFUL = (
    *(f"tensorflow.python.data.ops.{name}_op" for name in ("concatenate", "flat_map", "from_tensors", "range", "zip")),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "IPython.core.pylabtools", "jedi", "sqlite3"),
    *("ipykernel.debugger", "tornado.platform.asyncio", "tornado.locks", "tornado.queues", "encodings.latin_1"),
    *(f"IPython.{part}" for part in ("core.completerlib", "core.debugger", "core.oinspect", "extensions.storemagic")),
    *(f"convkit.{room}" for room in ("ops", "summary", "explain", "from_keras", "lesson", "picture")),
    *("gradekit.sandbox.launch", "gradekit.sandbox.ipykernel_patches"),
)

modules: frozenset[str] = frozenset()  # the names of all that is loaded


def load() -> dict[str, str]:
    """Import everything; return the variables that modules have set, for a kernel's environment to have them too.

    Raises ImportError when something needed is missing.
    """
    global modules
    settings_read_at_import()
    before = dict(os.environ)
    for name in NEEDED:
        importlib.import_module(name)
    for name in USEFUL:
        try:
            importlib.import_module(name)
        except Exception as problem:
            print(f"{name} is not loaded: {problem!r}", file=sys.stderr)
    draw()
    fail()
    list_kernels()
    modules = frozenset(sys.modules)
    gc.collect()
    gc.freeze()  # a collector that writes into old objects would copy the pages that forks share
    return {name: value for name, value in os.environ.items() if name not in before}


def draw() -> None:
    """One small picture, as a notebook shows it: fonts are found, and what Matplotlib looks up once is looked up."""
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
        print(f"nothing is drawn: {problem!r}", file=sys.stderr)


def fail() -> None:
    """One error, as a notebook shows it: where the source of each module lies is looked up once, for all of them."""
    try:
        from IPython.core.ultratb import VerboseTB

        try:
            exec(compile("1 / 0", "<cell>", "exec"), {})
        except ZeroDivisionError:
            VerboseTB(include_vars=False).structured_traceback(*sys.exc_info())
    except Exception as problem:
        print(f"no error is shown: {problem!r}", file=sys.stderr)


def list_kernels() -> None:
    """What TensorFlow knows of XLA, which its first operation would look up."""
    try:
        from tensorflow.python.util import pywrap_xla_ops

        pywrap_xla_ops.get_cpu_kernel_names()
    except Exception as problem:
        print(f"XLA is not looked up: {problem!r}", file=sys.stderr)


def settings_read_at_import() -> None:
    """What ipykernel, TensorFlow and Matplotlib read from the environment while they are imported."""
    os.environ["JPY_PARENT_PID"] = "1"  # ipykernel then leaves watching the parent to us, and prints nothing
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # For each operation that is new to it, oneDNN's layout pass goes through all kernels of TensorFlow: 5 ms each time.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # what ipykernel chooses
