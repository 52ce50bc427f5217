"""How much disk does a student need? With a class of the sample's students, graded.

    python -m benchmarks.class_disk [--write]

Sizes are those of files, as a backup copies them; a file system needs up to 4 kB more for each. `--write` keeps the
figures for docs/sizing.md in class_disk.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks._classroom import classroom, grade
from benchmarks._sizing import DISK
from benchmarks._timing import show

STUDENTS = 6  # a page is as large in a class of 300
FOLDERS = ("submitted", "autograded", "feedback")


def main(write: bool = False) -> None:
    """Measure, print, and write where that is wanted."""
    with classroom(STUDENTS) as root:
        grade(root)
        figures = {f"{name}_kb": size(root / name) / STUDENTS / 1000 for name in FOLDERS}
        figures["gradebook_kb"] = (root / "gradebook.db").stat().st_size / STUDENTS / 1000
    figures = {"students": STUDENTS, **figures}
    show("a graded class: files, kB a student", ("figure", "measured"), [(k, f"{v:.4g}") for k, v in figures.items()])
    if write:
        DISK.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
