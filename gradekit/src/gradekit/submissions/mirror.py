"""submitted/STUDENT/ASSIGNMENT -> a copy that nbgrader may open. What was handed in is never changed.

nbgrader follows symbolic links when it copies, waits forever at a named pipe, stops at a folder called
`1-parameters.ipynb`, and knows a notebook by its exact name only. So `gradekit grade` grades from a mirror:

    names, troubles = roster(here)                # who can be graded, and what else is in submitted/
    seen = examine(here, student)                 # looks, copies nothing
    with taken_in(here, student, seen) as taken:  # the mirror exists inside the block
        if taken.notebooks:
            directory = here.directory(submitted_directory=str(taken.folder), student_id=...)
            Autograde(coursedir=directory, ...)   # the reason of a failure: taken.refused.get(name) or why(error)
        outcome.troubles += [Trouble(student, line) for line in taken.lines]

Nothing here raises for what a student did. An OSError is the machine's: a full disk, a course that can't be read.
`gradekit.repair` deals with what is inside a notebook.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradekit.course import CourseFolder
from gradekit.errors import CourseError, Trouble, in_a_line
from gradekit.limits import OutOfTime, SubmissionLimits, time_limit
from gradekit.repair import Unreadable
from gradekit.repair.files import NO_FOLLOW, oddity
from gradekit.submissions import archives
from gradekit.submissions.extra_files import choose
from gradekit.submissions.find_notebooks import find
from gradekit.submissions.names import shown, unfit
from gradekit.submissions.walk import listing


@dataclass(frozen=True)
class Seen:
    """What is in a student's folder, as far as it matters for grading."""

    notebooks: Mapping[str, Path] = field(default_factory=dict)  # name in the assignment -> the file that holds it
    refused: Mapping[str, str] = field(default_factory=dict)  # name -> why it can't be opened
    lines: tuple[str, ...] = ()  # sentences for the instructor, without the student's name
    members: Mapping[str, str] = field(default_factory=dict)  # name -> the file inside the archive
    data: tuple[tuple[Path, str], ...] = ()  # extra files, and their paths below the student's folder


@dataclass(frozen=True)
class Taken:
    """A mirror to grade from. Each refused notebook is an empty file in it, so that it does not count as missing."""

    folder: Path  # nbgrader's submitted_directory
    notebooks: tuple[str, ...]  # names in the mirror
    refused: Mapping[str, str]
    lines: tuple[str, ...]


def roster(here: CourseFolder) -> tuple[list[str], list[Trouble]]:
    """The students whose folders can be graded, in order, and a line for everything else that looks like work."""
    students, troubles = [], []
    for path in sorted(_submitted(here).iterdir()):
        if why_not := _no_student(path, here.assignment):
            troubles.append(Trouble(shown(path.name), why_not))
        elif path.is_dir() and not path.name.startswith("."):
            students.append(path.name)
    return students, troubles


def _submitted(here: CourseFolder) -> Path:
    return here.place("submitted", "x").parents[1]


def _no_student(path: Path, assignment: str) -> str:
    """Why this is not a student's folder although it looks like one; empty for students, and for a stray file."""
    what = oddity(path.lstat().st_mode)
    if not what:
        work = path.suffix.lower() in {"", ".ipynb", ".zip"} and not path.name.startswith(".")
        return f"it is a file, not a folder. Put it into submitted/STUDENT/{assignment}/." if work else ""
    if what != "a folder":
        return f"it is {what}, not a folder, and was ignored. Put the work itself there."
    if path.name.startswith("."):
        hidden = (path / assignment).is_dir()
        return "a folder with a leading dot is not graded. Rename it if it is a student's." if hidden else ""
    return unfit(path.name)


def examine(here: CourseFolder, student: str) -> Seen:
    """Look at what a student handed in."""
    folder = here.place("submitted", student)
    if why_not := _closed(folder, _submitted(here)):
        return Seen(lines=(why_not,))
    limits = SubmissionLimits(config=here.config())
    try:
        with time_limit(limits.step_timeout, "looking through the files"):
            return _examine(here, folder, limits)
    except OutOfTime as error:
        advice = "Ask for the notebooks alone, or raise c.SubmissionLimits.step_timeout."
        return Seen(lines=(f"not graded: {error} {advice}",))


