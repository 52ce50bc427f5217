"""How does a fork become the kernel that was asked for?

By making undone what it inherited, and taking over what an ordinary child of the asker would have had.
"""

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
import threading
import time
from typing import Any

from gradekit.forkserver import protocol

exit_code = 0
INSIDE = "GRADEKIT_FORKSERVER_INSIDE"  # whoever starts kernels inside a kernel uses a nursery of its own


def become(order: protocol.Order, files: list[int], connection: socket.socket, defaults: dict[str, str]) -> None:
    """Turn this fork into the process that was ordered, and tell the asker. `defaults` are what imports have set."""
    os.setsid()
    reset_signals()
    with connection:
        try:
            take_over(order, files)
            refresh(order, defaults)
        except Exception as problem:
            protocol.say(connection, error=repr(problem))
            os._exit(1)
        protocol.say(connection, pid=os.getpid())


def run(order: protocol.Order) -> None:
    """`python -m module arguments`, in this process."""
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
    """The last of the exit handlers: end here. Taking TensorFlow apart takes time, and copies all shared memory."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]
    os._exit(exit_code)


def reset_signals() -> None:
    """As in a Python that has just started."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def take_over(order: protocol.Order, files: list[int]) -> None:
    """The asker's open files, folder, environment, umask and limits."""
    *streams, asker = files
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    watch(asker if "JPY_PARENT_PID" in order.env else None)
    os.umask(order.umask)
    for kind, soft, hard in order.limits:
        if resource.getrlimit(kind) != (soft, hard):
            resource.setrlimit(kind, (soft, hard))
    os.chdir(order.cwd)
    os.environ.clear()
    os.environ.update(order.env)


def refresh(order: protocol.Order, defaults: dict[str, str]) -> None:
    """What was read or drawn when the nursery started, and must not be shared."""
    if not order.trusted:  # a trusted fork asks for kernels as its asker would: from the same nursery
        os.environ.update({**defaults, **os.environ, INSIDE: str(os.getppid())})
    time.tzset()
    sys.path.insert(0, order.cwd)  # as `python -m` does
    random.seed()
    _seed_numpy()
    _choose_matplotlib_backend()


def _seed_numpy() -> None:
    import numpy as np

    np.random.seed()  # new entropy: otherwise all kernels of a nursery would draw the same numbers


def _choose_matplotlib_backend() -> None:
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None and "MPLBACKEND" in os.environ:
        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]


def watch(asker: int | None) -> None:
    """Let ipykernel start a thread that ends this kernel with its asker, when it starts its other threads.

    Not earlier: a process with one thread may still move into namespaces of its own.
    """
    from ipykernel.kernelapp import IPKernelApp

    def init_poller(app: Any) -> None:
        if asker is not None:
            app.poller = threading.Thread(target=_end_with, args=(asker,), daemon=True)

    IPKernelApp.init_poller = init_poller  # type: ignore[method-assign]


def _end_with(asker: int) -> None:
    poll = select.poll()
    poll.register(asker, select.POLLIN)  # a pidfd is readable once its process has ended
    poll.poll()
    os._exit(1)
