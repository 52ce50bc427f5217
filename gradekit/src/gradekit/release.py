"""source/ -> release/: the students' version, by nbgrader's own converter, audited before anybody can see it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradekit.audit import ALLOWED_FILES, audit
from gradekit.course import Course, course, listening, open_gradebook, put_in_place, scratch_beside
from gradekit.errors import CourseError
from gradekit.releases import fit_cells, fit_submissions, record


@dataclass(frozen=True)
class Change:
    """One file of a release, and what the release does to it."""

    file: str  # below release/ASSIGNMENT/
    what: str  # new, changed, same or removed


def release(
    root: str | Path = ".",
    assignment: str | None = None,
    dry_run: bool = False,
    allowed: tuple[str, ...] = ALLOWED_FILES,
) -> list[Change]:
    """Make `release/` anew from `source/`, and tell the gradebook about its cells.

    The result depends on `source/` and `nbgrader_config.py` alone. It is built and audited in a temporary folder
    and put in place with one rename: a build that fails or is interrupted leaves the old release as it was.
    """
    here = course(root, assignment)
    if dry_run:
        with tempfile.TemporaryDirectory() as scratch:
            return _changes(_build(here, Path(scratch), allowed), here.release)
    with scratch_beside(here.release) as scratch_folder:
        made = _build(here, scratch_folder, allowed)
        changes = _changes(made, here.release)
        register(here)
        put_in_place(made, here.release)
    return changes


def register(here: Course) -> None:
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
        Gradebook(f"sqlite:///{file}").close()
        return file.read_bytes()


def _build(here: Course, scratch: Path, allowed: tuple[str, ...]) -> Path:
    gradebook = scratch / "gradebook.db"
    gradebook.write_bytes(_new_gradebook())
    made = _generate(here, scratch / "made", f"sqlite:///{gradebook}")
    findings = audit(made, here.source, allowed)
    if findings:
        raise CourseError(
            f"{len(findings)} finding(s) in what release/ would hold: nothing is written.", tuple(map(str, findings))
        )
    return made


def _generate(here: Course, into: Path, db_url: str) -> Path:
    """nbgrader's GenerateAssignment, with another target and another database."""
    from nbgrader.converters import GenerateAssignment, NbGraderException

    directory = here.directory(release_directory=str(into), db_url=db_url)
    try:
        with listening() as heard:
            GenerateAssignment(coursedir=directory, config=here.config()).start()
    except NbGraderException:
        raise CourseError(_why(heard)) from None
    return into / here.assignment


def _why(heard: list[str]) -> str:
    """The line that matters in what nbgrader logged: the last line of the first traceback."""
    traceback = next((text for text in heard if "Traceback" in text), heard[0] if heard else "nbgrader gave no reason")
    return f"nbgrader refuses source/: {traceback.strip().splitlines()[-1]}"


def _changes(made: Path, place: Path) -> list[Change]:
    new, old = _files(made), _files(place)
    states = {
        name: "new" if name not in old else "same" if old[name] == data else "changed" for name, data in new.items()
    }
    states |= {name: "removed" for name in old if name not in new}
    return [Change(name, states[name]) for name in sorted(states)]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
