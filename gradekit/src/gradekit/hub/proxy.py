"""Find or install the hub's proxy, configurable-http-proxy, a program for Node from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from gradekit.errors import CourseError

NAME = "configurable-http-proxy"
FOLDER = Path("build/node")  # below the course's folder; git does not look there
NODE = "Debian, Ubuntu: sudo apt-get install nodejs npm; Fedora: sudo dnf install nodejs npm; macOS: brew install node"


def find(folder: Path = FOLDER) -> str | None:
    """The proxy's program: in `folder`, or on the PATH."""
    own = folder / "node_modules" / ".bin" / NAME
    return str(own.absolute()) if own.exists() else shutil.which(NAME)


def require(folder: Path = FOLDER, say: Callable[[str], None] = print) -> str:
    """The proxy's program; npm installs it into `folder` the first time. Raises CourseError without Node or npm."""
    if not shutil.which("node"):
        raise CourseError(f"the hub's proxy runs on Node, which is not installed. {NODE}.")
    if found := find(folder):
        return found
    if not shutil.which("npm"):
        raise CourseError(f"neither {NAME} nor npm, which installs it, is installed. {NODE}.")
    say(f"installing {NAME} into {folder}, once")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), _that_runs_here()]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_UPDATE_NOTIFIER": "1"})
    if done.returncode or not find(folder):
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise CourseError(
            f"npm could not install {NAME}: {' '.join(last)}. By hand: npm install --prefix {folder} {NAME}"
        )
    return find(folder) or ""


def _that_runs_here() -> str:
    """The newest proxy for this Node: version 5 needs a newer Node than older systems have."""
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout  # such as v20.20.2
    major = int(said.strip().lstrip("v").partition(".")[0] or 0)
    return NAME if major >= 20 else f"{NAME}@4"
