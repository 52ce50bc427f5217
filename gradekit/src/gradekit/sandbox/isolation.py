"""Call an answer with some libraries out of reach, while nothing else of its notebook runs.

A fork of the kernel reports that it is ready. The supervisor, which no code of a student's can change, tells it which
code to make inaccessible. Then the fork adds a filter to itself that refuses to load code and to start programs. Linux
asks the supervisor about this one call (`seccomp.py`), and the fork waits in it, while the supervisor

1. stops every other process of the sandbox, the kernel included: now nothing of the notebook runs;
2. reads in /proc that no forbidden code is left in the fork, and that the filter is the right one;
3. allows the call, and sees that Linux has added a filter;
4. writes the request, with its cases, into a file that the fork has open;
5. reads the reply from that file once the fork has ended, and continues the others. The reply counts only if none of
   them has run meanwhile.

Until the request is written, no process of the sandbox knows the cases. Nothing that it does could compute their
results with a library: it makes no difference what the fork is, or which code answers in it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import select
import signal
import socket
import struct
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from gradekit.sandbox import policy, seccomp
from gradekit.sandbox.spec import Spec

Code = tuple[int, int, str]  # executable memory: first byte, byte after the last, the forbidden package or ""

channel: socket.socket | None = None  # in a kernel: to its supervisor
ADDRESS = "isolate"  # in the folder of a kernel: where its supervisor listens to the grader
LONGEST_REPORT = 1 << 16  # bytes
READY, FILE, GO, NO = b"r", b"f", b"g", b"n"
MOST_LEFT = 1000  # messages; a kernel could send them without end
NO_ACCESS = 0
PATIENCE = 2.0  # seconds for processes to stop
IDLE = 2.0  # seconds in which a fork does nothing
STOPPED, ASLEEP = "TtZX", "STtZX"  # states in /proc/PID/stat: stopped, traced, ended; sleeping
MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ..x. \S+ \S+ \S+ *(.*)", re.MULTILINE)
PAGE, IN_USE, OF_FILE = os.sysconf("SC_PAGESIZE"), 0b11 << 62, 1 << 61  # bits of an entry in /proc/PID/pagemap
OF_LINUX = ("[vdso]", "[vsyscall]")
RECEIVE, ANSWER, ALLOW = 0xC0502100, 0xC0182101, 1  # requests about a seccomp listener, in linux/seccomp.h
CALLER, ARGUMENTS, SIZE = 8, 32, 80  # bytes in its struct seccomp_notif, and of it


class NotIsolated(Exception):
    """An answer can't be called in isolation, or has no result there; the text says why."""


# -- in the kernel ----------------------------------------------------------------------------------------------------


def answer(prepare: Callable[[list[str]], None], reply: Callable[[str], str]) -> None:
    """Answer one request, in a fork of the kernel. `prepare` receives the forbidden packages with compiled code."""
    if channel is None:
        raise NotIsolated("there is no supervisor")
    drain(channel)
    channel.send(READY)
    file = socket.recv_fds(channel, 1, 1)[1][0]
    code = json.loads(_read(file))
    prepare(sorted({package for *_, package in code} - {""}))
    memory = ctypes.CDLL(None, use_errno=True)
    memory.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for begin, end, _ in code:
        memory.mprotect(begin, end - begin, NO_ACCESS)
    seccomp.refuse_code()
    channel.send(READY)
    channel.recv(1)
    _write(file, reply(_read(file)))


def drain(connection: socket.socket) -> bool:
    """Drop what an earlier request has left in a connection; False where its other end is closed."""
    with contextlib.suppress(BlockingIOError):
        for _ in range(MOST_LEFT):
            if not connection.recv(4096, socket.MSG_DONTWAIT):
                return False
    return True


def hung_up(*files: int) -> bool:
    """Whether one of these files will never have anything to read again."""
    poll = select.poll()
    for file in files:
        poll.register(file, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _read(file: int, most: int = -1) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), "rb") as opened:
        return opened.read(most).decode()


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), "wb") as opened:
        opened.write(text.encode())


