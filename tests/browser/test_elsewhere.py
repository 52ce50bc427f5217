"""Pages of their own: from a disk, without a kernel and a network, in a sandboxed frame, light and dark.

Every number that a page shows is TensorFlow's, read back from the page.
"""

from __future__ import annotations

import math
from itertools import cycle

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convkit import explore
from convkit.explore import EXPLORERS
from convkit.explore.photo import photograph

from ..receptive_fields import responses
from .expected import FRAME, PAPERS, SMALL, as_array, tensorflow_says
from .lab import RIGHT, ExplorerOnPage

VARIABLES = {
    "light": "--vscode-foreground: #3b3b3b; --vscode-editor-background: #ffffff",
    "dark": "--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f",
}
VSCODE = """<!DOCTYPE html><html lang="en"><head><title>A page</title></head>
<body class="vscode-{theme}" style="{variables}; background: var(--vscode-editor-background)">
<main><h1>A notebook</h1>{fragment}</main></body></html>"""
CLIPPED = """(all) => all.filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.className)"""
MOST_BYTES = 3_000_000
each = pytest.mark.parametrize("name", EXPLORERS)
sampled = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file for each explorer."""
    folder = tmp_path_factory.mktemp("pages")
    return {name: getattr(explore, name)().save(folder / f"{name}.html") for name in RIGHT}


def opened(page, path, name):
    page.goto(path.as_uri())
    page.wait_for_selector(".cvx-panels[data-serial]", state="attached")
    return on_page(page, name)


def on_page(page, name):
    return ExplorerOnPage(page, page.locator(f".convkit-{name}"))


@each
def test_a_saved_page_predicts_steps_and_speaks_from_a_disk(page, saved, name):
    assert saved[name].stat().st_size < MOST_BYTES
    explorer = opened(page, saved[name], name)
    assert page.title() == getattr(explore, name)().topic.title
    assert page.evaluate("() => document.documentElement.lang") == "en"
    said = explorer.predict(RIGHT[name])
    assert said.startswith("You predicted")
    assert "Right." in said
    explorer.press("Home")
    before = explorer.moment
    explorer.press("Step")
    assert explorer.place.startswith("Position 2 of ")
    assert explorer.moment != before
    assert explorer.moment in explorer.spoken
    page.locator(".cvx-panel[role=application]").first.focus()
    page.keyboard.press("Home")
    assert explorer.moment == before
    found = Axe().run(page, context=".convkit-explorer", options={"resultTypes": ["violations"]})
    assert [rule["id"] for rule in found.response["violations"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_saved_page_follows_its_readers_scheme(browser, saved, scheme):
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    explorer = opened(page, saved["stride"], "stride")
    explorer.predict("4 x 4")
    paper = page.locator(".cv-paper").first.evaluate("(node) => getComputedStyle(node).fill")
    assert paper == PAPERS[scheme] == page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    context.close()


@each
def test_a_page_plays_in_a_frame_that_may_do_nothing_but_run_scripts(page, saved, name, tmp_path):
    outer = tmp_path / "course.html"
    outer.write_text(FRAME.format(source=saved[name].as_uri()))
    page.goto(outer.as_uri())
    frame = page.frame_locator("iframe")
    frame.get_by_label("Your prediction").fill(RIGHT[name])
    frame.get_by_role("button", name="Predict").click()
    assert frame.locator(".cvx-verdict").inner_text().startswith("You predicted")
    assert frame.locator(".cvx-panel").first.is_visible()


@pytest.mark.parametrize(("name", "theme"), list(zip(EXPLORERS, cycle(["light", "dark"]), strict=False)))
def test_a_fragment_takes_the_theme_of_the_page_around_it(page, name, theme):
    shown = getattr(explore, name)()
    page.goto("about:blank")
    fragment = shown.fragment()
    page.set_content(VSCODE.format(theme=theme, variables=VARIABLES[theme], fragment=fragment))
    page.wait_for_selector(".cvx-panels[data-serial]", state="attached")
    on_page(page, name).predict(RIGHT[name])
    paper = page.locator(".cv-paper").first.evaluate("(node) => getComputedStyle(node).fill")
    assert paper == PAPERS[theme]
    found = Axe().run(page, context=".convkit-explorer", options={"resultTypes": ["violations"]})
    assert [rule["id"] for rule in found.response["violations"]] == []


AHEAD = """({ stage }) => new Promise((done) => {
  const look = () => {
    const sessions = stage.neighbors();
    const isReady = (session) => stage.ready.has(stage.stateOf(session));
    if (!sessions.every(isReady)) return setTimeout(look, 20);
    const pictures = () => sessions.map((session) => JSON.stringify(stage.made(session).pictures));
    const ahead = pictures();
    stage.ready.clear();
    done([sessions.length, pictures().filter((picture, n) => picture !== ahead[n]).length]);
  };
  look();
})"""


@each
def test_pictures_one_move_away_are_drawn_while_the_page_is_idle(page, saved, name):
    """All of them, and they are what is drawn when the control is moved."""
    explorer = opened(page, saved[name], name)
    for _ in range(2):  # before the prediction, and after it
        neighbors, different = explorer.box.evaluate(AHEAD)
        assert neighbors > 2
        assert different == 0
        explorer.predict(RIGHT[name])
        explorer.still()


def test_marks_on_a_picture_are_gone_when_it_is_shown_again(page, saved):
    """Elements that leave a picture are kept for the next time."""
    explorer = opened(page, saved["stride"], "stride")
    explorer.predict(RIGHT["stride"])
    explorer.still()
    for row, column in ((0, 0), (3, 3)):
        explorer.box.evaluate("(host, at) => host.stage.readers(...at)", [row, column])
        assert explorer.box.locator(".cvx-reader").count() > 1
        for by in (1, -1):
            explorer.box.evaluate("(host, by) => host.stage.step(by)", by)
            assert explorer.box.locator(".cvx-reader").count() == 0


@each
def test_where_no_script_runs_a_picture_and_its_words_stay(browser, saved, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(saved[name].as_uri())
    assert page.locator(".convkit-still svg").first.is_visible()
    assert "keras.layers." in page.locator(".convkit-still").inner_html()
    context.close()


@each
def test_a_page_reflows_without_scrolling_sideways(page, saved, name):
    page.set_viewport_size({"width": 320, "height": 800})
    opened(page, saved[name], name).predict(RIGHT[name])
    for width in (320, 400, 800, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(200)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        for panel in page.locator(".cvx-panel").all():
            box = panel.bounding_box()
            assert box["x"] + box["width"] <= width
    page.set_viewport_size({"width": 1000, "height": 900})


SPACED = """.convkit-explorer * {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"""
LARGE = "body, .convkit-explorer { font-size: 28px !important }"


@each
def test_text_can_be_set_larger_and_wider_and_targets_are_large_enough(page, saved, name):
    """WCAG 2.2: 1.4.4, 1.4.12, and 2.5.8: 24 by 24 pixels, for all that is clicked."""
    opened(page, saved[name], name).predict(RIGHT[name])
    assert page.locator(".convkit-explorer :is(button, select, summary, input)").evaluate_all(SMALL) == []
    for style in (LARGE, SPACED):
        tag = page.add_style_tag(content=style)
        page.wait_for_timeout(100)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1000, style
        clipped = page.locator(".convkit-explorer :is(button, p, summary, label)").evaluate_all(CLIPPED)
        assert clipped == [], style
        tag.evaluate("(node) => node.remove()")


def test_a_press_can_be_taken_back(page, saved):
    """WCAG 2.2, 2.5.2: a touch takes effect on release; released elsewhere, it does nothing."""
    explorer = opened(page, saved["transposed"], "transposed")
    explorer.predict(RIGHT["transposed"])
    before = explorer.place
    cells = explorer.box.locator('.cvx-panel path[data-role="pixel"]').first
    x, y = explorer.place_of("pixel", 0, 0)["middle"]
    cells.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True, "clientX": x, "clientY": y})
    assert explorer.place == before
    cells.dispatch_event("click", {"bubbles": True, "clientX": x, "clientY": y})
    assert explorer.place == "Position 1 of 4"


# ------------------------------------------------------------------------------------------- numbers are TensorFlow's


@pytest.fixture(scope="module")
def stride_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["stride"], "stride")
    explorer.predict("4 x 4")
    yield explorer
    page.close()


@sampled
@given(
    height=st.integers(3, 16), width=st.integers(3, 16), size=st.integers(1, 5), down=st.integers(1, 4),
    across=st.integers(1, 4), padding=st.sampled_from(["same", "valid"]), filter=st.integers(0, 1),
)  # fmt: skip
def test_all_settings_of_the_stride_page_show_tensorflows_numbers(
    tf, stride_page, height, width, size, down, across, padding, filter
):
    labels = ("Image height (px)", "Image width (px)", "Kernel size (px)", "Stride down (px)", "Stride across (px)")
    for label, value in zip(labels, (height, width, size, down, across), strict=True):
        stride_page.type(f"{label}, typed", str(value))
    stride_page.choose("Padding", "same: zeros around" if padding == "same" else "valid: no zeros")
    if padding == "valid" and size > min(height, width):
        assert "does not fit" in stride_page.box.inner_text()
        return
    stride_page.box.evaluate("(host, filter) => host.stage.go(0, 0, filter)", filter)
    expected = tensorflow_says(tf, stride_page, (down, across), padding.upper(), bias=filter)
    assert np.array_equal(as_array(stride_page.cells("output", plane=filter)), expected)


@pytest.fixture(scope="module")
def filters_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["filters"], "filters")
    explorer.predict("10")
    yield explorer
    page.close()


NUMBERS = st.sampled_from(["0", "1", "2", "3", "-1", "-2.5", "0.1", "7", "9", "100", "-1000", "0.333"])


@sampled
@given(
    typed=st.lists(NUMBERS, min_size=3, max_size=3),
    weights=st.lists(NUMBERS, min_size=2, max_size=2),
    padding=st.sampled_from(["same: zeros around", "valid: no zeros"]),
    filter=st.integers(0, 1),
)
def test_typed_numbers_give_tensorflows(tf, filters_page, typed, weights, padding, filter):
    for n, number in enumerate(typed):
        filters_page.type(f"x, the image, row {n}, column {2 * n}", number)
    for n, number in enumerate(weights):
        filters_page.type(f"filter {filter}, row {n}, column {1 - n}", number)
    filters_page.choose("Padding", padding)
    filters_page.box.evaluate("(host, filter) => host.stage.go(0, 0, filter)", filter)
    expected = tensorflow_says(tf, filters_page, padding=padding.partition(":")[0].upper())
    np.testing.assert_allclose(as_array(filters_page.cells("output", plane=filter)), expected, rtol=1e-9, atol=1e-9)


def test_the_photographs_patch_and_mixed_pixels_are_tensorflows(tf, page, saved):
    explorer = opened(page, saved["filters"], "filters")
    explorer.predict("10")
    explorer.choose("Image", "a photograph")
    for kernel in ("blur", "vertical edges"):
        explorer.choose("Kernel", kernel)
        np.testing.assert_allclose(as_array(explorer.cells("output")), tensorflow_says(tf, explorer), atol=1e-6)


@pytest.fixture(scope="module")
def padding_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["padding"], "padding")
    explorer.predict("1, 1")
    yield explorer
    page.close()


@sampled
@given(n=st.integers(3, 12), size=st.integers(1, 6), stride=st.integers(1, 3))
def test_all_settings_of_the_padding_page_show_tensorflows_numbers(tf, padding_page, n, size, stride):
    """And the zeros that are drawn: VALID with them is SAME."""
    explorer = padding_page
    for label, value in (("Image size (px)", n), ("Kernel size (px)", size), ("Stride (px)", stride)):
        explorer.type(f"{label}, typed", str(value))
    ones = np.ones((size, size, 1, 1))
    for panel, padding in enumerate(("SAME", "VALID")):
        if padding == "VALID" and size > n:
            assert "does not fit" in explorer.box.locator(".cvx-panel").nth(1).inner_text()
            continue
        pixels = as_array(explorer.cells("pixel", panel) | explorer.cells("unseen", panel))
        expected = tf.nn.conv2d(pixels[None, :, :, None], ones, stride, padding)[0, :, :, 0].numpy()
        assert np.array_equal(as_array(explorer.cells("output", panel)), expected)
    ring = sorted({place[0] for place in explorer.cells("pad", 0)} - set(range(n)))
    before = sum(place < 0 for place in ring)
    pixels = as_array(explorer.cells("pixel", 0) | explorer.cells("unseen", 0))
    padded = np.pad(pixels, (before, len(ring) - before))
    expected = tf.nn.conv2d(padded[None, :, :, None], ones, stride, "VALID")[0, :, :, 0].numpy()
    assert np.array_equal(as_array(explorer.cells("output", 0)), expected)


@pytest.fixture(scope="module")
def parameters_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["parameters"], "parameters")
    explorer.predict(RIGHT["parameters"])
    explorer.box.locator(".cvx-why summary").click()  # closed, its table is written when the page has time
    yield explorer
    page.close()


@sampled
@given(size=st.integers(1, 5), channels=st.integers(1, 4), filters=st.integers(1, 8), use_bias=st.booleans())
def test_all_settings_of_the_parameters_page_show_keras_count(
    keras, parameters_page, size, channels, filters, use_bias
):
    """In cells, in words and in the table."""
    page = parameters_page
    for label, value in (("Kernel size (px)", size), ("Channels in", channels), ("Filters", filters)):
        page.type(f"{label}, typed", str(value))
    page.box.get_by_label("A bias for each filter").set_checked(use_bias)
    page.box.evaluate("(host) => host.stage.jump(host.stage.session.count - 1)")
    layer = keras.layers.Conv2D(filters, size, use_bias=use_bias)
    layer.build((None, 8, 8, channels))
    count = layer.count_params()
    assert len(page.drawn()) == count
    assert page.moment.startswith(f"{count} of {count}. ")
    assert f"= {count} parameters." in page.box.locator("svg").text_content()
    assert f"Total params: {count} (" in page.box.locator("pre").text_content()


@pytest.fixture(scope="module")
def pointwise_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["pointwise"], "pointwise")
    explorer.predict(RIGHT["pointwise"])
    yield explorer
    page.close()


@sampled
@given(
    weights=st.lists(st.integers(-20, 20), min_size=6, max_size=6), row=st.integers(0, 74), column=st.integers(0, 63)
)
def test_any_pixel_and_weights_of_the_pointwise_page_give_tensorflows_numbers(tf, pointwise_page, weights, row, column):
    page, kernel = pointwise_page, np.array(weights).reshape(2, 3) / 20
    for filter in (0, 1):
        for name, value in zip(("red", "green", "blue"), kernel[filter], strict=True):
            page.type(f"Filter {filter}, {name}, typed", f"{value:g}")
    page.box.evaluate("(host, place) => host.stage.go(...place, 0)", [row, column])
    expected = tf.nn.conv2d(photograph()[None].astype(float), kernel.T[None, None], 1, "VALID")[0, row, column].numpy()
    shown = [page.cells("output", 1, filter)[0, 0] for filter in (0, 1)]
    np.testing.assert_allclose(shown, expected, atol=1e-9)


@pytest.fixture(scope="module")
def transposed_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["transposed"], "transposed")
    explorer.predict("5 x 5")
    yield explorer
    page.close()


@sampled
@given(
    n=st.integers(2, 4), size=st.integers(1, 4), stride=st.integers(1, 3), padding=st.sampled_from(["same", "valid"]),
)  # fmt: skip
def test_all_settings_of_the_transposed_page_show_tensorflows_numbers(tf, transposed_page, n, size, stride, padding):
    """The output, and the same from the matrix, of which a page shows the rows of the output that fit."""
    page = transposed_page
    for label, value in (("Image size (px)", n), ("Kernel size (px)", size), ("Stride (px)", stride)):
        page.type(f"{label}, typed", str(value))
    page.choose("Padding", "valid: keep all" if padding == "valid" else "same: input size times stride")
    page.box.evaluate("(host) => host.stage.jump(host.stage.session.count - 1)")
    x, kernel = as_array(page.cells("pixel")), as_array(page.cells("weight"))
    found = page.cells("output")
    out = max(found)[0] + 1
    expected = tf.nn.conv2d_transpose(
        x[None, :, :, None], kernel[:, :, None, None], (1, out, out, 1), stride, padding.upper()
    )[0, :, :, 0].numpy()  # fmt: skip
    assert np.array_equal(as_array(found), expected)
    entries = page.cells("weight", panel=1)
    for (row, column), value in page.cells("output", panel=1).items():
        products = [x.flat[pixel] * entries.get((pixel, row * out + column), 0) for pixel in range(n * n)]
        assert value == sum(products) == expected[row, column]


def test_each_pixel_adds_tensorflows_share_to_the_output(tf, page, saved):
    """Step by step: what a pixel adds is the transposed convolution of an image with that pixel alone."""
    explorer = opened(page, saved["transposed"], "transposed")
    explorer.predict("5 x 5")
    explorer.press("Home")
    x, kernel = as_array(explorer.cells("pixel")), as_array(explorer.cells("weight"))
    before = np.zeros((5, 5))
    for row, column in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        alone = np.zeros((1, 2, 2, 1))
        alone[0, row, column, 0] = x[row, column]
        added = tf.nn.conv2d_transpose(alone, kernel[:, :, None, None], (1, 5, 5, 1), 2, "VALID")[0, :, :, 0].numpy()
        now = as_array(explorer.cells("output"))
        assert np.array_equal(now - before, added)
        before = now
        explorer.press("Step")


def test_an_output_of_the_transposed_page_names_the_pixels_that_add_to_it(page, saved):
    explorer = opened(page, saved["transposed"], "transposed")
    explorer.predict("5 x 5")
    explorer.click("output", 2, 2)
    assert explorer.moment.startswith("Output (2, 2) adds up 4 products: 1 \u00d7 (\u22121) + 2 \u00d7 1 + ")
    assert explorer.box.locator('.cvx-panel [id*="-i0."].cvx-reader').count() == 4
    explorer.click("pixel", 0, 1)
    assert explorer.moment.startswith("Pixel row 0, column 1: 2 \u00d7 kernel is added to output rows 0 to 2")


@pytest.fixture(scope="module")
def pooling_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["pooling"], "pooling")
    explorer.predict("4 x 4 x 3")
    yield explorer
    page.close()


@sampled
@given(
    kind=st.sampled_from(["max", "average"]), n=st.integers(4, 12), size=st.integers(2, 4), stride=st.integers(1, 4),
    padding=st.sampled_from(["same", "valid"]),
)  # fmt: skip
def test_all_settings_of_the_pooling_page_show_tensorflows_numbers(tf, pooling_page, kind, n, size, stride, padding):
    page = pooling_page
    page.choose("Keep", "the largest" if kind == "max" else "the average")
    for label, value in (("Image size (px)", n), ("Pool size (px)", size), ("Stride (px)", stride)):
        page.type(f"{label}, typed", str(value))
    page.choose("Padding", "valid: whole windows" if padding == "valid" else "same: over the border")
    x = np.stack([as_array(page.cells("pixel", plane=c) | page.cells("unseen", plane=c)) for c in range(3)], axis=-1)
    pool = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    expected = pool(x[None], size, stride, padding.upper())[0].numpy()
    for channel in range(3):
        np.testing.assert_allclose(as_array(page.cells("output", plane=channel)), expected[..., channel], rtol=1e-12)


def test_the_pixel_that_max_pooling_lets_through_gets_tensorflows_gradient(tf, page, saved):
    """The marked pixel of each position is the one that the gradient of that output reaches."""
    explorer = opened(page, saved["pooling"], "pooling")
    explorer.predict("4 x 4 x 3")
    explorer.press("Home")
    page.locator(".cvx-panel[role=application]").press("PageDown")  # to channel 1
    x = tf.constant(as_array(explorer.cells("pixel", plane=1))[None, :, :, None])
    for position in range(16):
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = tf.reshape(tf.nn.max_pool2d(x, 2, 2, "VALID"), [-1])[position]
        ((_, row, column, _),) = np.argwhere(tape.gradient(output, x).numpy())
        marked = [cell["key"] for cell in explorer.drawn() if cell["role"] == "pixel" and "cv-here" in cell["classes"]]
        assert marked == [f"i1.{row}.{column}"]
        explorer.press("Step")


@pytest.fixture(scope="module")
def dilated_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["dilated"], "dilated")
    explorer.predict(RIGHT["dilated"])
    yield explorer
    page.close()


@sampled
@given(
    n=st.integers(4, 12), size=st.integers(1, 4), rate=st.integers(1, 4), padding=st.sampled_from(["same", "valid"]),
    part=st.floats(0, 1),
)  # fmt: skip
def test_all_settings_of_the_dilated_page_show_tensorflows_numbers(tf, dilated_page, n, size, rate, padding, part):
    """And the pixels that are marked as read are those that change an output, each of them alone."""
    page = dilated_page
    for label, value in (("Image size (px)", n), ("Kernel size (px)", size), ("Dilation rate (px)", rate)):
        page.type(f"{label}, typed", str(value))
    page.choose("Padding", "same: zeros around" if padding == "same" else "valid: no zeros")
    if padding == "valid" and (size - 1) * rate + 1 > n:
        assert "does not fit" in page.box.locator(".cvx-panels").inner_text()
        return
    expected = tensorflow_says(tf, page, padding=padding.upper(), rate=rate)
    assert np.array_equal(as_array(page.cells("output")), expected)
    position = min(int(part * expected.size), expected.size - 1)
    page.box.evaluate("(host, position) => host.stage.jump(position)", position)
    alone = tf.reshape(tf.eye(n * n, dtype=tf.float64), (n * n, n, n, 1))
    y = tf.nn.conv2d(alone, tf.ones((size, size, 1, 1), tf.float64), 1, padding.upper(), dilations=rate)
    read = np.flatnonzero(tf.reshape(y, (n * n, -1))[:, position])
    in_image = {place for place in page.lit() if 0 <= min(place) <= max(place) < n}
    assert in_image == {divmod(int(pixel), n) for pixel in read}


@pytest.fixture(scope="module")
def receptive_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["receptive_field"], "receptive_field")
    explorer.predict("7")
    yield explorer
    page.close()


LAYERS = st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(1, 4)).filter(lambda layer: 1 in layer[1:])


@sampled
@given(layers=st.lists(LAYERS, min_size=1, max_size=3), part=st.floats(0, 1))
def test_all_paths_of_the_receptive_field_page_are_tensorflows(tf, keras, receptive_page, layers, part):
    """Of each plane: how much the output changes with each of its values, where all kernels are ones."""
    page = receptive_page
    page.type("Layers, typed", str(len(layers)))
    for n, layer in enumerate(layers, start=1):
        for label, value in zip(("kernel size (px)", "stride (px)", "dilation rate (px)"), layer, strict=True):
            page.type(f"Layer {n}, {label}, typed", str(value))
    if "does not fit" in page.box.locator(".cvx-panels").inner_text():
        stack = [keras.layers.Conv2D(1, size, strides, dilation_rate=rate) for size, strides, rate in layers]
        with pytest.raises(ValueError, match="would be zero or negative"):
            keras.Sequential([keras.Input((16, 16, 1)), *stack])
        return
    outputs = len(page.cells("output"))
    position = divmod(min(int(part * outputs), outputs - 1), math.isqrt(outputs))
    page.box.evaluate("(host, position) => host.stage.go(...position, 0)", position)
    for row, role in enumerate(["pixel", *["sum"] * (len(layers) - 1), "output"]):
        paths = as_array(page.cells(role, plane=row))
        assert np.array_equal(paths, responses(tf, layers[row:], len(paths), position)), (row, layers, position)


def test_an_input_pixel_marks_the_outputs_that_see_it(page, saved):
    explorer = opened(page, saved["receptive_field"], "receptive_field")
    explorer.predict("7")
    explorer.still()
    explorer.click("pixel", 6, 1)
    assert explorer.moment == "The pixel at row 6, column 1 is seen by 4 outputs: rows 0 to 3, columns 0."
    assert explorer.box.locator('.cvx-panel [id*="-o0."].cvx-reader').count() == 4


@pytest.fixture(scope="module")
def groups_page(context, saved):
    page = context.new_page()
    explorer = opened(page, saved["groups"], "groups")
    explorer.predict("76")
    yield explorer
    page.close()


GROUPED = st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(1, 4)).filter(
    lambda sizes: sizes[0] % sizes[2] == sizes[1] % sizes[2] == 0
)


@sampled
@given(size=st.integers(1, 5), grouped=GROUPED, use_bias=st.booleans(), part=st.floats(0, 1))
def test_all_settings_of_the_groups_page_show_tensorflows_numbers(tf, groups_page, size, grouped, use_bias, part):
    """The outputs of all filters, from the pixels and the weights that the page shows for each of them."""
    page, (channels, filters, groups) = groups_page, grouped
    labels = ("Kernel size (px)", "Channels in", "Filters", "Groups")
    for label, value in zip(labels, (size, channels, filters, groups), strict=True):
        page.type(f"{label}, typed", str(value))
    page.box.get_by_label("A bias for each filter").set_checked(use_bias)
    x = np.stack([as_array(page.cells("pixel", plane=channel)) for channel in range(channels)], axis=-1)
    kernel, biases = np.zeros((size, size, channels // groups, filters)), np.zeros(filters)
    for filter in range(filters):
        page.box.evaluate("(host, filter) => host.stage.go(0, 0, filter)", filter)
        read = range(channels // groups * (filter // (filters // groups)), channels)[: channels // groups]
        for n, channel in enumerate(read):
            kernel[:, :, n, filter] = as_array(page.cells("weight", plane=channel))
        assert [cell["role"] for cell in page.drawn()].count("weight") == size * size * len(read)
        biases[filter] = page.value("bias") if use_bias else 0
    expected = tf.nn.conv2d(x[None], kernel, 1, "VALID")[0].numpy() + biases
    outputs = [as_array(page.cells("output", plane=filter)) for filter in range(filters)]
    assert np.array_equal(np.stack(outputs, axis=-1), expected)
    position = divmod(min(int(part * len(outputs[0]) ** 2), len(outputs[0]) ** 2 - 1), len(outputs[0]))
    page.box.evaluate("(host, position) => host.stage.go(...position, 0)", position)
    assert page.value("result") == expected[*position, 0]


def test_a_pixel_of_a_channel_marks_the_outputs_of_its_group(page, saved):
    explorer = opened(page, saved["groups"], "groups")
    explorer.predict("76")
    explorer.click("pixel", 0, 1, 3)
    assert explorer.moment == (
        "The pixel at row 0, column 1 of channel 3 is read for 2 outputs of each of filters 2, 3: (0, 0), (0, 1)."
    )
    marked = explorer.box.locator(".cvx-reader").evaluate_all("(all) => all.map((cell) => cell.id.split('-')[2])")
    assert sorted(marked) == ["i3.0.1", "o2.0.0", "o2.0.1", "o3.0.0", "o3.0.1"]
