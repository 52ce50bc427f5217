"""gradebook.db -> points, late penalties, work that awaits a person, and what each student lost and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradekit.course import Course, course
from gradekit.errors import CourseError, in_a_line
from gradekit.notebook import mark, read

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gradekit.grading.gradebook import ClassRows

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


@dataclass(frozen=True)
class Row:
    """One student and one assignment. All values are points unless stated otherwise."""

    assignment: str
    student: str
    name: str  # first and last name, empty where the gradebook has none
    state: str  # GRADED, NOT_GRADED or NOTHING
    submitted: str | None  # time in UTC, ISO 8601; None where the submission has no timestamp
    scores: dict[str, float | None]  # by notebook, extra credit included; None: this notebook is not graded
    maxima: dict[str, float]  # by notebook
    raw: float  # autograded and manual scores, extra credit included
    extra_credit: float
    penalty: float  # for late work
    score: float  # raw - penalty, at least 0
    possible: float  # maximum of the assignment, manually graded cells included
    waiting: float  # maximum of the cells that await manual grading; they count 0 in `raw`
    lost: tuple[Loss, ...]  # in autograded cells


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


def report(root: str | Path = ".", assignment: str | None = None, progress: Progress | None = None) -> list[Row]:
    """One row for each student of the class, in alphabetical order, those who handed in nothing included."""
    here = course(root, assignment)
    rows, removed = _class_rows(here)
    if not rows.maxima:
        raise CourseError(f"the gradebook has no assignment {here.assignment!r}. Release first: gradekit release")
    students = sorted({*rows.names, *_folders(here)} - removed, key=lambda name: (name.casefold(), name))
    found = []
    for number, student in enumerate(students):
        if progress:
            progress(number, len(students), student)
        found.append(_row(here, rows, student))
    return found


def assignments(root: str | Path = ".") -> list[str]:
    """Names of the assignments in source/, in alphabetical order."""
    return sorted({path.parent.name for path in (Path(root) / "source").glob("*/*.ipynb")})


def totals(reports: list[list[Row]]) -> list[Total]:
    """The sums over several assignments, from a report of each."""
    maxima = {rows[0].assignment: rows[0].possible for rows in reports if rows}
    by_student: dict[str, list[Row]] = {}
    for rows in reports:
        for row in rows:
            by_student.setdefault(row.student, []).append(row)
    return [_total(by_student[student], maxima) for student in sorted(by_student, key=str.casefold)]


def _total(rows: list[Row], maxima: dict[str, float]) -> Total:
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


def _class_rows(here: Course) -> tuple[ClassRows, set[str]]:
    """The gradebook's rows, and the students who were removed from it after grading."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import DatabaseError

    from gradekit.grading import gradebook, ledger

    file = here.gradebook()
    if file and not file.exists():
        raise CourseError(f"there is no gradebook in {here.root} yet. Grade first: gradekit grade")
    engine = gradebook.engine(here.directory().db_url)
    try:
        with engine.connect() as connection:
            rows, known = gradebook.ClassRows(connection, here.assignment), dict[str, Any]()
            if inspect(connection).has_table(ledger.GRADED.name):
                known = ledger.read_all(connection, here.assignment)
            return rows, {student for student, about in known.items() if about.removed}
    except DatabaseError as error:
        raise CourseError(f"{file or 'the gradebook'}: {in_a_line(error)}") from None
    finally:
        engine.dispose()


def _folders(here: Course) -> list[str]:
    """Students who have something in submitted/ for this assignment."""
    submitted = here.place("submitted", "x").parents[1]
    found = submitted.iterdir() if submitted.is_dir() else ()
    return [path.name for path in found if not path.name.startswith(".") and _handed_in(here, path.name)]


def _handed_in(here: Course, student: str) -> bool:
    return any(path.is_file() for path in here.place("submitted", student).rglob("*"))


def _row(here: Course, rows: ClassRows, student: str) -> Row:
    submission = rows.submissions.get(student)
    folder = here.place("autograded", student)
    grades = submission.grades if submission else []
    said = {name: _messages(folder / f"{name}.ipynb") if submission else None for name in sorted(rows.maxima)}
    raw = sum(grade.score for grade in grades)
    penalty = submission.penalty if submission else 0.0
    state = GRADED if submission else NOT_GRADED if _handed_in(here, student) else NOTHING
    return Row(
        assignment=here.assignment,
        student=student,
        name=rows.names.get(student, ""),
        state=state,
        submitted=submission.submitted if submission else None,
        scores={
            name: None if said[name] is None else sum(grade.score for grade in grades if grade.notebook == name)
            for name in said
        },
        maxima={name: rows.maxima[name] for name in said},
        raw=raw,
        extra_credit=sum(grade.extra_credit for grade in grades),
        penalty=penalty,
        score=max(0.0, raw - penalty),
        possible=sum(rows.maxima.values()),
        waiting=sum(grade.max_score for grade in grades if grade.waiting),
        lost=tuple(_losses([grade for grade in grades if not grade.by_person], said)),
    )


def _losses(grades: list[Any], said: dict[str, dict[str, str] | None]) -> Iterator[Loss]:
    for grade in grades:
        messages = said[grade.notebook]
        if grade.max_score > grade.score:
            message = "this notebook is not graded" if messages is None else messages.get(grade.cell, NOTHING_SAID)
            yield Loss(grade.notebook, grade.cell, grade.max_score - grade.score, message)


def _messages(autograded: Path) -> dict[str, str] | None:
    """The message of each failing check of a graded notebook, by grade_id; None where there is no graded notebook."""
    if not autograded.exists():
        return None
    cells = [cell for cell in read(autograded).cells if mark(cell).get("grade") and cell.cell_type == "code"]
    return {mark(cell)["grade_id"]: message for cell in cells if (message := _message(cell.outputs))}


def _message(outputs: list[Any]) -> str | None:
    """The last error of a cell in one line, or the first line that it wrote to stderr, which costs the points too."""
    for output in reversed(outputs):
        if output.output_type == "error":
            text = " ".join(output.evalue.split())
            return text if output.ename == "NotYet" else f"{output.ename}: {text}" if text else output.ename
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr" and output.text.strip():
            return f"wrote to stderr: {output.text.strip().splitlines()[0]}"
    return None


def as_json(rows: list[Row] | list[Total]) -> list[dict[str, Any]]:
    """Rows for json.dumps."""
    return [asdict(row) for row in rows]


def scores_table(rows: list[Row], about: dict[str, str] | None = None) -> RenderableType:
    """Students by notebooks; `about` adds a column with a few words on each student."""
    notebooks = sorted({name for row in rows for name in row.scores})
    titles: dict[str, Callable[[Row], str]] = {
        title: lambda row, name=name: _number(row.scores.get(name))  # type: ignore[misc]
        for name, title in zip(notebooks, _short(notebooks), strict=True)
    }
    if any(row.penalty for row in rows):
        titles |= {"points": lambda row: _number(row.raw), "late": lambda row: _number(-row.penalty)}
    titles |= {
        "score": lambda row: _number(row.score),
        "of": lambda row: _number(row.possible),
        "to read": lambda row: _number(row.waiting),
    }
    lines = [[row.student, *(value(row) for value in titles.values())] for row in rows]
    return _table(lines, list(titles), [about.get(row.student, "") for row in rows] if about else None)


def totals_table(found: list[Total]) -> RenderableType:
    """Students by assignments."""
    names = list(found[0].maxima) if found else []
    lines = [
        [
            row.student,
            *("-" if name in row.missing else _number(row.scores[name]) for name in names),
            *map(_number, (row.score, row.possible, row.waiting)),
        ]
        for row in found
    ]
    return _table(lines, [*names, "total", "of", "to read"])


def _table(lines: list[list[str]], titles: list[str], about: list[str] | None = None) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student")
    for title in titles:
        table.add_column(title, justify="right")
    if about:
        table.add_column("what this student did", overflow="fold")
    for number, line in enumerate(lines):
        table.add_row(*line, *([about[number]] if about else []))
    return table


def _short(names: list[str]) -> list[str]:
    """Titles of columns: the part of a name before its first hyphen, where that tells the notebooks apart.

    >>> _short(["1-parameters", "2-padding"]), _short(["ps1-a", "ps1-b"])
    (['1', '2'], ['ps1-a', 'ps1-b'])
    """
    short = [name.partition("-")[0] for name in names]
    return short if len(set(short)) == len(names) else names


def losses_table(rows: list[Row]) -> RenderableType:
    """What each student lost: the check, the points, and in a sentence why. `as_json` has the messages whole."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("student", "check", "lost"):
        table.add_column(title, justify="right" if title == "lost" else "left", no_wrap=title != "check")
    table.add_column("why, in short", overflow="fold")
    for row in rows:
        for number, (why, losses) in enumerate(_by_reason(row.lost).items()):
            points = sum(loss.points for loss in losses)
            table.add_row(row.student if number == 0 else "", _some(losses), _number(points), why)
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


def in_short(message: str) -> str:
    """The sentence of a message that names the mistake, or its first one without the call that it begins with.

    >>> in_short("layer_params(filters=3) returned 12, but 15 is correct. Cause: It has no bias.")
    'It has no bias.'
    >>> in_short("conv2d(x=<1 x 5 x 5 x 1>, strides=1, padding='SAME') is not written yet.")
    'Is not written yet.'
    >>> in_short("output_length, on a fresh case, stopped with KeyError.")
    'output_length, on a fresh case, stopped with KeyError.'
    """
    done = re.search(r"Cause: (.+?)(?: And: | Hint: |$)", message)
    rest = done[1] if done else re.sub(r"^\w+\([^()]*(?:\([^()]*\)[^()]*)*\):? ", "", message)
    first = re.split(r"(?<=[.?!]) ", rest)[0]
    return first if "_" in first.partition(" ")[0] else first[:1].upper() + first[1:]  # a function keeps its name


def _number(points: float | None) -> str:
    return "-" if points is None else f"{round(points, 2) + 0:g}"
