"""Generate the students' version of an assignment and release it, as an instructor does in formgrader.

python -m gradekit.hub.prepare FOLDER ASSIGNMENT
"""

from __future__ import annotations

import sys


def prepare(folder: str, assignment: str) -> None:
    """Release an assignment as the current user; nbgrader reads the hub's settings from JUPYTER_CONFIG_PATH."""
    from nbgrader.apps.releaseassignmentapp import ReleaseAssignmentApp

    from gradekit.release import release

    release(folder, assignment)
    ReleaseAssignmentApp.launch_instance([assignment])


if __name__ == "__main__":
    prepare(sys.argv[1], sys.argv[2])
