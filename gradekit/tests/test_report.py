"""The report against nbgrader's own exporter, on a gradebook with every kind of points."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from rich.console import Console

from gradekit.cli import main
from gradekit.console import tables
from gradekit.course import course
from gradekit.export.scores import grades
from gradekit.release import release
from gradekit.report import NOTHING, report, totals
from tests import toy

SMALL, FRESH = "layer-params-small", "layer-params-fresh"
# grade_id: (autograded, manual, extra credit)
POINTS = {
    "ada": {SMALL: (1, None, None), FRESH: (2, None, 0.5), "parameters-why": (None, 2, 1)},
    "ben": {SMALL: (0, None, None), FRESH: (0, 1.5, None), "parameters-why": (0, None, None)},
    "eve": {SMALL: (1, None, None), FRESH: (2, None, None)},
}
PENALTY = {"ben": 0.5, "eve": 10.0}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """Two assignments: points of all kinds for `toy`; `second` is released, and only ada has handed in."""
    course = toy.make(tmp_path_factory.mktemp("course"))
    shutil.copytree(course / "source/toy", course / "source/second")
    for assignment in ("toy", "second"):
        release(course, assignment)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.add_student("zoe", first_name="Zoë", last_name="Berg")
        for student, cells in POINTS.items():
            book.add_student(student)
            book.add_submission("toy", student, timestamp="2026-03-05 10:00:00 UTC")
            for cell, (auto, manual, extra) in cells.items():
                grade = book.find_grade(cell, "1-first", "toy", student)
                grade.auto_score, grade.manual_score, grade.extra_credit = auto, manual, extra
                grade.needs_manual_grade = False
            late = book.find_submission_notebook("1-first", "toy", student)
            late.late_submission_penalty = PENALTY.get(student)
        book.add_submission("second", "ada")
        book.db.commit()
    return course


def exported(root: Path, tmp_path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """What `nbgrader export` writes, by assignment and student."""
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "grades.csv")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        plugin.export(book)
    rows = csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text()))
    return {(row["assignment"], row["student_id"]): row for row in rows}


def test_points_penalty_and_maximum_are_those_that_nbgrader_exports(root, tmp_path):
    wanted = exported(root, tmp_path)
    for assignment in ("toy", "second"):
        rows = report(root, assignment)
        assert [row.student for row in rows] == ["ada", "ben", "eve", "zoe"]
        for row in rows:
            theirs = wanted[assignment, row.student]
            ours = (row.raw, row.penalty, row.score, row.possible)
            fields = ("raw_score", "late_submission_penalty", "score", "max_score")
            assert ours == tuple(float(theirs[field]) for field in fields), row


def test_kinds_of_points_are_reported_separately(root):
    ada, ben, eve, zoe = report(root, "toy")
    assert (ada.raw, ada.extra_credit, ada.penalty, ada.score, ada.possible) == (6.5, 1.5, 0, 6.5, 7)
    assert (ben.raw, ben.penalty, ben.score) == (1.5, 0.5, 1.0)
    assert (eve.raw, eve.penalty, eve.score, eve.waiting) == (3, 10, 0, 4), "a score is not below 0"
    assert (ada.maxima, ada.submitted) == ({"1-first": 5, "2-second": 2}, "2026-03-05T10:00:00+00:00")
    assert (zoe.name, zoe.state, zoe.score, zoe.possible) == ("Zoë Berg", NOTHING, 0, 7)


def test_a_score_that_a_person_changed_is_not_a_loss(root):
    ben = report(root, "toy")[1]
    assert [(loss.cell, loss.points) for loss in ben.lost if loss.notebook == "1-first"] == [
        ("layer-params-small", 1),
        ("layer-params-fresh", 0.5),
    ]


def test_a_check_that_waits_for_a_person_is_to_read(root):
    """`2-second` has no answer in words, and nothing decided its check; zoe handed in nothing."""
    rows = report(root, "toy")
    assert [row.waiting for row in rows] == [2, 2, 4, 0] == [grade.waiting for grade in grades(course(root, "toy"))]
    lost = {loss.message for row in rows for loss in row.lost if loss.notebook == "2-second"}
    assert lost == {"this notebook is not graded"}, "there are no graded notebooks here to read"


def test_totals_are_the_sums_over_assignments(root):
    ada, ben, *_ = totals([report(root, "second"), report(root, "toy")])
    assert (ada.scores, ada.score, ada.possible, ada.missing) == ({"second": 0, "toy": 6.5}, 6.5, 14, ())
    assert (ben.scores, ben.score, ben.possible, ben.missing) == ({"second": 0, "toy": 1.0}, 1.0, 14, ("second",))


def test_the_command_shows_totals_where_no_assignment_is_named(root, capsys):
    assert main(["report", "--course", str(root)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[1].split() == ["student", "second", "toy", "total", "of", "to", "read"]
    assert out[3].split() == ["ben", "-", "1", "1", "14", "2"]
    assert main(["report", "--course", str(root), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [row["score"] for row in data["totals"]] == [6.5, 1.0, 0, 0]
    assert data["assignments"]["toy"][1]["penalty"] == 0.5


def test_tables_show_raw_points_penalty_and_score_and_who_handed_in_nothing(root):
    text = io.StringIO()
    tables(Console(file=text, width=120), report(root, "toy"))
    lines = text.getvalue().splitlines()
    assert lines[1].split() == ["student", "1", "2", "points", "late", "score", "of", "to", "read"]
    assert lines[3].split() == ["ben", "-", "-", "1.5", "-0.5", "1", "7", "2"]
    assert "Nothing handed in: zoe." in lines


def test_progress_names_each_student(root):
    seen = []
    report(root, "toy", lambda done, total, student: seen.append((done, total, student)))
    assert seen == [(0, 4, "ada"), (1, 4, "ben"), (2, 4, "eve"), (3, 4, "zoe")]
