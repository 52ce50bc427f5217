"""Collect submissions that belong to their student, and nothing through links.

nbgrader warns about a folder whose owner is not the student in its name, and collects it all the same. It also
follows links: a student who hands in a link to the solutions gets them graded. `OwnCollect` takes only folders and
files that belong to the student in the folder's name. A submission that is broken or was cut off is skipped with a
line in the log, and the others are collected.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns
from traitlets import Unicode

from gradekit.hub.accounts import system_user, user_name

SECRET = "submission_secret.txt"  # the file that nbgrader writes last: without it, others may be missing too
WHOLE = re.compile(rb"[\w-]{32,256}\s*")


class OwnCollect(ExchangeCollect):  # type: ignore[misc]
    """Collect only what students own. `check_owner = False` is for hubs with one system user for all."""

    src_records: list[dict[str, Any]]
    check_owner: bool
    system_name = Unicode("{username}", help="The system user of a person, such as jupyter-{username}.").tag(
        config=True
    )

    def init_src(self) -> None:
        """Find the newest submission of each student, among those that are the student's own."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"] is not None]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Ignore a folder that is not its student's, or not complete, so that it can't hide a real one."""
        try:
            record: dict[str, Any] = super()._path_to_record(path)
            reason = self._reason_against(path, record["username"])
        except (ExchangeError, ValueError, TypeError, OverflowError, OSError) as problem:
            record = {"filename": os.path.basename(path), "timestamp": datetime.min}
            reason = f"cannot be read ({problem})"
        if reason:
            self.log.warning("%s %s: it is not collected.", path, reason)
            record["username"] = None
        return record

    def _reason_against(self, path: str, name: str) -> str:
        owner = user_name(os.lstat(path).st_uid)  # not that of a link's target
        if self.check_owner and owner != system_user(name, self.system_name):
            return f"belongs to {owner}, not to the student in its name"
        if not os.path.basename(path).startswith(f"{name}+{self.coursedir.assignment_id}+"):
            return "is of another assignment"
        return "" if is_whole(path) else "was cut off while it was handed in"

    def copy_files(self) -> None:
        """Copy without nbgrader's own check of owners, which warns where system names differ."""
        checked, self.check_owner = self.check_owner, False
        try:
            super().copy_files()
        finally:
            self.check_owner = checked

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission without following links; log one that cannot be copied, and go on."""
        try:
            self._copy(src, dest)
        except (OSError, RuntimeError) as problem:  # shutil.Error is an OSError
            shutil.rmtree(dest, ignore_errors=True)
            self.log.warning("%s is not collected: %s", src, str(problem)[:500])

    def _copy(self, src: str, dest: str) -> None:
        size = self.get_size(src)
        if size > 1000 * self.coursedir.max_dir_size:
            raise RuntimeError(f"{src} has {size // 1000} kB: more than CourseDirectory.max_dir_size allows.")
        ignore = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        copy_own(src, dest, ignore, self.log)
        when = os.path.basename(src).rsplit("+", 3)[2]
        Path(dest, "timestamp.txt").write_text(when)  # nbgrader stops at one that can't be parsed
        if self.coursedir.groupshared:
            self.set_perms(dest, 0o660, 0o2770)


def is_whole(path: str) -> bool:
    """Whether a submission was handed in completely: nbgrader writes its secret last."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        folder = os.open(path, flags | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        file = os.open(SECRET, flags | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return False
    finally:
        os.close(folder)
    with os.fdopen(file, "rb") as secret:
        return stat.S_ISREG(os.fstat(file).st_mode) and bool(WHOLE.fullmatch(secret.read(300)))


def copy_own(src: str, dest: str, ignore: Any, log: Any) -> None:
    """Copy a folder without its links, and without files that the folder's owner does not own.

    The owner is read from the open file, so that the file can't be replaced in between.
    """
    owner = os.lstat(src).st_uid
    if not stat.S_ISDIR(os.lstat(src).st_mode):
        raise RuntimeError(f"{src} is not a folder.")

    def copy_file(file: str, target: str) -> str:
        try:
            found = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            log.warning("%s is left out: %s.", file, problem.strerror)
            return target
        with os.fdopen(found, "rb") as handed_in:
            about = os.fstat(found)
            if not stat.S_ISREG(about.st_mode) or about.st_uid != owner:
                log.warning("%s is skipped: the student does not own it.", file)
            else:
                Path(target).write_bytes(handed_in.read())
        return target

    shutil.copytree(src, dest, symlinks=True, ignore=ignore, copy_function=copy_file)
    for folder, folders, files in os.walk(dest):
        for link in (Path(folder, name) for name in (*folders, *files)):
            if link.is_symlink():
                log.warning("%s is left out: it is a link.", link.name)
                link.unlink()
        os.chmod(folder, 0o755)  # it belongs to the course server now, which could not enter a closed one
