"""Grades and a file of an LMS -> what would change, and what is refused. Nothing is written here."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, get_args

from gradekit.errors import CourseError

from .lms_file import FileEntry, LmsFile, number, written
from .scores import DECIMALS, Grade

Allowed = Literal["unknown", "ungraded", "waiting", "over-limit"]
ALLOWED: tuple[str, ...] = get_args(Allowed)
OURS = re.compile(r"[\d.]+ of [\d.]+ points")  # how our sentence begins
EXCUSED = "EX"  # Canvas: this student does not have to hand in


@dataclass(frozen=True)
class ScoreChange:
    """A score in the file that would become another one. Both as the file has them."""

    row: int
    student: str
    before: str
    after: str


@dataclass
class Plan:
    """What an export would do. With `refused` it does nothing."""

    format: str
    changes: list[ScoreChange] = field(default_factory=list)
    feedback: dict[int, str] = field(default_factory=dict)  # by row
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    same: int = 0  # scores that the file has already
    blank: int = 0  # students in the file who handed in nothing


def plan(file: LmsFile, grades: list[Grade], allow: Collection[str] = ()) -> Plan:
    """Match students with entries, and compare their scores. `allow` has names from ALLOWED."""
    made = Plan(file.format)
    key = _best_key(file, grades)
    matches = _match(file.entries, grades, key, made, allow)
    for grade, entry in matches:
        _add(made, file, grade, entry, allow)
    used = {entry.row for _, entry in matches}
    rest = [entry for entry in file.entries if entry.row not in used]
    made.notes += [
        f"row {entry.row} ({entry.label or entry.keys[key]}) is not in the gradebook: kept" for entry in rest
    ]
    maxima = {grade.max_score for grade in grades}
    if file.limit_from == "Points Possible in Canvas" and maxima and maxima != {file.limit}:
        made.notes.append(f"the assignment has {maxima.pop():g} points here and {file.limit:g} in Canvas")
    return made


def _normal(key: str) -> str:
    return unicodedata.normalize("NFC", key).strip()


def _best_key(file: LmsFile, grades: list[Grade]) -> str:
    """The column that knows most students."""
    known = {_normal(key).casefold() for grade in grades for key in grade.keys}
    names = list(file.entries[0].keys) if file.entries else []
    if not names:
        raise CourseError("the file has no students. Download it again from the LMS.")
    hits = {name: sum(_normal(entry.keys[name]).casefold() in known for entry in file.entries) for name in names}
    best = max(names, key=hits.__getitem__)
    if not hits[best]:
        raise CourseError(
            f"no student of the gradebook is in the file: compared the ids, e-mails and LMS ids of {len(grades)} "
            f"students with {', '.join(names)}. Name another column: --by HEADER.",
        )
    return best


def _match(
    entries: list[FileEntry], grades: list[Grade], key: str, made: Plan, allow: Collection[str]
) -> list[tuple[Grade, FileEntry]]:
    exact, folded = defaultdict[str, list[FileEntry]](list), defaultdict[str, list[FileEntry]](list)
    for entry in entries:
        if value := _normal(entry.keys[key]):
            exact[value].append(entry)
            folded[value.casefold()].append(entry)
    found = [(grade, _entries(grade, exact, folded)) for grade in grades]
    claims = defaultdict[int, list[str]](list)
    for grade, fits in found:
        for entry in fits:
            claims[entry.row].append(grade.student)
    matches = []
    for grade, fits in found:
        if why := _mismatch(grade, fits, claims, key, allow):
            made.refused.append(f"{grade.student}: {why}")
        elif fits:
            matches.append((grade, fits[0]))
    return matches


def _mismatch(
    grade: Grade, fits: list[FileEntry], claims: dict[int, list[str]], key: str, allow: Collection[str]
) -> str:
    """Why a student can't be given one row; "" for a student who can, or who needs none."""
    if len(fits) > 1:
        return f"rows {' and '.join(str(entry.row) for entry in fits)} are both of this student ({key})"
    if not fits and (grade.score is not None or grade.ungraded) and "unknown" not in allow:
        return f"not in the file ({key}). --allow unknown leaves this student out"
    others = [name for entry in fits for name in claims[entry.row] if name != grade.student]
    return f"row {fits[0].row} is also the row of {', '.join(others)} ({key})" if others else ""


def _entries(grade: Grade, exact: dict[str, list[FileEntry]], folded: dict[str, list[FileEntry]]) -> list[FileEntry]:
    """Entries with one of the student's keys; another case counts where no entry has it exactly."""
    keys = [_normal(key) for key in grade.keys]
    fits = {entry.row: entry for key in keys for entry in exact.get(key, ())}
    return list((fits or {entry.row: entry for key in keys for entry in folded.get(key.casefold(), ())}).values())


def _add(made: Plan, file: LmsFile, grade: Grade, entry: FileEntry, allow: Collection[str]) -> None:
    """One student's change, or the reason against it."""
    if entry.score.upper() == EXCUSED or entry.locked:
        made.notes.append(f"row {entry.row} ({grade.student}) is {'locked' if entry.locked else 'excused'}: kept")
        return
    if grade.score is None:
        if grade.ungraded and "ungraded" not in allow:
            made.refused.append(f"{grade.student}: handed in and not graded. Grade first, or --allow ungraded")
        elif entry.score.strip() not in ("", "-"):
            made.notes.append(f"row {entry.row} ({grade.student}) has {entry.score}, and no submission here: kept")
        else:
            made.blank += 1
        return
    try:
        before = number(entry.score)
    except ValueError:
        made.refused.append(f"{grade.student}: row {entry.row} has {entry.score!r} where points should be")
        return
    if grade.score > file.limit and "over-limit" not in allow:
        made.refused.append(
            f"{grade.student}: {grade.score:g} is over the limit of {file.limit:g} ({file.limit_from}). "
            "--allow over-limit writes it"
        )
    if grade.waiting and "waiting" not in allow:
        made.refused.append(
            f"{grade.student}: {grade.waiting:g} points await manual grading. --allow waiting counts them as 0"
        )
    if before is not None and round(before, DECIMALS) == grade.score:
        made.same += 1
    else:
        made.changes.append(
            ScoreChange(entry.row, grade.student, entry.score, written(grade.score, file.decimal_comma))
        )
    replaceable = not entry.feedback or OURS.match(entry.feedback)  # what a person wrote is kept
    if file.has_feedback and grade.feedback and grade.feedback != entry.feedback and replaceable:
        made.feedback[entry.row] = grade.feedback
