"""A whole day on a real JupyterHub, in a real browser: two students and an instructor, from release to feedback.

One test follows the other, as the hours of a day do. Set CONVKIT_PICTURES to a folder to see what they saw.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from convkit.lesson.sample_class import CLASS, WORDS
from gradekit.solutions import answer, right_answers

from .conftest import ROOT
from .day import InstructorAtWork, StudentAtWork

PICTURES = os.environ.get("CONVKIT_PICTURES")
NOTEBOOKS = ["1-kernel", "2-parameters", "3-padding", "4-stride", "5-pointwise", "6-conv2d", "7-learning"]
RIGHT = {**right_answers(ROOT / "source" / "conv2d"), **WORDS}
SAMPLE = {student.id: student for student in CLASS}
AUTO, BY_HAND = 35, 12  # points of the lesson
LOST = {"ada": 0, "dilan": 8}  # dilan forgets the bias in five exercises
GIVEN = {"ada": 2, "dilan": 0.5}  # by the instructor, for the words in the first notebook
TYPED = "layer-params"  # ada writes this one in the browser


@pytest.fixture(scope="module")
def ada(hub, browser):
    found = StudentAtWork(hub, browser, "ada")
    yield found
    found.close()


@pytest.fixture(scope="module")
def dilan(hub, browser):
    found = StudentAtWork(hub, browser, "dilan")
    yield found
    found.close()


@pytest.fixture(scope="module")
def ida(hub, browser):
    found = InstructorAtWork(hub, browser, "ida")
    yield found
    found.close()


@pytest.fixture(autouse=True)
def pictures(request):
    """What each person sees at the end of a test."""
    yield
    for name in ("ada", "dilan", "ida"):
        if PICTURES and name in request.fixturenames:
            request.getfixturevalue(name).picture(Path(PICTURES), f"{request.node.name}-{name}")


def answers(student: str) -> dict[str, str]:
    return {**RIGHT, **SAMPLE[student].wrong}


def work(who: StudentAtWork, but: str | None = None) -> None:
    """Fill in the notebooks that were fetched."""
    given = {name: text for name, text in answers(who.person.name).items() if name != but}
    for name in NOTEBOOKS:
        path = f"{who.hub.course.id}/{who.hub.assignment}/{name}.ipynb"
        notebook = nbformat.from_dict(who.contents(path)["content"])
        assert answer(notebook, given)
        who.contents(path, {"type": "notebook", "content": notebook})


# ---- the morning: the lesson is released


def test_formgrader_stands_inside_lab_and_is_not_blank(ida):
    ida.start()
    assert ida.cell(ida.assignment, "status") == "draft"


def test_the_instructor_generates_and_releases_the_lesson(ida, hub):
    assert "Successfully created the student version" in ida.press(ida.assignment, "assign")
    assert "Successfully released" in ida.press(ida.assignment, "release")
    assert sorted(path.stem for path in (hub.exchange / "convkit/outbound/conv2d").glob("*.ipynb")) == NOTEBOOKS
    for path in (hub.exchange / "convkit/outbound/conv2d").glob("*.ipynb"):
        assert "HIDDEN TESTS" not in path.read_text()
        assert "MARK SCHEME" not in path.read_text()


# ---- students work


def test_a_student_finds_the_lesson_in_the_assignment_list_and_fetches_it(ada):
    ada.start()
    assert ada.menu_names("Nbgrader") == ["Assignment List"], "no formgrader, no courses: those are the instructors'"
    ada.assignment_list()
    ada.fetch()
    assert sorted(ada.notebooks()) == NOTEBOOKS


def test_an_answer_that_is_not_written_yet_does_not_validate(ada):
    work(ada, but=TYPED)
    said = ada.validate("2-parameters")
    assert "not written yet" in said
    assert "Success" not in said


def test_a_student_writes_an_answer_and_the_explorer_and_the_check_work(ada):
    ada.open("2-parameters")
    ada.write("def layer_params", RIGHT[TYPED])
    ada.run_all()
    ada.page.wait_for_selector(".convkit-parameters .cvx-panels[data-ready]", state="attached")
    said = ada.page.locator(".jp-OutputArea-output", has_text="right: layer_params(kernel_size=2")
    said.first.wait_for()
    ada.page.get_by_text("| Idle").wait_for()
    ada.save()
    ada.page.locator(".jp-mod-dirty").wait_for(state="detached")


def test_the_notebook_validates_then(ada):
    ada.assignment_list()
    assert "Success" in ada.validate("2-parameters")


def test_students_submit(ada, dilan, hub):
    ada.submit()
    dilan.start()
    dilan.assignment_list()
    dilan.fetch()
    work(dilan)
    dilan.submit()
    assert len(list((hub.exchange / "convkit/inbound").iterdir())) == 2
    assert ada.submissions() == dilan.submissions() == 1


# ---- the instructor grades


def test_the_instructor_collects(ida):
    ida.go("Manage Assignments")
    ida.page.reload()
    said = ida.press(ida.assignment, "collect")
    assert all(f"Collecting submission: {name} conv2d" in said for name in LOST)
    assert ida.cell(ida.assignment, "num-submissions") == "2"


@pytest.mark.parametrize("student", LOST)
def test_autograding_gives_what_the_answers_are_worth(ida, student):
    ida.submissions()
    assert "Successfully autograded" in ida.press(ida.submission(student), "autograde")
    assert ida.cell(ida.submission(student), "score") == f"{AUTO - LOST[student]} / {AUTO + BY_HAND}"
    assert ida.cell(ida.submission(student), "status") == "needs manual grading"


@pytest.mark.parametrize("student", GIVEN)
def test_a_person_reads_the_words_beside_the_marking_scheme_and_gives_points(ida, student):
    ida.read_submission(student, "2-parameters", "parameters-why")
    assert "a derivation of either number" in ida.formgrader.locator("body").inner_text()
    ida.give("parameters-why", GIVEN[student], f"Well argued, {student}.")


@pytest.mark.parametrize("student", LOST)
def test_the_score_is_exact_and_feedback_goes_out(ida, student):
    ida.submissions()
    total = AUTO - LOST[student] + GIVEN[student]
    assert ida.cell(ida.submission(student), "score") == f"{total:g} / {AUTO + BY_HAND}"
    assert "Successfully generated feedback" in ida.press(ida.submission(student), "generate-feedback")
    assert "Successfully released feedback" in ida.press(ida.submission(student), "release-feedback")


# ---- the evening


@pytest.mark.parametrize("student", LOST)
def test_a_student_reads_the_feedback_and_no_secret(request, student):
    who = request.getfixturevalue(student)
    who.assignment_list()
    who.fetch_feedback()
    text = who.read_feedback("2-parameters").locator("body").inner_text()
    assert f"Well argued, {student}." in text
    lost_here = {"ada": 0, "dilan": 5}[student]
    assert f"(Score: {5 - lost_here + GIVEN[student]:.1f} / 7.0)" in text
    assert "verify_fresh" not in text
    assert "MARK SCHEME" not in text


def test_an_instructor_finds_the_course_in_the_list(hub, browser):
    ida = StudentAtWork(hub, browser, "ida")
    ida.start()
    ida.menu("Nbgrader", "Course List")
    link = ida.page.locator("#nbgrader-course-list a", has_text="convkit")
    link.wait_for()
    if PICTURES:
        ida.picture(Path(PICTURES), "course-list")
    assert link.get_attribute("href").endswith("/services/convkit/lab?formgrader=true")
    ida.close()


def test_nothing_was_fetched_from_outside(ada, dilan, ida):
    """But for one script that formgrader's own page for reading a submission asks for, and does without."""
    assert [*ada.outside, *dilan.outside] == []
    assert [url for url in ida.outside if "/mathjax/" not in url] == []
