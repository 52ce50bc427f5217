"""Copy the files that a notebook wrote out of its sandbox, into the folder that it was graded in.

nbgrader runs a notebook in its folder of autograded/, where the files that it writes stay. A sandboxed kernel writes
into a file system in memory. A descriptor of its working folder, opened before any cell runs, keeps that alive until
all processes of the kernel have ended: nothing changes while the files are copied, and no link is followed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path

from gradekit.sandbox.spec import Limits
from gradekit.sandbox.supervisor import descendants

DEPTH = 20  # folders inside each other
NO_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_folder(supervisor: int, work: Path) -> int | None:
    """A descriptor of a kernel's working folder; None where the kernel has no file system of its own."""
    ours = os.readlink("/proc/self/ns/mnt")
    for pid in descendants(supervisor):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/mnt") != ours:
                return os.open(f"/proc/{pid}/root{work}", NO_FOLLOW | os.O_DIRECTORY)
    return None


def keep(folder: int, target: Path, limits: Limits) -> list[str]:
    """Copy new and changed plain files to `target`; returns the names of those that are beyond the limits."""
    room, files, beyond = limits.kept << 20, limits.kept_files, list[str]()
    for place, folders, names, at in os.fwalk(".", dir_fd=folder):
        folders[:] = sorted(name for name in folders if _kept(name)) if place.count("/") < DEPTH else []
        for name in sorted(filter(_kept, names)):
            path = os.path.normpath(os.path.join(place, name))
            with contextlib.suppress(OSError):  # the student has closed the file, or a folder has its name
                about = os.stat(name, dir_fd=at, follow_symlinks=False)
                if not stat.S_ISREG(about.st_mode) or _same(name, at, about.st_size, target / path):
                    continue
                if about.st_size > room or not files:
                    beyond.append(path)
                    continue
                room, files = room - about.st_size, files - 1
                _copy(name, at, target / path)
    return beyond


def _kept(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__" and not name.endswith((".ipynb", ".pyc"))


def _same(name: str, at: int, size: int, target: Path) -> bool:
    if not target.is_file() or target.stat().st_size != size:
        return False
    with os.fdopen(os.open(name, NO_FOLLOW, dir_fd=at), "rb") as file:
        return file.read() == target.read_bytes()


def _copy(name: str, at: int, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(name, NO_FOLLOW, dir_fd=at), "rb") as file, target.open("xb") as copy:
        shutil.copyfileobj(file, copy)
