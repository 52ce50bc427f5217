"""Who hands out the work, and what happens when a worker ends?

This process hands the next student to whichever worker is free, and grades nothing itself. A worker is a fork of the
nursery, which has TensorFlow loaded, or an ordinary process where forking isn't possible.
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

from gradekit.course import Course
from gradekit.errors import Trouble
from gradekit.forkserver import client, preload
from gradekit.grading.result import Outcome, Progress
from gradekit.grading.worker import PATIENCE, Task
from gradekit.judge import NOTEBOOK_TIMEOUT

MODULE = "gradekit.grading.worker"
TRIES = 2  # how many workers a student may end, with a crash or for want of memory
WAIT = 10.0  # seconds for another grader's claim, once there is nothing else to do: it may be a dead one's
MORE = 1.0  # seconds between two looks at it
TICK = 5.0  # seconds between two looks at the clock
MARGIN = 300.0  # seconds for a notebook, beside those that its cells are given


@dataclass
class Hand:
    """One worker, seen from here."""

    process: Any  # a Fork or a Popen
    connection: socket.socket
    private: str
    student: str | None = None
    since: float = 0.0  # when it was given the student
    late: bool = False
    heard: bytes = b""


@dataclass
class Crew:
    """Grades a list of students with some workers."""

    here: Course
    again: bool
    known: dict[str, str | None]  # whom to grade, and the last run that the gradebook has of each
    outcome: Outcome
    progress: Progress
    waiting: deque[str] = field(default_factory=deque)
    later: list[str] = field(default_factory=list)  # somebody else had a claim
    hands: list[Hand] = field(default_factory=list)
    crashes: dict[str, int] = field(default_factory=dict)
    done: int = 0

    def work(self, workers: int) -> None:
        """Grade them all. Ctrl-C ends the workers, and what they were at is as it was."""
        self.waiting.extend(self.known)
        self.longest = longest(self.here)
        self.selector = selectors.DefaultSelector()
        try:
            for _ in range(min(workers, len(self.known))):
                self._hire()
            self.outcome.workers = len(self.hands)
            self._until_done()
        finally:
            self._dismiss()
            self.selector.close()

    def _until_done(self) -> None:
        give_up = 0.0
        while self.waiting or self.later or any(hand.student for hand in self.hands):
            if self.waiting and not self.hands:  # the last one ended when nobody was waiting
                self._hire()
            for hand in [hand for hand in self.hands if hand.student is None][: len(self.waiting)]:
                self._give(hand)
            if not self.waiting and self.later and not any(hand.student for hand in self.hands):
                give_up = give_up or time.monotonic() + WAIT
                if not self._once_more(time.monotonic() > give_up):
                    return
                continue
            for key, _ in self.selector.select(TICK):
                self._hear(key.data)
            self._end_the_late()

    def _end_the_late(self) -> None:
        """Whatever holds a worker up, outside of the cells too, ends: the others wait for it."""
        for hand in self.hands:
            if hand.student and not hand.late and time.monotonic() - hand.since > self.longest:
                hand.late = True
                hand.process.kill()  # the end of its connection is heard next

    def _once_more(self, last: bool) -> bool:
        """Ask again for those that another grader had; whoever ended without a word has no claim any more."""
        if last:
            self.outcome.elsewhere += self.later
            self.later.clear()
            return False
        time.sleep(MORE)
        self.waiting.extend(self.later)
        self.later.clear()
        return True

    def _hire(self) -> None:
        ours, theirs = socket.socketpair()
        private = tempfile.mkdtemp(prefix="gradekit-grade-")
        with theirs, open(_log(private), "wb") as log:
            process = self._forked(theirs, log) or self._spawned(theirs, log)
        hand = Hand(process, ours, private)
        self.hands.append(hand)
        self.selector.register(ours, selectors.EVENT_READ, hand)
        task = Task(str(self.here.root), self.here.assignment, self.again, private, sys.path)
        _send(hand, asdict(task))

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

    def _give(self, hand: Hand) -> None:
        hand.student, hand.since = self.waiting.popleft(), time.monotonic()
        self.progress(self.done, len(self.known), hand.student)
        _send(hand, {"student": hand.student, "known": self.known[hand.student]})

    def _hear(self, hand: Hand) -> None:
        try:
            part = hand.connection.recv(1 << 16)
        except OSError:
            part = b""
        if not part:
            self._lost(hand)
            return
        *lines, hand.heard = (hand.heard + part).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "result" in message:
                hand.student = None
                self._note(**message["result"])

    def _note(self, student: str, what: str, lines: list[str], whole: bool) -> None:
        if what == "elsewhere":
            self.later.append(student)
            return
        getattr(self.outcome, what).append(student)
        if not whole:
            self.outcome.incomplete.append(student)
        self.outcome.troubles += [Trouble(student, line) for line in lines]
        self.done += 1
        self.progress(self.done, len(self.known), "")

    def _lost(self, hand: Hand) -> None:
        """A worker has ended: its student is tried once more, by another one."""
        late = f"it took longer than {self.longest:.0f} s" if hand.late else ""
        student, said = hand.student, late or _last_line(_log(hand.private))
        self._let_go(hand)
        if student is not None:
            self.crashes[student] = self.crashes.get(student, 0) + 1
            if self.crashes[student] < TRIES:
                self.waiting.appendleft(student)
            else:
                line = f"not graded: the process that graded this was ended, twice ({said or 'without a word'})."
                self._note(student, "failed", [line], True)
        if self.waiting:
            self._hire()

    def _let_go(self, hand: Hand) -> None:
        self.selector.unregister(hand.connection)
        hand.connection.close()
        self.hands.remove(hand)
        _ended(hand)

    def _dismiss(self) -> None:
        for hand in self.hands:
            self.selector.unregister(hand.connection)
            hand.connection.close()
        for hand in self.hands:
            _ended(hand)
        self.hands.clear()


def longest(here: Course) -> float:
    """Seconds for one student: what the cells of all notebooks may take, and a margin for each notebook."""
    cells = here.config().Judge.get("notebook_timeout", NOTEBOOK_TIMEOUT)
    return len(here.notebooks()) * (float(cells) + MARGIN)


def _send(hand: Hand, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # it has ended: that is heard next
        hand.connection.sendall(json.dumps(message).encode() + b"\n")


def _ended(hand: Hand) -> None:
    """Wait for the end of a worker, which clears away; then see to it."""
    try:
        hand.process.wait(timeout=PATIENCE + 1)
    except subprocess.TimeoutExpired:
        hand.process.kill()
        hand.process.wait()
    shutil.rmtree(hand.private, ignore_errors=True)


def _log(private: str) -> Path:
    return Path(private) / "log"


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        return next(reversed(log.read_text(errors="replace").split("\n")[:-1]), "")
    return ""


def worker_environment(here: Course) -> dict[str, str]:
    """This process's environment with the course's `c.Preload.modules` in it."""
    return preload.added(os.environ, preload.chosen(here.config(), os.environ))


def warm_up(here: Course) -> None:
    """Let the fork server load while this process looks at what there is to do."""
    env = worker_environment(here)

    def load() -> None:
        with contextlib.suppress(client.NoForkServer):  # the reason is told when a worker is wanted
            client.start(env)

    threading.Thread(target=load, daemon=True, name="gradekit-forked").start()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
