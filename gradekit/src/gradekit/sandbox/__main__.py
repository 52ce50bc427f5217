"""`python -m gradekit.sandbox.__main__ SPEC MODULE ARGUMENTS...` runs a module inside a sandbox."""

from __future__ import annotations

import runpy
import sys

from gradekit import patches
from gradekit.forkserver import preload
from gradekit.sandbox.launch import enter


def patch_kernel() -> None:
    """Let ipykernel run without pseudo-terminals, share more memory, and show errors and figures sooner."""
    patches.run_shell_lines_on_pipe()
    patches.keep_modules_shared(preload.modules)
    patches.name_cells()
    if "matplotlib.backends.backend_agg" in sys.modules:
        patches.draw_figures_once()


if __name__ == "__main__":
    spec, module, *arguments = sys.argv[1:]
    enter(spec)
    if module == "gradekit.kernel":
        patch_kernel()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
