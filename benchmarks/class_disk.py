"""How much disk and processor time does a student need? With a class of the sample's students, graded.

    python -m benchmarks.class_disk

Sizes are those of files, as a backup copies them; a file system needs up to 4 kB more for each. Processor time is that
of all processes of `gradekit grade`, the start of TensorFlow included. It prints what is in class_disk.json, from which
docs/sizing.md follows.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

from benchmarks._classroom import classroom, grade
from gradekit.sandbox.syscalls import PR_SET_CHILD_SUBREAPER, prctl

STUDENTS = 10  # a page is as large in a class of 300
FOLDERS = ("submitted", "autograded", "feedback")


def main() -> None:
    """Measure and print."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # the fork server, too, is a child of this process when its parent has ended
    with classroom(STUDENTS) as root:
        before = children()
        grade(root)
        grading = children() - before
        figures = {f"{name}_kb": size(root / name) / STUDENTS / 1000 for name in FOLDERS}
        figures["grading_cpu_s"] = grading / STUDENTS
        figures["gradebook_kb"] = (root / "gradebook.db").stat().st_size / STUDENTS / 1000
    print(json.dumps({"students": STUDENTS, **figures}, indent=2))


def children() -> float:
    """Seconds of processor time of all processes that this one has started, when they have ended."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
