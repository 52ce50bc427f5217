"""nbgrader's settings for sandboxed kernels; `gradekit.adopt.course` calls `for_nbgrader`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from gradekit.errors import CourseError
from gradekit.sandbox.spec import fault

KERNEL_NAME = "gradekit-sandboxed"


def jupyter_path() -> Path:
    """The folder to put into JUPYTER_PATH."""
    return Path(__file__).parent / "share" / "jupyter"


def for_nbgrader(c: Any, required: list[str] | None = None, **limits: int) -> None:
    """Run every submission in a sandboxed kernel, whichever kernelspec it names. `c` is nbgrader's configuration.

    `required` names layers without which nothing runs; `limits` are those of `gradekit.sandbox.spec.Limits`.
    """
    if problem := fault(limits):
        raise CourseError(f"the sandbox {problem}")
    if not sys.platform.startswith("linux"):
        line = "the sandbox needs Linux, and this is another system"
        if required:
            raise RuntimeError(f"This course requires {', '.join(required)}: {line}. Nothing is run.")
        print(f"gradekit: {line}. Grade only work that you trust here.", file=sys.stderr)
        return
    known = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if str(jupyter_path()) not in known:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([*filter(None, known), str(jupyter_path())])
    c.Execute.kernel_name = KERNEL_NAME
    if required:
        c.SandboxedProvisioner.required = required
    if limits:
        c.SandboxedProvisioner.limits = limits
