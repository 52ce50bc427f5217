"""Copy one student's rows into a scratch gradebook, and merge the changes back in one transaction.

nbgrader commits every cell separately. A worker lets it write into a scratch gradebook with the same assignment and
one student, and merges what changed there into the course's gradebook. Only the fields that autograding writes are
merged: what a person enters in the meantime stays.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Base, BaseCell, Comment, Grade, Gradebook, GradeCell, Notebook, SourceCell, TaskCell
from sqlalchemy import BindParameter, Select, Table, bindparam, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session

from gradekit import patches, release_history
from gradekit.course import CourseFolder, sqlite_url
from gradekit.errors import CourseError, in_a_line
from gradekit.notebook import mark, read
from gradekit.settings_file import NO_DATABASE

TABLES: dict[str, Table] = {**Base.metadata.tables, release_history.RELEASES.name: release_history.RELEASES}
CELLS = ("base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell")
LESSON = ("course", "assignment", "notebook", *CELLS, release_history.RELEASES.name)
STUDENTS = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
PATIENCE = 120  # seconds to wait for a gradebook that another program writes to

Row = dict[str, Any]
# What autograding writes into a row that is there already.
WRITTEN = {
    "submitted_assignment": ("timestamp",),
    "submitted_notebook": ("late_submission_penalty",),
    "grade": ("auto_score", "needs_manual_grade"),
    "comment": ("auto_comment",),
}

EMPTY: dict[str, Row] = {"grade": {"auto_score": None, "needs_manual_grade": True}, "comment": {"auto_comment": None}}
Rows = dict[str, list[Row]]  # by table


def engine(url: str) -> Engine:
    """An engine for the course's gradebook. With SQLite each transaction locks the file from its beginning."""
    if not url.startswith("sqlite"):
        try:
            return create_engine(url, pool_pre_ping=True)
        except ArgumentError:
            raise CourseError(f"c.CourseDirectory.db_url {NO_DATABASE}") from None
    made = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(made, "connect", lambda connection, record: setattr(connection, "isolation_level", None))
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


@contextlib.contextmanager
def opened(here: CourseFolder) -> Iterator[Engine]:
    """An engine for the course's gradebook, inside the block; an error of the database becomes a CourseError."""
    made = engine(here.directory().db_url)
    try:
        yield made
    except DatabaseError as error:
        raise CourseError(f"{here.gradebook() or 'the gradebook'}: {in_a_line(error)}") from None
    finally:
        made.dispose()


class Scratch:
    """The gradebook of one worker, with one student in it. It is not synced to disk."""

    def __init__(self, folder: Path) -> None:
        file = folder / "gradebook.db"
        self.url = sqlite_url(file)
        self.engine = create_engine(self.url)
        event.listen(self.engine, "connect", _unsafe)
        Base.metadata.create_all(self.engine)
        release_history.make(self.engine)

    @contextlib.contextmanager
    def used_by_nbgrader(self) -> Iterator[None]:
        """Let nbgrader open this gradebook as a ScratchGradebook, inside the block."""
        made = type("Opened", (ScratchGradebook,), {"engine": self.engine})
        with patches.replaced_gradebook(self.url, made):
            yield

    def fill(self, rows: Rows) -> None:
        """Replace the content by these rows."""
        with self.engine.begin() as connection:
            for name in (*reversed(STUDENTS), *reversed(LESSON)):
                connection.execute(delete(TABLES[name]))
            for name in (*LESSON, *STUDENTS):
                if rows[name]:
                    connection.execute(insert(TABLES[name]), rows[name])

    def restore(self, before: Rows, after: Rows, notebooks: Collection[str]) -> None:
        """Reset the grades and comments of some notebooks to what they were in `before`."""
        ids = {row["id"] for row in after["submitted_notebook"] if row["notebook_id"] in notebooks}
        known = {name: {row["id"]: row for row in before[name]} for name in EMPTY}
        with self.engine.begin() as connection:
            for name, empty in EMPTY.items():
                for row in (row for row in after[name] if row["notebook_id"] in ids):
                    old = known[name].get(row["id"], empty)
                    values = {field: old[field] for field in WRITTEN[name] if field in old}
                    connection.execute(update(TABLES[name]).where(TABLES[name].c.id == row["id"]).values(values))


