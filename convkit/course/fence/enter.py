"""`python -m convkit.course.fence.enter PLAN MODULE ARGUMENTS...` runs a module inside a fence."""

from __future__ import annotations

import runpy
import sys

from convkit.course.fence import fit
from convkit.course.fence.build import fenced

if __name__ == "__main__":
    plan, module, *arguments = sys.argv[1:]
    fenced(plan)
    if module.startswith("ipykernel"):
        fit.kernel()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
