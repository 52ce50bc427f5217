"""What a notebook does to the program that runs it. The rest of the work is right, and worth what it is worth."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell

from gradekit.judge import STEPS
from gradekit.judge.preprocessor import Judge
from tests.hostile.classroom import RIGHT_EDGE, RIGHT_LAYER, Forger

ENDED, SLOW, HELD = "ended its kernel", "took too long", "held its kernel up"
UNENDING = "# unending"  # last line of a cell that never ends, or that waits behind one


class Impatient(Judge):
    """A judge that waits 6 s for the first cell that never ends, and as long as in a course for all others."""

    def _seconds(self, cell: Any) -> int:
        return 6 if cell.source.endswith(UNENDING) and not self.slow else super()._seconds(cell)


SMALL = {  # limits that only an attack reaches, however busy the machine is
    "Autograde__autograde_preprocessors": [f"{__name__}.Impatient", *STEPS[1:]],
    "Execute__iopub_timeout": 20,
    "Judge__shortest_timeout": 60,
    "Judge__answers_within": 20,
    "SandboxedProvisioner__limits": {"memory": 1500, "processes": 32},
}


def damage(name: str, code: str = "", said: str = "", worth: float = 4, **more: Any) -> Forger:
    """The right answers, except to the question of the convolution, behind a cell that does damage."""
    return Forger(name, code, **{"layer": RIGHT_LAYER, "edge": RIGHT_EDGE, "worth": worth, "said": said, **more})


def answer(name: str, code: str, said: str = "") -> Forger:
    """An answer that does damage, among others that are right."""
    return damage(name, "import os, signal, sys, threading, time", said, conv=f"def conv2d(*case):\n    {code}")


def unending(name: str, code: str) -> Forger:
    """A cell that ends at its time limit."""
    return damage(name, f"{code}\n{UNENDING}", SLOW)


def left_behind(name: str, code: str) -> Forger:
    """What a cell leaves to be run strikes while one of two innocent cells waits for its turn."""

    def wait(nb: Any) -> None:
        innocent = {"wait": "import time; time.sleep(0.6)", "next": "pass"}
        nb.cells[3:3] = [new_code_cell(f"{source}\n{UNENDING}", id=name) for name, source in innocent.items()]

    return damage(name, f"import asyncio, time\nloop = asyncio.get_event_loop()\n{code}\n{UNENDING}", HELD, edit=wait)


LOOP = "while True: pass"
DEAF = """
while True:
    try:
        while True: pass
    except BaseException: pass
"""

DAMAGE = [
    # The end of the kernel, at once and in a moment
    damage("os exit", "import os; os._exit(0)", ENDED),
    damage("a signal to itself", "import os; os.kill(os.getpid(), 6)"),  # the first process of a namespace hears none
    damage("sys exit", "import sys; sys.exit(1)"),
    damage("exit", "exit()", ENDED),
    damage("a shutdown", "get_ipython().kernel.do_shutdown(False)", ENDED),
    damage("a bad address", "import ctypes; ctypes.string_at(0)", ENDED),
    damage("a stack without end", "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\neval('f()')"),
    damage("no open files", "import os; os.closerange(0, 1000)", ENDED),
    damage("memory", "held = bytearray(3 << 30); held[::4096] = b'x' * len(held[::4096])", "more than 1500 MB"),
    damage("forks", "import os\nwhile True:\n    os.fork()"),  # refused by the system, or ended by the watcher
    # No end
    unending("a loop", LOOP),
    unending("a loop that no interrupt ends", DEAF),
    unending("a signal handler", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{LOOP}"),
    damage("a wait for input", "name = input('name? ')"),
    damage(
        "threads", "import threading, time\nfor _ in range(9): threading.Thread(target=time.sleep, args=(999,)).start()"
    ),
    unending("prints without end", "while True: print('x')"),
    unending("a pattern without end", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
    left_behind("a call that comes later", "loop.call_later(0.5, time.sleep, 999)"),
    left_behind("a task that never ends", "async def go():\n    while True: pass\ntask = loop.create_task(go())"),
    left_behind("a call that comes later and is not named", "getattr(loop, 'call_' + 'later')(0.1, time.sleep, 999)"),
    left_behind("no stdout", "import sys; sys.stdout.close(); sys.stdout = sys.stderr = None"),
    # Much
    damage("a million lines", "for n in range(10**6): print(n)"),
    damage("a flood of pictures", "from IPython.display import display\nfor _ in range(3000): display('x' * 9000)"),
    damage("a line of many megabytes", "print('x' * 30_000_000)"),
    damage("a line that is no message any more", "print('x' * 100_000_000)"),
    # What others need
    damage("another folder", "import os; os.chdir('/')"),
    damage(
        "no modules", "import sys; [sys.modules.pop(name) for name in list(sys.modules) if 'convkit' in name]", worth=4
    ),
    damage("another print", "print = display = None"),
    damage(
        "an alarm",
        "import signal; signal.signal(signal.SIGALRM, signal.SIG_DFL); signal.alarm(1)\nimport time; time.sleep(9)",
    ),
    # Answers
    answer("an answer that ends the kernel", "os._exit(0)", ENDED),
    answer("an answer that hangs", "while True: pass"),
    answer("an answer that no alarm ends", "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True: pass"),
    answer("an answer that exits", "sys.exit(0)"),
    answer("an answer that ends the kernel later", "threading.Timer(0.1, os._exit, [0]).start(); return 0"),
    answer("an answer that recurses", "return conv2d(*case)"),
    answer("an answer that waits for input", "return input()"),
    # A check of the instructor's own that was not run has no output, which nbgrader takes for a right one
    damage(
        "an answer that ends the kernel in every check",
        layer="import os\ndef layer_params(*case): os._exit(0)",
        worth=1,
    ),
]
