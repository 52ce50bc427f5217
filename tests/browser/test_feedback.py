"""A feedback page of nbgrader with explorers in it: pictures with their words, light and dark, and no network."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell

from convkit.explore import EXPLORERS
from gradekit.release import release
from gradekit.solutions import answer_file, right_answers
from tests import toy

GROUND = """(node) => {
  const clear = "rgba(0, 0, 0, 0)", color = (place) => getComputedStyle(place).backgroundColor;
  while (color(node) === clear && node.parentElement) node = node.parentElement;
  return color(node);
}"""


@pytest.fixture(scope="module")
def feedback(tmp_path_factory):
    """The page of a student whose notebook has all explorers, graded as a class is."""
    root = toy.make(tmp_path_factory.mktemp("feedback"))
    shutil.copy(toy.CONFIG, root)  # it loads convkit, as the lesson does
    (root / "source/toy/1-first.ipynb").unlink()
    cells = [new_code_cell("from convkit import explore", id="imports")]
    cells += [new_code_cell(f"explore.{name}()", id=name) for name in EXPLORERS]
    toy.write(root / "source/toy/2-second.ipynb", [*toy.second(), *cells])
    release(root)
    handed_in = root / "submitted/ada/toy/2-second.ipynb"
    answer_file(root / "release/toy/2-second.ipynb", handed_in, right_answers(root / "source/toy"))
    # In a process of its own: Playwright's loop runs in this one.
    done = subprocess.run([sys.executable, "-m", "gradekit.cli", "grade"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "feedback/ada/toy/2-second.html"


@pytest.fixture(params=["light", "dark"])
def page(request, browser, feedback):
    """The page in a browser whose reader likes it light, or dark; what it asks for, beside itself, is refused."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
    found = context.new_page()
    found.asked, found.said = [], []
    own = feedback.as_uri()  # the fonts that nbgrader's style names are next to it, or nowhere
    found.on("request", lambda r: found.asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    # The policy refuses these fonts, and the browser says so.
    found.on("console", lambda m: found.said.append(m.text) if not m.text.startswith("Loading the font") else None)
    found.on("pageerror", lambda error: found.said.append(str(error)))
    found.goto(own)
    yield found
    context.close()


def test_explorers_leave_a_picture_and_its_words_on_a_feedback_page(page):
    explorers = page.locator(".student-convkit-still")
    assert explorers.count() == len(EXPLORERS)
    for n in range(len(EXPLORERS)):
        explorer = explorers.nth(n)
        picture = explorer.locator("svg").first
        box = picture.bounding_box()
        assert box["width"] > 200
        assert box["x"] + box["width"] <= 1280
        assert picture.locator("desc").text_content()
        explorer.locator("summary").click()
        assert "keras.layers." in explorer.locator("details").inner_text()
    assert "Traceback" not in page.locator("body").inner_text()
    assert page.locator("script[src], link[href^=http]").count() == 0
    assert page.asked == []
    assert page.said == []


def test_columns_of_a_table_stand_apart(page):
    for table in page.locator(".student-convkit-still table").all():
        gaps = table.locator("td").evaluate_all(
            "(all) => all.map((cell) => parseFloat(getComputedStyle(cell).paddingLeft))"
        )
        assert max(gaps) >= 5


def test_a_picture_is_as_light_as_the_page_around_it(page):
    behind = page.locator(".student-convkit-still").first.evaluate(GROUND)
    papers = page.locator(".student-cv-paper").evaluate_all("(all) => all.map((paper) => getComputedStyle(paper).fill)")
    assert set(papers) == {"rgb(255, 255, 255)"}, behind
    assert behind in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_words_on_a_feedback_page_can_be_read(page):
    options = {"resultTypes": ["violations"]}
    found = Axe().run(page, context=".student-convkit-still", options=options).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []
