"""`python -m gradekit.sandbox.__main__ PLAN MODULE ARGUMENTS...` runs a module inside a fence."""

from __future__ import annotations

import runpy
import sys

from gradekit.sandbox import ipykernel_patches
from gradekit.sandbox.launch import fenced

if __name__ == "__main__":
    plan, module, *arguments = sys.argv[1:]
    fenced(plan)
    if module.startswith("ipykernel"):
        ipykernel_patches.kernel()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