def _examine(here: CourseFolder, folder: Path, limits: SubmissionLimits) -> Seen:
    directory = here.directory()
    there = listing(folder, limits, tuple(directory.ignore))
    found = find(there, here.source, here.release, limits)
    extra = choose(there, here.source, found.used, directory, limits)
    nothing = () if found.notebooks or found.refused else (f"handed in no notebook for {here.assignment}.",)
    refused = {f"{name}.ipynb" for name in found.refused}
    lines = (*nothing, *found.lines, *there.lines(but=refused), *extra.lines)
    return Seen(found.notebooks, found.refused, lines, found.members, extra.data)


def _closed(folder: Path, submitted: Path) -> str:
    """Why a student's folder can't be read; empty where it can."""
    parts = [folder, *folder.parents]
    for path in reversed(parts[: parts.index(submitted)]):
        try:
            what = oddity(path.lstat().st_mode) or "a file"
        except FileNotFoundError:
            return f"handed in no notebook for {folder.name}."
        if what != "a folder":
            return f"{shown(path.name)} is {what}, not a folder, and was ignored. Put the work itself there."
        if not os.access(path, os.R_OK | os.X_OK):
            return f"the folder {shown(path.name)} can't be read. Make it readable: chmod u+rx."
    return ""


@contextlib.contextmanager
def taken_in(here: CourseFolder, student: str, seen: Seen | None = None) -> Iterator[Taken]:
    """A mirror of what a student handed in, for as long as the block runs."""
    seen = seen or examine(here, student)
    with tempfile.TemporaryDirectory(prefix="gradekit-", dir=_parent(here)) as scratch:
        folder = Path(here.directory().format_path(scratch, student, here.assignment))
        folder.mkdir(parents=True)
        limits = SubmissionLimits(config=here.config())
        refused = dict(seen.refused)
        for name, path in seen.notebooks.items():
            member = seen.members.get(name)
            try:
                _copy(path, folder / f"{name}.ipynb", archives.notebook(path, member, limits) if member else None)
            except Unreadable as reason:
                refused[name] = str(reason)
        for name in refused:
            (folder / f"{name}.ipynb").write_bytes(b"")
        lost = [relative for path, relative in seen.data if not _copied(path, folder / relative)]
        gone = tuple(f"{shown(name)} could not be read, and was left out." for name in lost)
        yield Taken(Path(scratch), tuple(sorted({*seen.notebooks, *refused})), refused, (*seen.lines, *gone))


def _parent(here: CourseFolder) -> Path:
    """A folder for the mirror whose path has no character with a meaning in a glob pattern: nbgrader uses it as one."""
    usual = Path(tempfile.gettempdir()).resolve()
    return here.root if re.search(r"[^\w/.-]", str(usual)) else usual


def _copied(path: Path, target: Path) -> bool:
    try:
        _copy(path, target)
    except Unreadable:
        return False
    return True


def _copy(path: Path, target: Path, data: bytes | None = None) -> None:
    """Copy an ordinary file, or bytes that were read from it, with its time; raises Unreadable."""
    try:
        source = os.open(path, NO_FOLLOW)
    except OSError as error:
        raise Unreadable(f"the file can't be read: {(error.strerror or 'no reason').lower()}.") from None
    with os.fdopen(source, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("it is not an ordinary file.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            shutil.copyfileobj(file if data is None else io.BytesIO(data), copy)
    os.utime(target, ns=(about.st_atime_ns, about.st_mtime_ns))


def why(error: BaseException) -> str:
    """Why a notebook could not be graded, as a sentence of ours: an exception's own text is for its authors."""
    if isinstance(error, Unreadable | CourseError):
        return str(error)
    if isinstance(error, OSError):
        return in_a_line(error)
    return f"nbgrader stopped at it ({type(error).__name__}). nbgrader autograde --debug shows where."
