"""How is the kernelspec installed, and how does a Jupyter server get warm at its start?"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

KERNEL_NAME = "convkit-warm"
EXTENSION = "convkit.course.warm.extension"


def jupyter_path() -> Path:
    """The folder to put into JUPYTER_PATH where nothing can be installed."""
    return Path(__file__).parent / "share" / "jupyter"


def install(prefix: str | Path | None = None, server: bool = False) -> Path:
    """Install the kernelspec `convkit-warm` into a Python's prefix, this one's by default; return its folder.

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
