"""The page of a class report in a browser: nothing of a student's runs, axe-core finds nothing, and it fits paper."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from gradekit.class_report.analysis import class_report
from gradekit.class_report.model import ClassReport, Example
from gradekit.class_report.page import write_page

from . import vectors

CLASS = Path(__file__).parents[1] / "planted_class.py"
OPEN = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> ClassReport:
    """The report on a class of 40; in a process of its own, as Playwright's loop runs in this one."""
    root = tmp_path_factory.mktemp("class") / "course"
    done = subprocess.run([sys.executable, CLASS, root, "40"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return class_report(root)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 400)])
def test_axe_finds_nothing_and_leaves_nothing_open(report, chromium, tmp_path, scheme, width):
    target = write_page([report, replace(report, assignment="ps2")], tmp_path / "report.html")
    context = chromium.new_context(color_scheme=scheme, offline=True, viewport={"width": width, "height": 900})
    tab, said = context.new_page(), []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(target.as_uri())
    tab.evaluate(OPEN)
    done = Axe().run(tab, options={"resultTypes": ["violations", "incomplete"]}).response
    context.close()
    found = done["violations"] + done["incomplete"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []
    assert said == []


@pytest.mark.parametrize(("width", "media"), [(320, "screen"), (1280, "screen"), (700, "print")])
def test_nothing_is_wider_than_the_page(report, chromium, tmp_path, width, media):
    target = write_page([report], tmp_path / "report.html")
    context = chromium.new_context(viewport={"width": width, "height": 800})
    tab = context.new_page()
    tab.emulate_media(media=media)
    tab.goto(target.as_uri())
    tab.evaluate(OPEN)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= width


def test_paper_has_all_names_and_no_gap_before_a_mistake(report, chromium, tmp_path):
    """On a screen, names after the twelfth are folded; a mistake that is taller than the page would begin a new one."""
    tab = chromium.new_page()
    tab.goto(write_page([report], tmp_path / "report.html").as_uri())
    folded = "() => [...document.querySelectorAll('.who bdi')].filter((name) => !name.checkVisibility()).length"
    breaks = "() => [...document.querySelectorAll('.first > li')].map((box) => getComputedStyle(box).breakInside)"
    assert tab.evaluate(folded) > 0
    tab.emulate_media(media="print")
    assert tab.evaluate(folded) == 0
    assert set(tab.evaluate(breaks)) == {"auto"}
    tab.close()


def test_what_students_wrote_runs_nothing(report, browser, tmp_path):
    cells = [cell for name in vectors.NAMES for cell in vectors.cells(name, browser.listener)]
    texts = [cell.source for cell in cells] + [str(one) for cell in cells for one in cell.get("outputs", [])]
    known = report.questions[0].causes[0]
    words = [dict.fromkeys(("name", "did", "helps", "seen", "stub"), text) for text in texts]
    causes = tuple(
        replace(known, **each, students=(text,), example=Example(text, text))
        for each, text in zip(words, texts, strict=True)
    )
    asked = replace(report.questions[0], causes=causes)
    attacked = replace(report, questions=(asked, *report.questions[1:]), nothing_handed_in=tuple(texts))
    assert len(texts) > 60
    assert browser.open(write_page([attacked], tmp_path / "report.html").as_uri()) == set()
