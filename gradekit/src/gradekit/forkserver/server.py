"""How does the warm process live, fork and end?

    python -m gradekit.forkserver.server SOCKET [LINGER]

It listens at once, answers when everything is loaded, and ends when nobody has been connected for LINGER seconds.
One thread, no operation of TensorFlow: that is what makes its forks sound.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from gradekit.forkserver import child, preload, protocol

LINGER = 5.0
PATIENCE = 5.0  # seconds for an order to arrive in full: the asker writes it in one go
PR_SET_CHILD_SUBREAPER = 36

Birth = tuple[protocol.Order, list[int], socket.socket]


class Nursery:
    """Accepts connections, forks a kernel for each order, tells its asker when it has ended."""

    def __init__(self, listener: socket.socket, linger: float = LINGER) -> None:
        self.linger = linger
        self.listener = listener
        self.connections: set[socket.socket] = set()
        self.outside: set[socket.socket] = set()  # of them, those of processes that this one did not make
        self.kernels: dict[int, socket.socket] = {}
        self.trusted: set[int] = set()  # forks that may ask for kernels; a number is free again once it is reaped
        self.selector = selectors.DefaultSelector()
        self.woken, self.waker = socket.socketpair()
        self._register(listener, self.accept)
        self._register(self.woken, self.reap)
        self._notice_children()

    def _register(self, file: socket.socket, action: Callable[[socket.socket], Birth | None]) -> None:
        file.setblocking(False)
        self.selector.register(file, selectors.EVENT_READ, action)

    def _notice_children(self) -> None:
        self.waker.setblocking(False)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # Orphans of a kernel become our children, so that `descends` holds for them too.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def serve(self) -> Birth | None:
        """Serve until nobody is left, then return None. In a fork, return what it shall become."""
        while events := self._events():
            for key, _ in events:
                if key.fileobj in self.watched and (birth := key.data(key.fileobj)):
                    return birth
        return None

    @property
    def watched(self) -> set[socket.socket]:
        """What is open; a connection may have been dropped since its event."""
        return self.connections | {self.listener, self.woken}

    def _events(self) -> list[tuple[selectors.SelectorKey, int]]:
        return self.selector.select(None if self.connections else self.linger)

    def accept(self, listener: socket.socket) -> None:
        """Let the user's own processes in, except kernels: a fenced one could ask for one without a fence."""
        connection, _ = listener.accept()
        pid, user = protocol.peer(connection)
        ours = descends(pid, os.getpid())
        with contextlib.suppress(OSError):
            if user != os.getuid() or (ours and pid not in self.trusted):
                protocol.say(connection, refused="it serves its user, and not the kernels that it made")
                connection.close()
                return
            protocol.say(connection, nursery=os.getpid())
        self.connections.add(connection)
        if not ours:
            self.outside.add(connection)
        self._register(connection, self.answer)

    def answer(self, connection: socket.socket) -> Birth | None:
        """Fork for an order; forget who has hung up."""
        connection.settimeout(PATIENCE)
        try:
            received = protocol.receive_order(connection)
        except (OSError, ValueError, MemoryError, EOFError) as problem:
            print(f"an order that cannot be read: {problem!r}", file=sys.stderr)
            received = None
        if received is None:
            self.drop(connection)
            return None
        body, trusted, files = received
        trusted = trusted and connection in self.outside  # trust is given from outside, never passed on
        try:
            return self.fork(body, trusted, files, connection)
        finally:
            body[:] = bytes(len(body))  # a later fork runs a student's code, and has all that is in memory here

    def fork(self, body: bytearray, trusted: bool, files: list[int], connection: socket.socket) -> Birth | None:
        """Fork. The fork returns its order, the nursery returns None and has not read it."""
        try:
            pid = os.fork()
        except OSError as problem:  # too many processes, or no memory
            protocol.say(connection, error=str(problem))
            pid = -1
        if pid == 0:
            self.leave(connection)
            return self.read(body, trusted, connection), files, connection
        self.kernels[pid] = connection
        if trusted and pid > 0:
            self.trusted.add(pid)
        for file in files:
            os.close(file)
        return None

    def read(self, body: bytearray, trusted: bool, connection: socket.socket) -> protocol.Order:
        """In a fork: its order. An asker that cannot write one is told so."""
        try:
            return protocol.read_order(body, trusted)
        except (ValueError, TypeError) as problem:
            protocol.say(connection, error=f"an order that cannot be read: {problem!r}")
            os._exit(1)

    def leave(self, connection: socket.socket) -> None:
        """In a fork: close what belongs to the nursery, or its end would go unnoticed."""
        for other in (self.connections - {connection}) | {self.listener, self.woken, self.waker}:
            other.close()
        self.selector.close()

    def reap(self, woken: socket.socket) -> None:
        """Collect the children that have ended, and report the kernels among them."""
        woken.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self.report(ended[0], os.waitstatus_to_exitcode(ended[1]))

    def report(self, pid: int, code: int) -> None:
        """Tell the asker, if there still is one."""
        connection = self.kernels.pop(pid, None)
        self.trusted.discard(pid)
        if connection is not None:
            with contextlib.suppress(OSError):
                protocol.say(connection, exit=code)

    def drop(self, connection: socket.socket) -> None:
        """Forget a connection; its kernel goes on, and ends by itself if its asker has ended."""
        self.selector.unregister(connection)
        self.connections.discard(connection)
        self.outside.discard(connection)
        connection.close()


def descends(pid: int, ancestor: int) -> bool:
    """Is `ancestor` among the parents of `pid`? Also when that can no longer be told."""
    if pid <= 0:  # of a process that this one cannot see
        return True
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True
        pid = int(stat.rpartition(")")[2].split()[1])
    return False


def listen(path: Path) -> socket.socket | None:
    """The listening socket, or None when another nursery has it. The lock goes with this process, however it ends."""
    lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    return listener


def main() -> None:
    """Be the nursery, or a kernel in the end."""
    atexit.register(child.leave)  # before anything else is imported: the first in is the last to run
    path = Path(sys.argv[1])
    linger = float(sys.argv[2]) if len(sys.argv) > 2 else LINGER
    del sys.path[0]  # the folder that we were started in
    listener = listen(path)
    if listener is None:
        return
    child.exit_code = 1
    defaults = preload.load()
    child.exit_code = 0
    life = Nursery(listener, linger).serve()
    if life is None:
        for suffix in (".sock", ".log", ".lock"):
            path.with_suffix(suffix).unlink(missing_ok=True)
        return
    order, files, connection = life
    child.become(order, files, connection, defaults)
    child.run(order)


if __name__ == "__main__":
    main()
