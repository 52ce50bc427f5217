"""Doctor's checks of who may read and write what, as each student, and as a user who is in no course.

A path counts as readable where every folder above it can be entered and the path itself allows it.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gradekit.hub.config_checks import Problem
from gradekit.hub.state import HubState

SOLUTIONS = ("source", "tests", "gradebook.db", "submitted", "autograded", "feedback")
REMOVED = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "=== BEGIN MARK SCHEME")  # by a release
SECRET = re.compile(rb"(?i)^\s*(export\s+)?\w*(token|secret|password|_key)\w*\s*=\s*\S", re.MULTILINE)
SECRET_NAMES = re.compile(r"sqlite|secret|\.key$|^proxy$")
SMALL = 100_000  # bytes of a file of secrets, at most


@dataclass(frozen=True)
class User:
    """A system user, as the file system sees one."""

    name: str
    uid: int
    groups: frozenset[int]

    def may(self, what: int, status: os.stat_result) -> bool:
        """Whether the rights of a file allow this user to read (4), write (2) or enter (1) it."""
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in self.groups else 0
        return status.st_mode >> shift & what == what

    def may_read(self, path: Path) -> bool:
        """Whether this user can read an existing file, or list an existing folder."""
        try:
            status = path.stat()
            wanted = 5 if stat.S_ISDIR(status.st_mode) else 4
            return self.may(wanted, status) and all(self.may(1, step.stat()) for step in path.resolve().parents)
        except OSError:
            return False


STRANGER = User("Every user of this machine", -1, frozenset())


def users(seen: HubState, but: str | None = None) -> list[User]:
    """A stranger, and a user for each student with a system user; `but` is left out."""
    found = [STRANGER]
    for name in seen.courses:
        for user in seen.system_users(name, f"nbgrader-{name}").values():
            if user != but and user not in {one.name for one in found}:
                number = pwd.getpwnam(user)
                found.append(User(user, number.pw_uid, frozenset(os.getgrouplist(user, number.pw_gid))))
    return found


def solutions(seen: HubState) -> Iterator[Problem]:
    """No student may read solutions, hidden tests, marking schemes, grades or anyone's work."""
    installed = kits()
    folders: dict[Path, str | None] = dict.fromkeys(installed)
    folders |= {Path(service["cwd"]): service.get("user") for service in seen.courses.values() if service.get("cwd")}
    for folder, grader in folders.items():
        for user in users(seen, grader):
            if shown := [name for name in SOLUTIONS if user.may_read(folder / name)]:
                first = f"pip install {folder} (not -e), then " if installed.get(folder) else ""
                yield Problem(f"{user.name} can read {', '.join(shown)} in {folder}.", f"{first}chmod 700 {folder}")
                break
    if root := seen.exchange_folder:
        for name in seen.courses:
            yield from _released_solutions(name, root / name / "outbound")


def _released_solutions(course: str, outbound: Path) -> Iterator[Problem]:
    for notebook in sorted(outbound.glob("*/*.ipynb")):
        text = notebook.read_text(encoding="utf-8", errors="replace")
        if found := next((mark for mark in REMOVED if mark in text), None):
            name = notebook.parent.name
            yield Problem(
                f"Students of {course} can fetch {notebook}, which has {found!r}.",
                f"gradekit release {name} && nbgrader release_assignment {name} --force, on the course server",
            )


def secrets(seen: HubState) -> Iterator[Problem]:
    """No student may read the hub's database, its cookie secret, a key or a file of secrets, or write them."""
    home = seen.file.parent
    named = {home / name for name in (seen.app.cookie_secret_file, seen.app.ssl_key) if name}
    named |= {path for path in home.iterdir() if path != seen.file and _is_secret(path)}
    if seen.database_file:
        named.add(seen.database_file)
        named |= set(seen.database_file.parent.glob(f"{seen.database_file.name}*"))  # its backups
    people = users(seen)
    for path in sorted(named):
        user = next((one for one in people if one.may_read(path)), None)
        if user:
            yield Problem(f"{user.name} can read {path}.", f"chown root: {path} && chmod 600 {path}")
        elif others_write(path):
            yield Problem(f"Others can write to {path}.", f"chmod 600 {path}")


def _is_secret(path: Path) -> bool:
    """Whether a file next to the configuration has a secret, by its name or by a line such as TOKEN=..."""
    if not path.is_file():
        return False
    return bool(SECRET_NAMES.search(path.name)) or (
        path.suffix != ".py" and path.stat().st_size < SMALL and bool(SECRET.search(path.read_bytes()))
    )


def programs(seen: HubState) -> Iterator[Problem]:
    """Only root may write what root runs: the configuration and the Python of the hub."""
    for path in (seen.file, Path(sys.prefix), Path(sys.prefix) / "bin"):
        for step in (path, *path.parents):
            if others_write(step):
                yield Problem(f"Others can write to {step}, and the hub runs what is in it.", f"chmod go-w {step}")
                break
            if step.stat().st_uid not in (0, os.geteuid()):
                yield Problem(
                    f"The owner of {step} is not root, and the hub runs what is in it.", f"chown root: {step}"
                )
                break


def kits() -> dict[Path, bool]:
    """Map each course folder that was installed in this Python to whether it is editable, as pip recorded."""
    found = {}
    for distribution in metadata.distributions():
        noted = distribution.read_text("direct_url.json")
        about = json.loads(noted) if noted else {}
        address = urlsplit(about.get("url", ""))
        if address.scheme == "file":
            folder = Path(unquote(address.path))
            if (folder / "nbgrader_config.py").exists():
                found[folder] = bool(about.get("dir_info", {}).get("editable"))
    return found


def others_write(path: Path) -> bool:
    """Whether users other than the owner can write to a path; a sticky folder counts as protected."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IWOTH | stat.S_IWGRP)) and not mode & stat.S_ISVTX
