"""Client of the fork server: find or start one, order a fork, follow it to its exit code."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from gradekit.forkserver import protocol
from gradekit.forkserver.address import NoForkServer, read_at_import, socket_path

__all__ = ["Fork", "NoForkServer", "fork_kernel", "order_here", "start"]

TIMEOUT = 120.0  # seconds for a fork server to load; it takes ten on an idle machine
UNKNOWN = 1  # exit code of a kernel whose fork server has ended before it
LIMITS = (
    *(resource.RLIMIT_AS, resource.RLIMIT_CORE, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE),
    *(resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_STACK),
)

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_lease: tuple[int, int, socket.socket] | None = None  # this process, the server, the connection between them
_started: list[subprocess.Popen[bytes]] = []
_reported: set[str] = set()  # modules that were named in a warning of this process


def _after_a_fork() -> None:
    """Replace the lock: a thread that held it doesn't exist in the fork, and would never release it."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_a_fork)


class Fork:
    """A forked process, with the interface of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._connection.setblocking(False)
        self._received = b""
        try:
            self._pidfd = os.pidfd_open(pid)
        except OSError:
            self._pidfd = -1  # gone already

    def poll(self) -> int | None:
        """The exit code, None while it runs. Without the fork server, UNKNOWN for any exit code."""
        if self.returncode is None:
            try:
                self._read_exit_code()
            except BlockingIOError:
                return None
            except OSError:
                self._poll_pidfd()
        return self.returncode

    def _read_exit_code(self) -> None:
        part = self._connection.recv(4096)
        if not part:
            raise ConnectionResetError
        self._received += part
        if self._received.endswith(b"\n"):
            self._end(int(json.loads(self._received)["exit"]))

    def _poll_pidfd(self) -> None:
        if self._pidfd < 0 or select.select([self._pidfd], [], [], 0)[0]:
            self._end(UNKNOWN)

    def _end(self, code: int) -> None:
        self.returncode = code
        self._connection.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout if timeout is not None else None
        while self.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(["a forked kernel"], timeout or 0)
            time.sleep(0.01)
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens when the process has ended."""
        if self.poll() is None and self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
        self._connection.close()


def start(env: Mapping[str, str] | None = None) -> int:
    """Keep a fork server for as long as this process lives; return its process id.

    Waits until everything is loaded: some seconds when it has to be started.
    Raises NoForkServer where forking isn't possible.
    """
    env = os.environ if env is None else env
    require_forking(env)
    with _lock:
        path = socket_path(env)
        with contextlib.closing(_connected(path, env)):
            return _lease[1] if _lease else 0


def fork_kernel(order: protocol.Order, files: tuple[int, int, int]) -> Fork:
    """Order a fork. Raises NoForkServer where that isn't possible."""
    require_forking(order.env)
    with _lock:
        connection = _connected(socket_path(order.env), order.env)
    me = os.pidfd_open(os.getpid())
    try:
        protocol.send_order(connection, order, [*files, me])
        reply = protocol.receive(connection) or {"error": "the fork server has ended"}
    except OSError as problem:
        reply = {"error": repr(problem)}
    finally:
        os.close(me)
    if "pid" not in reply:
        connection.close()
        raise NoForkServer(f"the fork failed ({reply.get('error', reply)})")
    return Fork(int(reply["pid"]), connection)


def require_forking(env: Mapping[str, str]) -> None:
    """Raise NoForkServer unless this system can fork a process with libraries loaded, and follow the fork."""
    if env.get("GRADEKIT_FORKSERVER", "").lower() in {"off", "0", "no", "false"}:
        raise NoForkServer("GRADEKIT_FORKSERVER is off")
    if not sys.platform.startswith("linux"):
        raise NoForkServer("forking a process with libraries loaded is sound on Linux only")
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (OSError, AttributeError):
        raise NoForkServer("this system has no pidfd_open (Linux 5.3)") from None


def wait_for_its_end() -> None:
    """Wait until the fork server that this process holds a lease on has ended."""
    if _lease is not None:
        select.select([_lease[2]], [], [])


def order_here(
    module: str, arguments: list[str], cwd: str, env: dict[str, str], trusted: bool = False
) -> protocol.Order:
    """An order for a process with the umask and the limits of this one."""
    umask = os.umask(0o022)
    os.umask(umask)
    limits = [(kind, *resource.getrlimit(kind)) for kind in LIMITS]
    return protocol.Order(module, arguments, cwd, env, umask, limits, trusted)


def _connected(path: Path, env: Mapping[str, str]) -> socket.socket:
    """A connection to a fork server that is ready, started if needed. A second one stays open as our lease.

    One lease at a time: the fork server of another environment, or from before an edit, ends after its kernels.
    """
    global _lease
    deadline = time.monotonic() + TIMEOUT
    connection, server = _find_or_start(path, env, deadline)
    if _lease is None or _lease[:2] != (os.getpid(), server):
        with contextlib.suppress(OSError):
            lease, server = _connect(path, deadline)
            _lease = (os.getpid(), server, lease)
    return connection


def _find_or_start(path: Path, env: Mapping[str, str], deadline: float) -> tuple[socket.socket, int]:
    failures, starting = 0, None
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return _connect(path, deadline)
        code = 0 if starting is None else starting.poll()
        failures += bool(code)
        if failures > 1:
            raise NoForkServer(f"the fork server ended with {code}; see {path.with_suffix('.log')}")
        if code is not None:
            starting = _start(path, env)
        time.sleep(0.03)
    raise NoForkServer(f"the fork server was not ready after {TIMEOUT:.0f} s")


def _connect(path: Path, deadline: float) -> tuple[socket.socket, int]:
    """Connect and wait for its greeting: a fork server listens before it has loaded everything."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        connection.connect(str(path))
        greeting = protocol.receive(connection)
        if protocol.peer(connection)[1] != os.getuid() or greeting is None:
            raise ConnectionRefusedError(f"{path} is not a fork server of this user")
        if "refused" in greeting:
            raise NoForkServer(greeting["refused"])
        _warn(greeting["not_loaded"])
        return connection, int(greeting["server"])
    except BaseException:
        connection.close()
        raise


def _warn(not_loaded: Mapping[str, str]) -> None:
    """Log a line for each module of the course that could not be preloaded, once a process."""
    for name in not_loaded.keys() - _reported:
        _reported.add(name)
        _log.warning(
            "gradekit: %s in c.Preload.modules is not loaded: %s. Install it, or remove it there.",
            name,
            not_loaded[name],
        )


def _start(path: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a fork server in a session of its own: a Ctrl-C in the terminal doesn't reach it."""
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, "-m", "gradekit.forkserver.server", str(path)]
    command += [env["GRADEKIT_FORKSERVER_LINGER"]] if "GRADEKIT_FORKSERVER_LINGER" in env else []
    with open(path.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(
            command,
            env=read_at_import(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _started.append(process)
    return process
