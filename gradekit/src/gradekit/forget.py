"""Remove the work of students that was handed in before a date: files, and rows of the gradebook."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, inspect, select
from sqlalchemy.engine import Connection

from gradekit.console import confirmed, echo, echo_json
from gradekit.course import CourseFolder, course, remove
from gradekit.errors import CourseError
from gradekit.grading import gradebook, ledger
from gradekit.grading.locks import Locks
from gradekit.report import connected

STEPS = ("submitted", "autograded", "feedback")
LEDGER = (ledger.GRADED, ledger.PAGES, ledger.HISTORY, ledger.SCORES)


@dataclass(frozen=True)
class Forgotten:
    """One student's work on one assignment."""

    assignment: str
    student: str
    submitted: str  # UTC, ISO 8601; where the gradebook has no time, the time of the newest file
    folders: tuple[str, ...]


def forget(root: str | Path, before: datetime, assignment: str, dry_run: bool = True) -> list[Forgotten]:
    """Remove what was handed in for an assignment before a time; with `dry_run` only list it.

    Points, comments and what the ledger has go too, and the student where no other work is left. Raises CourseError
    where a grader has the student's lock.
    """
    here = course(root, assignment)
    found = list(_before(here, before))
    if dry_run or not found:
        return found
    file = here.gradebook()
    with gradebook.opened(here) as engine, contextlib.closing(Locks(here)) as locks:
        for one in found:
            with locks.on(one.student) as mine:
                if not mine:
                    raise CourseError(f"{one.student} is being graded. Run this again when that is done.")
                for folder in one.folders:
                    _remove(Path(folder))
                with engine.begin() as connection:
                    _delete(connection, one)
    if file:
        with contextlib.closing(sqlite3.connect(file)) as book:
            book.execute("VACUUM")  # without secure_delete, SQLite keeps deleted rows until then
    return found


def _before(here: CourseFolder, before: datetime) -> Iterator[Forgotten]:
    times, file = dict[str, datetime | None](), here.gradebook()
    if file is None or file.exists():
        with connected(here) as connection:
            work = gradebook.ClassRows(connection, here.assignment).submissions
        times = {name: datetime.fromisoformat(one.submitted) if one.submitted else None for name, one in work.items()}
    places = [here.places(step) for step in STEPS]
    tops = [place("x").parents[1] for place in places]
    inside = {path.name for top in tops if top.is_dir() for path in top.iterdir() if path.is_dir()}
    for student in sorted({*times, *(name for name in inside if not name.startswith("."))}):
        folders = [place(student) for place in places if place(student).is_dir()]
        time = times.get(student) or _newest(folders)
        if time is not None and time < before:
            yield Forgotten(here.assignment, student, time.isoformat(timespec="minutes"), tuple(map(str, folders)))


def _newest(folders: list[Path]) -> datetime | None:
    """The time of the newest file of the first of these folders."""
    times = [path.lstat().st_mtime for folder in folders[:1] for path in folder.rglob("*")]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _remove(folder: Path) -> None:
    for path in () if folder.is_symlink() else (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)  # graded work is read-only
    remove(folder)
    with contextlib.suppress(OSError):  # the student has other work there
        os.rmdir(folder.parent)


def _delete(connection: Connection, one: Forgotten) -> None:
    """Delete a student's rows of an assignment, and the student where nothing else is left."""
    rows = gradebook.rows_of(connection, one.assignment, one.student)
    for name in reversed(gradebook.STUDENTS[1:]):
        table = gradebook.TABLES[name]
        connection.execute(delete(table).where(table.c.id.in_([row["id"] for row in rows[name]])))
    known = inspect(connection)
    for table in LEDGER:
        if known.has_table(table.name):
            mine = (table.c.assignment == one.assignment) & (table.c.student == one.student)
            connection.execute(delete(table).where(mine))
    work, students = gradebook.TABLES["submitted_assignment"], gradebook.TABLES["student"]
    if connection.execute(select(work.c.id).where(work.c.student_id == one.student)).first() is None:
        connection.execute(delete(students).where(students.c.id == one.student))


def run(root: str, assignments: list[str], before: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """The command: list, ask, remove."""
    try:
        time = datetime.fromisoformat(before)
    except ValueError:
        raise CourseError(f"--before {before} is not a date. Write it as 2026-08-31.") from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    found = [one for name in assignments for one in forget(root, time, name)]
    if as_json:
        echo_json([asdict(one) for one in found])
    else:
        for one in found:
            echo(f"{one.assignment}  {one.student}  handed in {one.submitted}")
        echo(f"{_submissions(found)}, with points and comments. docs/privacy.md says what else to look at.")
    if dry_run or not found:
        return
    if not yes and not confirmed(f"Remove {_submissions(found)} for good?"):
        raise CourseError("nothing is removed. --yes removes without asking.")
    for name in assignments:
        forget(root, time, name, dry_run=False)


def _submissions(found: list[Forgotten]) -> str:
    return "1 submission" if len(found) == 1 else f"{len(found)} submissions"