# -- in the grader ----------------------------------------------------------------------------------------------------


class Request:
    """A request to a kernel's supervisor: to isolate the fork that is ready next, and to send it `data`."""

    def __init__(self, folder: str, packages: Iterable[str], data: str) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):  # the kernel has ended
            self._connection.connect(f"{folder}/{ADDRESS}")
            self._connection.sendall(json.dumps([sorted(packages), data]).encode() + b"\n")

    def __enter__(self) -> Request:
        return self

    def __exit__(self, *about: object) -> None:
        self._connection.close()

    def result(self) -> tuple[str, str] | None:
        """(why there is no reply, the reply), once the cell that makes a fork has ended; None without a kernel."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)  # there will be no fork any more
            with self._connection.makefile("rb") as file:
                if line := file.readline():
                    why, said = json.loads(line)
                    return why, said
        return None


# -- in the supervisor ------------------------------------------------------------------------------------------------


class Isolation(threading.Thread):
    """Serves the grader's requests. `living` lists the processes of the sandbox.

    It is started before there is a kernel: a process whose children get a namespace of their own can start no thread.
    """

    def __init__(self, kernel: socket.socket, living: Callable[[], list[int]], spec: Spec) -> None:
        super().__init__(daemon=True)
        self.report: SimpleQueue[str] = SimpleQueue()  # has the layers of the sandbox, once it is set up
        self._kernel, self._living, self._spec = kernel, living, spec
        self._others: list[int] = []  # the processes that are stopped
        self._fork: int | None = None  # a pidfd of the fork that answers
        self._alone = False  # nothing else of the sandbox runs

    def run(self) -> None:
        # The file by which Linux asks about filters, if it does.
        said, self._listener, *_ = socket.recv_fds(self._kernel, LONGEST_REPORT, 1)
        self._kernel.setblocking(False)
        self._kernel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._server = socket.socket(socket.AF_UNIX)
        address = Path(self._spec.folder, ADDRESS)
        address.unlink(missing_ok=True)  # of a kernel that was started again
        self._server.bind(str(address))
        self._server.listen()
        self.report.put(said.decode())
        self._readable = policy.readable(self._spec.readable)
        watched = [self._server, self._kernel]
        while said:
            ready = self._select(watched)
            with contextlib.suppress(OSError):
                if self._server in ready:
                    self._serve(self._server.accept()[0])
                elif drain(self._kernel):  # a fork that no grader waits for
                    self._kernel.send(NO)
                else:
                    watched.remove(self._kernel)

    def _serve(self, grader: socket.socket) -> None:
        with grader, grader.makefile("rb") as file:
            try:
                packages, data = json.loads(file.readline())
                found = ["", self._isolated(packages, data, grader)]
            except NotIsolated as problem:
                found = [str(problem), ""]
            except (OSError, ValueError):  # a process or the grader has gone
                found = ["it ended early", ""]
            self._continue()
            grader.sendall(json.dumps(found).encode() + b"\n")

    def interrupt(self) -> None:
        """End the fork that answers; the supervisor's main thread calls this."""
        if (fork := self._fork) is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(fork, signal.SIGKILL)

    def _isolated(self, packages: list[str], data: str, grader: socket.socket) -> str:
        """The reply of the next fork that is ready. What it has stopped stays stopped."""
        self._others, self._alone = [], False
        if not self._listener:
            raise NotIsolated("this machine can't refuse to load code")
        process = self._ready([grader])
        self._fork = fork = os.pidfd_open(process)
        waiting: list[Any] = [grader, fork]
        file = os.memfd_create("request")
        try:
            _write(file, json.dumps(code_of(process, packages, self._readable)[0]))
            socket.send_fds(self._kernel, [FILE], [file])
            call = self._call_of(process, waiting)
            times = self._stop_all_but(process)
            self._check_code(process, packages)
            self._add_filter(process, call, waiting)
            _write(file, data)
            self._kernel.send(GO)
            self._wait_for(fork, waiting)
            self._check_end(process, times)
            if (said := _read(file, self._spec.limits.message << 20)) == data:
                raise NotIsolated("it ended early")
            return said
        finally:
            os.close(file)

    def _select(self, files: list[Any]) -> list[Any]:
        """Wait for one of these files. Programs that a student has started may add filters meanwhile."""
        while not (ready := [file for file in select.select([*self._listener, *files], [], [])[0] if file in files]):
            try:
                self._allow(self._call())
            except OSError:
                if hung_up(*self._listener):  # no process is left that could ask
                    self._listener = []
        return ready

    def _call(self) -> bytearray:
        """A call about which Linux asks. Raises OSError where its process has ended."""
        import fcntl  # Windows, where there is no sandbox, doesn't have it

        call = bytearray(SIZE)
        fcntl.ioctl(self._listener[0], RECEIVE, call)
        return call

    def _allow(self, call: bytearray) -> None:
        import fcntl

        fcntl.ioctl(self._listener[0], ANSWER, bytearray(call[:8] + struct.pack("qiI", 0, 0, ALLOW)))

    def _call_of(self, process: int, others: Sequence[Any]) -> bytearray:
        """Wait for a process to ask for its filter."""
        while select.select([*self._listener, self._kernel, *others], [], [])[0] == self._listener:
            with contextlib.suppress(OSError):
                call = self._call()
                if struct.unpack_from("I", call, CALLER)[0] == process:
                    return call
                self._allow(call)
        raise NotIsolated("it ended early")

    def _add_filter(self, process: int, call: bytearray, waiting: Sequence[Any]) -> None:
        """Let a process, which waits in a call, add the filter that refuses to load code; check that it has done so."""
        if not seccomp.refuses_code(process, struct.unpack_from("QQQ", call, ARGUMENTS)):
            raise NotIsolated("its fork asks for another filter")
        before = _filters(process)
        self._allow(call)
        self._ready([*self._listener, *waiting], process)  # a second call is not allowed: its filter would count
        if _filters(process) != before + 1:
            raise NotIsolated("its fork can load code")

    def _ready(self, others: Sequence[Any], process: int = 0) -> int:
        """Wait for a process, for this one where it is given, to report that it is ready; its id."""
        while self._select([self._kernel, *others]) == [self._kernel]:
            said, about, *_ = self._kernel.recvmsg(1, socket.CMSG_SPACE(12))  # no room for files
            if not said:  # its other end is closed
                break
            sender = next((struct.unpack("iII", sent)[0] for *_, sent in about), 0)
            if sender and process in (0, sender):
                return int(sender)
        raise NotIsolated("it ended early" if process else "no fork was ready")

    def _stop_all_but(self, process: int) -> dict[int, list[str]]:
        """Stop all other processes; the times that they have run. Raises NotIsolated where one doesn't stop.

        `process` waits in a call. A process that still runs can leave one list by its end: its children become the
        kernel's, which is stopped. So they are in the next list, and once all are stopped, two lists show the same.
        """
        deadline, same = time.monotonic() + PATIENCE, 0
        while same < 3:
            if time.monotonic() > deadline:
                raise NotIsolated("another process of the notebook can't be stopped")
            found = [pid for pid in self._living() if pid != process]
            same = same + 1 if found == self._others and all(map(_is_stopped, found)) else 0
            for pid in set(found) - set(self._others):
                _signal(pid, signal.SIGSTOP)
            self._others = found
            time.sleep(0.0005)
        self._alone = True
        return _times(found)

    def _check_code(self, process: int, packages: Iterable[str]) -> None:
        """Raise NotIsolated where a process, which waits, has threads or could run forbidden code."""
        if len(os.listdir(f"/proc/{process}/task")) > 1:
            raise NotIsolated("its fork is not alone")
        forbidden, allowed = code_of(process, packages, self._readable)
        if forbidden or is_changed(process, allowed):
            raise NotIsolated("its fork can run forbidden code")

    def _wait_for(self, fork: int, waiting: list[Any]) -> None:
        """Wait for the fork's end. Raises NotIsolated where it waits itself: what it waits for may be stopped."""
        before: dict[int, list[str]] = {}
        while not (ready := select.select(waiting, [], [], IDLE)[0]):
            running = set(self._living()) - set(self._others)
            if (now := _times(running)) == before and all(map(_is_asleep, running)):
                raise NotIsolated("it waits for a thread or a process of the notebook")
            before = now
        if fork not in ready:
            raise NotIsolated("it did not end")

    def _check_end(self, process: int, times: dict[int, list[str]]) -> None:
        """Raise NotIsolated unless a process has ended well, and no other has run."""
        if _times(self._others) != times:
            raise NotIsolated("another process of the notebook ran meanwhile")
        with contextlib.suppress(FileNotFoundError):  # the kernel ignores the end of its children
            if number := os.WTERMSIG(int(Path(f"/proc/{process}/stat").read_text().split()[-1])):
                raise NotIsolated(f"it ended with {signal.Signals(number).name}")

    def _continue(self) -> None:
        """End what is left of the fork, forget what it said, and continue all others."""
        if self._fork is not None:
            self.interrupt()
            if self._alone:
                for pid in set(self._living()) - set(self._others):
                    _signal(pid, signal.SIGKILL)
            os.close(self._fork)
            self._fork = None
        drain(self._kernel)  # not at a request's begin: its fork may be ready by then
        for pid in self._others:
            _signal(pid, signal.SIGCONT)


