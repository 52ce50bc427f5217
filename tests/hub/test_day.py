"""A whole day on a real JupyterHub: one test, as each step builds on those before."""

from __future__ import annotations

import html
from contextlib import closing

import pytest

from benchmarks import _visitor as visitor

from .day import StudentAtWork
from .whole_day import a_day, picture


def test_a_day_from_release_to_feedback(hub, browser):
    a_day(hub, browser)


@pytest.mark.parametrize("path", ["convkit/conv3d", "dnn/conv2d", "convkit/<b>"])
def test_a_link_to_an_assignment_that_is_not_there_says_so(hub, path):
    ada = visitor.Visitor(hub.url, "ada", hub.people["ada"].password)
    ada.log_in()
    ada.start()
    page = ada.open(f"user/ada/gradekit/open/{path}")
    assert page.status_code == 403
    course, assignment = map(html.escape, path.split("/"))
    assert f"{course} has no released assignment {assignment}, or you are not in the course." in page.text


@pytest.mark.days  # the instructor's own server is started for it, with JupyterLab and a fork server
def test_an_instructor_finds_the_course_in_the_list(hub, browser):
    with closing(StudentAtWork(hub, browser, "ida")) as ida:
        ida.start()
        ida.menu("Nbgrader", "Course List")
        link = ida.page.locator("#nbgrader-course-list a", has_text="convkit")
        link.wait_for()
        picture(ida, "course-list")
        assert link.get_attribute("href").endswith("/services/convkit/lab?formgrader=true")
