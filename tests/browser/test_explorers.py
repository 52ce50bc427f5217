"""The explorers in JupyterLab, as a person uses them: by mouse and keyboard, light and dark, wide and narrow."""

from __future__ import annotations

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from convkit.explore import EXPLORERS
from convkit.explore.topics.pointwise import HOME

from .cells import READ_CELLS
from .expected import as_array, tensorflow_says
from .lab import RIGHT, WRONG

CELLS = ["from convkit import explore", *(f"explore.{name}()" for name in EXPLORERS)]
WORDS = {**RIGHT, "padding": "1 before and 1 after"}  # a right answer as the verdict says it
SIDE_BY_SIDE = ("padding", "stride", "filters", "transposed", "pooling", "dilated")
STATUS_BAR = 24  # pixels at the bottom of JupyterLab
each = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture(scope="module")
def notebook(lab):
    """All of them in one notebook."""
    lab.theme("JupyterLab Light")
    lab.open("all", CELLS, 1280, 800)
    for name in EXPLORERS:
        lab.explorer(name)
    return lab


@pytest.fixture
def shown(notebook):
    """The notebook with every explorer as it was opened: no test sees what another one did."""
    notebook.page.evaluate("() => document.querySelectorAll('.convkit-explorer').forEach((host) => host.stage.reset())")
    notebook.page.mouse.move(0, 0)
    return notebook


def revealed(lab, name):
    explorer = lab.explorer(name)
    explorer.predict(WRONG[name])
    explorer.still()
    return explorer


@each
def test_a_prediction_comes_first_and_is_answered(shown, name):
    explorer = shown.explorer(name)
    assert explorer.box.locator('[data-role="output"]').count() == 0
    assert "Predict." in explorer.box.inner_text()
    said = explorer.predict(WRONG[name])
    assert said.startswith("You predicted")
    assert f"it is {WORDS[name]}." in said
    assert "would be right for" in said or "The likeliest cause:" in said
    assert said in explorer.spoken
    assert explorer.box.locator(".cvx-panel svg").count() > 0
    assert explorer.box.locator(".cvx-made summary").inner_text() == "Your predictions so far: 1"


@each
def test_controls_pictures_and_products_are_in_sight_together(shown, name):
    """On a laptop of 1280 x 800 pixels, with the answer shown."""
    explorer = revealed(shown, name)
    explorer.box.evaluate("(node) => node.scrollIntoView({ block: 'start' })")
    top = explorer.box.bounding_box()["y"]
    for part in (".cvx-form", ".cvx-controls", ".cvx-player", ".cvx-panels"):
        box = explorer.box.locator(part).bounding_box()
        assert box["y"] >= top
        assert box["y"] + box["height"] <= 800 - STATUS_BAR, part


def test_input_and_output_are_side_by_side(shown):
    for name in SIDE_BY_SIDE:
        explorer = revealed(shown, name)
        boxes = [explorer.place_of(role, 0, 0) for role in ("pixel", "output")]
        assert boxes[1]["x"] > boxes[0]["x"] + 50
        assert abs(boxes[1]["y"] - boxes[0]["y"]) < 60


@each
def test_no_move_asks_the_kernel(shown, name):
    explorer = revealed(shown, name)
    shown.page.wait_for_timeout(300)
    before = shown.sent
    explorer.press("Step")
    for slider in explorer.box.get_by_role("slider").all():
        if slider.is_visible():
            slider.press("ArrowRight")
            slider.press("ArrowLeft")
    explorer.press("Next question")
    explorer.predict(WRONG[name])
    assert shown.sent == before


def test_what_is_shown_belongs_to_the_controls_at_each_step_of_a_slider(shown):
    """Pictures change in the same task as the slider: a frame never shows one without the other."""
    explorer = revealed(shown, "stride")
    stale = explorer.box.evaluate(
        """(host) => {
      const slider = host.querySelector('[aria-label="Image height (px)"]');
      return [...Array(14).keys()].map((n) => n + 3).filter((height) => {
        slider.value = height;
        slider.dispatchEvent(new Event("input"));
        const cells = READ_CELLS(host).filter(({ role }) => role === "pixel" || role === "unseen");
        return Math.max(...cells.map(({ row }) => Number(row))) !== height - 1;
      });
    }""".replace("READ_CELLS", READ_CELLS)
    )
    assert stale == []


