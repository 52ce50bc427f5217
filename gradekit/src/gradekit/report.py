"""gradebook.db -> who has how many points, what waits for a person, and what each student lost and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradekit.course import Course, course, open_gradebook
from gradekit.errors import CourseError
from gradekit.notebook import mark, read

if TYPE_CHECKING:
    from rich.console import RenderableType

NOTHING_SAID = "no message; the page of this notebook shows what it printed"


@dataclass(frozen=True)
class Loss:
    """Points that a check took."""

    notebook: str
    cell: str  # grade_id
    points: float
    message: str  # what the failing check said


@dataclass(frozen=True)
class Row:
    """One student. Points that wait for a person are in no score, and in no loss."""

    student: str
    scores: dict[str, float | None]  # by notebook; None: not graded
    score: float
    possible: float  # points that a program gives
    waiting: float  # points that a person gives, for work that is there
    lost: tuple[Loss, ...]


def report(root: str | Path = ".", assignment: str | None = None) -> list[Row]:
    """The class as the gradebook has it, in the order of the names."""
    from nbgrader.api import MissingEntry

    here = course(root, assignment)
    file = here.gradebook()
    if file and not file.exists():
        raise CourseError(f"there is no gradebook in {here.root} yet. Grade first: gradekit grade")
    with open_gradebook(here) as gradebook:
        try:
            submissions = gradebook.assignment_submissions(here.assignment)
        except MissingEntry:
            raise CourseError(
                f"the gradebook has no assignment {here.assignment!r}. Release first: gradekit release"
            ) from None
        return sorted((_row(here, submission) for submission in submissions), key=lambda row: row.student.casefold())


def _row(here: Course, submission: Any) -> Row:
    student = submission.student.id
    folder = here.place("autograded", student)
    said = {notebook.name: _messages(folder / f"{notebook.name}.ipynb") for notebook in submission.notebooks}
    grades = [(book.name, grade) for book in submission.notebooks for grade in book.grades]
    by_program = [(name, grade) for name, grade in grades if not _by_a_person(grade)]
    scores = {
        name: None if said[name] is None else sum(g.score for n, g in grades if n == name) for name in sorted(said)
    }
    return Row(
        student=student,
        scores=scores,
        score=sum(grade.score for _, grade in grades),
        possible=sum(grade.max_score for _, grade in by_program),
        waiting=sum(grade.max_score for _, grade in grades if _by_a_person(grade) and grade.needs_manual_grade),
        lost=tuple(_losses(by_program, said)),
    )


def _by_a_person(grade: Any) -> bool:
    return bool(grade.cell.cell_type == "markdown" or grade.cell.type == "TaskCell")


def _losses(grades: list[tuple[str, Any]], said: dict[str, dict[str, str] | None]) -> Iterator[Loss]:
    for notebook, grade in grades:
        messages = said[notebook]
        if grade.max_score > grade.score:
            message = "this notebook is not graded" if messages is None else messages.get(grade.name, NOTHING_SAID)
            yield Loss(notebook, grade.name, grade.max_score - grade.score, message)


def _messages(autograded: Path) -> dict[str, str] | None:
    """What each failing check of a graded notebook said, by grade_id; None where there is no graded notebook."""
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


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows for json.dumps."""
    return [asdict(row) for row in rows]


def scores_table(rows: list[Row], about: dict[str, str] | None = None) -> RenderableType:
    """Students by notebooks; `about` adds a column with a few words on each student."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student")
    for notebook in _notebooks(rows):
        table.add_column(notebook.split("-")[0], justify="right")
    for title in ("points", "of", "to read"):
        table.add_column(title, justify="right")
    if about:
        table.add_column("what this student did", overflow="fold")
    for row in rows:
        scores = [_number(row.scores.get(notebook)) for notebook in _notebooks(rows)]
        sums = [_number(row.score), _number(row.possible), _number(row.waiting)]
        table.add_row(row.student, *scores, *sums, *([about.get(row.student, "")] if about else []))
    return table


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

    >>> in_short("layer_params(filters=3): it gave 12, and 15 is right. Cause: It has no bias.")
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


def _notebooks(rows: list[Row]) -> list[str]:
    return sorted({name for row in rows for name in row.scores})


def _number(points: float | None) -> str:
    return "-" if points is None else f"{points:g}"
