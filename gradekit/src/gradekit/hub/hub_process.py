"""Run a hub: restart it when it dies, and end everything that it started.

    python -m gradekit.hub.hub_process COMMAND...

When standard input closes, because the parent closed it or was killed, this ends the hub and everything below it:
servers, kernels and fork servers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from gradekit.sandbox.supervisor import below
from gradekit.sandbox.syscalls import PR_SET_CHILD_SUBREAPER, prctl

PATIENCE = 45.0  # seconds for a hub to stop its servers
TOO_SOON = 5.0  # seconds; a hub that dies sooner would die again


def keep(command: list[str]) -> int:
    """Run the hub until standard input closes; return 0, or the exit code of a hub that died at its start."""
    with contextlib.suppress(OSError):
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans of the hub become children of this process
    stopping = threading.Event()
    code = 0
    try:
        while not stopping.is_set():
            begun = time.monotonic()
            hub = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            if not stopping.is_set():
                threading.Thread(target=_stop_when_closed, args=(hub.pid, stopping), daemon=True).start()
            code = _end_of(hub.pid)
            hub.returncode = code
            if time.monotonic() - begun < TOO_SOON:
                break
            if not stopping.is_set():
                _end_services()
    finally:
        end_all()
    return 0 if stopping.is_set() else code


def _stop_when_closed(pid: int, stopping: threading.Event) -> None:
    while not stopping.is_set() and os.read(0, 1024):
        pass
    stopping.set()
    _signal(pid, signal.SIGTERM)
    time.sleep(PATIENCE)
    _signal(pid, signal.SIGKILL)


def _end_of(pid: int) -> int:
    """Wait for one child, and reap all others meanwhile: JupyterHub counts zombies as running."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def end_all() -> None:
    """End every process below this one, first with SIGTERM, then with SIGKILL."""
    for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            _reap()
            living = below(os.getpid())
            if not living:
                return
            for pid in living:
                _signal(pid, number)
            time.sleep(0.1)


def _end_services() -> None:
    """End the services of a hub that died: the next hub starts its own, on the same ports."""
    for pid in below(os.getpid()):
        with contextlib.suppress(OSError):
            if b"\0JUPYTERHUB_SERVICE_NAME=" in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
                _signal(pid, signal.SIGKILL)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    if sys.argv[1] == "--see":
        from gradekit.hub.shared_python import open_to_all

        open_to_all(sys.argv[2].split(os.pathsep))
        del sys.argv[1:3]
    sys.exit(keep(sys.argv[1:]))
