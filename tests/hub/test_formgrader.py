"""The course server protects an instructor who reads submissions, also in a course without a line of gradekit."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest

from tests import toy
from tests.hub.small_hub import Teacher, course_hub

PLAIN = 'c = get_config()\nc.CourseDirectory.course_id = "convkit"\n'
ATTACK = """
from IPython.display import HTML, display
display(HTML("<p>my plot</p><scr" "ipt>document.title = 'taken'</scr" "ipt><img src=x onerror=document.title='taken'>"))
"""


@pytest.fixture
def ida(proxy, tmp_path):
    """An instructor in formgrader, on the course server that `configure` starts; eve has handed in."""
    course = toy.make(tmp_path / "course")
    (course / "nbgrader_config.py").write_text(PLAIN)
    hub = course_hub(tmp_path, course).start()
    try:
        teacher = Teacher(hub, "ida")
        assert teacher.press("assignment/toy/assign")["success"]
        shutil.copytree(course / "release" / "toy", course / "submitted" / "eve" / "toy")
        path = course / "submitted" / "eve" / "toy" / "1-first.ipynb"
        notebook = nbformat.read(path, as_version=4)
        next(cell for cell in notebook.cells if cell.id == "layer-params").source += ATTACK
        nbformat.write(notebook, path)
        yield teacher
    finally:
        hub.stop()


@pytest.mark.days  # a hub of its own, whose course has no line of gradekit
def test_what_a_student_displayed_runs_no_script(ida):
    graded = ida.press("submission/toy/eve/autograde")
    assert graded["success"], graded
    (notebook, *_) = ida.ask("GET", ida.base, "formgrader/api/submitted_notebooks/toy/1-first").json()
    page = ida.open(f"{ida.base}/formgrader/submissions/{notebook['id']}/")
    assert page.ok
    assert "<p>my plot</p>" in page.text
    assert "<script>document.title" not in page.text
    assert not re.search(r"<img[^>]*onerror", page.text)
    scripts = next(
        part for part in page.headers["Content-Security-Policy"].split("; ") if part.startswith("script-src")
    )
    assert "'nonce-" in scripts
    assert "'unsafe-inline'" not in scripts
