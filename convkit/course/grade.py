"""submitted/ -> autograded/, gradebook.db and feedback/: nbgrader's own autograde, a student at a time.

What nbgrader does for a whole class stops for one student's broken work; here every student is a run of its own.
A student is only done when the new result is complete: until then the old one stays, so that nothing is lost.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .folder import Course, course, listening, open_gradebook
from .notebook import read
from .release import register
from .sayings import reason, told
from .trouble import CourseError, Trouble, in_a_line

if TYPE_CHECKING:
    from nbgrader.converters import Autograde

Progress = Callable[[int, int, str], None]  # done, of how many, the student who is next


def silent(done: int, total: int, student: str) -> None:
    """No progress is shown."""


@dataclass
class Outcome:
    """What a run did."""

    graded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # graded before, and nothing new was handed in
    troubles: list[Trouble] = field(default_factory=list)
    interrupted: bool = False


def grade(
    root: str | Path = ".",
    assignment: str | None = None,
    students: tuple[str, ...] = (),
    again: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Grade what lies in submitted/STUDENT/ASSIGNMENT/, and write a feedback page for every graded notebook.

    Students who were graded after their last change are kept, unless `again`. Ctrl-C ends the run after putting
    back what the student in work had before; `Outcome.interrupted` says so.
    """
    here = course(root, assignment)
    outcome = Outcome()
    chosen = _chosen(here, students, outcome.troubles)
    _known_to_the_gradebook(here)
    try:
        for done, student in enumerate(chosen):
            progress(done, len(chosen), student)
            _one(here, student, again, outcome)
        progress(len(chosen), len(chosen), "")
    except KeyboardInterrupt:
        outcome.interrupted = True
    return outcome


def _chosen(here: Course, students: tuple[str, ...], troubles: list[Trouble]) -> list[str]:
    """Names of the folders to grade. A name that is no folder in submitted/, such as `../ada`, is an error."""
    submitted = here.place("submitted", "x").parents[1]
    if not submitted.is_dir():
        raise CourseError(
            f"there is nothing to grade: {submitted} does not exist. Collect the class's work there first."
        )
    found = sorted(path.name for path in submitted.iterdir() if path.is_dir())
    for name in students:
        if name not in found:
            raise CourseError(f"submitted/ has no student {name!r}.{_near(name, found)}")
    unfit = {name for name in found if set(name) & set("*?[")}
    troubles += [
        Trouble(name, "nbgrader takes no folder with *, ? or [ in its name. Rename it.") for name in sorted(unfit)
    ]
    hidden = [name for name in found if name.startswith(".") and (submitted / name / here.assignment).is_dir()]
    troubles += [
        Trouble(name, "a folder with a leading dot is not graded. Rename it if it is a student's.") for name in hidden
    ]
    return [name for name in students or found if name not in unfit and (students or not name.startswith("."))]


