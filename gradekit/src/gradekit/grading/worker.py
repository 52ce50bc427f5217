"""What does a worker do, and how does it end?

    python -m gradekit.grading.worker       with one end of a socket as its standard input

It hears a line of JSON about the course, then the name of a student at a time, and answers each with a result. It
ends with the other end of the socket, however that ends; its kernels end with it.
"""

from __future__ import annotations

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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradekit.grading.student import Desk, Result

PATIENCE = 5.0  # seconds to clear away, once nobody waits for the result


@dataclass(frozen=True)
class Task:
    """What a worker is told first."""

    root: str
    assignment: str
    again: bool
    private: str  # a folder of this worker, outside the course
    path: list[str]  # where Python looks for modules


class Worker:
    """Grades the students that it is told."""

    def __init__(self, task: Task) -> None:
        from gradekit.grading.nbgrader_steps import SettledCourse

        self.task = task
        self.here = SettledCourse(Path(task.root), task.assignment)
        self.desk: Desk | None = None
        self.ending = threading.Event()  # nobody waits for the result any more

    def grade(self, student: str, known: str | None) -> Result:
        """One student. A worker that cannot even begin says so for each."""
        from gradekit.grading.student import Desk, Result, not_graded

        try:
            self.desk = self.desk or Desk(self.here, Path(self.task.private), self.ending)
        except Exception as error:
            return Result(student, lines=[not_graded(error)])
        return self.desk.grade(student, self.task.again, known)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.desk is not None:
            self.desk.close()
        shutil.rmtree(self.task.private, ignore_errors=True)


def main(connection: socket.socket) -> None:
    """Work until there is nobody to work for."""
    lines = connection.makefile("r", encoding="utf-8")
    task = Task(**json.loads(lines.readline()))
    sys.path += [place for place in task.path if place not in sys.path]
    worker = Worker(task)
    _end_with(connection, worker.ending)
    try:
        say(connection, ready=os.getpid())
        for line in lines:
            say(connection, result=asdict(worker.grade(**json.loads(line))))
    except (KeyboardInterrupt, OSError):  # nobody is there
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        worker.close()


def say(connection: socket.socket, **message: Any) -> None:
    """Send one line of JSON."""
    connection.sendall(json.dumps(message).encode() + b"\n")


def _end_with(connection: socket.socket, ending: threading.Event) -> None:
    """When the other end is gone: an interrupt, so that kernels and folders are cleared away; then the end."""

    def wait() -> None:
        poll = select.poll()
        poll.register(connection, getattr(select, "POLLRDHUP", select.POLLHUP))
        poll.poll()
        ending.set()  # first: who clears away may meet another error, and take the interrupt for a notebook's fault
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="gradekit-grade").start()


if __name__ == "__main__":
    main(socket.socket(fileno=os.dup(0)))
