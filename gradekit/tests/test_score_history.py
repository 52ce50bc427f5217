"""The history of each score: when, by which run, and why; and which release a student worked from."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from gradebooks import ASSIGNMENT, Student, make

from gradekit.class_report.analysis import class_report
from gradekit.cli import main
from gradekit.course import course, open_gradebook
from gradekit.errors import CourseError
from gradekit.forget import forget
from gradekit.graded_notebook import read_graded
from gradekit.grading import gradebook, ledger, score_entries
from gradekit.grading.grade import grade
from gradekit.grading.ledger import NOTHING_KNOWN, Entry, Known
from gradekit.notebook import read, write
from gradekit.release import release
from gradekit.report import report
from gradekit.score_history import score_history
from tests import toy

CELLS = {"1/program": "a", "1/words": "b"}
RELEASE = json.dumps({"cells": CELLS, "due": "2026-03-06T12:00:00+00:00"})
ENTRY = Entry("hw1", "ada", "r1", "digest-1", "here", 0.0, True, RELEASE)


def other(**changes) -> str:
    return json.dumps(json.loads(RELEASE) | changes)


MOVED = "2026-03-08T00:00:00+00:00"
#   what the gradebook had                                     what is graded now                       why
REASONS = [
    (NOTHING_KNOWN, ENTRY, "first grading"),
    (Known(None, True), ENTRY, "graded again"),  # nbgrader had graded it
    (Known(ENTRY, True), ENTRY, "graded again"),
    (Known(replace(ENTRY, run="", files="", release=""), True), ENTRY, "graded again"),  # the mark of an --again
    (Known(ENTRY, True), replace(ENTRY, files="digest-2"), "handed in again"),
    (Known(replace(ENTRY, files=""), True), ENTRY, "not everything could be graded before"),
    (Known(replace(ENTRY, complete=False), True), ENTRY, "the run before was stopped"),
    (
        Known(ENTRY, True),
        replace(ENTRY, release=other(cells={"1/program": "c", "1/words": "b"})),
        "the course changed program",
    ),
    (Known(ENTRY, True), replace(ENTRY, release=other(cells={"1/program": "a"})), "the course changed words"),
    (
        Known(ENTRY, True),
        replace(ENTRY, files="digest-2", release=other(due=MOVED)),
        "handed in again; the due date was moved from 2026-03-06 12:00 UTC to 2026-03-08 00:00 UTC",
    ),
    (
        Known(ENTRY, True),
        replace(ENTRY, release=other(due=None)),
        "the due date was moved from 2026-03-06 12:00 UTC to none",
    ),
]


@pytest.mark.parametrize(("known", "now", "why"), REASONS, ids=[row[-1][:30] for row in REASONS])
def test_a_grading_has_a_reason(known, now, why):
    assert score_entries.reason(known, now) == why


@pytest.fixture
def root(tmp_path):
    """ada has 7.5 points, ben nothing; the history has ada's first grading."""
    make(tmp_path, [Student("ada", 7.5), Student("ben")])
    run(tmp_path, lambda connection: score_entries.note(connection, ENTRY, "first grading", {"1": MOVED}))
    return tmp_path


def run(root, change) -> None:
    engine = gradebook.engine(course(root).directory().db_url)
    ledger.make(engine)
    with engine.begin() as connection:
        change(connection)
    engine.dispose()


def seen(root, student="ada") -> None:
    """What a run does before it writes scores of its own."""
    run(root, lambda connection: score_entries.note_others(connection, course(root, ASSIGNMENT), student))


def give(root, **points) -> None:
    with open_gradebook(course(root)) as book:
        words = book.find_grade("words", "1", ASSIGNMENT, "ada")
        for name, value in points.items():
            setattr(words, name, value)
        book.db.commit()


def test_points_of_a_person_are_in_the_history_once(root):
    seen(root)
    assert [one.why for one in score_history(root)] == ["first grading"], "nothing has changed"
    give(root, manual_score=1.5)
    for _ in range(2):
        seen(root)
    seen(root, "ben")
    first, second = score_history(root)
    assert (first.score, first.run, first.changes, first.released) == (7.5, "r1", {}, {"1": MOVED})
    assert (second.why, second.run) == ("points that a person or another program gave", "")
    assert (second.score, second.changes, second.released) == (9, {"1/words": (0, 1.5)}, {"1": MOVED})


