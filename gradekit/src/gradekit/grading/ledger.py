"""The ledger: which files were graded for whom, with which release, and what the pages show.

nbgrader's own tables don't hold this. An entry becomes `complete` once the graded notebooks are in place too, so a run
that was killed in between is noticed, and the student is graded again. A second table has a digest of each feedback
page's content: a page is stale when the gradebook has other points or comments. A third has what each submission of a
student got wrong, so that a report can tell what changed from one to the next; a fourth the history of each score.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Student, SubmittedAssignment
from sqlalchemy import Boolean, Float, Integer, String, Text, delete, insert, inspect, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import Column, MetaData, Table

from gradekit import release_history
from gradekit.course import CourseFolder
from gradekit.limits import MEGABYTE, SubmissionLimits
from gradekit.submissions.mirror import Seen
from gradekit.submissions.names import is_notebook

METADATA = MetaData()
GRADED = Table(
    "gradekit_graded",
    METADATA,
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("run", String(32), nullable=False),  # unique for each grading
    Column("files", String(64), nullable=False),  # what was graded, as `digest` returns it
    Column("place", String(1024), nullable=False),  # the machine and the folder that the notebooks went to
    Column("ended", Float, nullable=False),  # seconds since 1970
    Column("complete", Boolean, nullable=False),
    Column("release", Text, nullable=False),  # JSON: the cells and the due date that it was graded with
    Column("again", String(64), nullable=False),  # the `--again` that has yet to grade this student, or empty
)
PAGES = Table(
    "gradekit_pages",
    METADATA,
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("place", String(1024), primary_key=True),
    Column("digest", String(64), nullable=False),
)
HISTORY = Table(
    "gradekit_history",
    METADATA,
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("files", String(64), primary_key=True),  # of the submission; grading it again replaces its row
    Column("graded", Float, nullable=False),  # seconds since 1970
    Column("causes", Text, nullable=False),  # JSON: "NOTEBOOK/CELL" -> the names of mistakes, or a message in short
)
SCORES = Table(
    "gradekit_scores",
    METADATA,
    Column("id", Integer, primary_key=True),  # in the order of time
    Column("assignment", String(128), nullable=False),
    Column("student", String(128), nullable=False),
    Column("run", String(32), nullable=False),  # empty where a person or another program gave the points
    Column("recorded", Float, nullable=False),  # seconds since 1970
    Column("place", String(1024), nullable=False),  # the machine and the folder of the run
    Column("why", Text, nullable=False),
    Column("released", Text, nullable=False),  # JSON: notebook -> when the release that it was made from was released
    Column("points", Text, nullable=False),  # JSON: "NOTEBOOK/CELL" -> points
    Column("penalty", Float, nullable=False),
    Column("possible", Float, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One row of the ledger."""

    assignment: str
    student: str
    run: str
    files: str
    place: str
    ended: float
    complete: bool
    release: str
    again: str = ""


@dataclass(frozen=True)
class Known:
    """What the gradebook knows of one student."""

    entry: Entry | None  # None: `gradekit grade` has not graded this student
    scored: bool  # there are rows for the student's work, also where `nbgrader autograde` made them
    removed: bool = False  # graded before, and removed from the gradebook since

    def by_another(self, run: str | None) -> bool:
        """Whether another grader has graded the student since this `run` was the last one."""
        return self.entry is not None and self.entry.complete and not self.entry.again and self.entry.run != run


NOTHING_KNOWN = Known(None, False)


def make(engine: Engine) -> None:
    """Create the tables where they are missing."""
    release_history.make(engine, METADATA)
    release_history.make(engine)


def read_all(connection: Connection, assignment: str) -> dict[str, Known]:
    """What the gradebook knows, by student."""
    rows = connection.execute(select(GRADED).where(GRADED.c.assignment == assignment))
    found = {row.student: Entry(**row._mapping) for row in rows}
    work, about = SubmittedAssignment.__table__, Assignment.__table__
    scored = select(work.c.student_id).join(about, about.c.id == work.c.assignment_id).where(about.c.name == assignment)
    students = set(connection.execute(scored).scalars())
    enrolled = set(connection.execute(select(Student.__table__.c.id)).scalars())
    removed = {student for student, entry in found.items() if entry.run and student not in enrolled}
    return {
        student: Known(found.get(student), student in students, student in removed) for student in students | set(found)
    }


def read(connection: Connection, assignment: str, student: str) -> Known:
    """What the gradebook knows of one student."""
    return read_all(connection, assignment).get(student, NOTHING_KNOWN)


def write(connection: Connection, entry: Entry) -> None:
    """Replace a student's entry."""
    one = (GRADED.c.assignment == entry.assignment) & (GRADED.c.student == entry.student)
    connection.execute(delete(GRADED).where(one))
    connection.execute(insert(GRADED).values(**vars(entry)))


