"""The five explorers in JupyterLab, as a person uses them: by mouse and keyboard, light and dark, wide and narrow."""

from __future__ import annotations

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from convkit.explore.topics.pointwise import HOME

pytestmark = pytest.mark.slow

NAMES = ("parameters", "padding", "stride", "pointwise", "filters")
CELLS = ["from convkit import explore", *(f"explore.{name}()" for name in NAMES)]
WRONG = {"parameters": "72", "padding": "2, 0", "stride": "3 x 3", "pointwise": "6", "filters": "11"}
ANSWERS = {"parameters": "76", "padding": "1 before and 1 after", "stride": "4 x 4", "pointwise": "8", "filters": "10"}
each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def shown(lab):
    """All five in one notebook."""
    lab.theme("JupyterLab Light")
    lab.open("five", CELLS)
    for name in NAMES:
        lab.explorer(name)
    return lab


@each
def test_a_prediction_comes_first_and_is_answered(shown, name):
    explorer = shown.explorer(name)
    assert explorer.box.locator('[data-role="output"]').count() == 0
    assert "Predict." in explorer.box.inner_text()
    said = explorer.predict(WRONG[name])
    assert said.startswith("You predicted")
    assert f"it is {ANSWERS[name]}." in said
    assert "would be right for" in said or "to" in said
    assert said in explorer.spoken
    assert explorer.box.locator(".cvx-panel svg").count() > 0
    assert explorer.box.locator("details summary").inner_text() == "Your predictions so far: 1"


def tensorflow_says(tf, explorer, panel=0, filter=0, strides=(1, 1), padding="VALID", bias=0):
    """tf.nn.conv2d on the pixels that the page shows."""
    pixels = explorer.cells("pixel", panel, 0) | explorer.cells("unseen", panel, 0)
    weights = explorer.cells("weight", panel, 0)
    return tf.nn.conv2d(as_array(pixels)[None, :, :, None], as_array(weights)[:, :, None, None], strides, padding)[
        0, :, :, 0
    ].numpy() + bias  # fmt: skip


def as_array(cells):
    rows, columns = (max(place[axis] for place in cells) + 1 for axis in (0, 1))
    array = np.full((rows, columns), np.nan)
    for place, value in cells.items():
        array[place] = value
    assert not np.isnan(array).any()
    return array


def test_stride_shows_what_tensorflow_computes(tf, shown):
    explorer = shown.explorer("stride")
    for turned, strides in ((None, (2, 2)), ("Stride down (px)", (3, 2)), ("Stride across (px)", (3, 3))):
        if turned:
            explorer.turn(turned)
        expected = tensorflow_says(tf, explorer, strides=strides, padding="SAME")
        assert np.array_equal(as_array(explorer.cells("output", plane=0)), expected)
    explorer.box.get_by_label("Padding", exact=True).select_option("valid: no zeros")
    explorer.page.wait_for_function("(box) => box.querySelector('title').textContent.includes('valid')",
                                    arg=explorer.box.element_handle())  # fmt: skip
    explorer.settle()
    expected = tensorflow_says(tf, explorer, strides=(3, 3))
    assert np.array_equal(as_array(explorer.cells("output", plane=0)), expected)
    assert explorer.box.get_by_role("row", name=re.compile("output shape")).inner_text().split("\t")[-1] == "(2, 2, 2)"
    focus_panel(explorer).press("PageDown")  # the other filter has a kernel and a bias of its own
    other = tensorflow_says(tf, explorer, strides=(3, 3), bias=1)
    assert np.array_equal(as_array(explorer.cells("output", plane=1)), other)
    focus_panel(explorer).press("PageUp")


def focus_panel(explorer, number=0):
    panel = explorer.box.locator(".cvx-panel").nth(number)
    panel.focus()
    return panel


def test_padding_shows_what_tensorflow_computes(tf, shown):
    explorer = shown.explorer("padding")
    for label in (None, "Kernel size (px)", "Stride (px)"):
        if label:
            explorer.turn(label)
        size = 4 if label else 3
        stride = 2 if label == "Stride (px)" else 1
        ones = np.ones((size, size, 1, 1))
        for panel, padding in enumerate(("SAME", "VALID")):
            pixels = as_array(explorer.cells("pixel", panel) | explorer.cells("unseen", panel))
            expected = tf.nn.conv2d(pixels[None, :, :, None], ones, stride, padding)[0, :, :, 0].numpy()
            assert np.array_equal(as_array(explorer.cells("output", panel)), expected)


def test_padding_moves_both_kernels_until_valid_has_no_place(shown):
    explorer = shown.explorer("padding")
    panel = focus_panel(explorer)
    panel.press("Home")
    assert explorer.lit(0)
    assert explorer.lit(1)
    panel.press("End")
    assert explorer.lit(0)
    assert not explorer.lit(1)
    assert "VALID: There is no such place" in explorer.moment


