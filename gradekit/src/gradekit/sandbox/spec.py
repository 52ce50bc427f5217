"""Specification of one sandbox, with its limits and their defaults; `launch` sets it up."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

# A limit that was exceeded -> the exit code of the kernel, and the message.
ENDED = {
    "memory": (101, "it used more than {memory} MB of memory"),
    "processor": (102, "it used more than {processor} s of processor time"),
    "processes": (103, "it had more than {processes} processes or {threads} threads"),
    "disk": (104, "it wrote more than {disk} MB, very many files, or folders nested very deep"),
    "wall": (105, "its notebook took longer than {wall} s"),
    "grader": (107, "the grader has ended"),
}
BROKEN = 100  # the sandbox could not be set up at all


@dataclass(frozen=True)
class Limits:
    """Limits of one submission, for all its processes together unless stated otherwise."""

    memory: int = 3000  # MB; shared memory counts once
    processor: int = 900  # seconds
    processes: int = 64
    threads: int = 64 + 24 * (os.cpu_count() or 1)  # numerical libraries start some for every core
    files: int = 1024  # open at a time, for each process
    disk: int = 256  # MB in the scratch folder
    parts: int = 64  # of one message; a widget's buffers are parts
    message: int = 16  # MB of one message, without its buffers
    backlog: int = 1000  # MB that messages may take in the grader while they wait to be read
    output: int = 8  # MB of text and pictures in the whole notebook
    wall: int = 900  # seconds for the whole notebook; Execute.timeout is for a cell
    kept: int = 32  # MB of the files that the notebook wrote, and that stay
    kept_files: int = 200  # of them


def fault(limits: dict[str, Any]) -> str:
    """What is wrong with limits that a course sets, in a sentence; empty where they are fine.

    >>> fault({"memory": 2000}), fault({"memroy": 2000})
    ('', "has no limit 'memroy'. Did you mean 'memory'?")
    """
    from difflib import get_close_matches  # a sandbox loads this module as well, and needs none of it

    known = [one.name for one in fields(Limits)]
    for name, value in limits.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
            return f"has no limit {name!r}. {hint}"
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            return f"has {name}={value!r}, and a limit is a whole number of at least 1."
    return ""


@dataclass(frozen=True)
class Spec:
    """One sandbox. `folder` is private to this kernel, and `scratch` in it is all that it may write to."""

    folder: str
    data: str  # folder whose files, except notebooks, are copied for the kernel
    layers: list[str]
    readable: list[str] = field(default_factory=list)  # in addition to packages and the system's programs
    left_out: list[str] = field(default_factory=list)  # of the data
    limits: Limits = field(default_factory=Limits)

    @property
    def scratch(self) -> Path:
        return Path(self.folder) / "scratch"

    @property
    def report(self) -> Path:
        """The report of the layers, as JSON: "" for an active one, or why it is not."""
        return Path(self.folder) / "report.json"

    def write(self) -> Path:
        file = Path(self.folder) / "spec.json"
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return file

    @classmethod
    def read(cls, file: str) -> Spec:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        return cls(**{**found, "limits": Limits(**found["limits"])})
