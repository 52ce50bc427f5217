"""Graded work of a class -> what it got wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from gradekit.class_report import items, neighbors, pictures, unexplained
from gradekit.class_report.model import (
    Cause,
    Change,
    ClassReport,
    Example,
    FixedCase,
    MistakenResult,
    MistakeReport,
    Pair,
    Period,
    QuestionReport,
    ShowCase,
    Similar,
)  # fmt: skip
from gradekit.class_report.questions import Asked, asked
from gradekit.course import CourseFolder, course
from gradekit.exercise.model import Exercise
from gradekit.exercise.trial import size
from gradekit.graded_notebook import ADDED, in_short, is_blank
from gradekit.grading import gradebook, ledger
from gradekit.grading.gradebook import CellGrade
from gradekit.pseudonyms import Pseudonyms
from gradekit.report import GRADED, NOT_GRADED, NOTHING, Progress, Work, class_work, connected

LONGEST_EXAMPLE = 3_000  # characters
HOURS = {  # before the due date, up to
    "after the due date": 0.0,
    "in the last hour": 1.0,
    "in the last day": 24.0,
    "one to three days before": 72.0,
    "three to seven days before": 168.0,
    "more than seven days before": float("inf"),
}
NO_RESULT = "no result recorded"
History = Mapping[str, list[dict[str, list[str]]]]  # by student: why the checks of each submission failed


def class_report(
    root: str | Path = ".",
    assignment: str | None = None,
    progress: Progress | None = None,
    pseudonyms: bool = False,
) -> ClassReport:
    """What the class got wrong in one assignment. It reads what grading recorded, and runs nothing."""
    here = course(root, assignment)
    works = class_work(here, progress, pseudonyms)
    with connected(here) as connection:
        due, history = gradebook.due(connection, here.assignment), ledger.history(connection, here.assignment)
    if pseudonyms:
        alias = Pseudonyms(here.root).of
        history = {alias(student): causes for student, causes in history.items()}
    return analyze(here, works, due, history)


def analyze(here: CourseFolder, works: Sequence[Work], due: str | None, history: History) -> ClassReport:
    """The same for work that was read before."""
    graded = [work for work in works if work.row.state == GRADED]
    found = [_Answers(one, graded) for one in asked(here)]
    questions = tuple(answers.question() for answers in found)
    again = {student: causes for student, causes in history.items() if len(causes) > 1}
    rows = [work.row for work in works]
    pairs = tuple(_pairs(found, graded))
    empty = set.intersection(*([set(one.not_written) for one in questions if not one.by_person] or [set()]))
    paired = {student for pair in pairs for student in pair.students}
    return ClassReport(
        assignment=here.assignment,
        made=datetime.now(UTC).isoformat(timespec="minutes"),
        students=len(rows),
        graded=len(graded),
        nothing_handed_in=tuple(row.student for row in rows if row.state == NOTHING),
        not_graded=tuple(row.student for row in rows if row.state == NOT_GRADED),
        possible=rows[0].possible if rows else 0.0,
        waiting=sum(row.waiting for row in rows),
        no_answer=tuple(one.row.student for one in graded if one.row.student in empty and not one.row.raw),
        all_right=tuple(one.row.student for one in graded if one.row.raw >= one.row.possible > 0),
        scores=tuple(sorted(Counter(round(work.row.score, 2) for work in graded).items())),
        mean=sum(work.row.score for work in graded) / len(graded) if graded else None,
        mistakes=_mistakes(questions),
        questions=questions,
        again=len(again),
        changes=_changes(again),
        periods=_periods(graded, due),
        pairs=pairs,
        unpaired=tuple(work.row.student for work in graded if work.row.student not in paired),
        similar=_similar(found),
        same_variant=_same_variant(graded),
    )


@dataclass
class _Lost:
    """Why a student lost points of a question."""

    student: str
    points: float
    causes: list[tuple[str, str, str]]  # name, did, helps
    record: dict[str, Any] | None
    written: bool
    seen: str


@dataclass
class _Answers:
    """All answers to one question."""

    asked: Asked
    works: Sequence[Work]
    points: dict[str, float] = field(init=False)  # of students whose points are known
    lost: list[_Lost] = field(init=False)
    code: dict[str, str] = field(init=False)
    handed_in: int = field(init=False)  # students

    def __post_init__(self) -> None:
        one = self.asked
        cells = [(one.notebook, cell) for cell in one.cells]
        grades = {
            work.row.student: [work.by_cell[cell] for cell in cells if cell in work.by_cell] for work in self.works
        }
        self.points = {
            student: sum(grade.score for grade in some)
            for student, some in grades.items()
            if some and not any(grade.waiting for grade in some)
        }
        books = {work.row.student: work.notebooks.get(one.notebook) for work in self.works}
        self.handed_in = sum(book is not None for book in books.values())
        self.code = {
            student: book.answers[one.answered_in]
            for student, book in books.items()
            if book is not None and book.answers.get(one.answered_in, "").strip() not in ("", one.released.strip())
        }
        self.lost = []
        for student, book in books.items():
            if book is None:
                continue
            failed = [
                grade
                for grade in grades[student]
                if grade.max_score > grade.score
                and not (grade.by_person or grade.waiting or book.messages.get(grade.cell) == ADDED)
            ]
            if failed:
                messages = [book.messages[grade.cell] for grade in failed if grade.cell in book.messages]
                found = [book.records[grade.cell] for grade in failed if grade.cell in book.records]
                blank = bool(one.answered_in) and student not in self.code
                self.lost.append(_lost(student, blank, failed, messages, found))

    def question(self) -> QuestionReport:
        one = self.asked
        points = list(self.points.values())
        others = [
            work.row.raw - self.points[work.row.student] for work in self.works if work.row.student in self.points
        ]
        whole = len(points) == len(self.works)  # no points of a person are missing
        easy = items.difficulty(points, one.points) if whole else None
        tells = items.discrimination(points, others) if whole and len(points) >= items.CORRELATED else None
        case = self._case_to_show()
        causes = [*self._explained(case), *self._unexplained(case)]
        not_written = tuple(lost.student for lost in self.lost if not lost.written)
        return QuestionReport(
            id=one.id,
            answer=one.exercise.name if one.exercise else "",
            asks=one.exercise.asks if one.exercise else "",
            notebook=one.notebook,
            cells=tuple(one.cells),
            points=one.points,
            by_person=one.by_person,
            graded=len(points),
            distribution=tuple(sorted(Counter(round(value, 2) for value in points).items())),
            difficulty=easy,
            discrimination=tells,
            remark=items.remark(len(points), easy, tells),
            cases=self._cases(one.exercise) if one.exercise else (),
            causes=tuple(sorted(causes, key=lambda one: -len(one.students))),
            not_written=not_written,
            answered=self.handed_in - len(not_written),
            show=self._show(one.exercise, case) if one.exercise and case is not None else None,
        )

    def _explained(self, case: int | None) -> Iterable[Cause]:
        made: dict[tuple[str, str], list[_Lost]] = defaultdict(list)  # name, or the message where there is none
        words: dict[tuple[str, str], tuple[str, str]] = {}
        for lost in self.lost:
            for name, did, helps in lost.causes:
                key = name, "" if name else did
                made[key].append(lost)
                words.setdefault(key, (did, helps))
        for key, some in made.items():
            students = tuple(lost.student for lost in some)
            first = min(some, key=lambda lost: len(lost.causes))
            seen = self._seen(first, case)
            drawn = pictures.of_mistake(self.asked.exercise, key[0], first.record, seen)
            yield Cause(key[0], *words[key], students, seen, self._example(some), picture=drawn)

    def _seen(self, lost: _Lost, case: int | None) -> str:
        """What happened on the case to show where that fits, and elsewhere what a student reads."""
        exercise, record = self.asked.exercise, lost.record
        if exercise is None or record is None or record["derivation"] or case is None:
            return lost.seen
        cases = unexplained.returned(exercise, record)
        fits = case < len(cases) and not cases[case].passed
        return unexplained.sentence(cases[case]) if fits else lost.seen

    def _example(self, some: Iterable[_Lost]) -> Example | None:
        """The shortest answer, one that has no other mistake where there is one."""
        able = [lost for lost in some if lost.student in self.code]
        if not able:
            return None
        one = min(able, key=lambda lost: (len(lost.causes), len(self.code[lost.student])))
        return Example(one.student, self.code[one.student][:LONGEST_EXAMPLE])

    @cached_property
    def current(self) -> list[tuple[_Lost, dict[str, Any]]]:
        """The answers that lost points and have a diagnosis of the cases that the exercise has now."""
        exercise = self.asked.exercise
        known = [(lost, lost.record) for lost in self.lost if lost.record]
        return [one for one in known if exercise and unexplained.is_current(exercise, one[1])]

    def _cases(self, exercise: Exercise) -> tuple[FixedCase, ...]:
        failed = Counter(n for _, record in self.current for n, passed in enumerate(record["passed"]) if not passed)
        return tuple(FixedCase(exercise.call(exercise.expected[n][0]), many) for n, many in failed.most_common())

    def _unexplained(self, case: int | None) -> Iterable[Cause]:
        groups: dict[str, list[_Lost]] = defaultdict(list)
        exercise = self.asked.exercise
        if exercise is None:
            return
        for lost in self.lost:
            if lost.record and not lost.causes:
                groups[unexplained.key(lost.record)].append(lost)
        records = [some[0].record or {} for some in groups.values()]
        headings = unexplained.headings(exercise, records, case)
        for some, record, did in zip(groups.values(), records, headings, strict=True):
            students, rows = tuple(lost.student for lost in some), tuple(unexplained.returned(exercise, record))
            stub = unexplained.stub(exercise, record, len(some))
            drawn, example = pictures.of_mistake(exercise, "", record, did), self._example(some)
            yield Cause("", did, "", students, "", example, explained=False, returned=rows, picture=drawn, stub=stub)

    def _case_to_show(self) -> int | None:
        """The small case on which most students see an incorrect result, one that no other cause has."""
        exercise = self.asked.exercise
        ranked: list[tuple[float, float, int]] = []
        for n in unexplained.literals(exercise) if exercise else ():
            wrong = {key: many for key, many in self._failed(n).items() if key[2] != NO_RESULT}
            unique = Counter(value for _, _, value in wrong)
            told = sum(many * (2 if unique[value] == 1 else 1) for (_, _, value), many in wrong.items())
            if exercise and told:
                ranked.append((told, -size(exercise.expected[n][0]), -n))
        return -max(ranked)[2] if ranked else None

    def _failed(self, n: int) -> Counter[tuple[str, str, str]]:
        """How many students failed a case: by cause, its words, and the result."""
        failed: Counter[tuple[str, str, str]] = Counter()
        for lost, record in self.current:
            if not any(record["passed"][n : n + 1]):
                words = " ".join(did for _, did, _ in lost.causes)
                said = (record["returned"] or [])[n : n + 1]
                value = unexplained.text(said[0]) if said else NO_RESULT
                failed[words or unexplained.key(record), words or unexplained.UNRECOGNIZED, value] += 1
        return failed

    def _show(self, exercise: Exercise, n: int) -> ShowCase:
        args, right = exercise.expected[n]
        shown: Counter[tuple[str, str]] = Counter()
        for (_, words, value), many in self._failed(n).items():
            shown[words, value] += many
        known = self.handed_in - len(self.lost) + len(self.current)
        results = tuple(MistakenResult(*key, many) for key, many in shown.most_common())
        return ShowCase(exercise.call(args), unexplained.brief(right), known - shown.total(), results)


def _lost(
    student: str, blank: bool, failed: list[CellGrade], messages: list[str], found: list[dict[str, Any]]
) -> _Lost:
    points = sum(grade.max_score - grade.score for grade in failed)
    named = next((record for record in found if record["found"]), None)
    record = named or next(iter(found), None)
    short = [in_short(message) for message in messages]
    written = not blank and (not short or not all(map(is_blank, short)))
    causes = [tuple(one) for one in record["found"]] if record and written else []
    if written and record is None:
        causes = [("", message, "") for message in dict.fromkeys(short)]
    seen = "" if record is None else unexplained.seen(record)
    return _Lost(student, points, causes, record if written else None, written, seen)


def _mistakes(questions: Sequence[QuestionReport]) -> tuple[MistakeReport, ...]:
    """The causes of all questions, those of one name together."""
    made: dict[Any, list[tuple[str, Cause]]] = defaultdict(list)
    for question in questions:
        for cause in question.causes:
            made[cause.title if cause.explained else (question.id, cause.did)].append((question.id, cause))
    found = []
    for some in made.values():
        some.sort(key=lambda one: -len(one[1].students))
        students = tuple(dict.fromkeys(student for _, cause in some for student in cause.students))
        found.append(MistakeReport(students, {name: len(cause.students) for name, cause in some}, some[0][1]))
    found.sort(key=lambda one: (-len(one.students), not one.cause.explained, -sum(one.questions.values())))
    return tuple(found)


def _changes(history: History) -> tuple[Change, ...]:
    """How mistakes went from the first to the last submission of those who handed in more than once."""
    first: dict[str, set[str]] = defaultdict(set)
    last: dict[str, set[str]] = defaultdict(set)
    for student, submitted in history.items():
        for made, causes in ((first, submitted[0]), (last, submitted[-1])):
            for names in causes.values():
                for name in names:
                    made[name].add(student)
    found = [
        Change(
            name, len(first[name]), len(last[name]),
            tuple(sorted(first[name] - last[name])), tuple(sorted(last[name] - first[name])),
        )
        for name in {*first, *last}
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.first, -one.last, one.name)))


def _periods(graded: Sequence[Work], due: str | None) -> tuple[Period, ...]:
    shares: dict[str, list[float]] = defaultdict(list)
    for work in graded:
        if work.row.submitted and work.row.possible:
            shares[_when(work.row.submitted, due)].append(work.row.score / work.row.possible)
    order = list(reversed(HOURS)) if due else sorted(shares)
    return tuple(
        Period(when, len(shares[when]), sum(shares[when]) / len(shares[when])) for when in order if shares[when]
    )


def _when(submitted: str, due: str | None) -> str:
    """The period of a submission: relative to the due date, or its day in UTC where there is none."""
    if due is None:
        return submitted[:10]
    hours = (datetime.fromisoformat(due) - datetime.fromisoformat(submitted)).total_seconds() / 3600
    return next(name for name, most in HOURS.items() if hours < most or most == float("inf"))


def _pairs(found: Sequence[_Answers], graded: Sequence[Work]) -> Iterable[Pair]:
    missing: dict[str, set[str]] = {work.row.student: set() for work in graded if work.row.raw}
    for answers in found:
        for lost in answers.lost:
            if lost.student in missing:
                missing[lost.student].add(answers.asked.id)
    return neighbors.pairs(missing, [answers.asked.id for answers in found])


def _similar(found: Sequence[_Answers]) -> tuple[Similar, ...]:
    alike: list[Similar] = []
    for answers in found:
        if answers.code:
            alike += neighbors.similar(answers.asked.id, answers.code, [answers.asked.solution])
    return tuple(sorted(alike, key=lambda one: -len(one.text))[: neighbors.MOST])


def _same_variant(graded: Sequence[Work]) -> tuple[tuple[str, ...], ...]:
    students: dict[str, dict[str, None]] = defaultdict(dict)
    for work in graded:
        for book in work.notebooks.values():
            if book and book.variant:
                students[book.variant][work.row.student] = None
    return tuple(tuple(some) for some in students.values() if len(some) > 1)
