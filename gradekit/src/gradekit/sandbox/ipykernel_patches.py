"""What has to change in a Jupyter kernel for it to fit inside a fence? What asks for the network, or for its asker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any, ClassVar, cast

from gradekit.forkserver import preload
from gradekit.sandbox import figures


def kernel() -> None:
    """Let ipykernel use Unix sockets only, and leave watching the asker to the watcher."""
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp

    app, thread = cast(Any, IPKernelApp), cast(Any, IOPubThread)
    app.init_poller = lambda app: None
    thread._setup_pipe_in = _hear_forks
    thread._setup_pipe_out = _tell_from_fork
    _spare_the_modules(app)
    _run_shell_lines_without_terminal()
    if "matplotlib.backends.backend_agg" in sys.modules:
        figures.draw_once()


def _run_shell_lines_without_terminal() -> None:
    """Run `!command` on a pipe where the sandbox has no pseudo-terminals: without it, IPython raises OSError."""
    from ipykernel import zmqshell

    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        cast(Any, zmqshell).system = run_on_pipe


def run_on_pipe(command: str) -> int:
    """Run a shell command, print its output as it comes, and return its exit code."""
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, shell=True, text=True, errors="replace", **options) as process:
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.kill()
            raise
    return process.returncode


class _Apart:
    """`sys` with a short list of modules: a fork that goes through all of a warm one copies the memory of each."""

    modules: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def _spare_the_modules(app: Any) -> None:
    """The debugger lists all modules, and IPython for `%reset`: nobody debugs here, and one list is enough."""
    from ipykernel import debugger, ipkernel
    from IPython.core import shellapp

    settle = app.init_code

    def init_code(self: Any) -> None:
        settle(self)
        self.shell._sys_modules_keys = preload.modules or set(sys.modules)

    app.init_code = init_code
    cast(Any, debugger)._is_debugpy_available = False
    cast(Any, ipkernel).sys = cast(Any, shellapp).sys = _Apart()


def _address() -> str:
    return f"ipc://{os.environ['TMPDIR']}/.forks"


def _hear_forks(thread: Any) -> None:
    """What forks of the kernel print comes this way; ipykernel would open a port for it."""
    import zmq
    from zmq.eventloop.zmqstream import ZMQStream

    thread._pipe_uuid = os.urandom(16)
    heard = thread.socket.context.socket(zmq.PULL)
    heard.linger = 0
    heard.bind(_address())
    thread._pipe_in = ZMQStream(heard, thread.io_loop)
    thread._pipe_in.on_recv(thread._handle_pipe_msg)


def _tell_from_fork(thread: Any) -> tuple[Any, Any]:
    import zmq

    context = zmq.Context()
    told = context.socket(zmq.PUSH)
    told.linger = 3000
    told.connect(_address())
    return context, told


def libraries() -> None:
    """What a warm kernel has imported looked at the homes of the one who asked."""
    tempfile.tempdir = None
