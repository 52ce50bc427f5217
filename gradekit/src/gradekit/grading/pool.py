"""The worker pool: gives the next student to an idle worker, and replaces workers that end.

A worker is a fork of the fork server, which has the course's modules loaded, or an ordinary process where forking
isn't possible. pebble's pool has a time limit for each task and finds ended workers too, but its workers would
be forked from a second process with the course's modules in memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gradekit.course import CourseFolder
from gradekit.errors import Trouble
from gradekit.forkserver import client, preload
from gradekit.forkserver.protocol import send
from gradekit.grading.result import GradingResult, Progress, Result
from gradekit.grading.worker import PATIENCE, Task
from gradekit.judge import NOTEBOOK_TIMEOUT
from gradekit.limits import SubmissionLimits

MODULE = "gradekit.grading.worker"
TRIES = 2  # workers that a student may crash
WAIT = 10.0  # seconds to wait for another run's lock once there is nothing else to do
RETRY = 1.0  # seconds between two attempts to get it
TICK = 5.0  # seconds between two checks for workers that took too long
STEPS = 5  # for a notebook besides its cells: looked for, read, restored, saved, written as a page


@dataclass
class WorkerProcess:
    """The pool's end of one worker."""

    process: Any  # a Fork or a Popen
    connection: socket.socket
    private: str
    student: str | None = None
    since: float = 0.0  # monotonic time at which it got the student
    late: bool = False
    received: bytes = b""


@dataclass
class Pool:
    """Grades a list of students with several workers."""

    here: CourseFolder
    known: dict[str, str | None]  # the students to grade, and the last run of each
    outcome: GradingResult
    progress: Progress
    waiting: deque[str] = field(default_factory=deque)
    later: list[str] = field(default_factory=list)  # locked by another run
    workers: list[WorkerProcess] = field(default_factory=list)
    crashes: dict[str, int] = field(default_factory=dict)
    done: int = 0

    def run(self, count: int) -> None:
        """Grade all students with `count` workers. Ctrl-C stops them; the students in progress keep their results."""
        self.waiting.extend(self.known)
        self.longest = longest(self.here)
        self.selector = selectors.DefaultSelector()
        try:
            for _ in range(min(count, len(self.known))):
                self._start_worker()
            self.outcome.workers = len(self.workers)
            self._until_done()
        finally:
            self._stop_workers()
            self.selector.close()

    def _until_done(self) -> None:
        give_up = 0.0
        while self.waiting or self.later or any(worker.student for worker in self.workers):
            if self.waiting and not self.workers:  # the last one ended while no student was waiting
                self._start_worker()
            for worker in [worker for worker in self.workers if worker.student is None][: len(self.waiting)]:
                self._assign(worker)
            if not self.waiting and self.later and not any(worker.student for worker in self.workers):
                give_up = give_up or time.monotonic() + WAIT
                if not self._retry_locked(time.monotonic() > give_up):
                    return
                continue
            for key, _ in self.selector.select(TICK):
                self._receive(key.data)
            self._kill_the_late()

    def _kill_the_late(self) -> None:
        """Kill workers that take too long, whatever blocks them."""
        for worker in self.workers:
            if worker.student and not worker.late and time.monotonic() - worker.since > self.longest:
                worker.late = True
                worker.process.kill()  # the end of its connection is received next

    def _retry_locked(self, last: bool) -> bool:
        """Try again those that another run had locked: locks of dead graders are released."""
        if last:
            self.outcome.locked += self.later
            self.later.clear()
            return False
        time.sleep(RETRY)
        self.waiting.extend(self.later)
        self.later.clear()
        return True

    def _start_worker(self) -> None:
        ours, theirs = socket.socketpair()
        private = tempfile.mkdtemp(prefix="gradekit-grade-")
        with theirs, open(_log(private), "wb") as log:
            process = self._forked(theirs, log) or self._spawned(theirs, log)
        worker = WorkerProcess(process, ours, private)
        self.workers.append(worker)
        self.selector.register(ours, selectors.EVENT_READ, worker)
        task = Task(str(self.here.root), self.here.assignment, private, sys.path)
        _send(worker, asdict(task))

    def _forked(self, connection: socket.socket, log: BinaryIO) -> client.Fork | None:
        env = {name: value for name, value in worker_environment(self.here).items() if name != "JPY_PARENT_PID"}
        order = client.order_here(MODULE, [], "/", env, trusted=True)
        try:
            return client.fork_kernel(order, (connection.fileno(), log.fileno(), log.fileno()))
        except client.NoForkServer as reason:
            self.outcome.slow = str(reason)
            return None

    def _spawned(self, connection: socket.socket, log: BinaryIO) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", MODULE]
        return subprocess.Popen(
            command, stdin=connection.fileno(), stdout=log, stderr=log, cwd="/", start_new_session=True
        )

    def _assign(self, worker: WorkerProcess) -> None:
        worker.student, worker.since = self.waiting.popleft(), time.monotonic()
        self.progress(self.done, len(self.known), worker.student)
        _send(worker, {"student": worker.student, "known": self.known[worker.student]})

    def _receive(self, worker: WorkerProcess) -> None:
        try:
            part = worker.connection.recv(1 << 16)
        except OSError:
            part = b""
        if not part:
            self._lost(worker)
            return
        *lines, worker.received = (worker.received + part).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "result" in message:
                worker.student = None
                self._note(Result(**message["result"]))

    def _note(self, result: Result) -> None:
        student, outcome = result.student, self.outcome
        if result.status == "locked":
            self.later.append(student)
            return
        getattr(outcome, result.status).append(student)
        if not result.whole:
            outcome.incomplete.append(student)
        if result.new_pages:
            outcome.refreshed.append(student)
        outcome.troubles += [Trouble(student, line) for line in result.lines]
        self.done += 1
        self.progress(self.done, len(self.known), "")

    def _lost(self, worker: WorkerProcess) -> None:
        """Give the student of a worker that has ended to another one, once."""
        late = f"it took longer than {self.longest:.0f} s" if worker.late else ""
        student, said = worker.student, late or _last_line(_log(worker.private))
        self._remove(worker)
        if student is not None:
            self.crashes[student] = self.crashes.get(student, 0) + 1
            if self.crashes[student] < TRIES:
                self.waiting.appendleft(student)
            else:
                line = f"not graded: the process that graded this ended, twice ({said or 'without a message'})."
                self._note(Result(student, lines=[line]))
        if self.waiting:
            self._start_worker()

    def _remove(self, worker: WorkerProcess) -> None:
        self.selector.unregister(worker.connection)
        worker.connection.close()
        self.workers.remove(worker)
        _wait_for(worker)

    def _stop_workers(self) -> None:
        for worker in self.workers:
            self.selector.unregister(worker.connection)
            worker.connection.close()
        for worker in self.workers:
            _wait_for(worker)
        self.workers.clear()