def test_a_smaller_picture_leaves_what_is_below_in_place(shown):
    """Until the next question: it has the room of its own picture."""
    explorer = revealed(shown, "padding")

    def below():
        """Where the heading below the picture is, when the frames are drawn in which a move takes effect."""
        return explorer.box.evaluate("""async (host) => {
          for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
          return host.querySelector(".cvx-why").getBoundingClientRect().top - host.getBoundingClientRect().top;
        }""")

    opened = below()
    explorer.turn("Image size (px)", times=4)
    tall = below()
    explorer.turn("Image size (px)", "ArrowLeft", times=6)
    assert below() == tall > opened
    explorer.press("Next question")
    assert below() < tall


def test_explorers_share_an_engine_and_rest_out_of_sight(shown):
    """One engine a page; and what is scrolled away is not laid out and painted at each move."""
    assert shown.page.evaluate("() => window.convkitEngines.size") == 1
    explorer = shown.explorer(EXPLORERS[0])
    drawn = "(host) => host.querySelector('.cvx-panels').checkVisibility({ contentVisibilityAuto: true })"
    for block, name, is_drawn in (("start", EXPLORERS[-1], False), ("center", EXPLORERS[0], True)):
        shown.explorer(name).box.evaluate("(host, block) => host.scrollIntoView({ block })", block)
        shown.page.wait_for_timeout(300)
        assert explorer.box.evaluate(drawn) is is_drawn


def test_stride_shows_what_tensorflow_computes(tf, shown):
    explorer = revealed(shown, "stride")
    for turned, strides in ((None, (2, 2)), ("Stride down (px)", (3, 2)), ("Stride across (px)", (3, 3))):
        if turned:
            explorer.turn(turned)
        expected = tensorflow_says(tf, explorer, strides=strides, padding="SAME")
        assert np.array_equal(as_array(explorer.cells("output", plane=0)), expected)
    explorer.choose("Padding", "valid: no zeros")
    expected = tensorflow_says(tf, explorer, strides=(3, 3))
    assert np.array_equal(as_array(explorer.cells("output", plane=0)), expected)
    explorer.box.locator(".cvx-why summary").click()
    assert explorer.box.get_by_role("row", name=re.compile("output shape")).inner_text().split("\t")[-1] == "(2, 2, 2)"
    focus_panel(explorer).press("PageDown")  # the other filter has a kernel and a bias of its own
    other = tensorflow_says(tf, explorer, strides=(3, 3), bias=1)
    assert np.array_equal(as_array(explorer.cells("output", plane=1)), other)


def focus_panel(explorer, number=0):
    panel = explorer.box.locator(".cvx-panel").nth(number)
    panel.focus()
    return panel


def test_padding_moves_both_kernels_until_valid_has_no_position(shown):
    explorer = revealed(shown, "padding")
    panel = focus_panel(explorer)
    panel.press("Home")
    assert explorer.lit(0)
    assert explorer.lit(1)
    panel.press("End")
    assert explorer.lit(0)
    assert not explorer.lit(1)
    assert "VALID: no such position" in explorer.moment


def test_parameters_are_counted_cell_by_cell(keras, shown):
    explorer = revealed(shown, "parameters")
    explorer.press("Home")
    assert explorer.place == "Position 1 of 76"
    assert "1 so far" in explorer.box.locator("svg").text_content()
    explorer.press("Step")
    assert explorer.moment == "2 of 76. Filter 0: channel 0, row 0, column 1."
    explorer.press("Play")  # goes on from here; End shows the whole
    focus_panel(explorer).press("End")
    explorer.turn("Filters", "ArrowLeft", 2)
    explorer.turn("Channels in")
    focus_panel(explorer).press("End")
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)])
    assert f"= {model.count_params()} parameters." in explorer.box.locator("svg").text_content()
    explorer.box.locator(".cvx-why summary").click()
    assert f"Total params: {model.count_params()}" in explorer.box.locator("pre").inner_text()
    explorer.box.get_by_label("A bias for each filter").click()
    assert "Total params: 54" in explorer.box.locator("pre").inner_text()


def test_pointwise_mixes_any_pixel_as_tensorflow_does(tf, shown):
    from convkit.explore.photo import photograph

    explorer = revealed(shown, "pointwise")
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
        assert f"Pixel at row {row}, column {column}:" in explorer.moment
    photo = explorer.box.locator("canvas").first
    box = photo.bounding_box()
    photo.hover(position={"x": box["width"] * 32.5 / 64, "y": box["height"] * 30.5 / 75})
    assert "Pixel at row 30, column 32:" in explorer.moment
    shades = photo.evaluate(
        "(node) => [...node.closest('.cvx-panel').querySelectorAll('canvas')[1].getContext('2d')"
        ".getImageData(32, 30, 1, 1).data]"
    )
    assert shades[:3] == [round(mixed[30, 32, 0])] * 3


