"""A worker process: it grades one student at a time, as the pool tells it through a socket.

    python -m gradekit.grading.worker       with one end of a socket as its standard input

It reads a line of JSON about the course, then one for each student, and answers each with a result. It ends when the
other end of the socket is closed, for whatever reason; its kernels end with it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradekit.forkserver.protocol import send

if TYPE_CHECKING:
    from gradekit.grading.result import Result
    from gradekit.grading.student import Workspace

PATIENCE = 5.0  # seconds to clear away once the parent is gone
OBJECTS = 20_000  # new ones before Python looks for garbage; with its usual 700, it does so 20 times a notebook


@dataclass(frozen=True)
class Task:
    """The first message to a worker."""

    root: str
    assignment: str
    private: str  # a folder of this worker, outside the course
    path: list[str]  # sys.path of the parent


class Worker:
    """Grades students of one course."""

    def __init__(self, task: Task) -> None:
        from gradekit.grading.nbgrader_steps import CachedCourse

        self.task = task
        self.here = CachedCourse(Path(task.root), task.assignment)
        self.workspace: Workspace | None = None
        self.ending = threading.Event()  # the parent is gone

    def grade(self, student: str, known: str | None) -> Result:
        """Grade one student. A worker that can't start reports that for each."""
        from gradekit.grading.result import Result
        from gradekit.grading.student import Workspace, not_graded

        try:
            self.workspace = self.workspace or Workspace(self.here, Path(self.task.private), self.ending)
        except Exception as error:
            return Result(student, lines=[not_graded(error)])
        return self.workspace.grade(student, known)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.workspace is not None:
            self.workspace.close()
        shutil.rmtree(self.task.private, ignore_errors=True)


def main(connection: socket.socket) -> None:
    """Serve until the parent disconnects."""
    gc.set_threshold(OBJECTS)
    lines = connection.makefile("r", encoding="utf-8")
    task = Task(**json.loads(lines.readline()))
    os.chdir(task.root)  # where nbgrader runs: `nbgrader_config.py` may import from `.`
    sys.path += [folder for folder in task.path if folder not in sys.path]
    worker = Worker(task)
    _end_with(connection, worker.ending)
    try:
        send(connection, ready=os.getpid())
        for line in lines:
            send(connection, result=asdict(worker.grade(**json.loads(line))))
    except (KeyboardInterrupt, OSError):  # the parent is gone
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        worker.close()


def _end_with(connection: socket.socket, ending: threading.Event) -> None:
    """When the parent is gone, interrupt this process, so that it removes kernels and folders; then end it."""

    def wait() -> None:
        poll = select.poll()
        poll.register(connection, getattr(select, "POLLRDHUP", select.POLLHUP))
        poll.poll()
        ending.set()  # first, as the interrupt may turn into an error of the notebook
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="gradekit-grade").start()


if __name__ == "__main__":
    main(socket.socket(fileno=os.dup(0)))
