"""Kernel provisioner of Jupyter that runs a kernel inside a sandbox, a program around the kernel's.

A course sets limits in `nbgrader_config.py` with `c.SandboxedProvisioner.limits`, which has a key for each.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from traitlets import Dict, Enum, List, TraitError, Unicode, validate

from gradekit.forkserver.address import READ_AT_IMPORT, private_folder
from gradekit.forkserver.provisioner import ForkedProvisioner, warn
from gradekit.kernel import misfit
from gradekit.kernel.link import End, Link, client_of
from gradekit.sandbox import folders, isolation, layers, written_files
from gradekit.sandbox.mounts import links
from gradekit.sandbox.output_limit import BACKLOG, limited
from gradekit.sandbox.policy import environment
from gradekit.sandbox.spec import ENDED, Limits, Spec, fault

PATIENCE = 30.0  # seconds for an ordinary Python to start and set up the sandbox
LONGEST_REPORT = 1 << 16  # bytes: what an empty pipe takes in one call
ENTER = "gradekit.sandbox.__main__"

_reported: set[str] = set()  # each missing layer is logged once by a grader


class NotSandboxed(RuntimeError):
    """A kernel that was to be sandboxed is not."""


class SandboxedProvisioner(ForkedProvisioner):
    """Starts a kernel inside a sandbox, forked where that is possible."""

    limits = Dict(help="Limits of one submission, such as memory in MB.").tag(config=True)
    required = List(Enum(("all", *layers.ALL)), help="Layers without which nothing runs; ['all'] for all of them.").tag(
        config=True
    )
    readable = List(Unicode(), help="More folders that submissions may read.").tag(config=True)
    without = List(Enum(layers.ALL), help="Layers that are not set up. For tests.").tag(config=True)

    spec: Spec | None = None
    link: Link | None = None

    @validate("limits")
    def _known(self, proposal: Any) -> Any:
        if problem := fault(proposal["value"]):
            raise TraitError(f"c.SandboxedProvisioner.limits {problem}")
        return proposal["value"]

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Connect the kernel by a pair of sockets, which is its stdin; ports would not cross a network namespace."""
        if why := misfit():
            raise NotSandboxed(f"A sandboxed kernel can't be started: {why}. Nothing was run.")
        self.spec = self.spec or self._new_spec(kwargs.get("cwd"))
        manager: Any = self.parent
        manager.cache_ports = False
        manager.transport = "ipc"  # the names in its connection file are of no use, and no port is taken
        manager.connection_file = f"{self.spec.folder}/kernel.json"
        manager.ip = f"{self.spec.folder}/k"
        kwargs["stdin"] = self._connect(manager, self.spec.limits)
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cmd"] = around(kwargs["cmd"], self.spec.write())
        return kwargs

    def _connect(self, manager: Any, limits: Limits) -> socket.socket:
        """Make a pair of sockets, and let the manager's clients use it; return the kernel's end."""
        if self.link is None:
            link = self.link = Link(limits.backlog << 19, self._end_backlog)  # a message is copied once
            manager.client_factory = limited(client_of(manager.client_factory), limits)
            manager._create_connected_socket = lambda channel: End(link, channel)
            manager.session.key = b""  # only the two ends have the socket: there is nothing to sign
        return self.link.connect()

    def _end_backlog(self) -> None:
        self._report(BACKLOG.format(self._require_spec().limits.backlog))
        self.process.terminate()

    def _new_spec(self, cwd: Any) -> Spec:
        folder, self._lock = folders.make(private_folder())
        wanted = [name for name in layers.ALL if name not in self.without]
        limits = Limits(**{**asdict(Limits()), **self.limits})
        data = Path(cwd or Path.cwd()).absolute()
        return Spec(folder, str(data), wanted, self.readable, handed_in_links(data), limits)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start it, and wait for the report of its sandbox before anything runs in it.

        Not in the submission's folder: Python would import a submitted `json.py` before there is a sandbox.
        """
        spec = self._require_spec()
        kwargs["cwd"] = spec.folder
        if "inherited" in spec.layers:
            kwargs["env"] = outside(dict(os.environ if kwargs.get("env") is None else kwargs["env"]))
        with _pipe(spec.report) as reports:
            found = await super().launch_kernel(cmd, **kwargs)
            kwargs["stdin"].close()
            missing = await self._missing(reports)
        if lacking := required_of(self.required, missing):
            await self.kill()
            raise NotSandboxed("Nothing was run. This course requires " + "; ".join(lacking))
        for line in missing.values():
            if line not in _reported:
                _reported.add(line)
                warn(self.log, f"A layer of the sandbox is missing: {line}")
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            self.work = written_files.open_folder(self.process.pid, spec.scratch / "work")
        return found

    def isolate(self, request: str, packages: Iterable[str]) -> isolation.Request:
        """Ask the supervisor to send a request to the next fork, isolated from all else and without these packages."""
        return isolation.Request(self._require_spec().folder, packages, request)

    async def _missing(self, reports: int) -> dict[str, str]:
        """The missing layers, each with a line that says what it would enforce and why it is missing."""
        spec, deadline, ended = self._require_spec(), time.monotonic() + PATIENCE, False
        while not await _readable(reports, 0.1):
            if ended or time.monotonic() > deadline:
                raise NotSandboxed(f"The sandbox was not set up (exit code {self.process.poll()}). Nothing was run.")
            ended = self.process.poll() is not None  # it may have written its report just before
        report = json.loads(os.read(reports, LONGEST_REPORT))
        if "broken" in report:
            raise NotSandboxed(f"The sandbox was not set up: {report['broken']}. Nothing was run.")
        missing = {name: why for name, why in report.items() if why and name in spec.layers}
        return {name: f"{name}, {layers.LAYERS[name]} ({why})" for name, why in missing.items()}

    def _require_spec(self) -> Spec:
        if self.spec is None:
            raise NotSandboxed("pre_launch has not been called")
        return self.spec

    async def kill(self, restart: bool = False) -> None:
        """Let the supervisor end all of its processes; end the supervisor if it doesn't."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            deadline = time.monotonic() + 2
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        await super().kill(restart)

    async def poll(self) -> int | None:
        """The exit code, None while it runs. A limit that has ended it is logged once."""
        code = await super().poll()
        if code and self.spec is not None:
            for number, why in ENDED.values():
                if code == number:
                    self._report(f"The kernel was ended: {why.format(**asdict(self.spec.limits))}.")
        return code

    said = List(Unicode())

    def _report(self, line: str) -> None:
        if line not in self.said:
            self.said.append(line)
            warn(self.log, line)

    work: int | None = None  # a descriptor of the folder that the kernel writes to

    def _keep_files(self) -> None:
        """Copy what a graded notebook has written to the folder that it is graded in."""
        if self.work is not None:
            try:
                spec = self._require_spec()
                if beyond := written_files.keep(self.work, Path(spec.data), spec.limits):
                    warn(self.log, f"Files were not kept: {', '.join(beyond[:3])}")
            finally:
                os.close(self.work)
                self.work = None

    async def cleanup(self, restart: bool = False) -> None:
        """Keep the files that a graded notebook has written; remove the kernel's own folder."""
        await super().cleanup(restart)
        self._keep_files()
        if self.link is not None:
            self.link.close()
        if self.spec is not None and not restart:
            folders.remove(Path(self.spec.folder))
            os.close(self._lock)
            self.spec = None


