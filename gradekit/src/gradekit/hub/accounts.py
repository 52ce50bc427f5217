"""System users for a demonstration: made when it starts, gone when it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gradekit.errors import CourseError

MARK = "gradekit hub demonstration"  # in the comment field of /etc/passwd of users that may be removed


def make(name: str, home: Path) -> None:
    """Make a user with a private home folder; one that an earlier demonstration left is replaced."""
    try:
        there = pwd.getpwnam(name)
    except KeyError:
        pass
    else:
        if there.pw_gecos != MARK:
            raise CourseError(f"a user {name} is here already, and no demonstration made it. Choose another prefix.")
        remove(name)
    home.parent.mkdir(parents=True, exist_ok=True)
    options = ["--create-home", "--home-dir", str(home), "--user-group", "--shell", "/bin/bash", "--comment", MARK]
    _run(["useradd", "--no-log-init", *options, name])
    _remove_sockets(pwd.getpwnam(name).pw_uid)  # of a user who had this number before
    home.chmod(0o700)


@contextlib.contextmanager
def exclusive(prefix: str) -> Iterator[None]:
    """Hold these names: another demonstration would take users with them for left behind, and remove them."""
    with Path(f"/run/gradekit-hub-{prefix}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CourseError(f"another demonstration has the users {prefix}... End it first.") from None
        yield


def remove(name: str) -> None:
    """Remove a user that a demonstration made, without the home folder."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return
    if user.pw_gecos == MARK:
        _run(["userdel", "--force", name])
        _remove_sockets(user.pw_uid)


def _remove_sockets(user: int) -> None:
    """Remove the folder of the fork server's sockets: the next user gets the same number."""
    folder = Path(tempfile.gettempdir(), f"gradekit-forkserver-{user}")
    with contextlib.suppress(OSError):
        if folder.lstat().st_uid == user:
            shutil.rmtree(folder)


def give(folder: Path, name: str) -> None:
    """Let a folder, and all that is in it, belong to a user."""
    user = pwd.getpwnam(name)
    for here, folders, files in os.walk(folder):
        for path in (here, *(os.path.join(here, one) for one in (*folders, *files))):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()}")
