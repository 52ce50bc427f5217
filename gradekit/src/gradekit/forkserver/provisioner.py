"""Kernel provisioner of Jupyter that forks a kernel instead of starting a program."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from gradekit.forkserver import preload
from gradekit.forkserver.client import Fork, NoForkServer, fork_kernel, order_here
from gradekit.forkserver.protocol import Order

UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent"}


class AnotherLanguage(NoForkServer):
    """The command is not this Python: an ordinary kernel starts, and no line is logged."""


class ForkedProvisioner(LocalProvisioner):
    """Forks a kernel, or starts an ordinary one and logs why."""

    process: Any  # a Fork, or the Popen of an ordinary kernel

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Add the course's `c.Preload.modules` to the kernel's environment."""
        env = dict(os.environ if kwargs.get("env") is None else kwargs["env"])
        kwargs["env"] = preload.added(env, preload.chosen(self.config, env))
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel. A thread waits for the fork server, which may have to start first."""
        try:
            self.process = await in_background(fork_for, cmd, self._scrub_kwargs(kwargs))
        except AnotherLanguage:
            return await super().launch_kernel(cmd, **kwargs)
        except NoForkServer as reason:
            warn(self.log, f"No forked kernel: {reason}. Starting an ordinary one, which imports everything itself.")
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal; never to a process id that may have been reused."""
        if not isinstance(self.process, Fork) or self.process.poll() is None:
            await super().send_signal(signum)


async def in_background(function: Callable[..., Fork], *arguments: Any) -> Fork:
    """Call it in a daemon thread: a Ctrl-C while the fork server loads ends the program."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Fork] = loop.create_future()

    def deliver(fork: Fork | None, problem: Exception | None) -> None:
        if future.cancelled():
            if fork is not None:
                fork.kill()
        elif fork is None:
            future.set_exception(problem or NoForkServer("the request failed"))
        else:
            future.set_result(fork)

    def work() -> None:
        fork, problem = None, None
        try:
            fork = function(*arguments)
        except Exception as found:
            problem = found
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends
            loop.call_soon_threadsafe(deliver, fork, problem)

    threading.Thread(target=work, daemon=True, name="gradekit-forked").start()
    return await future


def fork_for(cmd: list[str], kwargs: dict[str, Any]) -> Fork:
    """Fork a kernel as `subprocess.Popen(cmd, **kwargs)` would have started it."""
    order = order_for(cmd, kwargs)
    with open(os.devnull, "r+b") as null:
        return fork_kernel(order, streams_for(kwargs, null.fileno()))


def order_for(cmd: list[str], kwargs: dict[str, Any]) -> Order:
    """The order for a command. Raises NoForkServer for arguments of Popen that a fork can't have."""
    if unknown := {name for name in kwargs if kwargs[name] is not None} - UNDERSTOOD:
        raise NoForkServer(f"a fork can't have {', '.join(sorted(unknown))}")
    module, arguments = module_of(cmd)
    env = dict(os.environ if kwargs.get("env") is None else kwargs["env"])
    if not kwargs.get("independent"):
        env["JPY_PARENT_PID"] = str(os.getpid())
    return order_here(module, arguments, str(Path(kwargs.get("cwd") or Path.cwd()).absolute()), env)


def module_of(cmd: list[str]) -> tuple[str, list[str]]:
    """The module that `python -m module ...` runs, and its arguments.

    >>> module_of([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"])
    ('ipykernel_launcher', ['-f', 'kernel.json'])
    """
    rest = cmd[1:]
    while rest and rest[0].startswith("-X"):
        rest = rest[1:]
    if not is_this_python(cmd[0]) or len(rest) < 2 or rest[0] != "-m":
        raise AnotherLanguage(f"{cmd[0]} is not a module of this Python")
    return rest[1], [os.path.expanduser(argument) for argument in rest[2:]]


def is_this_python(command: str) -> bool:
    """Whether a command is this Python, by whatever name; another virtual environment's is not."""
    named, here = Path(command), Path(sys.executable)
    return named.parent.resolve() == here.parent.resolve() and named.resolve() == here.resolve()


def streams_for(kwargs: dict[str, Any], null: int) -> tuple[int, int, int]:
    """The open files for stdin, stdout and stderr, as `subprocess.Popen` understands its arguments."""
    out = _stream(kwargs.get("stdout"), 1, null)
    error = kwargs.get("stderr")
    return (
        _stream(kwargs.get("stdin"), null, null),
        out,
        out if error == subprocess.STDOUT else _stream(error, 2, null),
    )


def _stream(wanted: Any, default: int, null: int) -> int:
    if wanted is None:
        return default
    if wanted == subprocess.PIPE:
        raise NoForkServer("a fork can't have a pipe for its output")
    if wanted == subprocess.DEVNULL:
        return null
    return wanted if isinstance(wanted, int) else int(wanted.fileno())


def warn(log: Any, line: str) -> None:
    """Log a warning; print it where no log is set up, as in a script that uses nbclient."""
    logger = getattr(log, "logger", log)  # an adapter wraps one
    log.warning(line)
    while logger is not None:
        if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            return
        logger = logger.parent if logger.propagate else None
    print(f"gradekit: {line}", file=sys.stderr)
