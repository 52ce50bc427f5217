"""What is one kernel's fence to be? The provisioner writes it down, and the process that fences itself reads it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Where one limit has been passed: the exit code of the kernel, and what to say of it.
ENDED = {
    "memory": (101, "it used more than {memory} MB of memory"),
    "processor": (102, "it used more than {processor} s of processor time"),
    "processes": (103, "it had more than {processes} processes or {threads} threads"),
    "disk": (104, "it wrote more than {disk} MB"),
    "wall": (105, "its notebook took longer than {wall} s"),
    "sockets": (106, "it made sockets beside its own"),
    "asker": (107, "the program that grades has ended"),
}
BROKEN = 100  # the fence could not be put up at all


@dataclass(frozen=True)
class Limits:
    """What one submission may use, all its processes together unless it says otherwise."""

    memory: int = 3000  # MB resident; what it shares with the process it was forked from counts once
    processor: int = 900  # seconds
    processes: int = 64
    threads: int = 64 + 24 * (os.cpu_count() or 1)  # numerical libraries start some for every core
    files: int = 1024  # open at a time, for each process
    disk: int = 256  # MB in the scratch folder
    parts: int = 64  # of one message; a widget's buffers are parts
    message: int = 16  # MB of one message, without its buffers
    backlog: int = 1000  # MB by which the grader may grow while a kernel runs
    output: int = 8  # MB of text and pictures in the whole notebook
    wall: int = 900  # seconds for the whole notebook; Execute.timeout is for a cell


@dataclass(frozen=True)
class Plan:
    """A fence to be. `folder` is private to this kernel: `s` has its sockets, `scratch` is all it may write to."""

    folder: str
    data: str  # whose files, except notebooks, are copied for the kernel
    layers: list[str]
    readable: list[str] = field(default_factory=list)  # beside the packages and the system's programs
    left_out: list[str] = field(default_factory=list)  # of the data
    limits: Limits = field(default_factory=Limits)

    @property
    def sockets(self) -> Path:
        return Path(self.folder) / "s"

    @property
    def scratch(self) -> Path:
        return Path(self.folder) / "scratch"

    @property
    def report(self) -> Path:
        """Where the fence says what it is: JSON, the layers that stand and why others do not."""
        return Path(self.folder) / "fence.json"

    def write(self) -> Path:
        file = Path(self.folder) / "plan.json"
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return file

    @classmethod
    def read(cls, file: str) -> Plan:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        return cls(**{**found, "limits": Limits(**found["limits"])})
