"""How does Jupyter ask for a fenced kernel? As for a warm one: the fence is a program around the kernel's own.

A course sets it in `nbgrader_config.py`, through `c.SandboxedProvisioner.limits`, which has a key for each.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from traitlets import Dict, List, TraitError, Unicode, validate

from gradekit.forkserver.address import READ_AT_IMPORT, private_folder
from gradekit.forkserver.provisioner import ForkedProvisioner, tell
from gradekit.sandbox import folders, layers, written_files
from gradekit.sandbox.mounts import links
from gradekit.sandbox.output_limit import limited, watch_backlog
from gradekit.sandbox.policy import environment
from gradekit.sandbox.spec import ENDED, Limits, Plan

PATIENCE = 30.0  # seconds for an ordinary Python to start and fence itself
ENTER = "gradekit.sandbox.__main__"

_told: set[str] = set()  # what is missing is said once for each program that grades


class Unfenced(RuntimeError):
    """A kernel that was to be fenced is not, as its course requires."""


class SandboxedProvisioner(ForkedProvisioner):
    """Starts a kernel inside a fence, forked from the nursery where that is possible."""

    limits = Dict(help="Limits of one submission, such as memory in MB.").tag(config=True)
    required = List(Unicode(), help="Layers without which nothing is run; ['all'] for all of them.").tag(config=True)
    readable = List(Unicode(), help="More folders that submissions may read.").tag(config=True)
    without = List(Unicode(), help="Layers that are not put up. For tests.").tag(config=True)

    plan: Plan | None = None

    @validate("limits")
    def _known(self, proposal: Any) -> Any:
        known = {field.name for field in fields(Limits)}
        if unknown := set(proposal["value"]) - known:
            raise TraitError(f"there is no limit {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return proposal["value"]

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Sockets in a private folder in the place of ports: they cross a network namespace."""
        self.plan = self.plan or self._new_plan(kwargs.get("cwd"))
        manager: Any = self.parent
        manager.cache_ports = False
        manager.transport = "ipc"
        manager.connection_file = str(self.plan.sockets / "kernel.json")
        manager.ip = str(self.plan.sockets / "k")
        if not getattr(manager.client_factory, "counted", False):
            manager.client_factory = limited(manager.client_factory, self.plan.limits)
            manager.client_factory.counted = True
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cmd"] = around(kwargs["cmd"], self.plan.write())
        return kwargs

    def _new_plan(self, cwd: Any) -> Plan:
        folder, self._lock = folders.make(private_folder())
        wanted = [name for name in layers.ALL if name not in self.without]
        limits = Limits(**{**asdict(Limits()), **self.limits})
        data = Path(cwd or Path.cwd()).absolute()
        return Plan(folder, str(data), wanted, self.readable, handed_in_links(data), limits)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start it, and hear what its fence is made of before anything runs in it.

        Not beside the submission: Python would take a handed-in `json.py` for its own while there is no fence yet.
        """
        plan = self._plan()
        kwargs["cwd"] = plan.folder
        if "inherited" in plan.layers:
            kwargs["env"] = outside(dict(os.environ if kwargs.get("env") is None else kwargs["env"]))
        found = await super().launch_kernel(cmd, **kwargs)
        missing = await self._missing()
        if lacking := required_of(self.required, missing):
            await self.kill()
            raise Unfenced("Nothing was run. This course requires " + "; ".join(lacking))
        watch_backlog(self.process.pid, plan.limits, self._report)
        for line in missing.values():
            if line not in _told:
                _told.add(line)
                tell(self.log, f"A part of the fence is missing: {line}")
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            self.work = written_files.open_folder(self.process.pid, plan.scratch / "work")
        return found

    async def _missing(self) -> dict[str, str]:
        """The layers that are not there, each with a line that says what it would hold and why it is missing."""
        plan, deadline = self._plan(), time.monotonic() + PATIENCE
        while not plan.report.exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Unfenced(f"The fence was not put up (exit code {self.process.poll()}). Nothing was run.")
            await asyncio.sleep(0.002)
        report = json.loads(plan.report.read_text(encoding="utf-8"))
        if "broken" in report:
            raise Unfenced(f"The fence was not put up: {report['broken']}. Nothing was run.")
        missing = {name: why for name, why in report.items() if why and name in plan.layers}
        return {name: f"{name}, {layers.LAYERS[name]} ({why})" for name, why in missing.items()}

    def _plan(self) -> Plan:
        if self.plan is None:
            raise Unfenced("There is no plan yet: pre_launch comes first.")
        return self.plan

    async def kill(self, restart: bool = False) -> None:
        """Have the watcher end it, which knows all of its processes; if the watcher does not, end the watcher."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            deadline = time.monotonic() + 2
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        await super().kill(restart)

    async def poll(self) -> int | None:
        """Is it still running? When a limit has ended it, that is said once."""
        code = await super().poll()
        if code and self.plan is not None:
            for number, why in ENDED.values():
                if code == number:
                    self._report(f"The kernel was ended: {why.format(**asdict(self.plan.limits))}.")
        return code

    said = List(Unicode())

    def _report(self, line: str) -> None:
        if line not in self.said:
            self.said.append(line)
            tell(self.log, line)

    work: int | None = None  # a descriptor of the folder that the kernel writes to

    def _keep_files(self) -> None:
        """Copy what a graded notebook has written to the folder that it is graded in."""
        if self.work is not None:
            try:
                if self.plan is not None and (beyond := written_files.keep(self.work, Path(self.plan.data))):
                    tell(self.log, f"Files were not kept: {', '.join(beyond[:3])}")
            finally:
                os.close(self.work)
                self.work = None

    async def cleanup(self, restart: bool = False) -> None:
        """Keep the files that a graded notebook has written; remove the kernel's own folder."""
        await super().cleanup(restart)
        self._keep_files()
        if self.plan is not None and not restart:
            folders.remove(Path(self.plan.folder))
            os.close(self._lock)
            self.plan = None


def around(cmd: list[str], plan: Path) -> list[str]:
    """The command that runs another one inside a fence. Raises Unfenced where it isn't `python -m module`."""
    if len(cmd) < 3 or cmd[1] != "-m":
        raise Unfenced(f"only `python -m module` can be fenced, not {' '.join(cmd[:3])}")
    return [cmd[0], "-m", ENTER, str(plan), *cmd[2:]]


def outside(env: dict[str, str]) -> dict[str, str]:
    """What a kernel is started with: nothing else comes into its memory, where a submission can look for it.

    >>> outside({"LANG": "C", "HOME": "/h", "TOKEN": "x"})
    {'LANG': 'C', 'HOME': '/h'}
    """
    known = environment(env)
    return {name: value for name, value in env.items() if name in known or name.startswith(READ_AT_IMPORT)}


def handed_in_links(data: Path) -> list[str]:
    """Names that were links when they were handed in: nbgrader has copied what they point to into `autograded/`."""
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