def test_parameters_are_counted_cell_by_cell(keras, shown):
    explorer = shown.explorer("parameters")
    explorer.press("Home")
    assert explorer.place == "Position 1 of 76"
    assert "1 so far" in explorer.box.locator("svg").text_content()
    explorer.press("Step")
    assert explorer.moment == "2 of 76. Filter 0: channel 0, row 0, column 1."
    explorer.turn("Filters", "ArrowLeft", 2)
    explorer.turn("Channels in")
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)])
    assert f"= {model.count_params()} parameters." in explorer.box.locator("svg").text_content()
    summary = explorer.box.locator("pre").inner_text()
    assert f"Total params: {model.count_params()}" in summary
    explorer.act(lambda: explorer.box.get_by_label("A bias for each filter").click())
    assert "Total params: 54" in explorer.box.locator("pre").inner_text()


def test_pointwise_mixes_any_pixel_as_tensorflow_does(tf, shown):
    from convkit.explore.photo import photograph

    explorer = shown.explorer("pointwise")
    explorer.turn("Filter 0, red", "ArrowLeft", 3)
    weights = np.array([[0.15, 1.0], [0.6, -0.5], [0.1, -0.5]])[None, None]
    mixed = tf.nn.conv2d(photograph()[None].astype("float64"), weights, 1, "VALID")[0].numpy()
    panel = focus_panel(explorer)
    for key, (row, column) in (
        (None, HOME), ("ArrowUp", (HOME[0] - 1, HOME[1])), ("ArrowRight", (HOME[0] - 1, HOME[1] + 1)),
        ("Home", (0, 0)), ("End", (74, 63)),
    ):  # fmt: skip
        if key:
            panel.press(key)
        shown_values = [explorer.cells("output", 1, filter)[0, 0] for filter in (0, 1)]
        assert np.allclose(shown_values, mixed[row, column], atol=1e-9)
        assert f"Pixel at row {row}, column {column}." in explorer.moment
    photo = explorer.box.locator("img").first
    photo.hover(position={"x": 105, "y": 100})
    assert "Pixel at row 30, column 32." in explorer.moment
    assert np.allclose(explorer.cells("output", 1, 0)[0, 0], mixed[30, 32, 0])


def test_filters_are_typed_number_by_number(tf, shown):
    explorer = shown.explorer("filters")
    explorer.act(lambda: type_into(explorer, "x, the image, row 0, column 1", "5"))
    explorer.act(lambda: type_into(explorer, "filter 0, row 1, column 0", "-2.5"))
    assert explorer.cells("pixel")[0, 1] == 5
    assert explorer.cells("weight")[1, 0] == -2.5
    assert np.allclose(as_array(explorer.cells("output", plane=0)), tensorflow_says(tf, explorer))
    for name in ("blur", "sharpen", "vertical edges"):
        explorer.act(lambda name=name: explorer.box.get_by_label("Kernel", exact=True).select_option(name))
        assert np.allclose(as_array(explorer.cells("output", plane=0)), tensorflow_says(tf, explorer), atol=1e-6)
    explorer.act(lambda: explorer.box.get_by_label("Image", exact=True).select_option("a photograph"))
    assert explorer.box.locator("img").count() == 2
    assert np.allclose(as_array(explorer.cells("output", 1, 0)), tensorflow_says(tf, explorer, 1), atol=1e-6)
    explorer.act(lambda: explorer.box.get_by_label("Image", exact=True).select_option("numbers, below"))
    explorer.act(lambda: explorer.box.get_by_label("Kernel", exact=True).select_option("your own, below"))


def type_into(explorer, label, text):
    field = explorer.box.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


@pytest.mark.parametrize("name", ["stride", "padding", "filters"])
def test_stepping_and_hovering_ask_the_kernel_nothing(shown, name):
    explorer = shown.explorer(name)
    explorer.settle()
    shown.page.wait_for_timeout(300)
    before = shown.sent
    panel = focus_panel(explorer)
    panel.press("Home")
    home = explorer.lit()
    panel.press("ArrowRight")
    assert explorer.place.startswith("Position 2 of")
    assert explorer.lit() != home
    panel.press("ArrowLeft")
    assert explorer.lit() == home
    explorer.box.locator('[data-role="output"]:visible').nth(1).hover()
    assert "row 0, column 1" in explorer.moment
    explorer.box.locator('[data-role="pixel"]:visible').first.hover()
    assert "is read for" in explorer.moment
    panel.press("Shift+ArrowRight")
    assert re.search(r"row \d+, column \d+ is read for (1 output|\d+ outputs)[:.]", explorer.moment)
    assert shown.sent == before


def test_play_pause_step_home_and_speed(shown):
    explorer = shown.explorer("padding")
    explorer.press("Home")
    count = int(explorer.place.split()[-1])
    explorer.box.get_by_label("Speed (steps per second)").select_option("8")
    explorer.press("Play")
    seen = set()
    for _ in range(20):  # it starts again at the end, so where it stands at one moment says nothing
        shown.page.wait_for_timeout(50)
        seen.add(explorer.place)
    assert len(seen) > 1
    explorer.press("Pause")
    paused = explorer.place
    shown.page.wait_for_timeout(300)
    assert explorer.place == paused
    explorer.press("Home")
    explorer.press("Step")
    assert explorer.place == f"Position 2 of {count}"
    explorer.press("Step back")
    assert explorer.place == f"Position 1 of {count}"
    assert explorer.moment in explorer.spoken
    panel = focus_panel(explorer)
    panel.press(" ")
    assert explorer.box.get_by_role("button", name="Pause").count() == 1
    panel.press(" ")


@each
def test_every_control_takes_the_keyboard_and_the_mouse(shown, name):
    explorer = shown.explorer(name)
    sliders = explorer.box.get_by_role("slider")
    for n in range(sliders.count()):
        handle = sliders.nth(n)
        if not handle.is_visible():
            continue
        label = handle.get_attribute("aria-label")
        assert label
        said, least, most = (handle.get_attribute(f"aria-value{part}") for part in ("text", "min", "max"))
        assert re.fullmatch(r"-?\d+(\.\d\d?)?( px| levels)?", said)
        explorer.turn(label, "ArrowLeft" if value_of(said) >= float(most) else "ArrowRight")
        assert handle.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"  # the focus is seen
        said = explorer.changed(handle, said)
        explorer.click_slider(handle, 0.98 if value_of(said) < (float(least) + float(most)) / 2 else 0.02)
        explorer.changed(handle, said)


def value_of(said):
    return float(said.split()[0])


@each
def test_tab_reaches_the_player_and_the_picture(shown, name):
    explorer = shown.explorer(name)
    field = explorer.box.get_by_label("Your prediction")
    field.focus()
    reached = []
    for _ in range(60):
        shown.page.keyboard.press("Tab")
        label = shown.page.evaluate(
            "() => document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
        )
        reached.append(label)
        if label and label.startswith("Copy the PyTorch"):
            break
    for wanted in ("Predict", "Next question", "Home", "Step back", "Play", "Step", "Copy the Keras line"):
        assert wanted in reached, f"{wanted} is not reached by Tab: {reached}"
    assert any("Arrow keys move" in label for label in reached)


def test_a_line_is_copied(shown):
    explorer = shown.explorer("stride")
    explorer.press("Copy the tf.nn line")
    assert "copied" in explorer.spoken
    copied = shown.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == explorer.box.locator(".cvx-line code").nth(1).inner_text()


@each
def test_the_next_question_covers_the_answer_again(shown, name):
    explorer = shown.explorer(name)
    explorer.act(lambda: explorer.press("Next question"))
    assert explorer.box.locator('[data-role="output"]').count() == 0
    assert explorer.box.get_by_label("Your prediction").input_value() == ""
    explorer.box.locator("summary").click()
    assert "You predicted" in explorer.box.locator("ol").inner_text()  # remembered


def test_a_slider_leaves_the_notebook_where_it_is(shown):
    """Arrows on a control are the control's: Lab would go to the next cell."""
    explorer = shown.explorer("stride")
    explorer.slider("Kernel size (px)").focus()
    cells = shown.page.locator(".jp-Notebook .jp-CodeCell").count()
    for key in ("ArrowDown", "ArrowUp", "a", "d"):
        shown.page.keyboard.press(key)
    assert shown.page.locator(".jp-Notebook .jp-CodeCell").count() == cells
    assert shown.page.evaluate("() => document.activeElement.className.includes('noUi-handle')")


def violations(page):
    """What axe-core finds inside the explorers."""
    found = Axe().run(page, context=".convkit-explorer", options={"resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("theme", "width"),
    [("JupyterLab Light", 1280), ("JupyterLab Dark", 1280), ("JupyterLab Light", 800), ("JupyterLab Dark", 800)],
)
def test_nobody_is_kept_out_in_any_theme_and_width(lab, theme, width):
    lab.theme(theme)
    lab.open("looks", CELLS, width)
    for name in NAMES:
        explorer = lab.explorer(name)
        explorer.predict(WRONG[name])
        box = explorer.box.bounding_box()
        assert box["x"] + box["width"] <= width
    lab.page.wait_for_timeout(500)
    assert violations(lab.page) == []


def test_the_console_is_silent_and_nothing_is_fetched(shown):
    assert shown.ours() == []
    assert shown.outside() == []
