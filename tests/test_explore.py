"""Explorers without a browser: what is asked, what is right, what is said, and what is left where no widget lives."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from convkit import explore
from convkit.explore.explorer import Explorer
from convkit.explore.guesses import numbers
from convkit.explore.knobs import Amount
from convkit.explore.session import Session
from convkit.explore.topics.filters import KNOWN, Filters
from convkit.explore.topics.padding import Padding
from convkit.explore.topics.parameters import Parameters, count_steps
from convkit.explore.topics.pointwise import Pointwise
from convkit.explore.topics.stride import Stride
from convkit.lesson import oracles

TOPICS = (Parameters, Padding, Stride, Pointwise, Filters)
EXPLORERS = (explore.parameters, explore.padding, explore.stride, explore.pointwise, explore.filters)
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda factory: factory.__name__)


def opened(topic, **chosen) -> Session:
    return Explorer(topic(), **chosen).session


def imported(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_nothing_heavy_is_loaded_before_an_explorer_is_shown():
    heavy = {"ipywidgets", "anywidget", "tensorflow", "keras", "matplotlib", "nbgrader", "PIL"}
    assert not imported("import convkit") & {*heavy, "convkit.explore", "convkit.picture"}
    assert not imported("import convkit; convkit.explore.stride()._repr_mimebundle_()") & heavy


# ---------------------------------------------------------------------------------------------------- what is right

#  explorer, settings, what Keras or TensorFlow is asked
ORACLES = [
    (explore.parameters, {"filters": 4}, lambda: oracles.keras_params(3, 2, 4)),
    (explore.parameters, {"filters": 2}, lambda: oracles.keras_params(3, 2, 2)),
    (explore.parameters, {"kernel_size": 1, "in_channels": 3, "filters": 2}, lambda: oracles.keras_params(1, 3, 2)),
    (explore.padding, {"n": 8, "kernel_size": 2}, lambda: oracles.tf_same_padding(8, 2, 1)),
    (explore.padding, {"n": 9, "kernel_size": 2, "strides": 3}, lambda: oracles.tf_same_padding(9, 2, 3)),
    (explore.padding, {"n": 5, "kernel_size": 6}, lambda: oracles.tf_same_padding(5, 6, 1)),
    (explore.pointwise, {"filters": 2}, lambda: oracles.keras_pointwise_params(3, 2)),
    (explore.pointwise, {"filters": 1}, lambda: oracles.keras_pointwise_params(3, 1)),
]


@pytest.mark.parametrize(("explorer", "chosen", "oracle"), ORACLES)
def test_the_right_answer_is_the_frameworks(keras, explorer, chosen, oracle):
    session = explorer(**chosen).session
    assert session.topic.right(session.settings) == oracle()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 1), (4, 4)])
def test_strides_give_the_rows_and_columns_of_keras(keras, strides, padding):
    session = opened(Stride, height=9, width=7, strides_down=strides[0], strides_across=strides[1], padding=padding)
    layer = keras.layers.Conv2D(1, 3, strides=strides, padding=padding)
    assert session.topic.right(session.settings) == layer.compute_output_shape((None, 9, 7, 1))[1:3]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [*KNOWN, "own"])
def test_the_first_value_is_that_of_tensorflow(tf, kernel, padding):
    session = opened(Filters, kernel=kernel, padding=padding)
    rows = KNOWN[kernel] if kernel != "own" else session.settings["filter_0"]
    x = np.array(session.settings["x"], dtype="float64")[None, :, :, None]
    y = tf.nn.conv2d(x, np.array(rows, dtype="float64")[:, :, None, None], 1, padding.upper()).numpy()
    assert session.topic.right(session.settings) == pytest.approx(y[0, 0, 0, 0], abs=0.005)


# ----------------------------------------------------------------------------------------------------- predictions

#  explorer, settings, prediction, what has to be said, why this row exists
SAID = [
    (explore.parameters, {}, "76", "Right.", "right"),
    (explore.parameters, {}, "72", "72 would be right for use_bias=False", "no bias, by a setting"),
    (explore.parameters, {}, "40", "(3 x 3 + 1) x 4", "channels forgotten, by a sum"),
    (explore.parameters, {}, "38", "38 would be right for filters=2", "the other number of the question"),
    (explore.parameters, {"filters": 2}, "76", "76 would be right for filters=4", "and the other way round"),
    (
        explore.padding,
        {"kernel_size": 2},
        "1, 0",
        "before the image; It puts all zeros before the image",
        "the odd one before",
    ),
    (
        explore.padding,
        {"n": 8, "strides": 2},
        "1 1",
        "right for n=7 or for kernel_size=4",
        "another size, or no stride",
    ),
    (explore.stride, {}, "3 x 3", "right for strides=3 or for padding='valid'", "without padding"),
    (explore.stride, {}, "8", "8 x 8 would be right for strides=1", "the stride forgotten; one number for both"),
    (explore.pointwise, {}, "6", "Ways that lead to 6", "two ways, none is singled out"),
    (explore.filters, {}, "11", "turns the kernel by half a turn", "flipped"),
    (explore.filters, {}, "1,9", "You predicted 1.9; it is 10", "a comma for a point"),
]


@pytest.mark.parametrize(("explorer", "chosen", "typed", "said", "why"), SAID, ids=[row[-1] for row in SAID])
def test_a_prediction_hears_what_it_would_be_right_for(explorer, chosen, typed, said, why):
    words = explorer(**chosen).session.predict(typed)
    assert said in words


def test_what_is_said_to_be_right_elsewhere_is_right_there():
    session = opened(Parameters)
    for guess in range(1, 400):
        for words, others in session.topic.neighbours(session.settings):
            if f"would be right for {words}." in session.predict(str(guess)):
                assert session.topic.right(others) == guess


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type your prediction first, such as"),
        ("many", "'many' can't be read. Type your prediction, such as"),
        ("1 2 3", "'1 2 3' can't be read."),
    ],
)
def test_what_is_no_number_reveals_nothing(typed, said):
    session = opened(Parameters)
    assert session.predict(typed).startswith(said)
    assert session.covered
    assert session.predictions == []


def test_predictions_are_remembered():
    session = opened(Parameters)
    session.predict("72")
    session.turn("filters", 2)
    assert session.remembered == ""
    session.turn("filters", 4)
    assert session.remembered == "For this you predicted 72; it is 76."
    session.ask_another()
    assert session.covered
    assert [made.said for made in session.predictions] == ["72"]


@pytest.mark.parametrize(("text", "found"), [("4 x 4", (4, 4)), ("(0, 1)", (0, 1)), ("0,1", (0, 1)), ("7", (7,))])
def test_pairs_may_be_written_in_many_ways(text, found):
    assert numbers(text, (1, 2), "4 x 4") == found


# ------------------------------------------------------------------------------------------------- what may be seen


@each_topic
def test_a_covered_view_shows_no_output_and_no_answer(topic):
    session = opened(topic)
    view = session.view
    pictures = "".join(svg for panel in view.panels for svg in panel.svgs)
    assert 'data-role="output"' not in pictures
    assert "becomes" not in pictures
    assert "Never read" not in pictures
    assert session.topic.say(session.topic.right(session.settings)) not in view.text.replace(session.question, "")
    session.predict(session.topic.say(session.topic.right(session.settings)))
    assert len(session.view.text) > len(view.text)


@each_topic
@settings(max_examples=25)
@given(data=st.data())
def test_every_position_of_every_knob_has_an_answer(topic, data):
    session = opened(topic)
    for knob in session.topic.knobs:
        if isinstance(knob, Amount):
            session.turn(knob.name, data.draw(st.floats(knob.least, knob.most)))
        elif knob.values:
            session.turn(knob.name, data.draw(st.sampled_from(list(knob.values))))
    assert session.view.text
    said = session.predict("3 3" if topic in (Stride, Padding) else "3")
    assert said.startswith(("You predicted", "There is nothing to predict here"))
    view = session.view
    assert view.panels
    assert view.text
    for panel in view.panels:
        if panel.steps:
            assert panel.steps[0]()["frames"]


def test_sizes_that_do_not_fit_show_what_would():
    session = opened(Stride, height=3, kernel_size=5, padding="valid")
    assert "Use kernel_size <= 3 or padding='same'" in session.view.text
    assert "nothing to predict" in session.predict("1 1")


def test_the_count_ends_at_the_number_of_parameters():
    from convkit.layers import Conv2D
    from convkit.picture import draw_kernels

    frames = count_steps(draw_kernels(Conv2D(4, 3), (8, 8, 2)))["frames"]
    assert len(frames) == 76
    assert [frame["position"] for frame in frames] == [[filter, cell] for filter in range(4) for cell in range(19)]
    assert frames[0]["sum"] == "1 so far"
    assert frames[-1]["sum"] == "(3*3*2 + 1) * 4 = 76 parameters."


# ---------------------------------------------------------------------------------------------------- lines of code


def shown_code(explorer, **chosen) -> dict[str, str]:
    session = explorer(**chosen).session
    return dict(session.topic.view(session.settings).code)


CODE = [
    (explore.stride, {"height": 8, "width": 7, "strides_down": 2, "strides_across": 1}, (1, 8, 7, 1), (1, 4, 7, 2)),
    (explore.stride, {"strides_down": 2, "strides_across": 2, "padding": "valid"}, (1, 8, 8, 1), (1, 3, 3, 2)),
    (explore.padding, {"n": 7, "kernel_size": 4}, (1, 7, 7, 1), (1, 7, 7, 1)),
    (explore.parameters, {}, (1, 8, 8, 2), (1, 6, 6, 4)),
    (explore.pointwise, {}, (1, 75, 64, 3), (1, 75, 64, 2)),
    (explore.filters, {}, (1, 5, 5, 1), (1, 4, 4, 2)),
]


@pytest.mark.parametrize(("explorer", "chosen", "shape", "result"), CODE)
def test_the_lines_of_keras_and_tensorflow_run(tf, keras, explorer, chosen, shape, result):
    lines = shown_code(explorer, **chosen)
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    layer_line = lines["Keras"].removesuffix("(x)")
    layer = eval(layer_line, {"keras": keras})
    y = layer(x).numpy()
    kernel, bias = (*layer.get_weights(), None)[:2]
    assert y.shape == result
    assert np.allclose(eval(lines["tf.nn"], {"tf": tf, "x": x, "kernel": kernel, "bias": bias}), y, atol=1e-4)


@pytest.mark.parametrize(("explorer", "chosen", "shape", "result"), CODE)
def test_the_line_of_pytorch_runs(explorer, chosen, shape, result):
    torch = pytest.importorskip("torch")
    x = torch.zeros((shape[0], shape[3], *shape[1:3]))
    y = eval(shown_code(explorer, **chosen)["PyTorch"], {"torch": torch, "x": x})
    assert tuple(y.shape) == (result[0], result[3], *result[1:3])


# ----------------------------------------------------------------------------------------------------------- widgets


@each_explorer
def test_controls_turn_the_session(explorer):
    shown = explorer()
    dashboard = shown.dashboard
    name, control = next(iter(dashboard.controls.items()))
    last = control.options[-1][1] if hasattr(control, "options") else control.max
    control.value = last
    assert shown.session.settings[name] == last
    before = dashboard.stage.screen["serial"]
    dashboard.guess.value = "3 3"
    dashboard.predict.click()
    dashboard.guess.value = "3"
    dashboard.predict.click()
    assert not shown.session.covered
    assert dashboard.stage.screen["serial"] > before
    assert dashboard.stage.screen["predictions"]
    assert dashboard.stage.motion["serial"] == dashboard.stage.screen["serial"]
    dashboard.another.click()
    assert shown.session.covered
    assert {key: widget.value for key, widget in dashboard.controls.items()}.items() <= shown.session.settings.items()


def test_a_number_that_is_typed_reaches_the_picture(tf):
    shown = explore.filters()
    shown.dashboard.guess.value = "10"
    shown.dashboard.predict.click()
    shown.dashboard.stage.typed = {"table": "x", "row": 0, "column": 0, "value": 7}
    assert shown.session.settings["x"][0] == (7, 1, 2, 0, 1)
    assert '-o0.0.0" ' in shown.dashboard.stage.screen["panels"][0]["svgs"][0]
    assert 'data-value="20.0"' in shown.dashboard.stage.screen["panels"][0]["svgs"][0]
    shown.dashboard.stage.typed = {"table": "x", "row": 0, "column": 0, "value": 1e9}
    assert "is no number from -1000 to 1000" in shown.dashboard.verdict.value


def test_an_error_inside_becomes_a_sentence():
    shown = explore.stride()
    shown.session.topic.view = None  # as broken as it can be
    shown.dashboard.guess.value = "4 4"
    shown.dashboard.predict.click()
    assert "Something went wrong here" in shown.dashboard.verdict.value
    assert "could not be drawn" in shown._repr_mimebundle_()["text/plain"]


def test_settings_that_are_not_there_do_not_stop_a_notebook():
    assert "There are height, width" in explore.stride(dilation=2)._repr_mimebundle_()["text/plain"]
    assert "kernel_size is 9, and can be 1 to 5 here" in explore.stride(kernel_size=9)._repr_mimebundle_()["text/html"]


# ------------------------------------------------------------------------------------- where no widget can live


@each_explorer
def test_outside_a_notebook_there_is_a_picture_and_its_text(explorer):
    bundle = explorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "<svg" in bundle["text/html"]
    assert "Keras: keras.layers.Conv2D(" in bundle["text/plain"]
    assert not re.search(r'(src|href)="https?:', bundle["text/html"])


@pytest.mark.parametrize("person", [True, False])
def test_only_who_can_be_asked_gets_controls(person):
    """Whatever nbgrader's variable says: a server in which nbgrader met an error leaves it to every kernel."""
    manager, client = start_new_kernel(env={**os.environ, "NBGRADER_EXECUTION": "validate"})
    seen = []
    try:
        client.execute_interactive(
            "from convkit import explore; explore.stride()", allow_stdin=person, output_hook=seen.append, timeout=60
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    (result,) = [message["content"]["data"] for message in seen if message["msg_type"] == "execute_result"]
    assert ("application/vnd.jupyter.widget-view+json" in result) == person


def test_nbconvert_shows_pictures_and_asks_no_network(tmp_path):
    names = [explorer.__name__ for explorer in EXPLORERS]
    cells = ["import sys\nfrom convkit import explore"] + [f"explore.{name}()" for name in names]
    cells.append(
        "print([name for name in ('ipywidgets', 'anywidget', 'matplotlib', 'tensorflow') if name in sys.modules])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [cell.outputs[0] for cell in notebook.cells[1:-1]]
    assert [set(output.data) for output in shown] == [{"text/plain", "text/html"}] * len(names)
    assert notebook.cells[-1].outputs[0].text == "[]\n"  # grading waits for none of these
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert page.count('class="convkit-still"') == len(names)
    assert "html-manager" not in page.split("<body", 1)[1]
