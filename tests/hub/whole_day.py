"""A whole day on a real JupyterHub, in a real browser: two students and an instructor, from release to feedback.

Set CONVKIT_PICTURES to a folder to get screenshots.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import nbformat

from convkit.lesson.sample_class import CLASS, WORDS
from gradekit.solutions import answer, right_answers

from .conftest import ROOT
from .day import InstructorAtWork, StudentAtWork, Visitor

PICTURES = os.environ.get("CONVKIT_PICTURES")
NOTEBOOKS = ["1-kernel", "2-parameters", "3-padding", "4-stride", "5-pointwise", "6-conv2d", "7-learning"]
RIGHT = {**right_answers(ROOT / "source" / "conv2d"), **WORDS}
SAMPLE = {student.id: student for student in CLASS}
AUTO, BY_HAND = 35, 12  # points of the lesson
LOST = {"ada": 0, "dilan": 8}  # dilan forgets the bias in five exercises
GIVEN = {"ada": 2, "dilan": 0.5}  # by the instructor, for the words in the second notebook
TYPED = "layer-params"  # ada writes this one in the browser


def a_day(hub, browser) -> None:
    """A day of an instructor and two students, each in a browser of their own."""
    with (
        closing(InstructorAtWork(hub, browser, "ida")) as ida,
        closing(StudentAtWork(hub, browser, "ada")) as ada,
        closing(StudentAtWork(hub, browser, "dilan")) as dilan,
    ):
        the_instructor_releases_the_lesson(ida)
        a_student_fetches_it(ada)
        a_missing_answer_does_not_validate(ada)
        a_student_answers_in_the_browser(ada)
        the_notebook_validates_then(ada)
        both_submit(ada, dilan)
        the_instructor_collects(ida)
        for student in LOST:
            autograding_gives_what_the_answers_are_worth(ida, student)
            the_instructor_reads_the_words_and_gives_points(ida, student)
            the_score_is_exact_and_feedback_is_released(ida, student)
        for who in (ada, dilan):
            a_student_reads_the_feedback_and_no_secret(who)
        assert [*ada.outside, *dilan.outside, *ida.outside] == [], "no request leaves the machine"


def picture(who: Visitor, name: str) -> None:
    if PICTURES:
        who.picture(Path(PICTURES), name)


# ---- the lesson is released


def the_instructor_releases_the_lesson(ida: InstructorAtWork) -> None:
    ida.start()
    assert ida.cell(ida.assignment, "status") == "draft"
    assert "Successfully created the student version" in ida.press(ida.assignment, "assign")
    assert "Successfully released" in ida.press(ida.assignment, "release")
    picture(ida, "released")
    released = sorted((ida.hub.exchange / "convkit/outbound/conv2d").glob("*.ipynb"))
    assert [path.stem for path in released] == NOTEBOOKS
    for path in released:
        assert "HIDDEN TESTS" not in path.read_text()
        assert "MARK SCHEME" not in path.read_text()


# ---- students work


def a_student_fetches_it(ada: StudentAtWork) -> None:
    ada.start()
    assert ada.menu_names("Nbgrader") == ["Assignment List"], "formgrader and the courses are the instructors'"
    ada.assignment_list()
    ada.fetch()
    assert sorted(ada.notebooks()) == NOTEBOOKS
    picture(ada, "fetched")


def a_missing_answer_does_not_validate(ada: StudentAtWork) -> None:
    fill_in(ada, but=TYPED)
    said = ada.validate("2-parameters")
    assert "not written yet" in said
    assert "Success" not in said


def a_student_answers_in_the_browser(ada: StudentAtWork) -> None:
    """The explorer and the check work in the student's own server."""
    ada.open("2-parameters")
    ada.write("def layer_params", RIGHT[TYPED])
    ada.run_all()
    ada.page.wait_for_selector(".convkit-parameters .cvx-panels[data-serial]", state="attached")
    ada.page.locator(".jp-OutputArea-output", has_text="right: layer_params(kernel_size=2").first.wait_for()
    ada.page.get_by_text("| Idle").wait_for()
    picture(ada, "answered")
    ada.save()
    ada.page.locator(".jp-mod-dirty").wait_for(state="detached")


def the_notebook_validates_then(ada: StudentAtWork) -> None:
    ada.assignment_list()
    assert "Success" in ada.validate("2-parameters")


def both_submit(ada: StudentAtWork, dilan: StudentAtWork) -> None:
    ada.submit()
    dilan.open_lesson()
    with dilan.away():
        fill_in(dilan)
    dilan.assignment_list()
    dilan.submit()
    assert len(list((ada.hub.exchange / "convkit/inbound").iterdir())) == 2
    assert ada.submissions() == dilan.submissions() == 1


def fill_in(who: StudentAtWork, but: str | None = None) -> None:
    """Write the student's answers into the notebooks that were fetched."""
    name = who.person.name
    given = {cell: text for cell, text in {**RIGHT, **SAMPLE[name].wrong}.items() if cell != but}
    for notebook_name in NOTEBOOKS:
        path = f"{who.hub.course.id}/{who.hub.assignment}/{notebook_name}.ipynb"
        notebook = nbformat.from_dict(who.contents(path)["content"])
        assert answer(notebook, given)
        who.contents(path, {"type": "notebook", "content": notebook})


# ---- the instructor grades


def the_instructor_collects(ida: InstructorAtWork) -> None:
    ida.go("Manage Assignments")
    ida.page.reload()
    said = ida.press(ida.assignment, "collect")
    assert all(f"Collecting submission: {name} conv2d" in said for name in LOST)
    assert ida.cell(ida.assignment, "num-submissions") == "2"


def autograding_gives_what_the_answers_are_worth(ida: InstructorAtWork, student: str) -> None:
    ida.submissions()
    assert "Successfully autograded" in ida.press(ida.submission(student), "autograde")
    assert ida.cell(ida.submission(student), "score") == f"{AUTO - LOST[student]} / {AUTO + BY_HAND}"
    assert ida.cell(ida.submission(student), "status") == "needs manual grading"
    picture(ida, f"autograded-{student}")


def the_instructor_reads_the_words_and_gives_points(ida: InstructorAtWork, student: str) -> None:
    ida.read_submission(student, "2-parameters", "parameters-why")
    assert "a correct derivation of either number" in ida.formgrader.locator("body").inner_text(), "the marking scheme"
    ida.give("parameters-why", GIVEN[student], f"Well argued, {student}.")
    picture(ida, f"read-{student}")


def the_score_is_exact_and_feedback_is_released(ida: InstructorAtWork, student: str) -> None:
    ida.submissions()
    total = AUTO - LOST[student] + GIVEN[student]
    assert ida.cell(ida.submission(student), "score") == f"{total:g} / {AUTO + BY_HAND}"
    assert "Successfully generated feedback" in ida.press(ida.submission(student), "generate-feedback")
    assert "Successfully released feedback" in ida.press(ida.submission(student), "release-feedback")


# ---- students read


def a_student_reads_the_feedback_and_no_secret(who: StudentAtWork) -> None:
    name = who.person.name
    who.assignment_list()
    who.fetch_feedback()
    page = who.read_feedback("2-parameters")
    page.get_by_text(f"Well argued, {name}.").first.wait_for()
    text = page.locator("body").inner_text()
    picture(who, f"feedback-{name}")
    lost_here = {"ada": 0, "dilan": 5}[name]
    assert f"(Score: {5 - lost_here + GIVEN[name]:.1f} / 7.0)" in text
    assert "verify_fresh" not in text
    assert "MARK SCHEME" not in text
