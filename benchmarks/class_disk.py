"""How much disk does a student need? With a class of the sample's students, graded.

    python -m benchmarks.class_disk

Sizes are those of files, as a backup copies them; a file system needs up to 4 kB more for each. It prints what is in
class_disk.json, from which docs/sizing.md follows.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks._classroom import classroom, grade

STUDENTS = 6  # a page is as large in a class of 300
FOLDERS = ("submitted", "autograded", "feedback")


def main() -> None:
    """Measure and print."""
    with classroom(STUDENTS) as root:
        grade(root)
        figures = {f"{name}_kb": size(root / name) / STUDENTS / 1000 for name in FOLDERS}
        figures["gradebook_kb"] = (root / "gradebook.db").stat().st_size / STUDENTS / 1000
    print(json.dumps({"students": STUDENTS, **figures}, indent=2))


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
