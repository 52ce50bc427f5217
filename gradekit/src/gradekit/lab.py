"""A student's own copy of the release, and JupyterLab on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.forkserver.config import EXTENSION, KERNEL_NAME
from gradekit.forkserver.preload import added

# Modules are loaded while the student reads the first page; without forks these two lines change nothing.
WARM = (
    f"--ServerApp.jpserver_extensions={EXTENSION}=True",
    f"--KernelProvisionerFactory.default_provisioner_name={KERNEL_NAME}",
)


@dataclass(frozen=True)
class Copied:
    """One file of the release, and what became of it in the student's folder."""

    file: str
    what: str  # new: copied; kept: the student's own, as it was


def prepare(root: str | Path = ".", into: str | Path = "work", assignment: str | None = None) -> list[Copied]:
    """Copy released notebooks that are not yet in `into`/ASSIGNMENT/. What is there is never touched.

    The folder is `work` in the checkout, where git does not look, so that a `git pull` cannot meet a student's work.
    """
    here = course(root, assignment)
    target = Path(into) / here.assignment
    released = sorted(path for path in here.release.rglob("*") if path.is_file())
    if not released:
        raise CourseError(f"{here.release} has no notebooks. Make them first: gradekit release")
    return [_copy(path, target, path.relative_to(here.release)) for path in released]


def _copy(released: Path, target: Path, name: Path) -> Copied:
    own = target / name
    if own.exists() or own.is_symlink():
        return Copied(name.as_posix(), "kept")
    own.parent.mkdir(parents=True, exist_ok=True)
    half = own.with_name(f".{own.name}.part")
    shutil.copyfile(released, half)
    os.replace(half, own)  # an interrupted copy is not taken for the student's work
    return Copied(name.as_posix(), "new")


def command(into: str | Path, assignment: str, arguments: tuple[str, ...] = ()) -> list[str]:
    """The command that opens JupyterLab on the folder."""
    opens = f"--LabApp.default_url=/lab/tree/{assignment}"
    root = f"--ServerApp.root_dir={Path(into).resolve()}"
    return [sys.executable, "-m", "jupyterlab", root, opens, *WARM, *arguments]


def serve(into: str | Path, assignment: str, arguments: tuple[str, ...] = (), modules: tuple[str, ...] = ()) -> int:
    """Run JupyterLab on the folder until it is stopped; returns its exit code. `modules` are loaded meanwhile.

    It runs from within the folder: a student's Lab is no course, and reads no nbgrader_config.py.
    """
    jupyter = subprocess.Popen(command(into, assignment, arguments), cwd=into, env=added(os.environ, modules))
    before = signal.signal(signal.SIGTERM, lambda *_: jupyter.terminate())
    try:
        return _ended(jupyter)
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(jupyter: subprocess.Popen[bytes]) -> int:
    """Its exit code. Ctrl-C reaches Jupyter as well, which asks whether it is meant: the answer is waited for."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return jupyter.wait()
