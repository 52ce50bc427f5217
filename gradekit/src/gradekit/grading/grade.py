"""submitted/ -> autograded/, gradebook.db and feedback/: nbgrader's own autograde, for a class.

`nbgrader autograde` stops at one student's damaged work, grades one student at a time, and leaves half of a student's
scores behind when it is stopped. Here workers grade in parallel, each student is graded in a run of their own, and a
result is put in place as a whole or not at all.

nbgrader is imported by the functions here that need it: the fork server starts to load first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gradekit.course import CONFIG, CourseFolder, course, open_gradebook
from gradekit.errors import CourseError
from gradekit.grading.result import GradingResult, Progress, as_json, no_progress
from gradekit.notebook import mark, read
from gradekit.sandbox.config import KERNEL_NAME
from gradekit.submissions.names import some

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from gradekit.grading.gradebook import ClassRows
    from gradekit.grading.ledger import Known

__all__ = ["GradingResult", "Progress", "as_json", "grade", "no_progress"]

UNSANDBOXED = (
    "WARNING: no sandbox. What students handed in runs with your rights, and can read and change the whole course. "
    "In nbgrader_config.py, below your own settings: import gradekit.adopt; gradekit.adopt.course(c)"
)


def grade(
    root: str | Path = ".",
    assignment: str | None = None,
    students: tuple[str, ...] = (),
    again: bool = False,
    progress: Progress = no_progress,
    workers: int | None = None,
) -> GradingResult:
    """Grade what is in submitted/STUDENT/ASSIGNMENT/, and write the feedback pages that are missing or stale.

    Students whose files have not changed since they were graded are kept, unless `again`. `workers` students are
    graded at a time, by default as many as there are processors. After Ctrl-C `interrupted` of the result is true,
    students in progress keep their earlier results, and the next run goes on, also with an interrupted `again`.
    Several runs may work on one course: each takes students that no other run has locked.
    """
    begun = time.monotonic()
    here = course(root, assignment)
    outcome = GradingResult(here.assignment)
    try:
        _grade(here, outcome, students, again, progress, workers)
    except KeyboardInterrupt:
        outcome.interrupted = True
    outcome.seconds = time.monotonic() - begun
    return outcome


def _grade(
    here: CourseFolder,
    outcome: GradingResult,
    students: Sequence[str],
    again: bool,
    progress: Progress,
    workers: int | None,
) -> None:
    from gradekit.grading.pool import Pool, cores, warm_up

    if workers is not None and workers < 1:
        raise CourseError(f"workers is {workers}; at least one is needed.")
    early = again or _new_folder(here)
    if early:
        warm_up(here)  # it takes longer than all that comes before the first student
    here.check_settings()
    if here.config().Execute.get("kernel_name") != KERNEL_NAME:
        print(f"gradekit: {UNSANDBOXED}", file=sys.stderr)  # before anything is run
        outcome.notes.append(UNSANDBOXED)
    outcome.students = _chosen(here, students, outcome)
    if not early and not all(here.place("autograded", student).is_dir() for student in outcome.students):
        warm_up(here)
    _register_where_needed(here)
    wanted = _to_do(here, outcome, students, again)
    try:
        if wanted:
            Pool(here, wanted, outcome, progress).run(workers or cores())
        progress(len(wanted), len(wanted), "")
    finally:
        _sort(outcome)


def _new_folder(here: CourseFolder) -> bool:
    """Whether a folder is graded for the first time, as far as its usual names tell without nbgrader."""
    submitted, autograded = here.root / "submitted", here.root / "autograded"
    with contextlib.suppress(OSError):
        folders = [folder.name for folder in submitted.iterdir() if (folder / here.assignment).is_dir()]
        return not all((autograded / name / here.assignment).is_dir() for name in folders)
    return False


def _chosen(here: CourseFolder, students: Sequence[str], outcome: GradingResult) -> list[str]:
    """Names of the folders to grade. Raises CourseError for one that isn't in submitted/, such as `../ada`."""
    from gradekit.submissions.mirror import roster

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


def _register_where_needed(here: CourseFolder) -> None:
    """Autograde needs the assignment in the gradebook, where `release` writes it; a course may have lost it."""
    from nbgrader.api import MissingEntry

    from gradekit.release import register

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


def _to_do(here: CourseFolder, outcome: GradingResult, named: Sequence[str], again: bool) -> dict[str, str | None]:
    """The students to be graded, or to get new pages, and the last run that the ledger has of each."""
    from gradekit.grading import gradebook, ledger
    from gradekit.grading.student import page_digests, sweep
    from gradekit.submissions.mirror import Seen

    with gradebook.opened(here) as engine:
        ledger.make(engine)
        with engine.connect() as connection:
            known, written = ledger.read_all(connection, here.assignment), ledger.pages(connection, here)
            rows = gradebook.ClassRows(connection, here.assignment)
        present = _present(here, outcome, known, named)
        if again and present:
            with engine.begin() as connection:
                _mark(connection, here, outcome, present, rows, named)
                known = ledger.read_all(connection, here.assignment)
    sweep(here)
    digests, wanted, kept = page_digests(here, rows), dict[str, str | None](), dict[str, ledger.Known]()
    for student in present:  # no notebook is opened here: a worker does that, within a time limit
        about = known.get(student, ledger.NOTHING_KNOWN)
        if about.entry and ledger.up_to_date(here, student, Seen(), about):
            kept[student] = about
        if student not in kept or ledger.stale_pages(here, student, written, digests):
            wanted[student] = about.entry.run if about.entry else None
    outcome.kept += [student for student in kept if student not in wanted]  # workers report the others
    outcome.notes += [*_unreleased(here, rows), *_outdated(here, kept, rows)]
    return wanted


