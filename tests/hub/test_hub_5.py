"""On JupyterHub 5 a student fetches and submits, and the instructor collects, in a browser.

The course server starts slowly here: this hub ends itself when a service does not answer for ten seconds.
"""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import pytest

from .conftest import ROOT, hub_for_tests
from .day import InstructorAtWork, StudentAtWork

pytestmark = pytest.mark.days

SLOW = Path(__file__).with_name("slow")


@pytest.fixture(scope="module")
def hub(proxy, jupyterhub_5):
    path = os.pathsep.join([str(jupyterhub_5), str(SLOW)])
    with hub_for_tests(students=("ada",), environment={"PYTHONPATH": path}) as found:
        yield found


def test_the_hub_is_a_jupyterhub_5(hub):
    with urllib.request.urlopen(f"{hub.url}/hub/api") as answer:
        assert json.loads(answer.read())["version"].startswith("5.")


def test_a_student_fetches_and_submits(hub, browser):
    ada = StudentAtWork(hub, browser, "ada")
    ada.start()
    ada.assignment_list()
    ada.fetch()
    assert sorted(ada.notebooks()) == sorted(path.stem for path in (ROOT / "source" / "conv2d").glob("*.ipynb"))
    ada.submit()
    assert ada.submissions() == 1
    ada.close()


def test_formgrader_collects_inside_lab(hub, browser):
    ida = InstructorAtWork(hub, browser, "ida")
    ida.start()
    assert "Collecting submission: ada conv2d" in ida.press(ida.assignment, "collect")
    assert ida.cell(ida.assignment, "num-submissions") == "1"
    ida.close()
