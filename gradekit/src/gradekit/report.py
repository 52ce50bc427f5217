"""gradebook.db -> points, late penalties, work that awaits a person, and what each student lost and why."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.table import Column, Table
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from gradekit.console import TABLE
from gradekit.course import CourseFolder, course
from gradekit.errors import CourseError
from gradekit.graded_notebook import GradedNotebook, in_short, read_graded
from gradekit.grading import gradebook, ledger
from gradekit.grading.gradebook import CellGrade, ClassRows

NOTHING_SAID = "no message; the page of this notebook shows what it printed"
GRADED, NOT_GRADED, NOTHING = "graded", "not graded", "nothing handed in"

Progress = Callable[[int, int, str], None]  # students done, of how many, the next one


@dataclass(frozen=True)
class Loss:
    """Points that a check took."""

    notebook: str
    cell: str  # grade_id
    points: float
    message: str  # what the failing check reported
    mistakes: tuple[str, ...] = ()  # the names of those that its exercise singles out


@dataclass(frozen=True)
class StudentResult:
    """One student and one assignment. All values are points unless stated otherwise."""

    assignment: str
    student: str
    name: str  # first and last name, empty where the gradebook has none
    state: str  # GRADED, NOT_GRADED or NOTHING
    released: dict[str, str]  # by notebook, where known: when the release it was made from was released, UTC
    submitted: str | None  # time in UTC, ISO 8601; None where the submission has no timestamp
    scores: dict[str, float | None]  # by notebook, extra credit included; None: this notebook is not graded
    maxima: dict[str, float]  # by notebook
    raw: float  # autograded and manual scores, extra credit included
    extra_credit: float
    penalty: float  # for late work
    score: float  # raw - penalty, at least 0
    possible: float  # maximum of the assignment, manually graded cells included
    waiting: float  # maximum of the cells that await manual grading; they count 0 in `raw`
    lost: tuple[Loss, ...]  # in autograded cells that do not wait


@dataclass(frozen=True)
class Total:
    """One student over all assignments of the course."""

    student: str
    name: str
    scores: dict[str, float]  # by assignment, late penalties taken off
    maxima: dict[str, float]  # by assignment
    score: float
    possible: float
    waiting: float
    missing: tuple[str, ...]  # assignments that the student handed in nothing for


@dataclass(frozen=True)
class Work:
    """A row with what it was made of."""

    row: StudentResult
    grades: list[CellGrade]
    notebooks: dict[str, GradedNotebook | None]  # None: this notebook is not graded

    @cached_property
    def by_cell(self) -> dict[tuple[str, str], CellGrade]:
        """The grades by notebook and grade_id."""
        return {(grade.notebook, grade.cell): grade for grade in self.grades}


def report(
    root: str | Path = ".",
    assignment: str | None = None,
    progress: Progress | None = None,
    pseudonyms: bool = False,
) -> list[StudentResult]:
    """One row for each student of the class, in alphabetical order, those who handed in nothing included."""
    return [work.row for work in class_work(course(root, assignment), progress, pseudonyms)]


def class_work(here: CourseFolder, progress: Progress | None = None, pseudonyms: bool = False) -> list[Work]:
    """The same rows, with their grades and graded notebooks."""
    from gradekit.pseudonyms import Pseudonyms

    rows, students = class_rows(here)
    submitted, autograded = here.places("submitted"), here.places("autograded")
    found = []
    for n, student in enumerate(students):
        if progress:
            progress(n, len(students), student)
        found.append(_work(here.assignment, rows, student, submitted(student), autograded(student)))
    return Pseudonyms(here.root).works(found) if pseudonyms else found


def totals(reports: list[list[StudentResult]]) -> list[Total]:
    """The sums over several assignments, from a report of each."""
    maxima = {rows[0].assignment: rows[0].possible for rows in reports if rows}
    by_student: dict[str, list[StudentResult]] = {}
    for rows in reports:
        for row in rows:
            by_student.setdefault(row.student, []).append(row)
    return [_total(by_student[student], maxima) for student in sorted(by_student, key=str.casefold)]


def _total(rows: list[StudentResult], maxima: dict[str, float]) -> Total:
    scores = {row.assignment: row.score for row in rows}
    return Total(
        student=rows[0].student,
        name=next((row.name for row in rows if row.name), ""),
        scores={name: scores.get(name, 0.0) for name in maxima},
        maxima=maxima,
        score=sum(scores.values()),
        possible=sum(maxima.values()),
        waiting=sum(row.waiting for row in rows),
        missing=tuple(sorted({*maxima} - {row.assignment for row in rows if row.state != NOTHING})),
    )


def class_rows(here: CourseFolder) -> tuple[ClassRows, list[str]]:
    """The gradebook's rows, and the class: who is on the roster or handed in, without those removed after grading.

    Raises CourseError where the assignment is not in the gradebook.
    """
    with connected(here) as connection:
        rows, known = ClassRows(connection, here.assignment), dict[str, Any]()
        if inspect(connection).has_table(ledger.GRADED.name):
            known = ledger.read_all(connection, here.assignment)
    if not rows.maxima:
        raise CourseError(f"the gradebook has no assignment {here.assignment!r}. Release first: gradekit release")
    removed = {student for student, about in known.items() if about.removed}
    students = {*rows.names, *_folders(here.places("submitted"))} - removed
    return rows, sorted(students, key=lambda name: (name.casefold(), name))


@contextlib.contextmanager
def connected(here: CourseFolder) -> Iterator[Connection]:
    """A connection to the gradebook. Raises CourseError where there is none, or where it can't be read."""
    file = here.gradebook()
    if file and not file.exists():
        raise CourseError(f"there is no gradebook in {here.root} yet. Grade first: gradekit grade")
    with gradebook.opened(here) as engine, engine.connect() as connection:
        yield connection