def _present(here: CourseFolder, outcome: GradingResult, known: Mapping[str, Known], named: Sequence[str]) -> list[str]:
    """Students who handed in something; the others, and those who were removed, are noted in the outcome."""
    outcome.removed += [
        name for name in outcome.students if name in known and known[name].removed and name not in named
    ]
    left = [name for name in outcome.students if name not in outcome.removed]
    outcome.missing += [name for name in left if not _any_file(here.place("submitted", name))]
    return [name for name in left if name not in outcome.missing]


def _any_file(folder: Path) -> bool:
    """Whether something was handed in; a folder that can't be read counts as that."""
    if not os.path.isdir(folder) or os.path.islink(folder):
        return os.path.lexists(folder) or not os.access(folder.parent, os.X_OK)
    return not os.access(folder, os.R_OK | os.X_OK) or any(files for _, _, files in os.walk(folder))


def _mark(
    connection: Connection,
    here: CourseFolder,
    outcome: GradingResult,
    present: Collection[str],
    rows: ClassRows,
    named: Sequence[str],
) -> None:
    """Mark the students that `--again` has to grade: all of them, or those that an interrupted one has left."""
    from gradekit.grading import ledger

    settings = here.root / CONFIG
    parts = rows.released(), rows.due, settings.read_bytes() if settings.exists() else b"", sorted(named)
    key = hashlib.sha256(repr(parts).encode()).hexdigest()
    known = ledger.read_all(connection, here.assignment)
    entries = {student: known.get(student, ledger.NOTHING_KNOWN) for student in present}
    left = [student for student, about in entries.items() if about.entry and about.entry.again == key]
    if left:
        outcome.notes.append(
            f"An earlier --again was interrupted: this run grades the {len(left)} of {len(present)} students it left."
        )
    else:
        ledger.grade_again(connection, here, entries, key)


def _unreleased(here: CourseFolder, rows: ClassRows) -> Iterator[str]:
    """A note where the graded cells in source/ are not those of the release."""
    then = {(rows.notebooks[row["notebook_id"]], row["name"]): row["source"] for row in rows.rows["source_cell"]}
    worth = {rows.cells[cell]: points for cell, points in rows.points.items()}
    now, changed = set(), list[str]()
    for path in sorted(here.source.glob("*.ipynb")):
        with contextlib.suppress(OSError, ValueError):
            for cell in read(path).cells:
                about, at = mark(cell), (path.stem, str(mark(cell).get("grade_id")))
                if about.get("grade") or about.get("solution") or about.get("task") or about.get("locked"):
                    now.add(at)
                    free = about.get("solution") or "BEGIN SOLUTION" in cell.source
                    text = at in then and (free or then[at] == cell.source)
                    points = at not in worth or worth[at] == float(about.get("points") or 0)
                    changed += [] if text and points else [at[1]]
    changed += [name for notebook, name in then if (notebook, name) not in now]
    if changed:
        name = shlex.quote(here.assignment)
        yield (
            f"source/ has changed since the release ({some(changed)}): this run used the release. "
            f"To use source/: gradekit release {name}, then gradekit grade {name} --again."
        )


def _outdated(here: CourseFolder, kept: Mapping[str, Known], rows: ClassRows) -> Iterator[str]:
    """Notes on students whose grade was made with other checks, points or a due date that matters to them."""
    now, changed, early, late = rows.released(), list[str](), list[str](), list[str]()
    for student, about in kept.items():
        then = json.loads(about.entry.release or "{}") if about.entry else {}
        cells = then.get("cells", now)
        if names := [name for name in {**now, **cells} if cells.get(name) != now.get(name)]:
            early.append(student)
            changed += names
        submitted = rows.submissions[student].submitted if student in rows.submissions else None
        if then and submitted and _late(submitted, then["due"]) != _late(submitted, rows.due):
            late.append(student)
    for students, what in (
        (early, f"before {some([name.partition('/')[2] for name in sorted(set(changed))])} changed"),
        (late, "before the due date was moved"),
    ):
        if students:
            only = "".join(f" --student {shlex.quote(name)}" for name in students) if len(students) <= 3 else ""
            yield (
                f"graded {what}: {some(students)}. "
                f"To grade them again: gradekit grade {shlex.quote(here.assignment)} --again{only}"
            )


def _late(submitted: str, due: str | None) -> float:
    """Seconds after the due date."""
    if due is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(submitted) - datetime.fromisoformat(due)).total_seconds())


def _sort(outcome: GradingResult) -> None:
    """Workers end in any order; an outcome has the order of the class."""
    position = {student: number for number, student in enumerate(outcome.students)}
    for names in (outcome.graded, outcome.kept, outcome.refreshed, outcome.locked, outcome.failed, outcome.incomplete):
        names.sort(key=lambda name: position.get(name, -1))
    outcome.troubles.sort(key=lambda trouble: position.get(trouble.student, -1))
