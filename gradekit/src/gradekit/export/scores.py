"""The gradebook -> one Grade for each student, with the late penalty taken off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradekit.course import CourseFolder
from gradekit.graded_notebook import in_short
from gradekit.grading.gradebook import ClassRows
from gradekit.report import class_rows, handed_in, report

DECIMALS = 5  # Moodle keeps five, Canvas two
MOST_FEEDBACK = 300  # characters


@dataclass(frozen=True)
class Grade:
    """One student and one assignment, in points."""

    student: str  # nbgrader's id: the name of the folder in submitted/
    first_name: str
    last_name: str
    email: str
    lms_user_id: str
    score: float | None  # raw - late_penalty, at least 0; None: nothing graded
    raw: float | None
    late_penalty: float
    max_score: float
    waiting: float  # maximum of the cells that await manual grading; they count 0 in `raw`
    ungraded: bool  # something was handed in, and nothing is graded
    feedback: str = ""  # one sentence

    @property
    def keys(self) -> tuple[str, ...]:
        """What an LMS's file may know this student by."""
        return tuple(key for key in (self.student, self.email, self.lms_user_id) if key)


def grades(here: CourseFolder) -> list[Grade]:
    """All students in alphabetical order, those who handed in nothing or whose work could not be graded included."""
    rows, students = class_rows(here)
    submitted, about = here.places("submitted"), {row["id"]: row for row in rows.rows["student"]}
    return [_grade(rows, student, about.get(student, {}), submitted(student)) for student in students]


def _grade(rows: ClassRows, student: str, about: dict[str, Any], submitted: Path) -> Grade:
    submission = rows.submissions.get(student)
    raw = sum((grade.score for grade in submission.grades), 0.0) if submission else None
    penalty = submission.penalty if submission else 0.0
    return Grade(
        student=student,
        first_name=about.get("first_name") or "",
        last_name=about.get("last_name") or "",
        email=about.get("email") or "",
        lms_user_id=about.get("lms_user_id") or "",
        score=None if raw is None else round(max(0.0, raw - penalty), DECIMALS),
        raw=None if raw is None else round(raw, DECIMALS),
        late_penalty=round(penalty, DECIMALS),
        max_score=sum(rows.maxima.values()),
        waiting=sum(grade.max_score for grade in submission.grades if grade.waiting) if submission else 0.0,
        ungraded=submission is None and handed_in(submitted),
    )


def with_feedback(here: CourseFolder, found: list[Grade]) -> list[Grade]:
    """The same grades, each with a sentence: points, late penalty, and the check that cost most."""
    losses = {row.student: row.lost for row in report(here.root, here.assignment)}
    return [replace(grade, feedback=_sentence(grade, losses.get(grade.student, ()))) for grade in found]


def _sentence(grade: Grade, lost: tuple[Any, ...]) -> str:
    """It quotes only causes that a check named: an error's text is the student's own, or a hidden test's."""
    if grade.score is None:
        return ""
    parts = [f"{grade.score:g} of {grade.max_score:g} points"]
    if grade.late_penalty:
        parts.append(f"{grade.late_penalty:g} off for late work")
    if lost:
        worst = max(lost, key=lambda loss: loss.points)
        cause = f" ({in_short(worst.message).rstrip('.')})" if "Cause: " in worst.message else ""
        parts.append(f"most points were lost in {worst.cell}{cause}")
    text = "".join(letter if letter.isprintable() else " " for letter in "; ".join(parts))
    return f"{text[:MOST_FEEDBACK]}."