def _folders(place: Callable[[str], Path]) -> list[str]:
    """Students who have something in submitted/ for this assignment."""
    submitted = place("x").parents[1]
    found = submitted.iterdir() if submitted.is_dir() else ()
    return [path.name for path in found if not path.name.startswith(".") and handed_in(place(path.name))]


def handed_in(folder: Path) -> bool:
    """Whether there is a file in a student's folder."""
    return any(path.is_file() for path in folder.rglob("*"))


def _work(assignment: str, rows: ClassRows, student: str, submitted: Path, autograded: Path) -> Work:
    submission = rows.submissions.get(student)
    grades = submission.grades if submission else []
    books = {name: read_graded(autograded / f"{name}.ipynb") if submission else None for name in sorted(rows.maxima)}
    raw = sum(grade.score for grade in grades)
    penalty = submission.penalty if submission else 0.0
    state = GRADED if submission else NOT_GRADED if handed_in(submitted) else NOTHING
    row = StudentResult(
        assignment=assignment,
        student=student,
        name=rows.names.get(student, ""),
        state=state,
        released={name: book.released for name, book in books.items() if book and book.released},
        submitted=submission.submitted if submission else None,
        scores={
            name: None if book is None else sum(grade.score for grade in grades if grade.notebook == name)
            for name, book in books.items()
        },
        maxima={name: rows.maxima[name] for name in books},
        raw=raw,
        extra_credit=sum(grade.extra_credit for grade in grades),
        penalty=penalty,
        score=max(0.0, raw - penalty),
        possible=sum(rows.maxima.values()),
        waiting=sum(grade.max_score for grade in grades if grade.waiting),
        lost=tuple(_losses([grade for grade in grades if not (grade.by_person or _is_to_read(grade, books))], books)),
    )
    return Work(row, grades, books)


def _is_to_read(grade: CellGrade, books: dict[str, GradedNotebook | None]) -> bool:
    """Whether a person has to decide it. A notebook that is not graded has to be graded first."""
    return grade.waiting and books[grade.notebook] is not None