def test_filters_are_typed_number_by_number(tf, shown):
    explorer = revealed(shown, "filters")
    explorer.type("x, the image, row 0, column 1", "5")
    explorer.type("filter 0, row 1, column 0", "-2.5")
    assert explorer.cells("pixel")[0, 1] == 5
    assert explorer.cells("weight")[1, 0] == -2.5
    assert np.allclose(as_array(explorer.cells("output", plane=0)), tensorflow_says(tf, explorer))
    for name in ("blur", "sharpen", "vertical edges"):
        explorer.choose("Kernel", name)
        assert np.allclose(as_array(explorer.cells("output", plane=0)), tensorflow_says(tf, explorer), atol=1e-6)
    explorer.choose("Image", "a photograph")
    assert explorer.box.locator("canvas").count() == 2
    assert np.allclose(as_array(explorer.cells("output")), tensorflow_says(tf, explorer), atol=1e-6)


def test_a_prediction_is_not_told_of_other_numbers(shown):
    explorer = shown.explorer("filters")
    explorer.predict("10")
    before = explorer.cells("output", plane=0)[0, 0]
    explorer.type("x, the image, row 0, column 0", "9")
    assert explorer.cells("output", plane=0)[0, 0] - before == 2 * (9 - 2)  # the weight on this pixel is 2
    assert explorer.verdict == ""
    explorer.type("x, the image, row 0, column 0", "2")
    assert explorer.verdict == "For this you predicted 10; it is 10."


@pytest.mark.parametrize("name", ["stride", "padding", "filters", "pooling", "dilated"])
def test_stepping_and_hovering(shown, name):
    explorer = revealed(shown, name)
    panel = focus_panel(explorer)
    panel.press("Home")
    home = explorer.lit()
    panel.press("ArrowRight")
    assert explorer.place.startswith("Position 2 of")
    assert explorer.lit() != home
    panel.press("ArrowLeft")
    assert explorer.lit() == home
    explorer.hover("output", 0, 1)
    assert "row 0, column 1" in explorer.moment
    explorer.hover("pixel", 0, 0)
    assert "is read for" in explorer.moment
    panel.press("Shift+ArrowRight")
    of = r"( of channel 0)?"
    assert re.search(rf"row -?\d+, column -?\d+{of} is read for (1 output|\d+ outputs){of}[:.]", explorer.moment)
    assert explorer.box.locator(".cvx-reader").count() > 1


@pytest.mark.parametrize("name", ["stride", "padding", "filters", "pooling", "dilated"])
def test_arrow_keys_live_while_the_mouse_rests_on_the_picture(shown, name):
    explorer = revealed(shown, name)
    explorer.hover("output", 0, 2)
    panel = focus_panel(explorer)
    panel.press("Home")
    for n in range(2, 6):
        panel.press("ArrowRight")
        shown.page.wait_for_timeout(60)
        assert explorer.place.startswith(f"Position {n} of")


def test_play_pause_step_home_and_speed(shown):
    explorer = revealed(shown, "padding")
    explorer.press("Home")
    count = int(explorer.place.split()[-1])
    explorer.box.get_by_label("Steps per second").select_option("8")
    explorer.press("Play")
    shown.page.wait_for_function("(place) => !place.textContent.startsWith('Position 1 ')",
                                 arg=explorer.box.locator(".cvx-place").element_handle())  # fmt: skip
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
    assert explorer.box.get_by_role("button", name="Pause").count() == 0


@each
def test_every_slider_takes_the_keyboard_and_the_mouse(shown, name):
    explorer = revealed(shown, name)
    for handle in explorer.box.get_by_role("slider").all():
        if not handle.is_visible():
            continue
        label = handle.get_attribute("aria-label")
        assert label
        said, least, most = (handle.get_attribute(name) for name in ("aria-valuetext", "min", "max"))
        assert re.fullmatch(r"-?\d+(\.\d\d?)?( px| levels)?", said)
        explorer.turn(label, "ArrowLeft" if value_of(said) >= float(most) else "ArrowRight")
        assert handle.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"  # the focus is seen
        turned = handle.get_attribute("aria-valuetext")
        assert turned != said
        explorer.click_slider(handle, 0.98 if value_of(turned) < (float(least) + float(most)) / 2 else 0.02)
        assert handle.get_attribute("aria-valuetext") != turned


def value_of(said):
    return float(said.split()[0])


