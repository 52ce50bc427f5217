"""Keep submissions private: only their student and the course's graders can read them.

nbgrader lets every user who knows a submission's name read, change, delete and rename it. Here
the folder belongs to the student and to the course's group, and the inbound is sticky.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseAssignment, ExchangeSubmit


class OwnSubmit(ExchangeSubmit):  # type: ignore[misc]
    """Hand in a folder that other students cannot enter, where the inbound's group is the grader's."""

    def copy_files(self) -> None:
        """Copy as nbgrader does, then close the folder to others."""
        super().copy_files()
        folder = Path(self.inbound_path, self.assignment_filename)
        if the_course_reads_by_group(Path(self.inbound_path), folder):
            folder.chmod(0o770)


class OwnRelease(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Release, and make the inbound folder sticky, so that only its owner can rename or remove a submission."""

    def init_dest(self) -> None:
        """Create the folders as nbgrader does, then set the sticky bit."""
        super().init_dest()
        inbound = Path(self.inbound_path)
        if inbound.stat().st_uid == os.geteuid():
            inbound.chmod(stat.S_IMODE(inbound.stat().st_mode) | stat.S_ISVTX)


def the_course_reads_by_group(inbound: Path, folder: Path) -> bool:
    """Whether the folder has the inbound's group, and the inbound's owner is a member of that group."""
    group, owner = inbound.stat().st_gid, inbound.stat().st_uid
    if folder.stat().st_gid != group:
        return False
    try:
        about = pwd.getpwuid(owner)
        return about.pw_gid == group or about.pw_name in grp.getgrgid(group).gr_mem
    except KeyError:
        return False
