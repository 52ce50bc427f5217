"""Settings that let nbgrader and Jupyter servers find the kernelspec `gradekit-forked`.

In a configuration file, with nothing to install:

    from gradekit import forkserver
    forkserver.for_nbgrader(c)    # nbgrader_config.py: autograde, validate and formgrader fork kernels
    forkserver.for_people(c)      # jupyter_server_config.py: so does the server, and loads at its start

`install` does the same for all users of a Python.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

KERNEL_NAME = "gradekit-forked"
EXTENSION = "gradekit.forkserver.server_extension"


def jupyter_path() -> Path:
    """The folder to put into JUPYTER_PATH where nothing can be installed."""
    return Path(__file__).parent / "share" / "jupyter"


def for_nbgrader(c: Any) -> None:
    """Let nbgrader run notebooks in forked kernels, whichever kernelspec they name. `c` is its configuration."""
    _find_here()
    c.Execute.kernel_name = KERNEL_NAME


def for_people(c: Any) -> None:
    """Let a Jupyter server fork every kernel that runs in its own Python. `c` is its configuration."""
    _find_here()
    c.KernelProvisionerFactory.default_provisioner_name = KERNEL_NAME
    c.ServerApp.jpserver_extensions.update({EXTENSION: True})


def _find_here() -> None:
    """Jupyter reads JUPYTER_PATH when it looks for a kernelspec."""
    known = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if str(jupyter_path()) not in known:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([*filter(None, known), str(jupyter_path())])


def install(prefix: str | Path | None = None, server: bool = False) -> Path:
    """Install the kernelspec `gradekit-forked` into a Python's prefix, this one's by default; return its folder.

    With `server`, Jupyter servers of that prefix also load everything when they start, and fork every Python kernel
    that runs in their own Python, under whichever kernelspec a notebook names.
    """
    prefix = Path(prefix or sys.prefix)
    folder = prefix / "share" / "jupyter" / "kernels" / KERNEL_NAME
    shutil.copytree(jupyter_path() / "kernels" / KERNEL_NAME, folder, dirs_exist_ok=True)
    if server:
        _configure_servers(prefix / "etc" / "jupyter" / "jupyter_server_config.d" / f"{KERNEL_NAME}.json")
    return folder


def _configure_servers(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "ServerApp": {"jpserver_extensions": {EXTENSION: True}},
        "KernelProvisionerFactory": {"default_provisioner_name": KERNEL_NAME},
    }
    file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
