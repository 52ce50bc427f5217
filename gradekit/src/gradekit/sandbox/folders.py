"""The folder of one kernel: made, locked as long as it is in use, and removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

PREFIX = "f-"
ABANDONED = 60.0  # seconds after which a folder without a lock is abandoned: a new one isn't locked yet


def make(parent: Path) -> tuple[str, int]:
    """Make a kernel's folder; return it and its lock. Abandoned ones are removed."""
    remove_abandoned(parent)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    os.mkdir(f"{folder}/s")
    return folder, lock(folder)


def lock(folder: str | Path, how: int = fcntl.LOCK_SH) -> int:
    """A file descriptor that holds a lock on a folder. Raises OSError where it is in use."""
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, how | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of kernels whose graders and supervisors were all killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # it is gone, or in use
            if time.time() - folder.stat().st_mtime > ABANDONED:
                held = lock(folder, fcntl.LOCK_EX)
                remove(folder)
                os.close(held)


def remove(folder: Path) -> None:
    """Remove a folder, even one whose mode shuts its owner out."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    for place, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if not stat.S_ISLNK(os.lstat(path).st_mode):
                os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
