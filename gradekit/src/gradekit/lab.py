"""A student's own copy of the release, and JupyterLab on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME

from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.forkserver import EXTENSION, KERNEL_NAME
from gradekit.forkserver.preload import added

# Modules are preloaded while the student reads the first page. Without forking these two have no effect.
WARM = (
    f"--ServerApp.jpserver_extensions={EXTENSION}=True",
    f"--KernelProvisionerFactory.default_provisioner_name={KERNEL_NAME}",
)
# Other kernels of the machine lack the course's modules.
ONE_KERNEL = f"--KernelSpecManager.allowed_kernelspecs={NATIVE_KERNEL_NAME}"
# No question about news, as on the hub. JupyterLab reads it from a folder on its configuration path only.
LABCONFIG = Path(__file__).parent / "hub" / "settings" / "everyone" / "labconfig"


@dataclass(frozen=True)
class Copied:
    """One file of the release, and whether it was copied."""

    file: str
    what: str  # new: copied; kept: the student has one already


def prepare(root: str | Path = ".", into: str | Path = "work", assignment: str | None = None) -> list[Copied]:
    """Copy released notebooks that are not yet in `into`/ASSIGNMENT/. Existing files are never changed.

    The default folder is ignored by git, so that a `git pull` can't conflict with a student's work.
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
    os.replace(half, own)  # so that an interrupted copy is not taken for the student's work
    return Copied(name.as_posix(), "new")


def command(into: str | Path, page: str, arguments: tuple[str, ...] = ()) -> list[str]:
    """The command that opens JupyterLab on a page, a notebook or folder in `into`; on `into` where it is empty."""
    opens = f"--LabApp.default_url=/lab/tree/{quote(page)}"
    root = f"--ServerApp.root_dir={Path(into).resolve()}"
    return [sys.executable, "-m", "jupyterlab", root, opens, ONE_KERNEL, *WARM, *arguments]


def serve(into: str | Path, page: str, arguments: tuple[str, ...] = (), modules: tuple[str, ...] = ()) -> int:
    """Run JupyterLab on the folder until it is stopped; returns its exit code. `modules` are preloaded.

    It runs in the folder, so that it doesn't read the course's nbgrader_config.py.
    """
    with _settings() as environment:
        jupyter = subprocess.Popen(command(into, page, arguments), cwd=into, env=added(environment, modules))
        before = signal.signal(signal.SIGTERM, lambda *_: jupyter.terminate())
        try:
            return _ended(jupyter)
        finally:
            signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _settings() -> Iterator[dict[str, str]]:
    """This environment, with JupyterLab's default settings of the course on its configuration path."""
    with tempfile.TemporaryDirectory(prefix="gradekit-lab-") as folder:
        shutil.copytree(LABCONFIG, Path(folder) / LABCONFIG.name)
        path = [folder, *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
        yield {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(path)}


def _ended(jupyter: subprocess.Popen[bytes]) -> int:
    """Wait for its exit code. Ctrl-C reaches Jupyter as well, which asks for confirmation."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return jupyter.wait()
