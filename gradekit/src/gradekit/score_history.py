"""The history of each student's score: when it became what it is, by which run, and why."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Column, Table
from sqlalchemy import inspect, select

from gradekit.console import TABLE
from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.grading.ledger import SCORES
from gradekit.pseudonyms import Pseudonyms
from gradekit.report import connected, number
from gradekit.submissions.names import some


@dataclass(frozen=True)
class ScoreEntry:
    """One row of a student's history. All values are points unless stated otherwise."""

    assignment: str
    student: str
    recorded: str  # UTC, ISO 8601
    run: str  # one grading of this student; "" where a person or another program gave the points
    place: str  # the machine and the folder of the run
    why: str
    released: dict[str, str]  # notebook -> when the release that it was made from was released, UTC
    changes: dict[str, tuple[float | None, float | None]]  # "NOTEBOOK/CELL" -> before and after, where they differ
    raw: float
    penalty: float
    score: float  # raw - penalty, at least 0
    possible: float


def score_history(
    root: str | Path = ".",
    assignment: str | None = None,
    students: Collection[str] = (),
    pseudonyms: bool = False,
) -> list[ScoreEntry]:
    """The history of each score, by student, the first grading first; of all students unless some are named."""
    here = course(root, assignment)
    with connected(here) as connection:
        if not inspect(connection).has_table(SCORES.name):
            return []
        query = select(SCORES).where(SCORES.c.assignment == here.assignment)
        rows = list(connection.execute(query.order_by(SCORES.c.id)))
    if unknown := set(students) - {row.student for row in rows}:
        raise CourseError(f"the history has no student {min(unknown)!r}.")
    alias = Pseudonyms(here.root).of if pseudonyms else str
    found, last = list[ScoreEntry](), dict[str, dict[str, float]]()
    for row in rows:
        points, before = json.loads(row.points), last.get(row.student, {})
        last[row.student] = points
        names = sorted(name for name in {**before, **points} if before.get(name) != points.get(name))
        raw = sum(points.values())
        found.append(
            ScoreEntry(
                assignment=row.assignment, student=alias(row.student), run=row.run, place=row.place, why=row.why,
                recorded=datetime.fromtimestamp(row.recorded, UTC).isoformat(timespec="seconds"),
                released=json.loads(row.released), raw=raw, penalty=row.penalty, possible=row.possible,
                score=max(0.0, raw - row.penalty),
                changes={name: (before.get(name), points.get(name)) for name in names} if before else {},
            )
        )  # fmt: skip
    wanted = set(map(alias, students))
    found.sort(key=lambda one: (one.student.casefold(), one.student))  # stable: the order in time stays
    return [one for one in found if not wanted or one.student in wanted]


def history_table(entries: Sequence[ScoreEntry]) -> Table:
    """One line for each entry: when, why, and which cells have other points than before."""
    about = [Column(title, no_wrap=True) for title in ("student", "when (UTC)")]
    scores = [Column(title, justify="right", no_wrap=True) for title in ("points", "late", "score", "of")]
    table = Table(*about, *scores, Column("why", overflow="fold"), **TABLE)
    shown = ""
    for one in entries:
        cells = [f"{name.partition('/')[2]} {number(old)} -> {number(new)}" for name, (old, new) in one.changes.items()]
        points = map(number, (one.raw, -one.penalty, one.score, one.possible))
        why = ": ".join(filter(None, (one.why, some(cells, 6))))
        student = "" if one.student == shown else one.student
        table.add_row(student, one.recorded[:16].replace("T", " "), *points, why)
        shown = one.student
    return table
