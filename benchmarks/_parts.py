"""Processor seconds of a grading run by part.

The course preloads this module, so that it is in the fork server and in each of its forks. In a worker the stack is
sampled by processor time. The time of a kernel with all of its processes is what its supervisor has waited for.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

VARIABLE = "GRADEKIT_FORKSERVER_PARTS"  # the folder to write to; fork servers inherit names that begin so
NAME = "benchmarks._parts"
EVERY = 0.002  # seconds
# A part of a worker's time, and what the stack contains: files and functions. The first part that fits counts.
WORKERS = {
    "start-up: imports of workers": ("importlib",),
    "worker: feedback pages": ("grading/nbgrader_steps.py write_pages",),
    "worker: correct results of the checks": ("exercise/oracle.py",),
    "worker: gradebook": ("nbgrader/api.py", "/sqlalchemy/", "grading/gradebook.py", "grading/ledger.py"),
    "worker: messages, start and end of kernels": ("/nbclient/", "/jupyter_client/", "/zmq/", "/asyncio/"),
    "worker: validation of notebooks": ("nbformat/validator.py", "/jsonschema/"),
    "worker: checks": ("gradekit/judge/",),
    "worker: repair": ("gradekit/repair/",),
}
REST = "worker: files and the rest"
SERVER, ALL = "start-up: fork server", "all forks"


def preloaded(config: Path) -> None:
    """Let a course preload this module."""
    line = f'c.Preload.modules = [*c.Preload.get("modules", []), "{NAME}"]\n'
    config.write_text(f"{config.read_text()}\n{line}")


def environment(folder: Path) -> dict[str, str]:
    """Variables of a run that is measured."""
    return {VARIABLE: str(folder), "PYTHONPATH": str(Path(__file__).parents[1])}


def read(folder: Path) -> Counter[str]:
    """Seconds by part of a run that has ended, once its fork server has ended too."""
    until = time.monotonic() + 30
    while not (folder / f"{SERVER}.json").exists() and time.monotonic() < until:
        time.sleep(0.1)
    found: Counter[str] = Counter()
    for file in folder.glob("*.json"):
        found.update(json.loads(file.read_text()))
    known = sum(seconds for part, seconds in found.items() if part not in (SERVER, ALL))
    found["other forks"] = found.pop(ALL) - known
    return found


def _seconds(who: int) -> float:
    use = resource.getrusage(who)
    return use.ru_utime + use.ru_stime


def _sample(folder: Path) -> None:
    """Sample the stack of this process until it ends."""
    seconds: Counter[str] = Counter()
    last = time.process_time()

    def tick(number: int, frame: FrameType | None) -> None:
        nonlocal last
        now, names = time.process_time(), list[str]()
        while frame is not None:
            names.append(f"{frame.f_code.co_filename} {frame.f_code.co_name}")
            frame = frame.f_back
        stack = "\n".join(names)
        part = next((part for part, marks in WORKERS.items() if any(mark in stack for mark in marks)), REST)
        seconds[part] += now - last
        last = now

    def end() -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        _write(folder, f"worker-{os.getpid()}", seconds)

    signal.signal(signal.SIGVTALRM, tick)
    signal.setitimer(signal.ITIMER_VIRTUAL, EVERY, EVERY)
    atexit.register(end)


def _write(folder: Path, name: str, parts: Mapping[str, float]) -> None:
    half = folder / f"{name}.half"
    half.write_text(json.dumps(parts))
    half.rename(folder / f"{name}.json")


def _install(folder: Path) -> None:
    """Sample each worker that is forked, and write what supervisors and the fork server have used at their end."""
    from gradekit.forkserver import child
    from gradekit.sandbox.supervisor import Supervisor

    run, clean_up, server = child.run, Supervisor.clean_up, os.getpid()

    def run_sampled(order: Any) -> None:
        if order.module == "gradekit.grading.worker":
            _sample(folder)
        run(order)

    def clean_up_and_write(self: Supervisor) -> None:
        clean_up(self)
        used = {"supervisors of kernels": time.process_time(), "kernels": _seconds(resource.RUSAGE_CHILDREN)}
        _write(folder, f"kernel-{os.getpid()}", used)

    def end() -> None:
        if os.getpid() == server:
            used = {SERVER: _seconds(resource.RUSAGE_SELF), ALL: _seconds(resource.RUSAGE_CHILDREN)}
            _write(folder, SERVER, used)

    child.run, Supervisor.clean_up = run_sampled, clean_up_and_write  # type: ignore[method-assign]
    atexit.register(end)


if VARIABLE in os.environ and "gradekit.forkserver.server" in sys.orig_argv:
    _install(Path(os.environ[VARIABLE]))
