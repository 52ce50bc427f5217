"""The site from `make site`: its pages play from a disk, without a kernel and without a network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from .expected import PAPERS
from .lab import RIGHT, ExplorerOnPage

ROOT = Path(__file__).parents[2]
LESSON = sorted(ROOT.glob("release/*/*.ipynb"))
SHOWN = re.compile(r"^convkit\.(?:explore\.(\w+)|animate)\(", re.MULTILINE)
ALL_PLAY = "() => !document.querySelector('.convkit-explorer:not(:has(.cvx-panels[data-serial]))')"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, with its links checked. A notebook that was executed since the last change is not executed again."""
    target = tmp_path_factory.mktemp("built") / "site"
    done = subprocess.run([sys.executable, "-m", "docs.site", str(target)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(target / "index.html")
    return target


def opened(page, path):
    """Open a page and wait until all on it plays; the name of each explorer, and the explorer."""
    page.goto(path.as_uri())
    page.wait_for_function(ALL_PLAY)
    boxes = page.locator(".convkit-explorer").all()
    names = [re.search(r"convkit-(?!explorer)(\w+)", box.get_attribute("class"))[1] for box in boxes]
    return [(name, ExplorerOnPage(page, box)) for name, box in zip(names, boxes, strict=True)]


def shown(path):
    """The explorers and animations in a notebook's cells."""
    code = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [found[1] or "animation" for source in code for found in SHOWN.finditer(source)]


@pytest.mark.parametrize("notebook", LESSON, ids=lambda path: path.stem)
def test_a_page_of_the_lesson_plays_what_its_notebook_shows(page, site, notebook):
    explorers = opened(page, site / "lesson" / notebook.parent.name / f"{notebook.stem}.html")
    assert [name for name, _ in explorers] == shown(notebook)
    for name, explorer in explorers:
        if name in RIGHT:
            assert explorer.predict(RIGHT[name]).startswith("You predicted")
        explorer.press("Home")
        explorer.press("Step")
        assert explorer.place.startswith("Position 2 of ")
    assert page.locator(".traceback").count() == 0
    figures = page.locator(".cell_output img[src*=_images]").all()
    assert {figure.get_attribute("alt") for figure in figures} <= {"A figure; the text below says what it shows."}


def test_the_page_of_explorers_has_all_of_them(page, site):
    names = [name for name, _ in opened(page, site / "explorers.html")]
    assert names == [*RIGHT, "animation", "animation", "animation"]
    options = {"resultTypes": ["violations"], "preload": False}  # a page on a disk can't read its style sheets
    found = Axe().run(page, context="article", options=options)
    assert [rule["id"] for rule in found.response["violations"]] == []


@pytest.mark.parametrize("scheme", PAPERS)
def test_explorers_have_the_colors_of_the_page(browser, site, scheme):
    context = browser.new_context(color_scheme=scheme, offline=True)
    explorers = dict(opened(context.new_page(), site / "explorers.html"))
    explorers["stride"].predict("4 x 4")
    fill = "(node) => getComputedStyle(node).fill"
    background = "(node) => getComputedStyle(node).backgroundColor"
    box = explorers["stride"].box
    assert box.locator(".cv-paper").first.evaluate(fill) == PAPERS[scheme]
    assert box.evaluate(background) == box.page.locator("body").evaluate(background)
    context.close()


def test_no_page_asks_for_anything_else(page, site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for path in pages:
        page.goto(path.as_uri())