def _near(name: str, found: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, found, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" There are {len(found)} folders."


def _known_to_the_gradebook(here: Course) -> None:
    """Autograde needs the assignment in the gradebook; `release` writes it there, and here it is made up for."""
    from nbgrader.api import MissingEntry

    gradebook = here.gradebook()
    if gradebook and not gradebook.exists():
        register(here)
        return
    with open_gradebook(here) as book:
        try:
            known = {notebook.name for notebook in book.find_assignment(here.assignment).notebooks}
        except MissingEntry:
            known = set()
    if known != set(here.notebooks()):
        register(here)


def _one(here: Course, student: str, again: bool, outcome: Outcome) -> None:
    """Grade one student and write the pages; whatever goes wrong becomes a line."""
    handed_in = here.place("submitted", student)
    if not any(handed_in.glob("*.ipynb")):
        outcome.troubles.append(Trouble(student, f"handed in no notebook for {here.assignment}."))
        return
    if not again and _up_to_date(here, student):
        outcome.kept.append(student)
        return
    try:
        with _old_result_kept(here, student) as old:
            faults, odd = _autograde(here, student)
            _keep_old(old, here.place("autograded", student), faults)
        outcome.troubles += [Trouble(student, f"{name} was not graded: {why}") for name, why in faults.items()]
        outcome.troubles += [Trouble(student, line) for line in odd]
        outcome.graded.append(student)
        outcome.troubles += _feedback(here, student)
    except Exception as error:  # one student's work, or this machine: the others are graded all the same
        outcome.troubles.append(Trouble(student, f"not graded: {in_a_line(error)}"))


def _up_to_date(here: Course, student: str) -> bool:
    """Is every notebook that was handed in graded, and not changed since?"""
    graded = here.place("autograded", student)
    handed_in = [path for path in here.place("submitted", student).glob("*.ipynb") if path.stem in here.notebooks()]
    return all(
        (graded / path.name).exists() and (graded / path.name).stat().st_mtime >= path.stat().st_mtime
        for path in handed_in
    ) and bool(handed_in)


@contextlib.contextmanager
def _old_result_kept(here: Course, student: str) -> Iterator[Path]:
    """Set an older result aside, where this yields, and put it back if there is no new one."""
    place = here.place("autograded", student)
    aside = place.with_name(f".{place.name}.before")
    if aside.exists() and not place.exists():  # an earlier run was killed in the middle
        os.replace(aside, place)
    if place.exists():
        _remove(aside)
        os.replace(place, aside)
    try:
        yield aside
    except BaseException:
        _remove(place)
        if aside.exists():
            os.replace(aside, place)
        raise
    _remove(aside)


def _keep_old(old: Path, new: Path, faults: dict[str, str]) -> None:
    """Where a newer version of a notebook is broken, the graded one and its points stay."""
    for name in faults:
        if (old / f"{name}.ipynb").exists():
            new.mkdir(parents=True, exist_ok=True)
            shutil.copy2(old / f"{name}.ipynb", new)
            faults[name] += " Its earlier grade stands."


def _remove(folder: Path) -> None:
    from nbgrader.utils import rmtree

    if folder.exists():
        rmtree(str(folder))  # autograded files are read-only, and this knows


def _autograde(here: Course, student: str) -> tuple[dict[str, str], list[str]]:
    """nbgrader's Autograde on one student: (notebooks that it could not grade, and why; what else was odd)."""
    from nbgrader.converters import NbGraderException

    with listening() as heard:
        converter = _patient()(coursedir=here.directory(student_id=_literal(student)), config=here.config())
        try:
            converter.start()
        except NbGraderException:
            raise CourseError(reason(heard)) from None
    return converter.faults, told(heard)


def _patient() -> type[Autograde]:
    """Autograde that goes on with the next notebook of a student when one is damaged."""
    from nbgrader.converters import Autograde
    from sqlalchemy.exc import OperationalError

    class Patient(Autograde):  # type: ignore[misc]
        def __init__(self, **settings: Any) -> None:
            self.faults: dict[str, str] = {}
            super().__init__(**settings)

        def convert_single_notebook(self, notebook_filename: str) -> None:
            try:
                super().convert_single_notebook(notebook_filename)
            except (OperationalError, OSError):  # the gradebook or the disk: the other notebooks would fail too
                raise
            except Exception as error:
                name = Path(notebook_filename).stem
                self.faults[name] = _fault(Path(notebook_filename), error)
                half_written = Path(self.writer.build_directory) / f"{name}.ipynb"
                half_written.unlink(missing_ok=True)

    return Patient


def _fault(file: Path, error: Exception) -> str:
    """Why a notebook could not be graded: the file itself, or what nbgrader said of it."""
    try:
        whole = all(cell.source is not None for cell in read(file).cells)
    except Exception:  # whatever a strange file makes of the reader
        whole = False
    if not whole:
        return "the file is damaged, or no notebook at all. Ask for it again."
    return in_a_line(error).rstrip(".") + "."


def _literal(student: str) -> str:
    """A student's name as the pattern that nbgrader takes, which strips white space at the ends."""
    pattern = glob.escape(student)
    lead, tail = len(pattern) - len(pattern.lstrip()), len(pattern) - len(pattern.rstrip())
    ends = [f"[{space}]" for space in pattern[:lead]], [f"[{space}]" for space in pattern[len(pattern) - tail :]]
    return "".join([*ends[0], pattern.strip(), *ends[1]])


def _feedback(here: Course, student: str) -> list[Trouble]:
    from nbgrader.converters import GenerateFeedback, NbGraderException

    with listening() as heard:
        converter = GenerateFeedback(coursedir=here.directory(student_id=_literal(student)), config=here.config())
        converter.force = True
        try:
            converter.start()
        except NbGraderException:
            return [Trouble(student, f"graded, but there is no feedback page: {reason(heard)}")]
    return []
