"""The report as tables on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Column, Table

from gradekit.class_report.model import ClassReport, MistakeReport, QuestionReport
from gradekit.console import TABLE
from gradekit.report import number
from gradekit.submissions.names import some

SOME = 6  # names in a line


def show(console: Console, report: ClassReport) -> None:
    """Print what the class got wrong."""
    console.print()
    mean = "" if report.mean is None else f", {number(report.mean)} of {number(report.possible)} points on average"
    console.print(f"{report.assignment}: {report.graded} of {report.students} students graded{mean}.", style="bold")
    for title, table in _tables(report):
        if table.row_count:
            console.print()
            console.print(title)
            console.print(table)
    console.print()


def _tables(report: ClassReport) -> list[tuple[str, Table]]:
    mistakes = _table("students", "mistake", "questions", "who")
    for one in report.mistakes:
        where = ", ".join(f"{name} {many}" if len(one.questions) > 1 else name for name, many in one.questions.items())
        mistakes.add_row(str(len(one.students)), _title(one), where, some(list(one.students), SOME))
    questions = _table("question", "points", "average score", "discrimination", "show this case")
    for asked in report.questions:
        average = "-" if asked.difficulty is None else f"{100 * asked.difficulty:.0f} %"
        row = asked.id, number(asked.points), average, number(asked.discrimination)
        questions.add_row(*row, " ".join(filter(None, (_shown(asked), asked.remark))))
    changes = _table("mistake", "first", "last", "mended by", "new with")
    for change in report.changes:
        names = (some(list(names), SOME) if names else "" for names in (change.mended, change.new))
        changes.add_row(change.name, str(change.first), str(change.last), *names)
    periods = _table("handed in", "students", "mean share of the points")
    for period in report.periods:
        periods.add_row(period.when, str(period.students), f"{100 * period.share:.0f} %")
    pairs = _table("explains", "", "explains", "")
    for pair in report.pairs:
        pairs.add_row(
            pair.students[0], ", ".join(pair.first_explains), pair.students[1], ", ".join(pair.second_explains)
        )
    similar = _table("question", "students", "in common")
    for pair_ in report.similar:
        similar.add_row(pair_.question, " and ".join(pair_.students), f"{100 * pair_.share:.0f} %")
    alike = _table("students")
    for students in report.same_variant:
        alike.add_row(some(list(students), SOME))
    return [
        ("Mistakes, the most frequent first", mistakes),
        ("Questions. Discrimination: do students who do well elsewhere do well here? Below 0.2: hardly", questions),
        (f"From the first submission to the last, of {report.again} who handed in more than once", changes),
        ("Time of submission", periods),
        ("Who could sit together", pairs),
        ("Answers with rare lines in common: worth a question, and no verdict", similar),
        ("The same name in variant(...), so that they had the same numbers: worth a question, and no verdict", alike),
    ]


def _table(*titles: str) -> Table:
    return Table(*(Column(title, overflow="fold") for title in titles), **TABLE)


def _title(mistake: MistakeReport) -> str:
    return f"{mistake.cause.did} ({mistake.cause.name})" if mistake.cause.name else mistake.cause.did


def _shown(asked: QuestionReport) -> str:
    if asked.show is None:
        return ""
    wrong = "; ".join(f"{one.value}: {one.mistake.rstrip('.')}" for one in asked.show.results[:3])
    return f"{asked.show.call} is {asked.show.correct}. {wrong}."
