"""Saved pages in Firefox: from a disk without a network, by keyboard, in a sandboxed frame, narrow and wide.

`test_translation.py` and `test_elsewhere.py` hold Python's pictures and TensorFlow's numbers in Chromium. Here every
cell that Firefox shows is compared with Python's.
"""

from __future__ import annotations

import pytest

from convkit import animate, explore
from convkit.explore import EXPLORERS
from convkit.picture.numerals import exact
from convkit.picture.svg import has_number

from .cells import READ_CELLS
from .expected import FRAME, SMALL
from .firefox import FIREFOX, NO_FIREFOX, firefox
from .lab import RIGHT, WRONG

pytestmark = [pytest.mark.days, pytest.mark.skipif(not FIREFOX, reason=NO_FIREFOX)]

ENTER, HOME, RIGHT_ARROW = "\ue007", "\ue011", "\ue014"
MOST_STEPS = 12
PLAYS = """new Promise((done) => {
  const look = () => document.querySelector(".cvx-panels[data-serial]") ? done(true) : setTimeout(look, 20);
  look();
})"""
CELLS = """[...document.querySelectorAll(".cvx-panel svg")].map((svg) => {
  const cells = READ_CELLS(svg).map((said) => {
    const cell = document.getElementById(said.id).cloneNode();
    cell.setAttribute("d", said.outline);
    svg.append(cell);
    return { cell, said, box: cell.getBBox(), texts: ["", ""] };
  });
  [".cv-factors", ".cv-number:not(.cv-index)"].forEach((kind, which) => svg.querySelectorAll(kind).forEach((text) =>
    [...text.textContent].forEach((letter, n) => {
      const { x, y, width, height } = text.getExtentOfChar(n);
      const at = new DOMPoint(x + width / 2, y + height / 2);
      const isAround = ({ cell, box }) => at.x > box.x && at.x < box.x + box.width && cell.isPointInFill(at);
      cells.find(isAround).texts[which] += letter;
    })));
  for (const { cell } of cells) cell.remove();
  return cells.map(({ said, texts }) => [said.key, said.classes, said.value, texts.join("")]);
})""".replace("READ_CELLS", READ_CELLS)
STAGE = "document.querySelector('.convkit-explorer').stage"
each = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture(scope="module")
def fox(tmp_path_factory):
    """A Firefox without a network."""
    with firefox(tmp_path_factory.mktemp("firefox")) as found:
        found.send("emulation.setNetworkConditions", networkConditions={"type": "offline"}, contexts=[found.tab])
        yield found


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file for each explorer."""
    return {path.stem: path for path in explore.pages(tmp_path_factory.mktemp("pages"))}


@pytest.fixture(autouse=True)
def silent(fox):
    """A page says nothing on its console, and requests nothing but itself."""
    fox.said.clear()
    fox.requests.clear()
    yield
    assert fox.said == []
    assert [url for url in fox.requests if not url.startswith(("file:", "data:", "about:"))] == []


def words(fox, part, frame=""):
    return fox.run(f"document.querySelector('{part}').textContent", frame)


def press(fox, name, frame):
    fox.run(f"[...document.querySelectorAll('button')].find((one) => one.textContent === '{name}').click()", frame)


def predict(fox, text):
    """Type a prediction and press Enter; what is said to it."""
    assert fox.run(PLAYS)
    fox.run("document.querySelector('.cvx-guess').focus()")
    fox.keys(text + ENTER)
    return words(fox, ".cvx-verdict")


def drawn(view):
    """The cells that Python draws, as CELLS reads them from a page."""
    pictures = []
    for panel in view.panels:
        boxes = [box for box in panel.layout.boxes if "swatch" not in box.states] if panel.layout else []
        cells = [
            [
                box.key,
                " ".join(f"cv-{name}" for name in (box.role, *box.states)),
                "" if box.value is None else exact(box.value),
                box.note + (box.text if has_number(box) else ""),
            ]
            for box in boxes
        ]
        pictures += [sorted(cells)] if panel.layout else []
    return pictures


@each
def test_a_page_answers_and_shows_pythons_numbers_step_by_step(fox, saved, name):
    fox.open(saved[name].as_uri())
    session = getattr(explore, name)().session
    assert predict(fox, WRONG[name]) == session.predict(WRONG[name]).replace("`", "")
    session.room = fox.run(f"{STAGE}.session.room")
    assert [sorted(cells) for cells in fox.run(CELLS)] == drawn(session.view)
    fox.run("document.querySelector('.cvx-panel[role=application]').focus()")
    for index in range(min(session.count, MOST_STEPS)):
        fox.keys(RIGHT_ARROW if index else HOME)
        session.jump(index)
        assert words(fox, ".cvx-moment") == session.view.moment
        assert [sorted(cells) for cells in fox.run(CELLS)] == drawn(session.view)


@each
def test_a_slider_shows_its_picture_in_the_same_task(fox, saved, name):
    fox.open(saved[name].as_uri())
    session = getattr(explore, name)().session
    predict(fox, RIGHT[name])
    session.predict(RIGHT[name])
    session.room = fox.run(f"{STAGE}.session.room")
    sliders = [knob for knob in session.topic.knobs if isinstance(knob.value, int | float) and hasattr(knob, "least")]
    for knob in sliders[:4]:
        value = knob.least if knob.value != knob.least else knob.most
        session.turn(knob.name, value)
        turned = fox.run(
            f"""(() => {{ const slider = document.querySelector(`[type=range][aria-label="{knob.label}"]`);
            slider.value = {value}; slider.dispatchEvent(new Event("input")); return {CELLS}; }})()"""
        )
        assert [sorted(cells) for cells in turned] == drawn(session.view), (knob.name, value)


@each
def test_a_page_plays_in_a_frame_that_may_only_run_scripts(fox, saved, name, tmp_path):
    outer = tmp_path / "course.html"
    outer.write_text(FRAME.format(source=saved[name].as_uri()))
    fox.open(outer.as_uri())
    frame = fox.frame()
    assert fox.run(PLAYS, frame)
    fox.run(f"document.querySelector('.cvx-guess').value = '{RIGHT[name]}'", frame)
    press(fox, "Predict", frame)
    assert "Right." in words(fox, ".cvx-verdict", frame)
    press(fox, "Home", frame)
    press(fox, "Step", frame)
    assert words(fox, ".cvx-place", frame).startswith("Position 2 of ")


@each
def test_a_page_fits_any_width_and_its_targets_are_large_enough(fox, saved, name):
    for width in (1280, 800, 400, 320):
        fox.open(saved[name].as_uri(), width)
        predict(fox, RIGHT[name])
        fox.run("new Promise((done) => setTimeout(done, 100))")
        assert fox.run("document.documentElement.scrollWidth") <= width
        targets = "[...document.querySelectorAll('.convkit-explorer :is(button, select, summary, input)')]"
        assert fox.run(f"({SMALL})({targets})") == []


def test_an_animation_steps(fox, tmp_path):
    path = tmp_path / "animation.html"
    path.write_text(animate([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, 1]]).html(), encoding="utf-8")
    fox.open(path.as_uri())
    assert fox.run(PLAYS)
    fox.run("document.querySelector('.cvx-panel[role=application]').focus()")
    fox.keys(HOME + RIGHT_ARROW)
    assert words(fox, ".cvx-place") == "Position 2 of 4"
    assert words(fox, ".cvx-moment").endswith("= 8.")
