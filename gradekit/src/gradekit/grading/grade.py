"""submitted/ -> autograded/, gradebook.db and feedback/: nbgrader's own autograde, for a class at a time.

What nbgrader does for a whole class stops for one student's broken work, takes the students one after the other, and
leaves half of a student's scores behind when it is stopped. Here workers grade side by side, every student is a run
of its own, and a result is there in one step or not at all.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradekit.course import Course, course, open_gradebook
from gradekit.errors import CourseError, in_a_line
from gradekit.grading.result import Outcome, Progress, as_json, silent
from gradekit.release import register
from gradekit.submissions.mirror import Seen, roster

__all__ = ["Outcome", "Progress", "as_json", "grade", "silent"]


def grade(
    root: str | Path = ".",
    assignment: str | None = None,
    students: tuple[str, ...] = (),
    again: bool = False,
    progress: Progress = silent,
    workers: int | None = None,
) -> Outcome:
    """Grade what lies in submitted/STUDENT/ASSIGNMENT/, and write a feedback page for every graded notebook.

    Students whose files are those that were graded are kept, unless `again`. `workers` students are graded at a
    time, by default as many as there are processors. Ctrl-C ends the run; who was being graded has the old result,
    and `Outcome.interrupted` says so. Several runs may be at work on one course: each takes what no other has taken.
    """
    begun = time.monotonic()
    here, outcome = course(root, assignment), Outcome()
    try:
        _grade(here, outcome, students, again, progress, workers)
    except KeyboardInterrupt:
        outcome.interrupted = True
    outcome.seconds = time.monotonic() - begun
    return outcome


def _grade(
    here: Course, outcome: Outcome, students: Sequence[str], again: bool, progress: Progress, workers: int | None
) -> None:
    from gradekit.grading.pool import Crew, cores, warm_up

    if workers is not None and workers < 1:
        raise CourseError(f"workers is {workers}; at least one is needed.")
    early = again or _somebody_is_new(here)
    if early:
        warm_up(here)  # it takes longer than all that comes before the first student, nbgrader's settings among it
    here.check_settings()
    outcome.students = _chosen(here, students, outcome)
    if not early and not all(here.place("autograded", student).is_dir() for student in outcome.students):
        warm_up(here)
    _known_to_the_gradebook(here)
    wanted = _to_do(here, outcome, again)
    try:
        if wanted:
            Crew(here, again, wanted, outcome, progress).work(workers or cores())
        progress(len(wanted), len(wanted), "")
    finally:
        _in_order(outcome)


def _somebody_is_new(here: Course) -> bool:
    """Whether a folder waits for its first grading, as far as can be told without nbgrader: by its usual names."""
    submitted, autograded = here.root / "submitted", here.root / "autograded"
    with contextlib.suppress(OSError):
        waiting = [folder.name for folder in submitted.iterdir() if (folder / here.assignment).is_dir()]
        return not all((autograded / name / here.assignment).is_dir() for name in waiting)
    return False


def _chosen(here: Course, students: Sequence[str], outcome: Outcome) -> list[str]:
    """Names of the folders to grade. A name that is no folder in submitted/, such as `../ada`, is an error."""
    submitted = here.place("submitted", "x").parents[1]
    if not submitted.is_dir():
        raise CourseError(
            f"there is nothing to grade: {submitted} does not exist. Collect the class's work there first."
        )
    found, troubles = roster(here)
    outcome.troubles += [trouble for trouble in troubles if not students or trouble.student in students]
    unfit = {trouble.student for trouble in outcome.troubles}
    for name in students:
        if name not in found and name not in unfit:
            raise CourseError(f"submitted/ has no student {name!r}.{_near(name, found)}")
    outcome.failed += [trouble.student for trouble in outcome.troubles]
    return [name for name in dict.fromkeys(students or found) if name in found]


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


def _to_do(here: Course, outcome: Outcome, again: bool) -> dict[str, str | None]:
    """The students to be graded, or to be given their pages, and the last run that the gradebook has of each."""
    from gradekit.grading import ledger
    from gradekit.grading.student import sweep

    known = _known_students(here)
    sweep(here)
    wanted: dict[str, str | None] = {}
    for student in outcome.students:  # no notebook or archive is opened here: a worker does that, in its time
        about = known.get(student, ledger.Known(None, False))
        kept = about.record is not None and ledger.up_to_date(here, student, Seen(), about)
        if kept and not again and not ledger.pages_missing(here, student):
            outcome.kept.append(student)
        else:
            wanted[student] = about.record.run if about.record else None
    return wanted


def _known_students(here: Course) -> dict[str, Any]:
    from sqlalchemy.exc import DatabaseError

    from gradekit.grading import gradebook, ledger

    engine = gradebook.engine(here.directory().db_url)
    try:
        ledger.make(engine)
        with engine.connect() as connection:
            return ledger.read_all(connection, here.assignment)
    except DatabaseError as error:
        raise CourseError(f"{here.gradebook() or 'the gradebook'}: {in_a_line(error)}") from None
    finally:
        engine.dispose()


def _in_order(outcome: Outcome) -> None:
    """Workers end in any order; an outcome has the order of the class."""
    place = {student: number for number, student in enumerate(outcome.students)}
    for names in (outcome.graded, outcome.kept, outcome.elsewhere, outcome.failed, outcome.incomplete):
        names.sort(key=lambda name: place.get(name, -1))
    outcome.troubles.sort(key=lambda trouble: place.get(trouble.student, -1))
