"""Grading a class: all students who can be graded are, the others get a line, and nothing is lost."""

from __future__ import annotations

import html
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from gradekit.errors import CourseError
from gradekit.feedback import FeedbackPage
from gradekit.grading.grade import grade
from gradekit.hidden_regions import secrets
from gradekit.release import release
from gradekit.report import as_json, report
from tests import toy
from tests.processes import hear_ctrl_c, on_path
from tests.toy import WRONG, edit, hand_in

ODD = " Zoë van der Berg, {0} "


def copy_check(nb) -> None:
    nb.cells.insert(4, nbformat.from_dict({**nb.cells[2], "id": "copied"}))
    nb.cells.append(nbformat.from_dict({**nb.cells[1], "id": "again", "source": "# my second try\n" + WRONG}))


def delete_check(nb) -> None:
    del nb.cells[3]


def delete_everything_graded(nb) -> None:
    nb.cells = [cell for cell in nb.cells if "nbgrader" not in cell.metadata]


def weaken_check(nb) -> None:
    nb.cells[2].source = "assert True"
    nb.cells[3].metadata.nbgrader.points = 100


def unmark_check(nb) -> None:
    nb.cells[2].metadata.nbgrader.grade = False
    nb.cells[3].metadata.nbgrader = "none of your business"
    nb.cells[5].metadata.nbgrader = {"grade": True}


def foreign_marks(nb) -> None:
    nb.cells[0].metadata.nbgrader = {"grade": True, "solution": False, "locked": False, "grade_id": "tetris"}
    nb.nbformat_minor = 4
    for cell in nb.cells:
        del cell["id"]


