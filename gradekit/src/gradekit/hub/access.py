"""Doctor's checks of who may read and write what, seen as a user who is not in the course.

A path counts as open where every folder above it can be entered and the path itself allows it to others.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gradekit.hub.config_checks import Problem
from gradekit.hub.state import HubState

SOLUTIONS = ("source", "tests", "gradebook.db", "submitted", "autograded", "feedback")


def solutions(seen: HubState) -> Iterator[Problem]:
    """No student may read solutions, hidden tests, marking schemes, grades or anyone's work."""
    courses = [Path(service["cwd"]) for service in seen.courses.values() if service.get("cwd")]
    installed = kits()
    for folder in (*installed, *courses):
        shown = [name for name in SOLUTIONS if may_read(folder / name)]
        if shown:
            first = f"pip install {folder} (not -e), then " if installed.get(folder) else ""
            yield Problem(
                f"Every user of this machine can read {', '.join(shown)} in {folder}.", f"{first}chmod 700 {folder}"
            )


def secrets(seen: HubState) -> Iterator[Problem]:
    """No student may read the hub's database, its cookie secret, or a file of secrets."""
    home = seen.file.parent
    named = [seen.app.cookie_secret_file, seen.file.parent / "secrets", "jupyterhub.sqlite"]
    if seen.app.db_url.startswith("sqlite:///"):
        named.append(seen.app.db_url.removeprefix("sqlite:///"))
    for path in dict.fromkeys(home / name for name in named if name):
        if may_read(path):
            yield Problem(f"Every user of this machine can read {path}.", f"chmod 600 {path}")


def programs(seen: HubState) -> Iterator[Problem]:
    """Only root may write what root runs: the configuration and the Python of the hub."""
    for path in (seen.file, Path(sys.prefix), Path(sys.prefix) / "bin"):
        for step in (path, *path.parents):
            if others_write(step):
                yield Problem(f"Others can write to {step}, and the hub runs what is in it.", f"chmod go-w {step}")
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


def may_read(path: Path) -> bool:
    """Whether any user of the machine can read an existing file or folder."""
    try:
        mode = path.stat().st_mode
        wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
        return mode & wanted == wanted and all(step.stat().st_mode & stat.S_IXOTH for step in path.resolve().parents)
    except OSError:
        return False


def others_write(path: Path) -> bool:
    """Whether users other than the owner can write to a path; a sticky folder counts as protected."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IWOTH | stat.S_IWGRP)) and not mode & stat.S_ISVTX