def code_of(process: int, packages: Iterable[str], readable: Iterable[str]) -> tuple[list[Code], list[Code]]:
    """Executable memory of a process: what is forbidden, and files of the system's and of other installed packages."""
    names = "|".join(map(re.escape, sorted(packages)))
    forbidden = re.compile(rf".*/(?:site|dist)-packages/({names})(?:lib)?(?:[._-][^/]*)?/")
    roots = tuple(f"{place}/" for place in readable)
    found: tuple[list[Code], list[Code]] = [], []
    for begin, end, path in MAPPING.findall(Path(f"/proc/{process}/maps").read_text("utf-8", "replace")):
        package = forbidden.match(path)
        if path not in OF_LINUX:
            allowed = not package and path.startswith(roots)
            found[allowed].append((int(begin, 16), int(end, 16), package[1] if package else ""))
    return found


def is_changed(process: int, code: Iterable[Code]) -> bool:
    """Whether a page of code isn't that of its file: a notebook could have copied a library's over it."""
    with open(f"/proc/{process}/pagemap", "rb", buffering=0) as pages:
        for begin, end, _ in code:
            pages.seek(begin // PAGE * 8)
            if any(page & IN_USE and not page & OF_FILE for page in array("Q", pages.read((end - begin) // PAGE * 8))):
                return True
    return False


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):  # it has ended
        os.kill(pid, number)


def _is_stopped(pid: int) -> bool:
    return _states(pid) <= set(STOPPED)


def _is_asleep(pid: int) -> bool:
    return _states(pid) <= set(ASLEEP)


def _states(pid: int) -> set[str]:
    return set(_of_threads(pid, "stat", lambda text: text.rpartition(")")[2].split()[0]))


def _filters(pid: int) -> int:
    """The number of seccomp filters of a process; 0 before Linux 5.9."""
    found = re.search(r"^Seccomp_filters:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _times(pids: Iterable[int]) -> dict[int, list[str]]:
    """The nanoseconds that each thread of these processes has run."""
    return {pid: _of_threads(pid, "schedstat", lambda text: text.split()[0]) for pid in pids}


def _of_threads(pid: int, name: str, part: Callable[[str], str]) -> list[str]:
    """A part of a file in /proc, for each thread of a process; none where it has ended."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in sorted(os.listdir(f"/proc/{pid}/task")):
            found.append(part(Path(f"/proc/{pid}/task/{task}/{name}").read_text()))
    return found
