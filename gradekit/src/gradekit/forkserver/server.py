"""The fork server: a process that has everything loaded and forks for each order.

    python -m gradekit.forkserver.server SOCKET [LINGER]

It listens at once, answers when everything is loaded, and ends after LINGER seconds without a connection. It has one
thread and runs no operation of TensorFlow: otherwise its forks would not be sound. The standard library's
`multiprocessing.forkserver` runs functions of its own parent only, has no exit codes for other processes, no check of
who connects, and passes neither environment nor limits.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from gradekit.forkserver import child, preload, protocol

LINGER = 5.0
TIMEOUT = 5.0  # seconds for an order to arrive: a client writes it in one call
PR_SET_CHILD_SUBREAPER = 36

Ordered = tuple[protocol.Order, list[int], socket.socket]


class ForkServer:
    """Accepts connections, forks a process for each order, and reports its exit code."""

    def __init__(self, listener: socket.socket, linger: float = LINGER) -> None:
        self.linger = linger
        self.listener = listener
        self.connections: set[socket.socket] = set()
        self.outside: set[socket.socket] = set()  # of them, those of processes that this one has not forked
        self.kernels: dict[int, socket.socket] = {}
        self.trusted: set[int] = set()  # forks that may send orders; a process id is reused once it is reaped
        self.selector = selectors.DefaultSelector()
        self.woken, self.waker = socket.socketpair()
        self._register(listener, self.accept)
        self._register(self.woken, self.reap)
        self._notice_children()

    def _register(self, file: socket.socket, action: Callable[[socket.socket], Ordered | None]) -> None:
        file.setblocking(False)
        self.selector.register(file, selectors.EVENT_READ, action)

    def _notice_children(self) -> None:
        self.waker.setblocking(False)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # Orphans of a kernel become our children: `descends` holds for them too.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def serve(self) -> Ordered | None:
        """Serve until the last client disconnects, then return None. In a fork, return its order."""
        while events := self._events():
            for key, _ in events:
                if key.fileobj in self.open_sockets and (ordered := key.data(key.fileobj)):
                    return ordered
        return None

    @property
    def open_sockets(self) -> set[socket.socket]:
        """Sockets that are open; a connection may have been dropped since its event."""
        return self.connections | {self.listener, self.woken}

    def _events(self) -> list[tuple[selectors.SelectorKey, int]]:
        return self.selector.select(None if self.connections else self.linger)

    def accept(self, listener: socket.socket) -> None:
        """Accept the user's processes, except our own kernels: a sandboxed one could order one without a sandbox."""
        connection, _ = listener.accept()
        pid, user = protocol.peer(connection)
        ours = descends(pid, os.getpid())
        with contextlib.suppress(OSError):
            if user != os.getuid() or (ours and pid not in self.trusted):
                protocol.send(connection, refused="it serves its user, not the kernels that it has forked")
                connection.close()
                return
            protocol.send(connection, server=os.getpid(), not_loaded=preload.failures)
        self.connections.add(connection)
        if not ours:
            self.outside.add(connection)
        self._register(connection, self.answer)

    def answer(self, connection: socket.socket) -> Ordered | None:
        """Fork for an order; drop a client that has disconnected."""
        connection.settimeout(TIMEOUT)
        try:
            received = protocol.receive_order(connection)
        except (OSError, ValueError, MemoryError, EOFError) as problem:
            print(f"an order can't be read: {problem!r}", file=sys.stderr)
            received = None
        if received is None:
            self.drop(connection)
            return None
        body, trusted, files = received
        trusted = trusted and connection in self.outside  # trust comes from outside, and is never passed on
        try:
            return self.fork(body, trusted, files, connection)
        finally:
            body[:] = bytes(len(body))  # a later fork runs a student's code, and has all of this memory

    def fork(self, body: bytearray, trusted: bool, files: list[int], connection: socket.socket) -> Ordered | None:
        """Fork. The fork returns its order; the server returns None, and never decodes an order."""
        try:
            pid = os.fork()
        except OSError as problem:  # too many processes, or no memory
            protocol.send(connection, error=str(problem))
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
        """In a fork: decode its order, or report that it can't be read and exit."""
        try:
            return protocol.read_order(body, trusted)
        except (ValueError, TypeError) as problem:
            protocol.send(connection, error=f"an order can't be read: {problem!r}")
            os._exit(1)

    def leave(self, connection: socket.socket) -> None:
        """In a fork: close the server's sockets, or its end would go unnoticed."""
        for other in (self.connections - {connection}) | {self.listener, self.woken, self.waker}:
            other.close()
        self.selector.close()

    def reap(self, woken: socket.socket) -> None:
        """Reap the children that have ended, and report the ordered ones."""
        woken.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self.report(ended[0], os.waitstatus_to_exitcode(ended[1]))

    def report(self, pid: int, code: int) -> None:
        """Send the exit code to the client, if it is still connected."""
        connection = self.kernels.pop(pid, None)
        self.trusted.discard(pid)
        if connection is not None:
            with contextlib.suppress(OSError):
                protocol.send(connection, exit=code)

    def drop(self, connection: socket.socket) -> None:
        """Forget a connection; its kernel goes on, and ends by itself when its client has ended."""
        self.selector.unregister(connection)
        self.connections.discard(connection)
        self.outside.discard(connection)
        connection.close()


def descends(pid: int, ancestor: int) -> bool:
    """Whether `ancestor` is among the ancestors of `pid`; True when that can no longer be found out."""
    if pid <= 0:  # a process in a namespace that this one can't see
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
    """The listening socket, or None when another fork server listens there. The lock ends with this process."""
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
    """Run the server; in a fork, run what was ordered."""
    atexit.register(child.leave)  # before anything else is imported: the first in is the last to run
    path = Path(sys.argv[1])
    linger = float(sys.argv[2]) if len(sys.argv) > 2 else LINGER
    del sys.path[0]  # the folder that this process was started in
    listener = listen(path)
    if listener is None:
        return
    child.exit_code = 1
    gc.disable()  # it would look through all that was imported so far again and again, for hardly any garbage
    defaults = preload.load()
    gc.enable()
    child.exit_code = 0
    ordered = ForkServer(listener, linger).serve()
    if ordered is None:
        for suffix in (".sock", ".log", ".lock"):
            path.with_suffix(suffix).unlink(missing_ok=True)
        return
    order, files, connection = ordered
    child.become(order, files, connection, defaults)
    child.run(order)


if __name__ == "__main__":
    main()
