"""Who may look into what was handed in? Its student, and whoever grades the course.

nbgrader lets everybody read, change and delete a submission who knows its name, and moves nothing in the way of
somebody who renames it. Here the folder belongs to the student and to the course's group, and the inbound is sticky.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeReleaseAssignment, ExchangeSubmit


class OwnSubmit(ExchangeSubmit):  # type: ignore[misc]
    """Hands in a folder that other students cannot enter, where the inbound's group is the grader's."""

    inbound_path: str
    assignment_filename: str
    log: Any

    def copy_files(self) -> None:
        """As nbgrader does it; then the folder is closed to all others."""
        super().copy_files()
        folder = Path(self.inbound_path, self.assignment_filename)
        if the_course_reads_by_group(Path(self.inbound_path), folder):
            folder.chmod(0o770)


class OwnRelease(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Releases, and sees to it that nobody can rename or take away what others hand in."""

    inbound_path: str

    def init_dest(self) -> None:
        """The sticky bit: only whose it is, and the course, may move it."""
        super().init_dest()
        inbound = Path(self.inbound_path)
        if inbound.stat().st_uid == os.geteuid():
            inbound.chmod(stat.S_IMODE(inbound.stat().st_mode) | stat.S_ISVTX)


def the_course_reads_by_group(inbound: Path, folder: Path) -> bool:
    """Did the folder take the inbound's group, and is that a group of whom the inbound belongs to?"""
    group, owner = inbound.stat().st_gid, inbound.stat().st_uid
    if folder.stat().st_gid != group:
        return False
    try:
        about = pwd.getpwuid(owner)
        return about.pw_gid == group or about.pw_name in grp.getgrgid(group).gr_mem
    except KeyError:
        return False
