"""Detect whether a user can turn a knob: grading and nbconvert run notebooks without one."""

from __future__ import annotations

import sys


def someone_is_there() -> bool:
    """True in a notebook that a person runs.

    JupyterLab, Notebook and VS Code tell the kernel that they can ask their user for input; nbclient, which runs
    notebooks for nbconvert and nbgrader, tells it that there is no user. NBGRADER_EXECUTION is less reliable: a server
    in which nbgrader met an error passes it on to every kernel that it starts from then on.
    """
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent("shell") or {}
    return bool(request.get("content", {}).get("allow_stdin", False))
