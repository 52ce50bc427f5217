"""System users: their names, and whether one exists; those of a demonstration are created, and removed at its end."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gradekit.errors import CourseError

MARK = "gradekit hub demonstration"  # in the comment field of /etc/passwd of users that may be removed
TLJH_LONGEST = 26  # The Littlest JupyterHub cuts longer system names there, and appends a part of their hash


def make(name: str, home: Path) -> None:
    """Create a user with a private home folder, and replace one that an earlier demonstration left.

    Raises CourseError where another program created a user of that name.
    """
    try:
        there = pwd.getpwnam(name)
    except KeyError:
        pass
    else:
        if there.pw_gecos != MARK:
            raise CourseError(f"a user {name} exists already, and no demonstration created it. Choose another prefix.")
        remove(name)
    home.parent.mkdir(parents=True, exist_ok=True)
    options = ["--create-home", "--home-dir", str(home), "--user-group", "--shell", "/bin/bash", "--comment", MARK]
    _run(["/usr/sbin/useradd", "--no-log-init", *options, name])
    _remove_sockets(pwd.getpwnam(name).pw_uid)  # of a user who had this number before
    home.chmod(0o700)


def system_user(name: str, template: str = "{username}") -> str:
    """The system user of a person on the hub.

    >>> system_user("ada"), system_user("ada", "jupyter-{username}")
    ('ada', 'jupyter-ada')
    >>> system_user("a-person-with-a-long-name", "jupyter-{username}")
    'jupyter-a-person-with-a-lo-487a4'
    """
    made = template.format(username=name)
    if made == name or len(made) < TLJH_LONGEST:
        return made
    return f"{made[:TLJH_LONGEST]}-{hashlib.sha256(made.encode()).hexdigest()[:5]}"


def is_user(name: str) -> bool:
    """Whether the system has a user of this name.

    >>> is_user("root"), is_user("no such user")
    (True, False)
    """
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def user_name(uid: int) -> str:
    """The name of a system user; the number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@contextlib.contextmanager
def exclusive(prefix: str) -> Iterator[None]:
    """Lock these names: another demonstration would take the users for leftovers, and remove them."""
    with Path(f"/run/gradekit-hub-{prefix}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CourseError(f"another demonstration uses the users {prefix}... End it first.") from None
        yield


def remove(name: str) -> None:
    """Remove a user that a demonstration created, but not the home folder."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return
    if user.pw_gecos == MARK:
        _run(["/usr/sbin/userdel", "--force", name])
        _remove_sockets(user.pw_uid)


def _remove_sockets(user: int) -> None:
    """Remove the folder of a user's fork server: the next user may get the same number."""
    folder = Path(tempfile.gettempdir(), f"gradekit-forkserver-{user}")
    with contextlib.suppress(OSError):
        if folder.lstat().st_uid == user:
            shutil.rmtree(folder)


def give(folder: Path, name: str) -> None:
    """Make a user the owner of a folder and all that is in it."""
    user = pwd.getpwnam(name)
    for here, folders, files in os.walk(folder):
        for path in (here, *(os.path.join(here, one) for one in (*folders, *files))):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()}")
