"""The gradebook -> one Grade for each student, with the late penalty taken off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from gradekit.course import CourseFolder, open_gradebook
from gradekit.errors import CourseError

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
    from nbgrader.api import MissingEntry

    from gradekit.report import not_in_gradebook

    file = here.gradebook()
    if file and not file.exists():
        raise CourseError(f"there is no gradebook in {here.root} yet. Grade first: gradekit grade")
    with open_gradebook(here) as gradebook:
        try:
            max_score = gradebook.find_assignment(here.assignment).max_score
        except MissingEntry:
            raise CourseError(
                f"the gradebook has no assignment {here.assignment!r}. Release first: gradekit release"
            ) from None
        work = {one.student_id: one for one in gradebook.assignment_submissions(here.assignment)}
        found = [_grade(here, student, work.get(student.id), max_score) for student in gradebook.students]
    found += [
        Grade(name, "", "", "", "", score=None, raw=None, late_penalty=0, max_score=max_score, waiting=0, ungraded=True)
        for name in not_in_gradebook(here)
    ]
    return sorted(found, key=lambda grade: (grade.student.casefold(), grade.student))


def _grade(here: CourseFolder, student: Any, submission: Any, max_score: float) -> Grade:
    penalty = submission.late_submission_penalty if submission else 0.0
    return Grade(
        student=student.id,
        first_name=student.first_name or "",
        last_name=student.last_name or "",
        email=student.email or "",
        lms_user_id=student.lms_user_id or "",
        score=round(max(0.0, submission.score - penalty), DECIMALS) if submission else None,
        raw=round(submission.score, DECIMALS) if submission else None,
        late_penalty=round(penalty, DECIMALS),
        max_score=max_score,
        waiting=_waiting(submission) if submission and submission.needs_manual_grade else 0.0,
        ungraded=submission is None and _handed_in(here, student.id),
    )


def _waiting(submission: Any) -> float:
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return sum(grade.max_score for grade in grades if grade.needs_manual_grade)


def _handed_in(here: CourseFolder, student: str) -> bool:
    folder = here.place("submitted", student)
    return any(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else False


def with_feedback(here: CourseFolder, found: list[Grade]) -> list[Grade]:
    """The same grades, each with a sentence: points, late penalty, and the check that cost most."""
    from gradekit.report import report

    losses = {row.student: row.lost for row in report(here.root, here.assignment)}
    return [replace(grade, feedback=_sentence(grade, losses.get(grade.student, ()))) for grade in found]


def _sentence(grade: Grade, lost: tuple[Any, ...]) -> str:
    """It quotes only causes that a check named: an error's text is the student's own, or a hidden test's."""
    from gradekit.graded_notebook import in_short

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
