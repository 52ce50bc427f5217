"""A class of any size with the sample's mistakes, a grader at work on it, and what its processes use meanwhile."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks import _courses
from convkit.lesson.sample_class import CLASS, work
from gradekit.course import course
from gradekit.release import release

ROOT = Path(__file__).parents[1]
ASSIGNMENT = "conv2d"
MB = 1 << 20


COURSES = {"quickstart": _courses.quickstart, "pandas": _courses.pandas}


@contextmanager
def classroom(students: int, notebooks: int | None = None, course_name: str = ASSIGNMENT) -> Iterator[Path]:
    """A course in a temporary folder, released, and handed in by a class of that size: the lesson, or one of COURSES.

    With `notebooks`, only the first so many of the lesson are in the course.
    """
    if course_name not in {ASSIGNMENT, *COURSES}:
        raise SystemExit(f"there is no course {course_name!r}, but {', '.join([ASSIGNMENT, *COURSES])}")
    with tempfile.TemporaryDirectory(prefix="convkit-bench-") as folder:
        root = Path(folder) / "course"
        (Path(folder) / "run").mkdir(mode=0o700)  # sockets of our own: the first kernel waits until all is loaded
        if course_name in COURSES:
            _courses.hand_in(root, COURSES[course_name](root), students)
        else:
            _lesson(root, students, notebooks)
        yield root


def _lesson(root: Path, students: int, notebooks: int | None) -> None:
    """The kinds of students of the sample class come round and round: `s00-ada`, `s01-ben`, ..."""
    shutil.copytree(ROOT / "source" / ASSIGNMENT, root / "source" / ASSIGNMENT)
    for notebook in sorted(root.glob("source/*/*.ipynb"))[notebooks:] if notebooks else []:
        notebook.unlink()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    release(root, ASSIGNMENT)
    here = course(root, ASSIGNMENT)
    kinds = (CLASS[number % len(CLASS)] for number in range(students))
    people = tuple(dataclasses.replace(kind, id=f"s{n:03}-{kind.id}") for n, kind in enumerate(kinds))
    work(here.release, here.source, root / "submitted", people)


def environment(root: Path) -> dict[str, str]:
    """The environment of a user who has not graded yet today."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONVKIT_", "JUPYTER_"))}
    return {**clean, "PATH": path, "XDG_RUNTIME_DIR": str(root.parent / "run"), "GRADEKIT_FORKSERVER_LINGER": "0.5"}


@dataclass
class Use:
    """Memory in bytes, the most that was seen."""

    together: int = 0  # of all processes, what they share counted once
    kernels: dict[int, int] = field(default_factory=dict)  # what each has for itself alone


def grade(
    root: Path,
    *options: str,
    use: Use | None = None,
    assignment: str = ASSIGNMENT,
    damaged: bool = False,
    more: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], float]:
    """`gradekit grade` from the start of its process to the end: (its own summary, seconds).

    Everything has to be graded in full, unless some work is `damaged`. `more` are variables of its environment.
    """
    command = [sys.executable, "-m", "gradekit.cli", "grade", assignment, "--course", str(root), "--json", *options]
    begun = time.perf_counter()
    env = {**environment(root), **(more or {})}
    grader = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if use is not None:
        threading.Thread(target=_watch, args=(grader.pid, str(root.parent / "run"), use), daemon=True).start()
    out, _ = grader.communicate()
    seconds = time.perf_counter() - begun
    summary = json.loads(out)
    assert summary["complete"] or damaged, summary
    return summary, seconds


def _watch(grader: int, run: str, use: Use) -> None:
    """Look at all processes of a grader until it ends."""
    with _quiet():
        me = psutil.Process(grader)
        while me.is_running() and me.status() != psutil.STATUS_ZOMBIE:
            servers = [one for one in psutil.process_iter(["cmdline"]) if _is_fork_server(one, run)]
            family = [me, *me.children(), *servers, *(fork for one in servers for fork in _below(one))]
            use.together = max(use.together, sum(_memory(one.pid, ("Pss",)) for one in set(family)))
            for kernel in (fork for one in servers for watcher in one.children() for fork in _below(watcher)):
                private = _memory(kernel.pid, ("Private_Clean", "Private_Dirty"))
                use.kernels[kernel.pid] = max(use.kernels.get(kernel.pid, 0), private)
            time.sleep(0.2)


def _is_fork_server(process: psutil.Process, run: str) -> bool:
    """The fork server itself: its forks have its command line too, and are its children."""
    command = " ".join(process.info["cmdline"] or [])
    with _quiet():
        return run in command and run not in " ".join(process.parent().cmdline())
    return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    with _quiet():
        return process.children(recursive=True)
    return []


def _memory(pid: int, kinds: tuple[str, ...]) -> int:
    with _quiet(), open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        rows = (line.split() for line in file)
        return sum(int(row[1]) << 10 for row in rows if row[0].rstrip(":") in kinds)
    return 0


def _quiet() -> suppress:
    """Processes end while they are looked at."""
    return suppress(psutil.Error, OSError, AttributeError)
