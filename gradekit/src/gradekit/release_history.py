"""A history of the releases of an assignment, and from which of them a submitted notebook came.

nbgrader writes a checksum into every cell that it releases. `record` keeps those of each release in the gradebook, so
that a submission made from an earlier release is not taken for one whose cells a student changed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.utils import compute_checksum
from sqlalchemy import Column, Float, MetaData, String, Table, Text, delete, insert, inspect, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError

from gradekit.errors import CourseError
from gradekit.notebook import mark, read

RELEASES = Table(
    "gradekit_releases",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("digest", String(64), primary_key=True),  # of `cells`
    Column("cells", Text, nullable=False),  # JSON: grade_id -> [checksum, points]
    Column("released", Float, nullable=False),  # seconds since 1970
)

Cells = dict[str, list[Any]]  # grade_id -> [checksum, points or None]


def make(engine: Engine, tables: MetaData = RELEASES.metadata) -> None:
    """Create tables where they are missing; several graders may try at once."""
    try:
        tables.create_all(engine)
    except DatabaseError:
        with engine.connect() as connection:
            for table in tables.sorted_tables:
                connection.execute(select(table).limit(1))


def record(engine: Engine, assignment: str, folder: Path) -> None:
    """Add the released notebooks in a folder to the history, each as its newest release unless it is that already."""
    make(engine)
    with engine.begin() as connection:
        for path in sorted(folder.glob("*.ipynb")):
            marks = [mark(cell) for cell in read(path).cells]
            cells = {m["grade_id"]: [m.get("checksum"), m.get("points")] for m in marks if "grade_id" in m}
            text = json.dumps(cells, sort_keys=True)
            row = {"assignment": assignment, "notebook": path.stem, "digest": hashlib.sha256(text.encode()).hexdigest()}
            about = (RELEASES.c.assignment == assignment) & (RELEASES.c.notebook == path.stem)
            newest = select(RELEASES.c.digest).where(about).order_by(RELEASES.c.released.desc()).limit(1)
            if connection.execute(newest).scalar() == row["digest"]:
                continue
            connection.execute(delete(RELEASES).where(about, RELEASES.c.digest == row["digest"]))
            connection.execute(insert(RELEASES).values(**row, cells=text, released=time.time()))


@dataclass(frozen=True)
class PastRelease:
    """One release of a notebook."""

    cells: Cells
    released: float  # seconds since 1970


def history(connection: Connection, assignment: str, notebook: str) -> list[PastRelease]:
    """The releases of a notebook, the newest first; empty where plain nbgrader made them."""
    if not inspect(connection).has_table(RELEASES.name):
        return []
    query = select(RELEASES).where(RELEASES.c.assignment == assignment, RELEASES.c.notebook == notebook)
    rows = connection.execute(query.order_by(RELEASES.c.released.desc()))
    return [PastRelease(json.loads(row.cells), row.released) for row in rows]


@dataclass(frozen=True)
class Origin:
    """The release that a submitted notebook came from, as far as its checksums tell."""

    releases: list[Cells]  # of this notebook, the newest first
    cells: Cells  # of the release that it came from
    released: float | None = None  # seconds since 1970; None where no release is known

    @property
    def earlier(self) -> bool:
        """Whether there has been another release since."""
        return bool(self.releases) and self.cells is not self.releases[0]

    def as_released(self, cell: NotebookNode, locked: bool) -> bool:
        """Whether a cell has the marks of some release, and a locked one its text too."""
        about = mark(cell)
        name, checksum = str(about.get("grade_id")), about.get("checksum")
        if locked and not _intact(cell):
            return False
        known = [release[name] for release in self.releases if name in release]
        points = about.get("points") if about.get("grade") or about.get("task") else None
        return any(checksum == old and (points is None or points == worth) for old, worth in known) or (
            locked and not self.releases
        )

    def added(self, name: str) -> bool:
        """Whether a cell was added to the notebook after this release."""
        return self.earlier and name not in self.cells

    def removed(self, name: str) -> bool:
        """Whether a cell that is unknown now was in an earlier release."""
        return any(name in release for release in self.releases)

    def difference(self) -> str:
        """How the current release differs from this one."""
        now = self.releases[0]
        kinds = {
            "changed": [name for name in now if name in self.cells and now[name] != self.cells[name]],
            "added": [name for name in now if name not in self.cells],
            "removed": [name for name in self.cells if name not in now],
        }
        return "; ".join(f"{kind} since: {', '.join(found)}" for kind, found in kinds.items() if found)

    def record(self) -> dict[str, Any]:
        """What a graded notebook says of the release it came from: its time in UTC, and the cells added since."""
        if self.released is None:
            return {}
        time = datetime.fromtimestamp(self.released, UTC).isoformat(timespec="seconds")
        return {"released": time, "added": [name for name in self.releases[0] if self.added(name)]}


UNKNOWN = Origin([], {})  # no release is known


def origin(cells: Iterable[NotebookNode], releases: list[PastRelease]) -> Origin:
    """The release that most checksums of a notebook agree with; of several, one that has few cells more; the newest."""
    claims = {str(about.get("grade_id")): [about.get("checksum"), about.get("points")] for about in map(mark, cells)}

    def agreement(release: PastRelease) -> tuple[int, int]:
        cells = release.cells
        return sum(claims.get(name) == cell for name, cell in cells.items()), -len(cells.keys() - claims)

    if not releases:
        return UNKNOWN
    best = max(releases, key=agreement)
    return Origin([release.cells for release in releases], best.cells, best.released)


def _intact(cell: NotebookNode) -> bool:
    """Whether a cell's text and marks are those that its checksum was computed from."""
    try:
        return bool(mark(cell).get("checksum") == compute_checksum(cell))
    except (KeyError, TypeError, ValueError, AttributeError):  # marks that a student has damaged
        return False