class ScratchGradebook(Gradebook):  # type: ignore[misc]
    """nbgrader's Gradebook for a scratch gradebook: one engine, and one query for cells of a kind."""

    engine: Engine

    def __init__(self, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        self.db, self.course_id, self.authenticator = Session(self.engine, expire_on_commit=False), course_id, None
        self._known: dict[tuple[type, str], dict[str, Any]] = {}

    def close(self) -> None:
        """End the session; the engine stays."""
        self.db.close()

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        """The grade of a cell."""
        known = self._all(Grade, BaseCell, notebook).get(grade_cell)
        return known or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        """The comment on a cell."""
        known = self._all(Comment, BaseCell, notebook).get(solution_cell)
        return known or super().find_comment(solution_cell, notebook, assignment, student)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> GradeCell | TaskCell:
        """A cell with points."""
        known = self._all(GradeCell, GradeCell, notebook).get(name)
        return known or super().find_graded_cell(name, notebook, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        """A cell as it was released."""
        known = self._all(SourceCell, SourceCell, notebook).get(name)
        return known or super().find_source_cell(name, notebook, assignment)

    def _all(self, kind: Any, cell: Any, notebook: str) -> dict[str, Any]:
        """All rows of a kind in a notebook by cell: those of one assignment and one student.

        Where a task has the name of another cell, nbgrader finds the other one: it is the last.
        """
        if (kind, notebook) not in self._known:
            found = self.db.execute(_by_cell(kind, cell), {"notebook": notebook})
            self._known[kind, notebook] = {name: one for one, name in found}
        return self._known[kind, notebook]


@functools.cache
def _by_cell(kind: Any, cell: Any) -> Select[Any]:
    """The query for all rows of a kind in a notebook, with the names of their cells; tasks are the last."""
    query = select(kind, cell.name)
    if cell is not kind:
        query = query.join(cell, cell.id == kind.cell_id).order_by(cell.type.desc())
    return query.join(Notebook, Notebook.id == cell.notebook_id).where(Notebook.name == bindparam("notebook"))


def _unsafe(connection: Any, record: Any) -> None:
    """A scratch gradebook doesn't have to survive a crash."""
    for line in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=MEMORY"):
        connection.execute(line)


def rows_of(connection: Connection, assignment: str, student: str) -> Rows:
    """Read the rows of an assignment and of one student."""
    return {name: _all(connection, query, assignment, student) for name, query in _queries(of_one=True).items()}


def positions(source: Path) -> dict[tuple[str, str], int]:
    """Positions of the nbgrader cells in the source notebooks, by notebook and grade_id."""
    return {
        (path.stem, mark(cell)["grade_id"]): number
        for path in source.glob("*.ipynb")
        for number, cell in enumerate(read(path).cells)
        if "grade_id" in mark(cell)
    }


def in_order(rows: Rows, positions: dict[tuple[str, str], int]) -> Rows:
    """Sort the cells as in their notebooks: nbgrader stores no order, and PostgreSQL returns any."""
    names = {row["id"]: row["name"] for row in rows["notebook"]}
    for table in ("source_cell", "base_cell"):
        rows[table].sort(key=lambda row: positions.get((names[row["notebook_id"]], row["name"]), len(positions)))
    return rows


def _all(connection: Connection, query: Select[Any], assignment: str, student: str | None) -> list[Row]:
    found = connection.execute(query, {"assignment": assignment, "student": student})
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


@functools.cache
def _queries(of_one: bool) -> dict[str, Select[Any]]:
    """A query for each table: the rows of `:assignment`, and those of one `:student`, or of all students."""
    assignment: BindParameter[str] = bindparam("assignment")
    student: BindParameter[str] = bindparam("student")
    about = TABLES["assignment"]
    one = select(about.c.id).where(about.c.name == assignment)
    notebooks = _ids("notebook", TABLES["notebook"].c.assignment_id.in_(one))
    cells = _ids("base_cell", TABLES["base_cell"].c.notebook_id.in_(notebooks))
    work = TABLES["submitted_assignment"]
    every = work.c.assignment_id.in_(one)
    mine = every & (work.c.student_id == student) if of_one else every
    books = _ids("submitted_notebook", TABLES["submitted_notebook"].c.assignment_id.in_(_ids(work.name, mine)))
    wanted: dict[str, Any] = {
        "course": None,
        "assignment": about.c.name == assignment,
        "notebook": TABLES["notebook"].c.assignment_id.in_(one),
        "base_cell": TABLES["base_cell"].c.notebook_id.in_(notebooks),
        **{name: TABLES[name].c.id.in_(cells) for name in ("grade_cells", "solution_cells", "task_cells")},
        "source_cell": TABLES["source_cell"].c.notebook_id.in_(notebooks),
        release_history.RELEASES.name: release_history.RELEASES.c.assignment == assignment,
        "student": TABLES["student"].c.id == student if of_one else None,
        "submitted_assignment": mine,
        "submitted_notebook": TABLES["submitted_notebook"].c.assignment_id.in_(_ids(work.name, mine)),
        **{name: TABLES[name].c.notebook_id.in_(books) for name in ("grade", "comment")},
    }
    return {
        name: select(TABLES[name]) if test is None else select(TABLES[name]).where(test)
        for name, test in wanted.items()
    }


def _ids(table: str, test: Any) -> Select[Any]:
    return select(TABLES[table].c.id).where(test)


@dataclass(frozen=True)
class CellGrade:
    """The grade of one cell of one student. All values are points."""

    notebook: str
    cell: str  # grade_id
    autograded: float | None
    manual: float | None
    extra_credit: float
    max_score: float
    by_person: bool  # an answer in words or a task: autograding gives no points
    waiting: bool  # nbgrader's needs_manual_grade: a person has to look at it; not where nothing was handed in

    @property
    def score(self) -> float:
        """As nbgrader counts: the manual score replaces the autograded one; extra credit is added to either."""
        given = self.autograded if self.manual is None else self.manual
        return 0.0 if given is None else given + self.extra_credit


@dataclass(frozen=True)
class Submission:
    """What the gradebook has of one student's assignment."""

    submitted: str | None  # UTC, ISO 8601
    penalty: float  # points
    grades: list[CellGrade]


class ClassRows:
    """An assignment's grades of the whole class, or of one student."""

    def __init__(self, connection: Connection, assignment: str, student: str | None = None) -> None:
        queries = dict(_queries(of_one=student is not None))
        del queries[release_history.RELEASES.name]  # absent where plain nbgrader made the release
        self.rows = rows = {name: _all(connection, query, assignment, student) for name, query in queries.items()}
        self.names = {
            row["id"]: " ".join(filter(None, (row["first_name"], row["last_name"]))) for row in rows["student"]
        }
        self.notebooks = {row["id"]: row["name"] for row in rows["notebook"]}
        self.cells = {row["id"]: (self.notebooks[row["notebook_id"]], row["name"]) for row in rows["base_cell"]}
        self.points = {row["id"]: row["max_score"] for row in (*rows["grade_cells"], *rows["task_cells"])}
        self.maxima = dict.fromkeys(sorted(self.notebooks.values()), 0.0)
        for cell, points in self.points.items():
            self.maxima[self.cells[cell][0]] += points
        self.student_of = {row["id"]: row["student_id"] for row in rows["submitted_assignment"]}
        self.book_of = {row["id"]: self.student_of[row["assignment_id"]] for row in rows["submitted_notebook"]}
        self.submissions = self._submissions()

    def _submissions(self) -> dict[str, Submission]:
        answers = {self.cells[row["id"]] for row in self.rows["solution_cells"]}
        tasks = {row["id"] for row in self.rows["task_cells"]}
        times = {row["student_id"]: row["timestamp"] for row in self.rows["submitted_assignment"]}
        penalties = dict.fromkeys(times, 0.0)
        for row in self.rows["submitted_notebook"]:
            penalties[self.book_of[row["id"]]] += row["late_submission_penalty"] or 0.0
        found = {student: Submission(_utc(time), penalties[student], []) for student, time in times.items()}
        for row in self.rows["grade"]:
            cell = row["cell_id"]
            notebook, name = self.cells[cell]
            grade = CellGrade(
                notebook, name, row["auto_score"], row["manual_score"], row["extra_credit"] or 0.0,
                self.points.get(cell, 0.0), cell in tasks or (notebook, name) in answers,
                bool(row["needs_manual_grade"]),
            )  # fmt: skip
            found[self.book_of[row["notebook_id"]]].grades.append(grade)
        return found

    def on_pages(self) -> dict[tuple[str, str], str]:
        """A digest by student and notebook of all that a feedback page takes from the gradebook."""
        page = {row["id"]: (self.book_of[row["id"]], row["notebook_id"]) for row in self.rows["submitted_notebook"]}
        lines: dict[str, list[str]] = {book: [] for book in page}
        for table, fields in ON_PAGES.items():
            for row in self.rows[table]:
                book = row["id"] if table == "submitted_notebook" else row["notebook_id"]
                cell = row.get("cell_id")
                lines[book].append(repr((self.cells.get(cell), self.points.get(cell), *(row[name] for name in fields))))
        found = {book: digest(*sorted(texts)) for book, texts in lines.items()}
        return {(student, self.notebooks[notebook]): found[book] for book, (student, notebook) in page.items()}

    def released(self) -> dict[str, str]:
        """A digest of each cell that decides grades: its kind, points, lock and, where it is locked, its text."""
        worth = {self.cells[cell]: points for cell, points in self.points.items()}
        found = {}
        for row in self.rows["source_cell"]:
            at = self.notebooks[row["notebook_id"]], row["name"]
            text = row["source"] if row["locked"] else ""
            found["/".join(at)] = digest(str(worth.get(at)), row["cell_type"], str(row["locked"]), text)[:12]
        return found

    @property
    def due(self) -> str | None:
        """The due date in UTC, in the ISO format."""
        return _utc(self.rows["assignment"][0]["duedate"] if self.rows["assignment"] else None)


def due(connection: Connection, assignment: str) -> str | None:
    """The due date of an assignment in UTC, in the ISO format."""
    about = TABLES["assignment"]
    return _utc(connection.execute(select(about.c.duedate).where(about.c.name == assignment)).scalar())


def _utc(time: datetime | None) -> str | None:
    return f"{time.isoformat()}+00:00" if time else None


# What feedback pages show of each table.
ON_PAGES = {
    "grade": ("auto_score", "manual_score", "extra_credit", "needs_manual_grade"),
    "comment": ("auto_comment", "manual_comment"),
    "submitted_notebook": ("late_submission_penalty",),
}


def digest(*texts: str) -> str:
    """One digest of several texts."""
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


def merge(connection: Connection, assignment: str, student: str, before: Rows, after: Rows) -> None:
    """Write what changed between two readings of the scratch gradebook into the course's gradebook."""
    now = rows_of(connection, assignment, student)
    if not {row["id"] for row in after["base_cell"]} <= {row["id"] for row in now["base_cell"]}:
        raise CourseError("the assignment was released again while this was graded. Grade it again.")
    ids: dict[str, str] = {}  # scratch id -> id in the course's gradebook, where they differ
    for name, natural in NATURAL.items():
        _merge_table(connection, TABLES[name], natural, before[name], after[name], now[name], ids)


def _merge_table(
    connection: Connection,
    table: Table,
    natural: Callable[[Row], Any],
    before: list[Row],
    after: list[Row],
    now: list[Row],
    ids: dict[str, str],
) -> None:
    was = {row["id"]: row for row in before}
    there = {natural(row): row for row in now}
    new = []
    for row in after:
        moved = {field: ids.get(value, value) if field.endswith("_id") else value for field, value in row.items()}
        found = there.get(natural(moved))
        if found is None:
            new.append(moved)
            continue
        ids[row["id"]] = found["id"]
        old = was.get(row["id"], {})
        changed = {field: row[field] for field in WRITTEN.get(table.name, ()) if row[field] != old.get(field)}
        if changed:
            connection.execute(update(table).where(table.c.id == found["id"]).values(changed))
    if new:
        connection.execute(insert(table), new)


# What identifies a row among those of one student, apart from its id.
NATURAL: dict[str, Callable[[Row], Any]] = {
    "student": lambda row: row["id"],
    "submitted_assignment": lambda row: row["assignment_id"],
    "submitted_notebook": lambda row: row["notebook_id"],
    "grade": lambda row: (row["notebook_id"], row["cell_id"]),
    "comment": lambda row: (row["notebook_id"], row["cell_id"]),
}
