"""source/ -> release/: the students' version, by nbgrader's own converter, audited before it is published."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import Configurable

from gradekit.audit import ALLOWED_FILES, audit
from gradekit.course import CourseFolder, course, listening, open_gradebook, put_back, put_in_place, sqlite_url
from gradekit.errors import CourseError
from gradekit.release_history import fit_cells, fit_submissions, record
from gradekit.source_check import Refusal, check_source

FAULTS = "source/ has to be mended first: nothing is written."


class Release(Configurable):
    """Settings of a release."""

    extra_files = List(
        Unicode(), help="Files of source/ that are released although no notebook names them: patterns, such as *.txt"
    ).tag(config=True)


@dataclass(frozen=True)
class FileChange:
    """One file of a release, and what the release does to it."""

    file: str  # relative to release/ASSIGNMENT/
    what: str  # new, changed, same or removed


def release(root: str | Path = ".", assignment: str | None = None, dry_run: bool = False) -> list[FileChange]:
    """Make `release/` from `source/`, and register its cells in the gradebook.

    The result depends on `source/` and `nbgrader_config.py` alone. It is built and audited in a temporary folder
    and put in place with one rename: a build that fails or is interrupted leaves the old release as it was.
    """
    here = course(root, assignment)
    here.check_settings()
    _refuse(check_source(here.source), FAULTS)
    folder = None if dry_run else here.release.parent  # on the same disk, so that a rename puts the result in place
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        put_back(here.release)
    with tempfile.TemporaryDirectory(prefix=f".{here.assignment}-", dir=folder, ignore_cleanup_errors=True) as scratch:
        made = _build(here, Path(scratch))
        changes = _changes(made, here.release)
        if folder:
            register(here)
            put_in_place(made, here.release)
    return changes


def register(here: CourseFolder) -> None:
    """Write the cells of the assignment into the course's own gradebook, as `nbgrader generate_assignment` does."""
    gradebook = here.gradebook()
    if gradebook and not gradebook.exists():
        gradebook.write_bytes(_new_gradebook())
    with open_gradebook(here) as book:
        fit_cells(book, here.assignment, here.source)
        with tempfile.TemporaryDirectory() as scratch:
            made = _generate(here, Path(scratch), here.directory().db_url)
            record(book.engine, here.assignment, made)
        fit_submissions(book, here.assignment)


@cache
def _new_gradebook() -> bytes:
    """An empty gradebook. nbgrader starts a program for each new one, which takes seconds: once is enough."""
    from nbgrader.api import Gradebook

    with tempfile.TemporaryDirectory() as scratch, listening():
        file = Path(scratch) / "gradebook.db"
        Gradebook(sqlite_url(file)).close()
        return file.read_bytes()


def _build(here: CourseFolder, scratch: Path) -> Path:
    gradebook = scratch / "gradebook.db"
    gradebook.write_bytes(_new_gradebook())
    made = _generate(here, scratch / "made", sqlite_url(gradebook))
    allowed = (*ALLOWED_FILES, *Release(config=here.config()).extra_files)
    _refuse(audit(made, here.source, allowed), "release/ would hold what it must not: nothing is written.")
    return made


def _refuse(findings: list[Refusal], why: str) -> None:
    if findings:
        raise CourseError(f"{len(findings)} finding(s): {why}", tuple(map(str, findings)))


def _generate(here: CourseFolder, into: Path, db_url: str) -> Path:
    """nbgrader's GenerateAssignment, with another target and another database."""
    from nbgrader.converters import GenerateAssignment, NbGraderException

    class Converter(GenerateAssignment):  # type: ignore[misc]
        """Remembers the notebook that it is at."""

        at = ""

        def convert_single_notebook(self, notebook_filename: str) -> None:
            self.at = Path(notebook_filename).name
            super().convert_single_notebook(notebook_filename)

    directory = here.directory(release_directory=str(into), db_url=db_url)
    with listening() as log:
        converter = Converter(coursedir=directory, config=here.config())
        try:
            converter.start()
        except NbGraderException:
            _refuse(check_source(here.source), FAULTS)
            raise CourseError(_why(here, converter.at, log)) from None
    return into / here.assignment


def _why(here: CourseFolder, notebook: str, log: list[str]) -> str:
    if any("there are submissions associated with it" in line for line in log):
        return (
            f"the gradebook has submissions of {here.assignment}, so notebooks can't be added, removed or renamed. "
            "Move gradebook.db aside, release, and grade again."
        )
    where = f"source/{here.assignment}/{notebook}" if notebook else f"source/{here.assignment}"
    again = f"nbgrader generate_assignment {shlex.quote(here.assignment)}"
    return f"{where}: nbgrader can't release it. To see where it stops: {again}"


def _changes(made: Path, place: Path) -> list[FileChange]:
    new, old = _files(made), _files(place)
    states = {
        name: "new" if name not in old else "same" if old[name] == data else "changed" for name, data in new.items()
    }
    states |= {name: "removed" for name in old if name not in new}
    return [FileChange(name, states[name]) for name in sorted(states)]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