def fit_cells(book: Gradebook, assignment: str, source: Path) -> None:
    """Give a graded assignment in the gradebook the notebooks and cells that source/ has now; nbgrader refuses to.

    Raises CourseError where a notebook was removed, or a cell that a person has given points or comments for.
    """
    try:
        found = book.find_assignment(assignment)
    except MissingEntry:
        return
    if not found.submissions:
        return
    known, files = {notebook.name: notebook for notebook in found.notebooks}, sorted(source.glob("*.ipynb"))
    if lost := known.keys() - {path.stem for path in files}:
        raise CourseError(
            f"{', '.join(sorted(lost))} is no longer in source/{assignment}/, but submissions of it are graded. "
            "Put it back; with 0 points in all its cells it doesn't count."
        )
    for path in files:
        notebook = known.get(path.stem) or book.add_notebook(path.stem, assignment)
        _fit(book, notebook, [mark(cell) | {"cell_type": cell.cell_type} for cell in read(path).cells])


def _fit(book: Gradebook, notebook: Any, marks: list[dict[str, Any]]) -> None:
    where = notebook.name, notebook.assignment.name
    marks = [about for about in marks if "grade_id" in about]
    kinds = {
        "grade": (notebook.grade_cells, book.add_grade_cell),
        "solution": (notebook.solution_cells, book.add_solution_cell),
        "task": (notebook.task_cells, book.add_task_cell),
        "source": (notebook.source_cells, book.add_source_cell),
    }
    for kind, (cells, add) in kinds.items():
        wanted = {about["grade_id"]: about for about in marks if _is(about, kind)}
        for cell in [cell for cell in cells if cell.name not in wanted]:
            _remove(book, cell, where[0])
        for name in wanted.keys() - {cell.name for cell in cells}:
            worth = {"max_score": float(wanted[name].get("points", 0))} if kind in ("grade", "task") else {}
            shape = {"cell_type": wanted[name]["cell_type"]} if kind != "solution" else {}
            add(name, *where, **worth, **shape)
    book.db.commit()


def _is(about: Mapping[str, Any], kind: str) -> bool:
    flags = ("grade", "solution", "task", "locked") if kind == "source" else (kind,)
    return any(about.get(flag) for flag in flags)


def _remove(book: Gradebook, cell: Any, notebook: str) -> None:
    grades, comments = getattr(cell, "grades", None) or [], getattr(cell, "comments", None) or []
    read_by_person = {
        *(grade.student.id for grade in grades if grade.manual_score is not None or grade.extra_credit),
        *(comment.student.id for comment in comments if comment.manual_comment),
    }
    if read_by_person:
        raise CourseError(
            f"cell {cell.name} is no longer in source/: {notebook}.ipynb, but {', '.join(sorted(read_by_person))} "
            "already have points or comments for it that a person gave. Put the cell back, or clear them in formgrader."
        )
    for row in (*grades, *comments, cell):
        book.db.delete(row)


def fit_submissions(book: Gradebook, assignment: str) -> None:
    """Give every submission in the gradebook a row for each notebook and each graded cell that it lacks."""
    found = book.find_assignment(assignment)
    for submission in found.submissions:
        have = {one.notebook_id: one for one in submission.notebooks}
        for notebook in found.notebooks:
            mine = have.get(notebook.id) or SubmittedNotebook(notebook_id=notebook.id, assignment_id=submission.id)
            book.db.add(mine)
            graded, said = {one.cell_id for one in mine.grades}, {one.cell_id for one in mine.comments}
            answers = {cell.name for cell in notebook.solution_cells}
            for cell in [*notebook.grade_cells, *notebook.task_cells]:
                if cell.id not in graded:
                    by_person = cell.type == "TaskCell" or cell.name in answers
                    mine.grades.append(Grade(cell_id=cell.id, needs_manual_grade=by_person))
            for cell in [*notebook.solution_cells, *notebook.task_cells]:
                if cell.id not in said:
                    mine.comments.append(Comment(cell_id=cell.id))
    book.db.commit()