def complete(connection: Connection, run: str) -> None:
    """Mark a run's result as in place."""
    connection.execute(update(GRADED).where(GRADED.c.run == run).values(complete=True))


def grade_again(connection: Connection, here: CourseFolder, known: dict[str, Known], key: str) -> None:
    """Mark students as to be graded again, whether or not anything is new; grading a student clears the mark."""
    for student, about in known.items():
        entry = about.entry or Entry(here.assignment, student, "", "", place(here), 0.0, False, "")
        write(connection, Entry(**{**vars(entry), "again": key}))


def pages(connection: Connection, here: CourseFolder, student: str | None = None) -> dict[tuple[str, str], str]:
    """Digests of the feedback pages in this folder, by student and notebook."""
    query = select(PAGES).where(PAGES.c.assignment == here.assignment, PAGES.c.place == place(here))
    if student is not None:
        query = query.where(PAGES.c.student == student)
    return {(row.student, row.notebook): row.digest for row in connection.execute(query)}


def write_pages(connection: Connection, here: CourseFolder, digests: dict[tuple[str, str], str]) -> None:
    """Note what was written to feedback pages."""
    for (student, notebook), digest_ in digests.items():
        row = {"assignment": here.assignment, "student": student, "notebook": notebook, "place": place(here)}
        connection.execute(delete(PAGES).where(*(PAGES.c[name] == value for name, value in row.items())))
        connection.execute(insert(PAGES).values(**row, digest=digest_))


def write_history(connection: Connection, entry: Entry, causes: dict[str, list[str]]) -> None:
    """Note why the checks of a submission failed."""
    row = {"assignment": entry.assignment, "student": entry.student, "files": entry.files}
    connection.execute(delete(HISTORY).where(*(HISTORY.c[name] == value for name, value in row.items())))
    connection.execute(insert(HISTORY).values(**row, graded=entry.ended, causes=json.dumps(causes)))


def history(connection: Connection, assignment: str) -> dict[str, list[dict[str, list[str]]]]:
    """Why the checks of each submission failed, by student, the first submission first."""
    found: dict[str, list[dict[str, list[str]]]] = {}
    if inspect(connection).has_table(HISTORY.name):
        rows = select(HISTORY).where(HISTORY.c.assignment == assignment).order_by(HISTORY.c.graded)
        for row in connection.execute(rows):
            found.setdefault(row.student, []).append(json.loads(row.causes))
    return found


def place(here: CourseFolder) -> str:
    """This machine and this folder."""
    return f"{socket.gethostname()}:{here.root}"


def digest(folder: Path, limits: SubmissionLimits) -> str:
    """A digest of all files that were handed in: names and contents. Iterates, as folders may be very deep.

    Beyond `most_read`, a file's size and time stand for its content; names beyond `most_entries` are left out.
    """
    found, waiting = hashlib.sha256(), [] if os.path.islink(folder) else [folder]
    left, unread = limits.most_entries, limits.most_read * MEGABYTE
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


def digest_of(here: CourseFolder, student: str) -> str:
    """The digest of a student's folder."""
    return digest(here.place("submitted", student), SubmissionLimits(config=here.config()))


def _inside(folder: Path) -> list[Path]:
    """The entries of a folder in the order of their names; none where it can't be read."""
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
    """A digest of a plain file, the target of a link; nothing else is opened, as reading a pipe would never end."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return os.fsencode(os.readlink(path)) if path.is_symlink() else b""
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        return str(error.errno).encode()


def up_to_date(here: CourseFolder, student: str, seen: Seen, known: Known) -> bool:
    """Whether all that was handed in is graded, and nothing changed since."""
    graded, entry = here.place("autograded", student), known.entry
    if not known.scored:
        return False
    if entry is None:  # nbgrader, which keeps no ledger, may have graded what was handed in: the files' times tell
        files = [(graded / f"{name}.ipynb", file) for name, file in seen.notebooks.items()]
        return bool(files) and not any(_older(notebook, file) for notebook, file in files)
    if entry.again or not entry.complete or entry.files != digest_of(here, student):
        return False
    return entry.place != place(here) or graded.is_dir()


def stale_pages(
    here: CourseFolder, student: str, written: dict[tuple[str, str], str], now: dict[tuple[str, str], str]
) -> list[str]:
    """Graded notebooks in this folder whose page is missing, older than its notebook, or shows other points."""
    folder = here.place("feedback", student)
    names = sorted(path.stem for path in here.place("autograded", student).glob("*.ipynb"))
    known: Iterable[str] = [name for name in names if (student, name) in now]
    return [
        name
        for name in known
        if written.get((student, name)) != now[student, name]
        or _older(folder / f"{name}.html", here.place("autograded", student) / f"{name}.ipynb")
    ]


def _older(made: Path, source: Path) -> bool:
    """Whether a file is missing, or older than the one that it was made from."""
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime
