"""Animations: a frame for each output position, labelled rightly, the same picture in the GIF and in the page."""

from __future__ import annotations

import io
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

import convkit
from convkit import ArgumentError, ShapeError, animate
from convkit.picture import draw
from convkit.picture.numerals import exact
from tests.browser.cells import ALONE, READ_CELLS
from tests.browser.serve import CHROMIUM, NO_CHROMIUM, chromium

X = np.arange(36).reshape(6, 6) % 7 - 2
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])

#   arguments                                   output  what the title says                     why this row exists
CONFIGURATIONS = [
    ({}, (4, 4), "padding='valid', strides=1", "no padding, stride 1"),
    ({"padding": "same"}, (6, 6), "padding='same', strides=1", "padding, stride 1"),
    ({"strides": 2}, (2, 2), "padding='valid', strides=2", "no padding, stride 2: a row and a column remain"),
    ({"padding": "same", "strides": 2}, (3, 3), "padding='same', strides=2", "padding, stride 2"),
    ({"dilations": 2}, (2, 2), "strides=1, dilation_rate=2", "dilation"),
    ({"strides": (3, 1)}, (2, 4), "strides=(3, 1)", "strides per axis"),
    ({"padding": ((1, 0), (0, 2))}, (5, 6), "padding=((1, 0), (0, 2))", "explicit amounts"),
    ({"x": np.stack([X, -X], 2), "kernel": np.ones((3, 3, 2, 2)), "filter": 1}, (4, 4), "6\u00d76\u00d72", "channels"),
]  # fmt: skip
configured = pytest.mark.parametrize(
    ("arguments", "output", "said"), [row[:3] for row in CONFIGURATIONS], ids=[row[3] for row in CONFIGURATIONS]
)


def moving(arguments):
    return animate(**({"x": X, "kernel": KERNEL} | arguments))


def gif_frames(data):
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(data)) as image:
        return [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


@configured
def test_a_frame_for_each_output_position_and_the_right_label(tf, arguments, output, said):
    animation = moving(arguments)
    found = {"x": X, "kernel": KERNEL, "strides": 1, "padding": "VALID", "dilations": 1} | arguments
    x, kernel = np.atleast_3d(found["x"])[None].astype(float), found["kernel"].astype(float)
    kernel = kernel if kernel.ndim == 4 else kernel[:, :, None, None]
    padding = found["padding"].upper() if isinstance(found["padding"], str) else [(0, 0), *found["padding"], (0, 0)]
    shape = tf.nn.conv2d(x, kernel, found["strides"], padding, dilations=found["dilations"]).shape[1:3]
    assert tuple(shape) == output
    assert len(animation.frames) == len(gif_frames(animation.gif())) == shape[0] * shape[1]
    assert said in animation.title
    assert all(frame.title == animation.title for frame in animation.frames)
    assert "full" not in animation.text


def test_the_gif_shows_the_frames():
    """Only the palette differs: no pixel is further off than the soft edge of a letter."""
    animation = moving({"padding": "same", "strides": 2})
    frames = gif_frames(animation.gif())
    for (shown, _), picture in zip(frames, animation.frames, strict=True):
        drawn = picture.image()
        assert shown.size == drawn.size == (picture.layout.width, picture.layout.height)
        difference = np.abs(np.asarray(shown, int) - np.asarray(drawn, int)).max(axis=2)
        assert (difference > 0).mean() < 0.05
        assert difference.max() < 64


def test_the_gif_is_small_repeats_and_rests_at_its_end():
    from PIL import Image

    data = moving({"padding": "same"}).gif()
    assert len(data) < 300_000
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == 0
    durations = [duration for _, duration in gif_frames(data)]
    assert durations == [800] * 35 + [1800]


def test_outputs_appear_as_they_are_computed():
    for n, picture in enumerate(moving({}).frames):
        outputs = [box for box in picture.layout.boxes if box.role == "output" and "swatch" not in box.states]
        assert [box.value is not None for box in outputs] == [place <= n for place in range(16)]
    everything = animate(X, KERNEL, reveal=False).frames[0]
    assert everything.layout == draw(X, KERNEL).layout


def test_a_frame_is_the_picture_that_draw_makes():
    frames = animate(X, KERNEL, padding="same", strides=2, bias=[1]).frames
    for n, frame in enumerate(frames):
        position = divmod(n, 3)
        drawn = draw(X, KERNEL, padding="same", strides=2, bias=[1], position=position, revealed=n + 1)
        assert frame.layout == drawn.layout


def test_the_text_tells_the_animation():
    animation = moving({"strides": 2})
    assert animation.text.startswith("Animation, 4 positions, row by row. 3\u00d73 kernel, padding='valid', strides=2")
    bundle = animation._repr_mimebundle_()
    assert bundle["text/plain"] == animation.text
    assert set(bundle) == {"text/html", "text/plain"}


def test_where_nobody_looks_on_there_is_one_picture_with_its_words():
    bundle = animate(np.ones((3, 3)), np.ones((2, 2)))._repr_mimebundle_()
    picture = ElementTree.fromstring(bundle["text/html"])
    whole = draw(np.ones((3, 3)), np.ones((2, 2)))
    assert picture.find("{http://www.w3.org/2000/svg}desc").text == whole.text
    assert bundle["text/plain"] == f"Animation, 4 positions, row by row. {whole.text}"


@pytest.mark.parametrize("person", [True, False])
def test_a_person_gets_a_player_and_grading_a_picture(person):
    """Whatever nbgrader's variable says: a server in which nbgrader met an error leaves it to every kernel."""
    manager, client = start_new_kernel(env={**os.environ, "NBGRADER_EXECUTION": "validate"})
    seen = []
    code = "import convkit; convkit.animate([[1, 2], [3, 4]], [[1]])"
    try:
        client.execute_interactive(code, allow_stdin=person, output_hook=seen.append, timeout=300)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    (result,) = [message["content"]["data"] for message in seen if message["msg_type"] == "execute_result"]
    assert ("<script>" in result["text/html"]) == person
    assert "<svg" in result["text/html"]


def test_files_are_written(tmp_path):
    animation = moving({"strides": 2})
    assert animation.gif(tmp_path / "a.gif") == (tmp_path / "a.gif").read_bytes()
    assert animation.html(tmp_path / "a.html") == (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_large_image_is_animated_in_part():
    animation = animate(np.arange(400).reshape(20, 20), np.ones((3, 3), int), strides=6)
    assert len(gif_frames(animation.gif())) == len({frame.text for frame in animation.frames}) == 9
    assert animation.html()


REFUSALS = [
    (lambda: animate(np.ones((2, 2)), KERNEL), ShapeError, "padding='same'"),
    (lambda: animate(np.ones((90, 40)), KERNEL), ArgumentError, "x[:10, :10]"),
    (lambda: animate(X, KERNEL, seconds=0), ArgumentError, "such as seconds=0.8"),
    (lambda: animate(X, KERNEL, filter=2), ArgumentError, "Use filter=0"),
    (lambda: animate(X, KERNEL, theme="grey"), ArgumentError, "'auto', 'light' or 'dark'"),
]


@pytest.mark.parametrize(("refused", "kind", "advice"), REFUSALS, ids=[row[2] for row in REFUSALS])
def test_refusals_say_what_would_fit(refused, kind, advice):
    with pytest.raises(kind, match=re.escape(advice)):
        refused()


def test_the_advice_on_size_works():
    assert len(animate(np.ones((90, 40))[:10, :10], KERNEL, padding="same").frames) == 100


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_page_asks_for_nothing_from_a_network(theme):
    page = animate(X, KERNEL, theme=theme).html()
    assert set(re.findall(r"\w+://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link|@import|<script src|<img|fetch\(|XMLHttpRequest|import\(", page)


@pytest.fixture(scope="module")
def page_of():
    """Opens a page in a headless Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip(NO_CHROMIUM)
    with chromium() as browser:

        def open_page(html, **options):
            page = browser.new_page(**options)
            page.problems = []
            page.on("console", lambda message: page.problems.append(message.text))
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.route("**/*", lambda route: (page.problems.append(route.request.url), route.abort()))
            page.set_content(html)
            page.wait_for_selector(".cvx-panels[data-serial]")
            return page

        yield open_page


def shown(page):
    """All cells as the page has them: key -> classes, number, factors, value. Texts are found by where they are."""
    return page.evaluate(
        """() => {
          const printed = (kind) => [...document.querySelectorAll(`.cv-${kind}:not(.cv-index)`)].flatMap((text) =>
            [...text.textContent].map((letter, n) => [letter, text.getExtentOfChar(n)]));
          const texts = { number: printed("number"), factors: printed("factors") };
          const inside = (kind, { x, y, width, height }) => texts[kind].filter(([, at]) => {
            const [across, down] = [at.x + at.width / 2 - x, at.y + at.height / 2 - y];
            return across > 0 && across < width && down > 0 && down < height;
          }).map(([letter]) => letter).join("");
          const numbers = (cell) =>
            ALONE(cell, (one) => ["number", "factors"].map((kind) => inside(kind, one.getBBox())));
          return Object.fromEntries(READ_CELLS(document.body).map((cell) =>
            [cell.key, [cell.classes, ...numbers(cell), cell.value]]));
        }""".replace("ALONE", ALONE).replace("READ_CELLS", READ_CELLS)
    )


def drawn(picture):
    """The same from a picture that Python drew. A page has less room: its cells may be smaller."""
    boxes = [box for box in picture.layout.boxes if "swatch" not in box.states]
    return {
        box.key: [
            " ".join(f"cv-{name}" for name in (box.role, *box.states)),
            box.text,
            box.note,
            "" if box.value is None else exact(box.value),
        ]
        for box in boxes
    }


ARGUMENTS = {"x": np.stack([X, X.T], 2), "kernel": np.stack([KERNEL, KERNEL.T], 2)[..., None], "bias": [2]}


@pytest.mark.parametrize("reveal", [False, True])
def test_the_page_shows_at_each_step_what_python_draws(page_of, reveal):
    case = {**ARGUMENTS, "padding": "same", "strides": 2, "dilations": 2}
    page = page_of(animate(**case, reveal=reveal).html(), viewport={"width": 1400, "height": 900})
    for n in range(9):
        picture = draw(**case, position=divmod(n, 3), revealed=n + 1 if reveal else None)
        assert shown(page) == drawn(picture)
        assert page.locator("desc").text_content() == picture.text
        assert page.locator(".cvx-place").text_content() == f"Position {n + 1} of 9"
        page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name="Step back").click()
    assert shown(page) == drawn(draw(**case, position=(2, 1), revealed=8 if reveal else None))
    assert page.problems == []


def test_a_large_image_is_stepped_through_in_part(tf, page_of):
    x, kernel = np.arange(900).reshape(30, 30) % 11, np.ones((3, 3), int)
    page = page_of(animate(x, kernel, strides=2).html())
    page.locator(".cvx-panel").press("End")
    expected = tf.nn.conv2d(x[None, :, :, None].astype(float), kernel[:, :, None, None].astype(float), 2, "VALID")
    value = page.locator('[data-role="output"].cv-here').get_attribute("data-value")
    assert float(value) == expected[0, -1, -1, 0]


def test_the_page_is_used_by_keyboard_and_says_where_it_is(page_of):
    page = page_of(animate(X, KERNEL).html())
    panel = page.locator(".cvx-panel")
    for key, position in (("ArrowRight", (0, 1)), ("ArrowDown", (1, 1)), ("ArrowLeft", (1, 0)), ("End", (3, 3)),
                          ("ArrowUp", (2, 3)), ("Home", (0, 0)), ("ArrowLeft", (0, 0))):  # fmt: skip
        panel.press(key)
        said = page.locator(".cvx-moment").text_content()
        assert said.startswith(f"Output row {position[0]}, column {position[1]} reads")
        page.wait_for_function("(said) => document.querySelector('[role=status]').textContent === said", arg=said)
        roles = page.evaluate(f"{READ_CELLS}(document.body).map((cell) => cell.classes)")
        assert roles.count("cv-output cv-waiting") == 15 - (position[0] * 4 + position[1])
    page.evaluate("() => document.activeElement.blur()")
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.slice(0, 9)"))
    assert {"Home", "Step back", "Play", "Step"} <= set(reached)
    assert page.problems == []


def test_the_page_plays_pauses_and_leaves_the_live_region_quiet_meanwhile(page_of):
    page = page_of(animate(X, KERNEL).html())
    page.get_by_label("Steps per second").select_option("8")
    play = page.locator(".cvx-play")
    play.click()
    assert play.text_content() == "Pause"
    page.wait_for_function("document.querySelector('.cvx-place').textContent === 'Position 4 of 16'")
    assert page.locator("[role=status]").text_content() == ""
    play.click()
    assert play.text_content() == "Play"
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('Output row')")


def test_nothing_moves_by_itself_where_less_motion_is_wanted(page_of):
    html = animate(X, KERNEL).html(autoplay=True)
    moving_page, still = page_of(html), page_of(html, reduced_motion="reduce")
    assert moving_page.locator(".cvx-play").text_content() == "Pause"
    assert still.locator(".cvx-play").text_content() == "Play"
    assert page_of(animate(X, KERNEL).html()).locator(".cvx-play").text_content() == "Play"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_player_has_the_theme_of_its_page(page_of, theme, scheme):
    page = page_of(animate(X, KERNEL, theme=theme).html(), color_scheme=scheme)
    wanted = scheme if theme == "auto" else theme
    paper = page.locator(".cv-paper").evaluate("(node) => getComputedStyle(node).fill")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}[wanted]
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == paper


def test_animate_is_a_name_of_the_package():
    assert convkit.animate is animate
