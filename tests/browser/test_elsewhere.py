"""Outside JupyterLab: a plain page without Lab's styles, scripts and network, light and dark as VS Code says it.

The widget's module is called as anywidget documents it, with a stand-in for the model: no VS Code runs here.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe

from convkit import explore
from convkit.explore.stage import Stage

from .lab import SLOW

pytestmark = pytest.mark.slow

PREDICTIONS = {"parameters": "76", "padding": "1, 1", "stride": "4 x 4", "pointwise": "8", "filters": "10"}
VARIABLES = {
    "light": "--vscode-foreground: #3b3b3b; --vscode-editor-background: #ffffff",
    "dark": "--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f",
}
PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title>{head}</head>
<body class="vscode-{theme}" style="{variables}; background: var(--vscode-editor-background)">
<main><h1>A notebook</h1><div id="place"></div></main></body></html>"""
SHOW = """async ([script, style, state]) => {
  const listeners = {};
  const model = {
    get: (name) => state[name],
    set: (name, value) => (state[name] = value),
    save_changes: () => {},
    on: (event, call) => (listeners[event] = call),
    off: (event) => delete listeners[event],
  };
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = style;
  const root = document.getElementById("place");
  root.className = "convkit-explorer";
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const el = root.appendChild(document.createElement("div"));
  window.end = await widget.render({ model, el });
}"""


def revealed(name):
    """An explorer with its answer on the screen. In a thread, where Playwright's loop does not seem to run."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_revealed, name).result()


def _revealed(name):
    shown = getattr(explore, name)()
    shown.dashboard.guess.value = PREDICTIONS[name]
    shown.dashboard.predict.click()
    return shown


@pytest.fixture
def page(browser):
    """A page that asks the network for nothing: what it asks for is kept, and refused."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    found = context.new_page()
    found.set_default_timeout(SLOW)
    found.asked, found.said = [], []
    found.route("**/*", lambda route: (found.asked.append(route.request.url), route.abort()))
    found.on("console", lambda message: found.said.append(message.text))
    found.on("pageerror", lambda error: found.said.append(str(error)))
    yield found
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PREDICTIONS)
def test_the_stage_lives_in_a_page_without_jupyterlab(page, name, theme):
    stage = revealed(name).dashboard.stage
    state = {key: getattr(stage, key) for key in ("title", "screen", "motion", "said", "typed")}
    page.set_content(PAGE.format(head="", theme=theme, variables=VARIABLES[theme]))
    page.evaluate(SHOW, [Stage._esm, Stage._css, json.loads(json.dumps(state))])
    page.get_by_role("button", name="Home", exact=True).click()
    before = page.locator(".cvx-moment").inner_text()
    page.get_by_role("button", name="Step", exact=True).click()
    assert page.locator(".cvx-place").inner_text().startswith("Position 2 of ")
    assert page.locator(".cvx-moment").inner_text() != before
    page.locator(".cvx-panel").first.focus()
    page.keyboard.press("Home")
    assert page.locator(".cvx-moment").inner_text() == before
    paper = page.locator(".cv-paper").first.evaluate("(node) => getComputedStyle(node).fill")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}[theme]
    found = Axe().run(page, context="#place", options={"resultTypes": ["violations"]}).response["violations"]
    assert [rule["id"] for rule in found] == []
    page.evaluate("() => window.end()")
    assert page.said == []
    assert page.asked == []
