"""A cgroup (version 2) for each kernel: Linux counts all of its memory, and ends all of it at the limit.

It needs the memory controller in a cgroup that this process may write to: root's, or one that was delegated, as by
systemd's `Delegate=yes`. A cgroup that holds processes can't share out a controller: those of a delegated cgroup move
into a child first. Where there is no such cgroup, the supervisor counts memory itself.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PROCESSES = "gradekit-processes"  # for the processes that were in a delegated cgroup
PATIENCE = 2.0  # seconds for the processes of a cgroup to end


class Cgroup:
    """A cgroup with a limit of memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, pid: int) -> bool:
        """Move a process in, whose children follow; False where that isn't allowed."""
        try:
            (self.folder / "cgroup.procs").write_text(str(pid))
            return True
        except OSError:
            return False

    def exceeded(self) -> bool:
        """Whether Linux has ended a process here for its memory."""
        with contextlib.suppress(OSError):
            lines = (self.folder / "memory.events").read_text().splitlines()
            return any(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
        return False

    def remove(self) -> None:
        """End what is left in it, and remove it."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_removed() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _is_removed(self) -> bool:
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        with contextlib.suppress(OSError):  # a process has not ended yet
            self.folder.rmdir()
        return not self.folder.exists()


def make(memory: int) -> Cgroup | None:
    """Make a cgroup with a limit in bytes; None where this machine has none to give."""
    for parent in parents():
        folder = parent / f"gradekit-{os.getpid()}-{time.monotonic_ns()}"
        try:
            share_out_memory(parent)
            folder.mkdir()
            (folder / "memory.max").write_text(str(memory))
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            continue
        for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):  # no swap: no such file
            with contextlib.suppress(OSError):
                (folder / name).write_text(value)
        return Cgroup(folder)
    return None


def parents() -> list[Path]:
    """Cgroups in which one may be made: this process's own, and the one above where that already shares out memory."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::/"):
                own = ROOT / line.removeprefix("0::/")
                above = [own.parent] if own != ROOT and shares_out_memory(own.parent) else []
                return [place for place in (*above, own) if has_memory(place)]
    return []


def has_memory(folder: Path) -> bool:
    """Whether a cgroup has the controller of memory."""
    with contextlib.suppress(OSError):
        return "memory" in (folder / "cgroup.controllers").read_text().split()
    return False


def shares_out_memory(folder: Path) -> bool:
    """Whether the children of a cgroup have the controller of memory."""
    with contextlib.suppress(OSError):
        return "memory" in (folder / "cgroup.subtree_control").read_text().split()
    return False


def share_out_memory(folder: Path) -> None:
    """Give the controller of memory to the children of a cgroup. Raises OSError where that isn't allowed."""
    if shares_out_memory(folder):
        return
    control = folder / "cgroup.subtree_control"
    try:
        control.write_text("+memory")
    except OSError:  # it holds processes
        if not is_delegated(folder):
            raise
        (folder / PROCESSES).mkdir(exist_ok=True)
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                (folder / PROCESSES / "cgroup.procs").write_text(pid)
        control.write_text("+memory")


def is_delegated(folder: Path) -> bool:
    """Whether a cgroup is this program's to divide: a container's own, an ordinary user's, or marked by systemd."""
    if folder == ROOT or os.getuid() != 0:
        return True
    with contextlib.suppress(OSError):
        return os.getxattr(folder, "user.delegate") == b"1"
    return False