def test_weights_of_a_filter_stand_in_one_row(shown):
    explorer = revealed(shown, "pointwise")
    for number in (0, 1):
        names = [f"Filter {number}, {name}" for name in ("red", "green", "blue", "bias (levels)")]
        tops = [explorer.slider(name).bounding_box()["y"] for name in names]
        assert max(tops) - min(tops) < 3


@each
def test_tab_reaches_the_player_and_the_picture(shown, name):
    explorer = revealed(shown, name)
    explorer.box.locator(".cvx-why summary").click()
    explorer.box.get_by_label("Your prediction").focus()
    reached = []
    for _ in range(80):
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
    explorer = revealed(shown, "stride")
    explorer.box.locator(".cvx-why summary").click()
    explorer.press("Copy the tf.nn line")
    assert "copied" in explorer.spoken
    copied = shown.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == explorer.box.locator(".cvx-line code").nth(1).inner_text()


@each
def test_the_next_question_covers_the_answer_again(shown, name):
    explorer = revealed(shown, name)
    asked = explorer.box.locator(".cvx-question").inner_text()
    explorer.press("Next question")
    assert explorer.box.locator(".cvx-question").inner_text().partition(" ")[2] != asked.partition(" ")[2]
    assert explorer.box.locator('[data-role="output"]').count() == 0
    assert explorer.box.get_by_label("Your prediction").input_value() == ""
    explorer.box.locator(".cvx-made summary").click()
    assert "You predicted" in explorer.box.locator("ol").inner_text()  # remembered


def test_a_slider_leaves_the_notebook_where_it_is(shown):
    """Arrows on a control are the control's: Lab would go to the next cell."""
    explorer = shown.explorer("stride")
    explorer.slider("Kernel size (px)").focus()
    cells = shown.page.locator(".jp-Notebook .jp-CodeCell").count()
    for key in ("ArrowDown", "ArrowUp", "a", "d"):
        shown.page.keyboard.press(key)
    assert shown.page.locator(".jp-Notebook .jp-CodeCell").count() == cells
    assert shown.page.evaluate("() => document.activeElement.ariaLabel") == "Kernel size (px)"


def test_the_console_is_silent_and_nothing_is_fetched(shown):
    for name in EXPLORERS:
        revealed(shown, name)
    assert shown.ours() == []
    assert shown.outside() == []


def test_a_notebook_that_is_opened_again_plays_without_a_kernel(lab):
    """Saved, closed and opened once more: nothing is run."""
    lab.theme("JupyterLab Light")
    lab.open("again", ["from convkit import explore", "explore.stride()"], 1280, 800)
    lab.explorer("stride")
    lab.page.keyboard.press("Control+s")
    lab.page.wait_for_function(
        "() => fetch('/api/contents/again.ipynb?token=test').then((r) => r.text()).then((t) => t.includes('cvx'))"
    )
    lab.page.goto(f"{lab.server['url']}/doc/tree/again.ipynb?token={lab.server['token']}&reset")
    explorer = lab.explorer("stride")
    assert "would be right for" in explorer.predict("3 x 3")
    explorer.press("Step")
    assert explorer.place == "Position 2 of 16"
    assert "model not found" not in lab.page.locator("body").inner_text()


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
    [
        ("JupyterLab Light", 1280),
        pytest.param("JupyterLab Dark", 1280, marks=pytest.mark.days),
        pytest.param("JupyterLab Light", 800, marks=pytest.mark.days),
        ("JupyterLab Dark", 400),
    ],
)
def test_all_can_use_them_in_any_theme_and_width(lab, theme, width):
    lab.theme(theme)
    lab.open("looks", CELLS, width)
    for name in EXPLORERS:
        explorer = lab.explorer(name)
        explorer.predict(WRONG[name])
        explorer.still()
        box = explorer.box.bounding_box()
        assert box["x"] + box["width"] <= width
        for part in explorer.box.locator(".cvx-panel, .cvx-form, .cvx-row").all():
            if part.is_visible():
                inner = part.bounding_box()
                assert inner["x"] + inner["width"] <= box["x"] + box["width"]
    assert violations(lab.page) == []


def test_a_select_is_seen_in_the_dark(lab):
    """Its arrow is drawn by the browser, in the page's color scheme."""
    lab.theme("JupyterLab Dark")
    lab.open("dark", ["from convkit import explore", "explore.stride()"])
    select = lab.explorer("stride").box.locator("select").first
    assert select.evaluate("(node) => getComputedStyle(node).colorScheme") == "dark"
    lab.theme("JupyterLab Light")
