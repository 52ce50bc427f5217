"""The report as one page: no script, nothing from elsewhere, and everything that a student wrote is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from gradekit.class_report.analysis import NO_RESULT
from gradekit.class_report.model import ClassReport
from gradekit.class_report.unexplained import STOPPED
from gradekit.exercise.verdict import with_code
from gradekit.feedback import POLICY
from gradekit.page import protected
from gradekit.report import number

MOST_CASES, MOST_BARS = 8, 10  # of a question are on the page
CODE = Markup("<code>{}</code>")


def write_page(reports: Sequence[ClassReport], path: str | Path) -> Path:
    """Write the reports of one or more assignments into a file."""
    target = Path(path)
    target.write_text(page(reports), encoding="utf-8", errors="replace")
    return target


def page(reports: Sequence[ClassReport]) -> str:
    """The page as HTML."""
    environment = protected(
        Environment(loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True, lstrip_blocks=True)
    )
    environment.filters |= {
        "code": lambda text: Markup(with_code(text)),  # which escapes
        "number": number,
        "students": lambda many: "1 student" if many == 1 else f"{many} students",
        "picture": Markup,  # clean since it was drawn
        "points": _points,
        "cases": lambda cases: [(CODE.format(case.call), case.failed) for case in cases[:MOST_CASES]],
        "value": lambda text: text if text.startswith((STOPPED, NO_RESULT)) else CODE.format(text),
        "question": lambda report, name: next(one for one in report.questions if one.id == name),
    }
    return environment.get_template("page.html").render(reports=reports, policy=POLICY).lstrip()


def _points(found: Sequence[tuple[float, int]], possible: float) -> list[tuple[str, int]]:
    """The points that occur, or tenths of the maximum where these are too many."""
    if len(found) <= MOST_BARS or not possible:
        return [(number(points), many) for points, many in found]
    counts = Counter[int]()
    for points, many in found:
        counts[min(9, max(0, int(10 * points / possible)))] += many
    return [(f"{number(n * possible / 10)} to {number((n + 1) * possible / 10)}", counts[n]) for n in range(10)]