@contextlib.contextmanager
def _pipe(file: Path) -> Iterator[int]:
    """A named pipe, to wait for what is written to it; the end to read from."""
    file.unlink(missing_ok=True)
    os.mkfifo(file, 0o600)
    end = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield end
    finally:
        os.close(end)


async def _readable(file: int, seconds: float) -> bool:
    """Whether a file can be read within some seconds."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ready.wait(), seconds)
    finally:
        loop.remove_reader(file)
    return ready.is_set()


def around(cmd: list[str], spec: Path) -> list[str]:
    """The command that runs another one inside a sandbox. Raises NotSandboxed where it isn't `python -m module`."""
    if len(cmd) < 3 or cmd[1] != "-m":
        raise NotSandboxed(f"only `python -m module` can be sandboxed, not {' '.join(cmd[:3])}")
    return [cmd[0], "-m", ENTER, str(spec), *cmd[2:]]


def outside(env: dict[str, str]) -> dict[str, str]:
    """The environment that a kernel starts with: nothing else gets into its memory, which a submission can read.

    >>> outside({"LANG": "C", "HOME": "/h", "TOKEN": "x"})
    {'LANG': 'C', 'HOME': '/h'}
    """
    known = environment(env)
    return {name: value for name, value in env.items() if name in known or name.startswith(READ_AT_IMPORT)}


def handed_in_links(data: Path) -> list[str]:
    """Names that were submitted as links: nbgrader has copied their targets into `autograded/`."""
    parts = ["submitted" if part == "autograded" else part for part in data.parts]
    return links(Path(*parts)) if "autograded" in data.parts else []


def required_of(required: list[str], missing: dict[str, str]) -> list[str]:
    """The lines of missing layers that are required.

    >>> required_of(["pids"], {"pids": "pids, ...", "ipc": "ipc, ..."})
    ['pids, ...']
    >>> required_of(["all"], {"ipc": "ipc, ..."})
    ['ipc, ...']
    """
    return [line for name, line in missing.items() if name in required or "all" in required]