def _losses(grades: list[CellGrade], books: dict[str, GradedNotebook | None]) -> Iterator[Loss]:
    for grade in grades:
        if grade.max_score > grade.score:
            book, lost = books[grade.notebook], grade.max_score - grade.score
            message = "this notebook is not graded" if book is None else book.messages.get(grade.cell, NOTHING_SAID)
            mistakes = tuple(book.records.get(grade.cell, {}).get("mistakes", ())) if book else ()
            yield Loss(grade.notebook, grade.cell, lost, message, mistakes)


def as_json(rows: list[StudentResult] | list[Total]) -> list[dict[str, Any]]:
    """Rows for json.dumps."""
    return [asdict(row) for row in rows]


def scores_table(rows: list[StudentResult], about: dict[str, str] | None = None) -> Table:
    """Students by notebooks; `about` adds a column with a few words on each student."""
    notebooks = sorted({name for row in rows for name in row.scores})
    titles: dict[str, Callable[[StudentResult], str]] = {
        title: lambda row, name=name: number(row.scores.get(name))  # type: ignore[misc]
        for name, title in zip(notebooks, _short(notebooks), strict=True)
    }
    if any(row.penalty for row in rows):
        titles |= {"points": lambda row: number(row.raw), "late": lambda row: number(-row.penalty)}
    titles |= {
        "score": lambda row: number(row.score),
        "of": lambda row: number(row.possible),
        "to read": lambda row: number(row.waiting),
    }
    lines = [[row.student, *(value(row) for value in titles.values())] for row in rows]
    return _table(lines, list(titles), [about.get(row.student, "") for row in rows] if about else None)


def totals_table(found: list[Total]) -> Table:
    """Students by assignments."""
    names = list(found[0].maxima) if found else []
    lines = [
        [
            row.student,
            *("-" if name in row.missing else number(row.scores[name]) for name in names),
            *map(number, (row.score, row.possible, row.waiting)),
        ]
        for row in found
    ]
    return _table(lines, [*names, "total", "of", "to read"])


def _table(lines: list[list[str]], titles: list[str], about: list[str] | None = None) -> Table:
    table = Table("student", *(Column(title, justify="right") for title in titles), **TABLE)
    if about:
        table.add_column("what this student did", overflow="fold")
    for n, line in enumerate(lines):
        table.add_row(*line, *([about[n]] if about else []))
    return table


def _short(names: list[str]) -> list[str]:
    """Titles of columns: the part of a name before its first hyphen, where that tells the notebooks apart.

    >>> _short(["1-parameters", "2-padding"]), _short(["ps1-a", "ps1-b"])
    (['1', '2'], ['ps1-a', 'ps1-b'])
    """
    short = [name.partition("-")[0] for name in names]
    return short if len(set(short)) == len(names) else names


def losses_table(rows: list[StudentResult]) -> Table:
    """What each student lost: the check, the points, and in a sentence why. `as_json` has the messages whole."""
    points = Column("lost", justify="right", no_wrap=True)
    table = Table(Column("student", no_wrap=True), "check", points, Column("why, in short", overflow="fold"), **TABLE)
    for row in rows:
        for n, (why, losses) in enumerate(_by_reason(row.lost).items()):
            lost = number(sum(loss.points for loss in losses))
            table.add_row(row.student if n == 0 else "", _some(losses), lost, why)
    return table


def _by_reason(lost: tuple[Loss, ...]) -> dict[str, list[Loss]]:
    """Losses that the same sentence explains, such as a first cell that failed, in one place."""
    found: dict[str, list[Loss]] = {}
    for loss in lost:
        found.setdefault(in_short(loss.message), []).append(loss)
    return found


def _some(losses: list[Loss]) -> str:
    names = [loss.cell for loss in losses]
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def number(points: float | None) -> str:
    """Two decimals at most.

    >>> number(2.0), number(0.6666), number(None)
    ('2', '0.67', '-')
    """
    return "-" if points is None else f"{round(points, 2) + 0:g}"