def test_a_penalty_is_a_change_and_a_cell_that_was_added_is_none(root):
    with open_gradebook(course(root)) as book:
        book.find_submission_notebook("1", ASSIGNMENT, "ada").late_submission_penalty = 2.5
        book.db.commit()
    seen(root)
    assert [(one.raw, one.penalty, one.score, one.possible) for one in score_history(root)] == [
        (7.5, 0, 7.5, 10),
        (7.5, 2.5, 5, 10),
    ]


def test_a_score_from_before_the_history_is_its_first_entry(tmp_path):
    make(tmp_path, [Student("ada", 3)])
    seen(tmp_path)
    assert [(one.why, one.score) for one in score_history(tmp_path)] == [("the score before this history began", 3)]


def test_a_gradebook_without_a_history_has_an_empty_one(tmp_path, capsys):
    assert score_history(make(tmp_path, [Student("ada", 3)])) == []
    assert main(["report", "--course", str(tmp_path), "--history"]) == 0
    assert "No score has a history yet" in capsys.readouterr().out


def test_the_command_prints_it_for_one_student_and_without_names(root, capsys):
    arguments = ["report", "--course", str(root), "--history"]
    assert main([*arguments, "--student", "ada"]) == 0
    assert "first grading" in capsys.readouterr().out
    assert main([*arguments, "--json", "--pseudonyms", "--student", "ada"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["student"].startswith("student-")
    assert entry["score"] == 7.5
    with pytest.raises(CourseError, match="the history has no student 'ben'"):
        score_history(root, students=["ben"])
    assert main([*arguments[:-1], "--student", "ada"]) == 2, "--student filters the history alone"


def test_it_is_forgotten_with_the_submission(root):
    from datetime import UTC, datetime

    with open_gradebook(course(root)) as book:
        book.update_or_create_submission(ASSIGNMENT, "ada", timestamp="2026-03-01 10:00:00 UTC")
    assert [one.student for one in forget(root, datetime(2026, 3, 2, tzinfo=UTC), ASSIGNMENT, dry_run=False)] == ["ada"]
    assert score_history(root) == []


@pytest.mark.parametrize("claim", [7, [], "x", {"added": 7}, {"released": None, "added": {}}])
def test_a_notebook_that_says_nonsense_of_its_release_is_read(tmp_path, claim):
    """`nbgrader autograde` without gradekit's steps keeps what a student wrote there."""
    (tmp_path / "1.ipynb").write_text(json.dumps({"cells": [], "metadata": {"gradekit": claim}}))
    assert read_graded(tmp_path / "1.ipynb").added == ()


@pytest.mark.days
def test_a_course_that_changes_is_in_the_history_and_no_students_mistake(tmp_path):
    """Three runs of the grader: 10 s of processor time."""
    root = toy.make(tmp_path)
    release(root)
    toy.hand_in(root, "ada")
    grade(root, workers=1)
    released = {name: time_ for one in report(root) for name, time_ in one.released.items()}
    assert set(released) == {"1-first", "2-second"}

    path = root / "source/toy/1-first.ipynb"
    nb = read(path)
    nb.cells.insert(3, toy.check("layer-params-more", 1, "assert layer_params(1, 1, 1) == 2"))
    nb.cells.insert(4, toy.solution("more", "def more():", "return 1"))
    nb.cells.insert(5, toy.check("more-check", 1, "assert more() == 1"))
    write(nb, path)
    time.sleep(1)  # times of releases are in seconds
    release(root)
    (note,) = grade(root, workers=1).notes
    assert note.startswith("graded before layer-params-more, more, more-check changed: ada.")
    outcome = grade(root, again=True, workers=1)
    assert any("1-first was made from an earlier release" in trouble.what for trouble in outcome.troubles)
    (row,) = report(root)
    assert row.released == released, "the release that ada worked from, not the current one"
    assert [(loss.cell, loss.message) for loss in row.lost] == [
        ("more-check", "added to the course after the release that this notebook was made from")
    ]
    found = class_report(root)
    assert (found.mistakes, [one.id for one in found.questions if one.not_written]) == ((), [])
    first, second = score_history(root)
    assert (first.why, first.score, first.possible) == ("first grading", 5, 7)
    assert second.why == "the course changed layer-params-more, more, more-check"
    assert (second.score, second.possible, second.released) == (6, 9, released)
