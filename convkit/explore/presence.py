"""Is anyone there to turn a knob? Grading and nbconvert run notebooks without a reader."""

from __future__ import annotations

import sys


def someone_is_there() -> bool:
    """True in a notebook that a person runs.

    JupyterLab, Notebook and VS Code tell the kernel that they can ask their user for input; nbclient, which runs
    notebooks for nbconvert and nbgrader, tells it that nobody is there. NBGRADER_EXECUTION tells less: a server in
    which nbgrader met an error passes it on to every kernel that it starts from then on.
    """
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent("shell") or {}
    return bool(request.get("content", {}).get("allow_stdin", False))
