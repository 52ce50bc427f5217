"""Add to the history of each student's score: every grading, and what others have changed in between.

`gradekit.score_history` reads it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from gradekit.course import CourseFolder
from gradekit.grading.gradebook import ClassRows
from gradekit.grading.ledger import SCORES, Entry, Known, place
from gradekit.submissions.names import some

FIRST, EARLIER = "first grading", "the score before this history began"
AGAIN, FAILED, STOPPED = "graded again", "not everything could be graded before", "the run before was stopped"
HANDED_IN, OTHERS = "handed in again", "points that a person or another program gave"


def note(connection: Connection, entry: Entry, why: str, released: Mapping[str, str]) -> None:
    """Add the score that the gradebook has for a student after a run."""
    rows = ClassRows(connection, entry.assignment, entry.student)
    if entry.student in rows.submissions:
        points, penalty = _now(rows, entry.student)
        row = {
            "assignment": entry.assignment, "student": entry.student, "run": entry.run, "recorded": time.time(),
            "place": entry.place, "why": why, "released": json.dumps(dict(released)), "points": json.dumps(points),
            "penalty": penalty, "possible": sum(rows.maxima.values()),
        }  # fmt: skip
        connection.execute(insert(SCORES).values(**row))


def note_others(connection: Connection, here: CourseFolder, student: str) -> None:
    """Add a score that differs from the last one in the history: no run of `gradekit grade` made it.

    Cells that a release has added since, with 0 points, are no difference.
    """
    mine = (SCORES.c.assignment == here.assignment) & (SCORES.c.student == student)
    last = connection.execute(select(SCORES).where(mine).order_by(SCORES.c.id.desc()).limit(1)).first()
    rows = ClassRows(connection, here.assignment, student)
    if student not in rows.submissions or (
        last and _same((json.loads(last.points), last.penalty), _now(rows, student))
    ):
        return
    entry = Entry(here.assignment, student, "", "", place(here), 0.0, True, "")
    note(connection, entry, OTHERS if last else EARLIER, json.loads(last.released) if last else {})


def _same(one: tuple[Mapping[str, float], float], other: tuple[Mapping[str, float], float]) -> bool:
    given = [{name: points for name, points in cells.items() if points} for cells, _ in (one, other)]
    return given[0] == given[1] and one[1] == other[1]


def _now(rows: ClassRows, student: str) -> tuple[dict[str, float], float]:
    work = rows.submissions[student]
    return {f"{grade.notebook}/{grade.cell}": grade.score for grade in work.grades}, work.penalty


def reason(known: Known, entry: Entry) -> str:
    """Why a student was graded: what differs from the last time."""
    last = known.entry
    if last is None or not last.run:
        return AGAIN if known.scored else FIRST
    then, now = json.loads(last.release or "{}"), json.loads(entry.release)
    before, cells = then.get("cells", {}), now["cells"]
    changed = sorted(name.partition("/")[2] for name in {**before, **cells} if before.get(name) != cells.get(name))
    parts = [
        "" if last.complete else STOPPED,
        "" if last.files else FAILED,
        HANDED_IN if last.files and entry.files and last.files != entry.files else "",
        f"the course changed {some(changed)}" if before and changed else "",
        f"the due date was moved from {_date(then['due'])} to {_date(now['due'])}"
        if then and then["due"] != now["due"]
        else "",
    ]
    return "; ".join(filter(None, parts)) or AGAIN


def _date(due: str | None) -> str:
    return f"{due[:16].replace('T', ' ')} UTC" if due else "none"
