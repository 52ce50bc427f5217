"""Let other users read the Python that the hub starts for them, in a demonstration.

A Python below /root is closed to other users. A demonstration that root starts opens it, for the hub's own processes
only: they get a mount namespace in which that Python is visible, and the rest of /root is not.
"""

from __future__ import annotations

import os
import pwd
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from gradekit.forkserver import preload


def needed() -> list[str]:
    """The folders that every user of the hub reads: this Python, its packages, and gradekit."""
    folders = [sys.base_prefix, sys.prefix, *preload.folders(os.environ)]
    found = [*map(os.path.realpath, folders), os.path.realpath(Path(sys.executable).resolve().parents[1])]
    found += [os.path.realpath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return sorted({path for path in found if not any(Path(other) in Path(path).parents for other in found)})


def closed(folders: Iterable[str]) -> list[tuple[str, str]]:
    """(folder, the closed folder above it or itself) for every folder that other users cannot reach."""
    found = []
    for folder in folders:
        for step in (*reversed(Path(folder).parents), Path(folder)):
            if not step.stat().st_mode & stat.S_IXOTH:
                found.append((folder, str(step)))
                break
    return found


def open_to_all(folders: Iterable[str]) -> None:
    """Let this process and its children read these folders as any user, in a mount namespace. Needs root."""
    from gradekit.sandbox.syscalls import BIND, PRIVATE, REC, mount, unshare

    shut = closed(folders)
    if not shut:
        return
    unshare("mounts")
    mount("none", "/", None, REC | PRIVATE)
    held = {folder: os.open(folder, os.O_PATH) for folder, _ in shut}
    for barrier in sorted({barrier for _, barrier in shut}):
        mount("tmpfs", barrier, "tmpfs", 0, "mode=755")
    for folder, file in held.items():
        os.makedirs(folder, 0o755, exist_ok=True)
        mount(f"/proc/self/fd/{file}", folder, None, BIND | REC)
        os.close(file)


def become(user: str) -> None:
    """Switch this process to a user, with the user's groups."""
    about = pwd.getpwnam(user)
    os.initgroups(user, about.pw_gid)
    os.setgid(about.pw_gid)
    os.setuid(about.pw_uid)


if __name__ == "__main__":  # FOLDERS USER COMMAND...: run it as that user, who can read those folders
    open_to_all(sys.argv[1].split(os.pathsep))
    become(sys.argv[2])
    os.execvp(sys.argv[3], sys.argv[3:])