CLASS = {
    "ada": None,
    "copied": copy_check,
    "deleted": delete_check,
    "emptied": delete_everything_graded,
    "weakened": weaken_check,
    "unmarked": unmark_check,
    "foreign-marks": foreign_marks,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A released toy course without submissions."""
    root = toy.make(tmp_path_factory.mktemp("base"))
    release(root)
    return root


@pytest.fixture
def root(base, tmp_path):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def graded(base, tmp_path_factory):
    """A class with everything that goes wrong in a class, graded once: (folder, outcome, rows by student)."""
    root = tmp_path_factory.mktemp("graded")
    shutil.copytree(base, root, dirs_exist_ok=True)
    for student, change in CLASS.items():
        folder = hand_in(root, student, parameters_why="It sees two channels.")
        if change:
            edit(folder / "1-first.ipynb", change)
    hand_in(root, "wrong", layer_params=WRONG)
    hand_in(root, ODD)
    hand_in(root, ".hidden")
    hand_in(root, "group [1]")
    stub = "def layer_params(kernel_size, in_channels, filters):\n    raise NotImplementedError"
    hand_in(root, "blank", layer_params=stub, second_layer_params="")
    (hand_in(root, "damaged") / "2-second.ipynb").write_text('{"cells": [')
    (hand_in(root, "image") / "2-second.ipynb").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (hand_in(root, "empty-file") / "2-second.ipynb").write_bytes(b"")
    (hand_in(root, "list") / "2-second.ipynb").write_text("[1, 2]")
    folder = hand_in(root, "renamed")
    (folder / "2-second.ipynb").rename(folder / "second (1).ipynb")
    (root / "submitted/nothing/toy").mkdir(parents=True)
    (root / "submitted/readme.txt").write_text("a file among the folders")
    outcome = grade(root)
    return root, outcome, {row.student: row for row in report(root)}


def lines(outcome, student: str) -> list[str]:
    return [trouble.what for trouble in outcome.troubles if trouble.student == student]


@pytest.mark.parametrize("student", CLASS)
def test_what_a_student_does_to_the_cells_changes_no_points_of_right_answers(graded, student):
    _, _, rows = graded
    expected = {"1-first": 0, "2-second": 2} if student == "emptied" else {"1-first": 3, "2-second": 2}
    assert rows[student].scores == expected


#    student        the line in the report
TOLD = [
    ("copied", "the cell layer-params-small appears more than once: the first was graded."),
    ("copied", "the cell layer-params appears more than once: the first was graded."),
    ("deleted", "the cell layer-params-fresh was missing: it was added and graded."),
    ("emptied", "the cell layer-params-small was missing: it was added and graded."),
    ("weakened", "the check layer-params-small differs from the release: the original was graded."),
    ("unmarked", "the cell layer-params-fresh has other nbgrader metadata than the release: the release's counts."),
    ("damaged", "2-second was not graded: unreadable: ask for it again."),
    ("renamed", "second (1).ipynb was graded as 2-second.ipynb, which is missing or can't be used."),
    ("group [1]", "nbgrader does not support *, ? or [ in the name of a folder. Rename it."),
    (".hidden", "a folder with a leading dot is not graded. Rename it if it is a student's."),
]


@pytest.mark.parametrize(("student", "line"), TOLD)
def test_a_repair_is_reported_in_one_line(graded, student, line):
    assert line in lines(graded[1], student)


@pytest.mark.parametrize("student", ["damaged", "image", "empty-file", "list"])
def test_a_broken_notebook_costs_neither_the_others_nor_the_students_other_one(graded, student):
    root, outcome, rows = graded
    assert student in outcome.graded
    assert rows[student].scores == {"1-first": 3, "2-second": None}
    assert any(line.startswith("2-second was not graded: ") and "\n" not in line for line in lines(outcome, student))
    assert [path.name for path in (root / "autograded" / student / "toy").iterdir()] == ["1-first.ipynb"]


def test_no_other_student_is_mentioned_and_an_empty_folder_is_not_a_failure(graded):
    _, outcome, _ = graded
    assert (outcome.missing, outcome.failed) == (["nothing"], [".hidden", "group [1]"])
    odd = {student for student, _ in TOLD} | {"image", "empty-file", "list", "foreign-marks"}
    assert {trouble.student for trouble in outcome.troubles} <= odd
    assert set(outcome.graded) == set(CLASS) | {
        "wrong",
        ODD,
        "blank",
        "damaged",
        "image",
        "empty-file",
        "list",
        "renamed",
    }


def test_an_odd_name_is_a_student_like_others(graded):
    root, _, rows = graded
    assert rows[ODD].scores == {"1-first": 3, "2-second": 2}
    assert (root / "feedback" / ODD / "toy/1-first.html").exists()


def test_the_report_says_what_was_lost_and_why(graded):
    row = graded[2]["wrong"]
    assert (row.score, row.possible, row.waiting) == (2, 7, 0), "nothing was written below the task"
    assert [(loss.cell, loss.points, loss.message) for loss in row.lost] == [
        ("layer-params-small", 1, "AssertionError: a bias per filter?"),
        ("layer-params-fresh", 2, "AssertionError: channels?"),
    ]
    assert {loss.message for loss in graded[2]["damaged"].lost} == {"this notebook is not graded"}
    assert as_json([row])[0]["lost"][0]["cell"] == "layer-params-small"


@pytest.mark.days
def test_the_points_are_those_of_the_nbgrader_command(graded, tmp_path):
    root, _, _ = graded
    shutil.copytree(root, tmp_path / "course", ignore=shutil.ignore_patterns("autograded", "feedback", "gradebook.db"))
    there = tmp_path / "course"
    for student in ("damaged", "image", "empty-file", "list", "nothing", "renamed"):
        shutil.rmtree(there / "submitted" / student)  # nbgrader alone gives up on these, or does not find them
    for command in (["generate_assignment", "toy", "--force"], ["autograde", "toy"], ["generate_feedback", "toy"]):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=there, capture_output=True, text=True, env=on_path()
        )
        assert done.returncode == 0, done.stderr[-2000:]
    by_command = {row.student: row for row in report(there)}
    assert set(by_command) >= set(CLASS)
    own = {student: graded[2][student] for student in by_command}
    blank = {student: replace(own[student], waiting=2.0) for student in ("wrong", ODD, "blank")}
    assert by_command == {**own, **blank}, "the command alone never gives a blank task its 0"
    for page in (there / "feedback").rglob("*.html"):
        assert "HIDDEN TESTS" not in page.read_text()


def plain(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_feedback_pages_give_nothing_away(graded):
    root, _, _ = graded
    pages = {path.relative_to(root): path.read_text() for path in (root / "feedback").rglob("*.html")}
    assert len(pages) > 20
    hidden = [secret for secret in secrets(root / "source/toy") if secret.kind != "solution"]
    assert len(hidden) == 3
    for name, page in pages.items():
        for secret in hidden:
            assert secret.line not in plain(page), (name, secret)
        assert str(root) not in page, name
        assert "site-packages" not in page, name


def test_feedback_pages_say_what_went_wrong(graded):
    root, _, _ = graded
    page = plain((root / "feedback/wrong/toy/1-first.html").read_text())
    assert "AssertionError: a bias per filter?" in page
    assert "AssertionError: channels?" in page
    assert "Traceback (most recent call last)" not in page


def test_feedback_pages_ask_the_network_for_nothing(graded):
    root, _, _ = graded
    page = (root / "feedback/ada/toy/1-first.html").read_text()
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"|url\(["\']?https?:|@import', page) == []
    assert '<html lang="en">' in page


def test_a_text_with_a_picture_of_its_own_is_not_taken_for_another():
    page, text = FeedbackPage(), "![](attachment:a.png)"
    first, second = (
        page.markdown2html({"cell": {"attachments": {"a.png": {"image/png": data}}}}, text) for data in "AB"
    )
    assert "base64,A" in first
    assert "base64,B" in second
    assert page.markdown2html({}, "*so*") == page.markdown2html({}, "*so*") == "<p><em>so</em></p>\n"


SPY = """def layer_params(kernel_size, in_channels, filters):
    import sys
    print("called with", kernel_size, In[-1])
    global stolen
    stolen = In[-1]
    return (kernel_size * kernel_size * in_channels + 1) * filters + (kernel_size == 7)"""


def test_a_student_who_prints_the_hidden_test_does_not_get_it_on_the_page(root):
    folder = hand_in(root, "spy", layer_params=SPY)
    edit(
        folder / "1-first.ipynb", lambda nb: nb.cells.append(nbformat.v4.new_code_cell("print(stolen)\n1/0", id="loot"))
    )
    assert grade(root).graded == ["spy"]
    autograded = (root / "autograded/spy/toy/1-first.ipynb").read_text()
    assert autograded.count(toy.HIDDEN) >= 3, "it was printed twice"
    page = plain((root / "feedback/spy/toy/1-first.html").read_text())
    assert toy.HIDDEN not in page
    assert "called with 2" in page, "what was printed in a check without a hidden part stays"
    assert "called with 7" not in page
    assert "A hidden test failed (AssertionError)." in page
    assert "fresh cases came out wrong" not in page, "the message of a hidden assert"
    assert "ZeroDivisionError" in page


def test_what_an_answer_prints_while_hidden_tests_run_is_not_on_the_page(root):
    hand_in(root, "chatty", layer_params=WRONG.replace("\n", "\n    print('asked for', kernel_size, in_channels)\n", 1))
    assert grade(root).graded == ["chatty"]
    page = plain((root / "feedback/chatty/toy/1-first.html").read_text())
    assert "asked for 2 1" in page, "the visible case"
    assert "asked for 3 3" not in page, "a case of a check with a hidden part"
    assert "AssertionError: channels?" in page


def test_a_student_who_writes_a_delimiter_gets_a_page_all_the_same(root):
    folder = hand_in(root, "ada")
    edit(
        folder / "1-first.ipynb",
        lambda nb: nb.cells.append(nbformat.v4.new_code_cell("# BEGIN HIDDEN TESTS", id="mine")),
    )
    outcome = grade(root)
    assert (outcome.graded, outcome.troubles) == (["ada"], [])
    assert (root / "feedback/ada/toy/1-first.html").exists()


def test_a_second_run_keeps_what_is_graded_and_grades_what_is_new(root):
    folder = hand_in(root, "ada", layer_params=WRONG)
    hand_in(root, "ben")
    assert grade(root).graded == ["ada", "ben"]
    again = grade(root)
    assert (again.graded, again.kept, again.troubles) == ([], ["ada", "ben"], [])
    hand_in(root, "ada")
    later = time.time() + 5
    os.utime(folder / "1-first.ipynb", (later, later))
    assert (grade(root).graded, [row.score for row in report(root)]) == (["ada"], [5, 5])
    assert grade(root, students=("ben",), again=True).graded == ["ben"]


def test_points_that_a_person_gave_stay_when_a_student_is_graded_again(root):
    hand_in(root, "ada", parameters_why="It sees two channels.")
    grade(root)
    with sqlite3.connect(root / "gradebook.db") as book:
        task = "select id from base_cell where name = 'parameters-why'"
        book.execute(f"update grade set manual_score = 1.5, needs_manual_grade = 0 where cell_id = ({task})")
    assert grade(root, again=True).graded == ["ada"]
    assert [(row.score, row.scores["1-first"]) for row in report(root)] == [(6.5, 4.5)]


def test_a_name_that_is_no_folder_in_submitted_is_refused(root):
    hand_in(root, "ada")
    for name, advice in (
        ("../ada", "Did you mean 'ada'?"),
        ("adda", "Did you mean 'ada'?"),
        ("*", "There are 1 folders"),
        ("/etc", "There are 1 folders"),
    ):
        with pytest.raises(CourseError, match=re.escape(f"submitted/ has no student {name!r}. {advice}")):
            grade(root, students=(name,))
    assert not (root / "autograded").exists()


def test_an_empty_class_is_reported(root):
    with pytest.raises(CourseError, match=r"there is nothing to grade: .*submitted does not exist"):
        grade(root)


def test_a_course_without_a_gradebook_can_be_graded(root):
    hand_in(root, "ada")
    (root / "gradebook.db").unlink()
    assert grade(root).graded == ["ada"]


def test_a_damaged_gradebook_is_named(root):
    hand_in(root, "ada")
    (root / "gradebook.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(CourseError, match=r"gradebook.db: the gradebook is damaged"):
        grade(root)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_is_named_and_the_old_result_stays(root):
    hand_in(root, "ada")
    hand_in(root, "ben")
    grade(root)
    before = files(root / "autograded")
    for student in ("ada", "ben"):
        hand_in(root, student, layer_params=WRONG)
    full = len((root / "submitted/ada/toy/1-first.ipynb").read_bytes()) // 2
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))  # no file can grow beyond this
    try:
        outcome = grade(root)
        with pytest.raises(CourseError, match=r"gradebook\.db: no space is left"):
            grade(root, again=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert outcome.graded == []
    assert [trouble.student for trouble in outcome.troubles] == ["ada", "ben"]
    assert all("no space is left for " in trouble.what for trouble in outcome.troubles), outcome.troubles
    assert files(root / "autograded") == before
    assert grade(root, again=True).troubles == []


def test_a_target_that_cannot_be_written_is_named(root):
    hand_in(root, "ada")
    (root / "autograded").write_text("a file where the folder should be")
    assert grade(root).troubles[0].what.startswith("not graded: ")
    assert "autograded" in grade(root).troubles[0].what


def test_ctrl_c_in_the_middle_keeps_what_is_done_and_what_was_there(root):
    for student in ("ada", "slow"):
        hand_in(root, student)
    grade(root)
    before = files(root / "autograded")
    for student in ("ada", "slow"):
        hand_in(root, student, layer_params=WRONG)
    sleeps = nbformat.v4.new_code_cell("import time\ntime.sleep(600)", id="sleeps")
    edit(root / "submitted/slow/toy/1-first.ipynb", lambda nb: nb.cells.insert(0, sleeps))
    command = [sys.executable, "-u", "-m", "gradekit.cli", "grade", "--again", "--workers", "1", "--course", str(root)]
    run = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hear_ctrl_c,
    )  # fmt: skip
    for line in run.stdout:
        if "2 of 2: slow" in line:
            break
    time.sleep(4)  # in the middle of the notebook
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 130, err
    assert "Stopped. Nothing is lost" in out
    assert "Traceback" not in err
    after = files(root / "autograded")
    assert after["slow/toy/1-first.ipynb"] == before["slow/toy/1-first.ipynb"]
    assert after["ada/toy/1-first.ipynb"] != before["ada/toy/1-first.ipynb"]
    assert set(after) == set(before)


def test_a_result_that_a_killed_run_left_aside_comes_back(root):
    hand_in(root, "ada")
    grade(root)
    done = root / "autograded/ada/toy"
    done.rename(done.with_name(".toy.before"))
    (root / "submitted/ada/toy/1-first.ipynb").write_text("broken")
    (root / "submitted/ada/toy/2-second.ipynb").write_text("broken")
    outcome = grade(root)
    assert any(line.startswith("1-first was not graded: ") for line in lines(outcome, "ada"))
    assert all(line.endswith("Its earlier grade is kept.") for line in lines(outcome, "ada"))
    assert [path.name for path in (root / "autograded/ada").iterdir()] == ["toy"]
    assert [row.score for row in report(root)] == [5]
