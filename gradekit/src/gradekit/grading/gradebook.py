"""How do one student's rows leave the gradebook, and come back in one transaction?

nbgrader commits every cell by itself. Here it writes into a small gradebook that a worker has for itself, with the
same assignment and one student, and what has changed there goes into the course's gradebook at once, or not at all.
What a person enters in the meantime stays: only the fields that autograding writes are touched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from nbgrader.api import Base
from sqlalchemy import Select, Table, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import Connection, Engine

from gradekit.course import Course
from gradekit.errors import CourseError
from gradekit.notebook import mark, read

TABLES: dict[str, Table] = dict(Base.metadata.tables)
LESSON = ("course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell")
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

EMPTY: dict[str, Row] = {
    "grade": {"auto_score": None, "needs_manual_grade": True},
    "comment": {"auto_comment": None},
}
Rows = dict[str, list[Row]]  # by table


def engine(url: str) -> Engine:
    """A connection to the course's gradebook. With SQLite a transaction has the file for itself from its beginning."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    made = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(made, "connect", lambda connection, record: setattr(connection, "isolation_level", None))
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


class Scratch:
    """A gradebook of one worker: nbgrader writes into it, and nothing waits for a disk."""

    def __init__(self, folder: Path) -> None:
        file = folder / "gradebook.db"
        self.url = f"sqlite:///{file}"
        self.engine = create_engine(self.url)
        event.listen(self.engine, "connect", _unsafe)
        Base.metadata.create_all(self.engine)

    def fill(self, rows: Rows) -> None:
        """Have these rows and no others."""
        with self.engine.begin() as connection:
            for name in (*reversed(STUDENTS), *reversed(LESSON)):
                connection.execute(delete(TABLES[name]))
            for name in (*LESSON, *STUDENTS):
                if rows[name]:
                    connection.execute(insert(TABLES[name]), rows[name])

    def restore(self, before: Rows, after: Rows, notebooks: Collection[str]) -> None:
        """Make the rows of some notebooks what they were: `after` is read back into `before`, where it was there."""
        ids = {row["id"] for row in after["submitted_notebook"] if row["notebook_id"] in notebooks}
        known = {name: {row["id"]: row for row in before[name]} for name in EMPTY}
        with self.engine.begin() as connection:
            for name, empty in EMPTY.items():
                for row in (row for row in after[name] if row["notebook_id"] in ids):
                    old = known[name].get(row["id"], empty)
                    values = {field: old[field] for field in WRITTEN[name] if field in old}
                    connection.execute(update(TABLES[name]).where(TABLES[name].c.id == row["id"]).values(values))


def _unsafe(connection: Any, record: Any) -> None:
    """It is made anew after a crash: nothing has to survive one."""
    for line in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=MEMORY"):
        connection.execute(line)


def rows_of(connection: Connection, here: Course, student: str) -> Rows:
    """The assignment's rows, and one student's."""
    return {name: _all(connection, query) for name, query in _queries(here.assignment, student).items()}


def places(source: Path) -> dict[tuple[str, str], int]:
    """Where each marked cell stands in its source notebook."""
    return {
        (path.stem, mark(cell)["grade_id"]): number
        for path in source.glob("*.ipynb")
        for number, cell in enumerate(read(path).cells)
        if "grade_id" in mark(cell)
    }


def in_order(rows: Rows, places: dict[tuple[str, str], int]) -> Rows:
    """The cells in the order of their notebooks. nbgrader keeps no order, and PostgreSQL gives rows in any."""
    names = {row["id"]: row["name"] for row in rows["notebook"]}
    for table in ("source_cell", "base_cell"):
        rows[table].sort(key=lambda row: places.get((names[row["notebook_id"]], row["name"]), len(places)))
    return rows


def _all(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row._mapping) for row in connection.execute(query)]


def _queries(assignment: str, student: str) -> dict[str, Select[Any]]:
    about = TABLES["assignment"]
    one = select(about.c.id).where(about.c.name == assignment)
    notebooks = _ids("notebook", TABLES["notebook"].c.assignment_id.in_(one))
    cells = _ids("base_cell", TABLES["base_cell"].c.notebook_id.in_(notebooks))
    work = TABLES["submitted_assignment"]
    mine = (work.c.student_id == student) & work.c.assignment_id.in_(one)
    books = _ids("submitted_notebook", TABLES["submitted_notebook"].c.assignment_id.in_(_ids(work.name, mine)))
    wanted: dict[str, Any] = {
        "course": True,
        "assignment": about.c.name == assignment,
        "notebook": TABLES["notebook"].c.assignment_id.in_(one),
        "base_cell": TABLES["base_cell"].c.notebook_id.in_(notebooks),
        **{name: TABLES[name].c.id.in_(cells) for name in ("grade_cells", "solution_cells", "task_cells")},
        "source_cell": TABLES["source_cell"].c.notebook_id.in_(notebooks),
        "student": TABLES["student"].c.id == student,
        "submitted_assignment": mine,
        "submitted_notebook": TABLES["submitted_notebook"].c.assignment_id.in_(_ids(work.name, mine)),
        **{name: TABLES[name].c.notebook_id.in_(books) for name in ("grade", "comment")},
    }
    return {
        name: select(TABLES[name]) if test is True else select(TABLES[name]).where(test)
        for name, test in wanted.items()
    }


def _ids(table: str, test: Any) -> Select[Any]:
    return select(TABLES[table].c.id).where(test)


def merge(connection: Connection, here: Course, student: str, before: Rows, after: Rows) -> None:
    """Write what has changed between two readings of the scratch gradebook into the course's."""
    now = rows_of(connection, here, student)
    if not {row["id"] for row in after["base_cell"]} <= {row["id"] for row in now["base_cell"]}:
        raise CourseError("the assignment was released anew while this was graded. Grade it again.")
    ids: dict[str, str] = {}  # of rows that have another id in the course's gradebook
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


# What tells a row of one student's from the others, apart from its id.
NATURAL: dict[str, Callable[[Row], Any]] = {
    "student": lambda row: row["id"],
    "submitted_assignment": lambda row: row["assignment_id"],
    "submitted_notebook": lambda row: row["notebook_id"],
    "grade": lambda row: (row["notebook_id"], row["cell_id"]),
    "comment": lambda row: (row["notebook_id"], row["cell_id"]),
}
