"""The folder of one kernel: made, locked as long as it is in use, and removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
import time
from pathlib import Path

PREFIX = "f-"
ABANDONED = 60.0  # seconds after which a folder without a lock is abandoned: a new one isn't locked yet


def make(parent: Path) -> tuple[str, int]:
    """Make a kernel's folder; return it and its lock. Abandoned ones are removed."""
    remove_abandoned(parent)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
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
    """Remove a folder, however deep it is, even one whose mode shuts its owner out.

    Each folder in it is moved to the top first: no path gets too long, and no function calls itself.
    """
    top = os.path.join(folder, secrets.token_hex(8))
    waiting, emptied = [str(folder)], [str(folder)]
    while waiting:
        place = waiting.pop()
        for entry in _entries(place):
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    moved = f"{top}-{len(emptied)}"
                    os.rename(entry.path, moved)
                    waiting.append(moved)
                    emptied.append(moved)
                else:
                    os.unlink(entry.path)
    for place in reversed(emptied):
        with contextlib.suppress(OSError):
            os.rmdir(place)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        with os.scandir(folder) as found:
            return list(found)
    return []
