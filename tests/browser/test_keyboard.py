"""A walk through each explorer by keyboard alone, from the cell above it to the line after its last control."""

from __future__ import annotations

import pytest

from convkit.explore import EXPLORERS

from .lab import WRONG

pytestmark = pytest.mark.days

MOST = 120  # times Tab
# What has the focus: its kind, its name, and whether it belongs to the explorer. It is marked as reached.
FOCUSED = """(box) => {
  const node = document.activeElement;
  if (!box.contains(node)) return null;
  node.dataset.reached = "yes";
  const label = node.labels?.[0]?.textContent ?? "";
  const name = (node.ariaLabel || label || node.textContent).trim();
  const [ring, place] = [getComputedStyle(node), node.getBoundingClientRect()];
  // The ring is drawn, and nothing lies on the middle of what has it (WCAG 2.2, 2.4.11).
  const middle = document.elementFromPoint(place.x + place.width / 2, place.y + Math.min(place.height, 40) / 2);
  const seen = ring.outlineStyle === "solid" && (node.contains(middle) || middle?.contains(node));
  const kind = node.getAttribute("role") ?? (node.type === "range" ? "range" : node.tagName.toLowerCase());
  return { kind, name, seen };
}"""
MISSED = """(box) => [...box.querySelectorAll("button, input, select, summary, [tabindex='0']")]
  .filter((node) => node.checkVisibility() && !node.disabled && !node.dataset.reached)
  .map((node) => node.outerHTML.slice(0, 160))"""


@pytest.fixture(params=EXPLORERS)
def walked(request, lab):
    """An explorer below a cell that was run, in a notebook of its own; the focus is on the cell."""
    lab.theme("JupyterLab Light")
    lab.open(f"keys-{request.param}", ["from convkit import explore", f"explore.{request.param}()"])
    found = lab.explorer(request.param)
    found.name = request.param
    return found


def tab(explorer):
    """One Tab, and what has the focus then; None outside of the explorer."""
    explorer.page.keyboard.press("Tab")
    return explorer.page.evaluate(FOCUSED, explorer.box.element_handle())


def tab_to(explorer, name):
    for _ in range(MOST):
        here = tab(explorer)
        if here and here["name"].startswith(name):
            return here
    raise AssertionError(f"Tab does not reach {name}")


def test_a_walk_by_keyboard_alone(walked):
    keyboard = walked.page.keyboard
    keyboard.press("Escape")
    tab_to(walked, "Your prediction")
    keyboard.type(WRONG[walked.name])
    keyboard.press("Enter")
    assert walked.verdict.startswith("You predicted")
    assert walked.verdict in walked.spoken
    walked.page.wait_for_function(  # some pictures fill by themselves
        "(box) => box.querySelector('.cvx-play').textContent === 'Play'", arg=walked.box.element_handle()
    )
    shown = sum(slider.is_visible() for slider in walked.box.get_by_role("slider").all())
    sliders, pictures = walk(walked)
    assert sliders == shown
    assert pictures
    assert walked.page.evaluate(MISSED, walked.box.element_handle()) == []


def walk(explorer):
    """Tab to the end; on the way every slider is turned and every picture is walked in. How many of each."""
    sliders, pictures = 0, []
    for _ in range(MOST):
        here = tab(explorer)
        if here is None:
            return sliders, pictures
        assert here["name"], here
        assert here["seen"], here
        if here["kind"] == "summary":
            explorer.page.keyboard.press("Enter")
        if here["kind"] == "range":
            turned_and_heard(explorer, here)
            sliders += 1
        if here["kind"] == "application":
            walked_in(explorer)
            pictures.append(here["name"])
    raise AssertionError("Tab does not leave the explorer")


def turned_and_heard(explorer, here):
    """An arrow changes what the slider says, and the live region says what has changed. The other arrow goes back."""
    said, spoken = "document.activeElement.ariaValueText", explorer.spoken
    before = explorer.page.evaluate(said)
    keys = ["ArrowRight", "ArrowLeft"]
    explorer.page.keyboard.press(keys[0])
    if explorer.page.evaluate(said) == before:  # it is at its end
        keys.reverse()
        explorer.page.keyboard.press(keys[0])
    assert explorer.page.evaluate(said) != before, here["name"]
    assert explorer.spoken != spoken, here["name"]
    explorer.page.keyboard.press(keys[1])
    assert explorer.page.evaluate(said) == before


def walked_in(explorer):
    """Home, arrows and End move the focus, and each position is spoken."""
    heard = []
    for key in ("Home", "ArrowRight", "ArrowDown", "End"):
        explorer.page.keyboard.press(key)
        heard.append(explorer.spoken)
        assert heard[-1] == explorer.moment
    assert explorer.place.split()[1] == explorer.place.split()[-1]  # the last position
    assert heard[0] != heard[1]