def longest(here: CourseFolder) -> float:
    """Seconds for one student: the limits of all notebooks' cells, and those of the steps around them."""
    cells = here.config().Judge.get("notebook_timeout", NOTEBOOK_TIMEOUT)
    step = SubmissionLimits(config=here.config()).step_timeout
    return len(here.notebooks()) * (float(cells) + STEPS * step)


def _send(worker: WorkerProcess, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # it has ended, which is received next
        send(worker.connection, **message)


def _wait_for(worker: WorkerProcess) -> None:
    """Wait for a worker to clear away and end; kill it where it doesn't."""
    try:
        worker.process.wait(timeout=PATIENCE + 1)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        worker.process.wait()
    shutil.rmtree(worker.private, ignore_errors=True)


def _log(private: str) -> Path:
    return Path(private) / "log"


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        return next(reversed(log.read_text(errors="replace").split("\n")[:-1]), "")
    return ""


def worker_environment(here: CourseFolder) -> dict[str, str]:
    """This process's environment with the course's `c.Preload.modules` in it."""
    return preload.added(os.environ, preload.chosen(here.config(), os.environ))


def warm_up(here: CourseFolder) -> None:
    """Start the fork server in the background, while this process lists what there is to do."""
    env = worker_environment(here)

    def load() -> None:
        with contextlib.suppress(client.NoForkServer):  # reported when a worker is started
            client.start(env)

    threading.Thread(target=load, daemon=True, name="gradekit-forked").start()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
