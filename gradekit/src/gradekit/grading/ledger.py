"""Who is graded already, and on which files? A table in the gradebook, written in one transaction with the grades.

nbgrader's own tables don't say which files a grade belongs to. A row here does; it is `complete` once the graded
notebooks are in place too, so a run that was killed in between is seen, and the student is graded again.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import Boolean, Column, Float, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from gradekit.course import Course
from gradekit.submissions.mirror import Seen
from gradekit.submissions.names import is_notebook

GRADED = Table(
    "gradekit_graded",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("run", String(32), nullable=False),  # new with every grading
    Column("files", String(64), nullable=False),  # what was graded, as `digest` has it
    Column("place", String(1024), nullable=False),  # the machine and the folder that the notebooks went to
    Column("ended", Float, nullable=False),  # seconds since 1970
    Column("complete", Boolean, nullable=False),
)


MOST = 100_000  # names in a student's folder that are looked at
LARGEST = 2_000_000_000  # bytes that are read


@dataclass(frozen=True)
class Record:
    """One row."""

    assignment: str
    student: str
    run: str
    files: str
    place: str
    ended: float
    complete: bool


@dataclass(frozen=True)
class Known:
    """What the gradebook knows of one student."""

    record: Record | None  # None: no `gradekit grade` has graded this student
    scored: bool  # there are rows for the student's work, whoever graded it

    def by_another(self, run: str | None) -> bool:
        """Has another grader been there, since this `run` was the last one?"""
        return self.record is not None and self.record.complete and self.record.run != run


def make(engine: Any) -> None:
    """Create the table where it is missing. Two graders may try at once."""
    try:
        GRADED.create(engine, checkfirst=True)
    except DatabaseError:
        with engine.connect() as connection:
            connection.execute(select(GRADED.c.run).limit(1))


def read_all(connection: Connection, assignment: str) -> dict[str, Known]:
    """What the gradebook knows, by student."""
    rows = connection.execute(select(GRADED).where(GRADED.c.assignment == assignment))
    found = {row.student: Record(**row._mapping) for row in rows}
    work, about = SubmittedAssignment.__table__, Assignment.__table__
    scored = select(work.c.student_id).join(about, about.c.id == work.c.assignment_id).where(about.c.name == assignment)
    students = set(connection.execute(scored).scalars())
    return {student: Known(found.get(student), student in students) for student in students | set(found)}


def read(connection: Connection, assignment: str, student: str) -> Known:
    """What the gradebook knows of one student."""
    return read_all(connection, assignment).get(student, Known(None, False))


def write(connection: Connection, record: Record) -> None:
    """Replace a student's row."""
    one = (GRADED.c.assignment == record.assignment) & (GRADED.c.student == record.student)
    connection.execute(delete(GRADED).where(one))
    connection.execute(insert(GRADED).values(**vars(record)))


def complete(connection: Connection, run: str) -> None:
    """All of this run is in place."""
    connection.execute(update(GRADED).where(GRADED.c.run == run).values(complete=True))


def place(here: Course) -> str:
    """This machine and this folder."""
    return f"{socket.gethostname()}:{here.root}"


def digest(folder: Path) -> str:
    """The content of all files that were handed in; the names of what is no file. However deep: nothing recurs.

    Of files beyond what anybody reads for a grade the size and the time count, and of names beyond that nothing.
    """
    found, waiting, left, unread = hashlib.sha256(), [] if os.path.islink(folder) else [folder], MOST, LARGEST
    while waiting and left > 0:
        inside = _inside(waiting.pop())
        if len(inside) > left:
            inside = sorted(inside, key=lambda path: not is_notebook(path.name))[:left]
        left -= len(inside)
        for path in inside:
            size = _size(path)
            content = _content(path) if size <= unread else _about(path)
            unread -= size if size <= unread else 0
            found.update(os.fsencode(path.relative_to(folder)) + b"\0" + content + b"\0")
        waiting += [path for path in reversed(inside) if not os.path.islink(path) and os.path.isdir(path)]
    return found.hexdigest()


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder, by name; nothing where that cannot be said."""
    try:
        return [folder / name for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _about(path: Path) -> bytes:
    about = path.lstat()
    return f"{about.st_size} {about.st_mtime_ns}".encode()


def _content(path: Path) -> bytes:
    """Nothing is opened that is no plain file: a pipe would never end."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return os.fsencode(os.readlink(path)) if path.is_symlink() else b""
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        return str(error.errno).encode()


def up_to_date(here: Course, student: str, seen: Seen, known: Known) -> bool:
    """Is what was handed in graded, and nothing changed since?"""
    graded, record = here.place("autograded", student), known.record
    if record is None:
        there = all((graded / f"{name}.ipynb").exists() for name in seen.notebooks)
        return known.scored and there and bool(seen.notebooks) and _newer(graded, seen)
    if not record.complete or record.files != digest(here.place("submitted", student)):
        return False
    return record.place != place(here) or graded.is_dir()


def _newer(graded: Path, seen: Seen) -> bool:
    """nbgrader graded it, and keeps no account: the times must do."""
    return all(
        (graded / f"{name}.ipynb").stat().st_mtime >= file.stat().st_mtime for name, file in seen.notebooks.items()
    )


def pages_missing(here: Course, student: str) -> bool:
    """Is there a graded notebook here without a page, or one with a page of an earlier grading?"""
    pages = here.place("feedback", student)
    return any(_older(pages / f"{path.stem}.html", path) for path in here.place("autograded", student).glob("*.ipynb"))


def _older(page: Path, notebook: Path) -> bool:
    return not page.exists() or page.stat().st_mtime < notebook.stat().st_mtime
