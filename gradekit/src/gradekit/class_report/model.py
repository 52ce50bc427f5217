"""The result of the analysis. Names of students are those of their folders; points are points of the assignment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A student's own code."""

    student: str
    code: str


@dataclass(frozen=True)
class MistakenResult:
    """What a mistake returns on a case."""

    mistake: str  # its sentence
    value: str
    students: int


@dataclass(frozen=True)
class ShowCase:
    """A case to show in class: one on which the results of most causes differ. All who failed it are in `results`."""

    call: str
    correct: str
    passed: int  # students
    results: tuple[MistakenResult, ...]


@dataclass(frozen=True)
class Returned:
    """What answers returned on a fixed case."""

    call: str
    value: str
    correct: str
    passed: bool


@dataclass(frozen=True)
class Cause:
    """Why points of one question were lost: a mistake, the message of a check, or results that no mistake explains."""

    name: str  # of the mistake; "" for the others
    did: str  # a sentence
    helps: str
    students: tuple[str, ...]
    seen: str  # what happened on a small case, and how the mistake comes to it
    example: Example | None
    explained: bool = True
    returned: tuple[Returned, ...] = ()  # of answers that no mistake explains: all returned the same
    picture: str = ""  # clean HTML; "" where the exercise draws none
    stub: str = ""  # a line for `mistakes=[...]` of the exercise; "" where no rule can be made of results

    @property
    def title(self) -> str:
        return self.name or self.did


@dataclass(frozen=True)
class FixedCase:
    """How many answers failed a fixed case."""

    call: str
    failed: int


@dataclass(frozen=True)
class QuestionReport:
    """One exercise, or one graded cell that belongs to none."""

    id: str
    answer: str  # the name of the student's function or array; "" for an answer in words
    asks: str
    notebook: str
    cells: tuple[str, ...]  # grade_ids
    points: float
    by_person: bool
    graded: int  # students whose points are known
    distribution: tuple[tuple[float, int], ...]  # points and the number of students who have them, from 0 up
    difficulty: float | None  # mean share of the points
    discrimination: float | None  # correlation with the points of all other questions, of 20 students or more
    remark: str  # what these two mean, where they stand out
    cases: tuple[FixedCase, ...]  # that an answer failed, the most frequent first
    causes: tuple[Cause, ...]  # the most frequent first
    not_written: tuple[str, ...]
    answered: int  # students who wrote an answer
    show: ShowCase | None


@dataclass(frozen=True)
class MistakeReport:
    """A cause in all questions."""

    students: tuple[str, ...]
    questions: dict[str, int]  # question -> students
    cause: Cause  # in the question where most students have it, which is the first of `questions`


@dataclass(frozen=True)
class Pair:
    """Two students with complementary mistakes."""

    students: tuple[str, str]
    first_explains: tuple[str, ...]  # questions that the first has and the second has not
    second_explains: tuple[str, ...]


@dataclass(frozen=True)
class Similar:
    """Two answers that have text in common which few others have."""

    students: tuple[str, str]
    question: str
    share: float  # of the rare text of either answer
    text: str


@dataclass(frozen=True)
class Change:
    """A mistake in the first and in the last submission of those who handed in again."""

    name: str
    first: int
    last: int
    mended: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Period:
    """Submissions of a period before or after the due date, or of a day."""

    when: str
    students: int
    share: float  # mean share of the points


@dataclass(frozen=True)
class ClassReport:
    """What a class got wrong in one assignment."""

    assignment: str
    made: str  # UTC
    students: int
    graded: int
    nothing_handed_in: tuple[str, ...]
    not_graded: tuple[str, ...]
    possible: float
    waiting: float  # points that a person has yet to give
    no_answer: tuple[str, ...]  # graded students who answered no question
    all_right: tuple[str, ...]
    scores: tuple[tuple[float, int], ...]  # points and the number of students who have them, from the lowest
    mean: float | None
    mistakes: tuple[MistakeReport, ...]  # the most frequent first
    questions: tuple[QuestionReport, ...]
    again: int  # students who handed in more than once
    changes: tuple[Change, ...]
    periods: tuple[Period, ...]
    pairs: tuple[Pair, ...]
    unpaired: tuple[str, ...]  # graded students without a partner
    similar: tuple[Similar, ...]
    same_variant: tuple[tuple[str, ...], ...]  # students whose notebooks have one name in `variant("...")`
