"""A fork becomes the process that was ordered: it resets what it inherited, and applies the order."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import runpy
import select
import signal
import socket
import sys
import time

from gradekit import patches
from gradekit.forkserver import protocol

exit_code = 0
INSIDE = "GRADEKIT_FORKSERVER_INSIDE"  # a kernel that starts kernels uses a fork server of its own


def become(order: protocol.Order, files: list[int], connection: socket.socket, defaults: dict[str, str]) -> None:
    """Turn this fork into the process that was ordered, and report its id. `defaults`: variables that imports set."""
    os.setsid()
    reset_signals()
    with connection:
        try:
            apply_order(order, files)
            refresh_inherited(order, defaults)
        except Exception as problem:
            protocol.send(connection, error=repr(problem))
            os._exit(1)
        protocol.send(connection, pid=os.getpid())


def run(order: protocol.Order) -> None:
    """Run `python -m module arguments` in this process."""
    global exit_code
    exit_code = 1
    sys.argv = [order.module, *order.arguments]
    try:
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)
        exit_code = 0
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def leave() -> None:
    """Exit without finalization, as the last exit handler: it would take time and copy all shared memory."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]
    os._exit(exit_code)


def reset_signals() -> None:
    """Reset signal handlers to those of a Python that has just started."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def apply_order(order: protocol.Order, files: list[int]) -> None:
    """Apply the order's open files, folder, environment, umask and limits."""
    *streams, client = files
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    watch_client(client if "JPY_PARENT_PID" in order.env else None)
    os.umask(order.umask)
    for kind, soft, hard in order.limits:
        if resource.getrlimit(kind) != (soft, hard):
            resource.setrlimit(kind, (soft, hard))
    enter_folder(order.cwd)
    os.environ.clear()
    os.environ.update(order.env)


def enter_folder(folder: str) -> None:
    """Change to a folder, as if this process had started in it: programs of multiprocessing import from there."""
    os.chdir(folder)
    if process := sys.modules.get("multiprocessing.process"):
        vars(process)["ORIGINAL_DIR"] = folder


def refresh_inherited(order: protocol.Order, defaults: dict[str, str]) -> None:
    """Redo what the server did when it started and forks must not share: time zone, paths, random state, backend."""
    if not order.trusted:  # a trusted fork orders kernels from the same fork server
        os.environ.update({**defaults, **os.environ, INSIDE: str(os.getppid())})
    time.tzset()
    sys.path.insert(0, order.cwd)  # as `python -m` does
    random.seed()
    _seed_numpy()
    _choose_matplotlib_backend()


def _seed_numpy() -> None:
    import numpy as np

    np.random.seed()  # otherwise all forks would draw the same numbers


def _choose_matplotlib_backend() -> None:
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None and "MPLBACKEND" in os.environ:
        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]


def watch_client(client: int | None) -> None:
    """End this kernel with its client, a pidfd: ipykernel starts that thread when it starts its other ones.

    Not earlier: a process with one thread may still enter namespaces of its own.
    """
    patches.replace_parent_poller(lambda: None if client is None else _exit_with(client))


def _exit_with(client: int) -> None:
    poll = select.poll()
    poll.register(client, select.POLLIN)  # a pidfd is readable once its process has ended
    poll.poll()
    os._exit(1)
