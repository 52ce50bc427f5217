"""The renderer and the explorers in a browser print what they print in Python, to the byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convkit import explore
from convkit.explore import known
from convkit.explore.knobs import NumberSlider, Table, start
from convkit.explore.page import script
from convkit.explore.photo import encoded
from convkit.explore.session import Session
from convkit.explore.topics.filters import Filters
from convkit.explore.topics.stride import Stride
from convkit.picture.browser.translate import Untranslatable, translate
from convkit.picture.svg import render

TOPICS = [type(getattr(explore, name)().topic) for name in explore.EXPLORERS]
GUESSES = ("3", "4 x 4", "1 0", "76", "10", "1.5", "72", "40", "4 4 3", "x", "")
REPLAY = """([module, name, photo, actions]) => {
  const pixels = new Photo(Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0)), 64, 75);
  Object.assign($natives, { pixel: (...at) => pixels.pixel(...at), gray_part: (...at) => pixels.grayPart(...at) });
  const topic = new $modules[module][name]();
  const { Session } = $modules["convkit.explore.session"], { start } = $modules["convkit.explore.knobs"];
  const session = new Session(topic, start(topic.knobs, $dict([])));
  const read = (session) => {
    const found = session.readers(1, 2);
    return [found, topic.readers_words(session.settings, 1, 2, found)];
  };
  const svg = (panel) => (panel.layout ? $modules["convkit.picture.svg"].render(panel.layout, "a", "page") : "");
  return actions.map(([what, ...given]) => {
    if (what === "room") session.room = given[0];
    else if (what !== "see") return session[what](...given) ?? null;
    const view = session.view;
    const named = (images) => images.map((image) => [image.label, image.alt]);
    const panels = view.panels.map((panel) => [panel.label, svg(panel), named(panel.images)]);
    const words = [view.text, view.said, view.moment, view.worked_out, view.facts, view.code, session.question];
    return [words, panels, session.position, session.index, session.count, session.remembered, read(session)];
  });
}"""


@pytest.fixture(scope="module")
def pages(browser):
    """For each topic a page with its script and its tables."""
    context = browser.new_context()
    found = {}
    for topic in TOPICS:
        found[topic] = context.new_page()
        tables = json.dumps(known.tables(topic().lookups()))
        found[topic].add_script_tag(content=f"{script()}\n$tables = {tables};")
    yield found
    context.close()


def seen(session):
    """All that a page shows of a session."""
    view = session.view
    panels = [
        [
            panel.label,
            render(panel.layout, "a", "page") if panel.layout else "",
            [[image.label, image.alt] for image in panel.images],
        ]
        for panel in view.panels
    ]
    found = session.readers(1, 2)
    read = [found, session.topic.readers_words(session.settings, 1, 2, found)]
    words = [view.text, view.said, view.moment, view.worked_out, view.facts, view.code, session.question]
    return [words, panels, session.position, session.index, session.count, session.remembered, read]


def change_of(draw, knob):
    """One use of a control: a knob is turned, or one number of a table is typed."""
    if isinstance(knob, Table):
        row, column = (draw(st.integers(0, len(side) - 1)) for side in (knob.value, knob.value[0]))
        return ["type", knob.name, row, column, draw(st.sampled_from([0, 1, 2, -3, 0.5, 7.25, 0.1, 1000]))]
    return ["turn", knob.name, value_of(draw, knob)]


def value_of(draw, knob):
    if isinstance(knob, NumberSlider):
        return draw(st.integers(round(knob.least / knob.step), round(knob.most / knob.step))) * knob.step
    return draw(st.sampled_from(list(knob.values)))


@st.composite
def visits(draw, topic):
    """What a visitor does: knobs, predictions, questions, and steps."""
    actions = [["room", draw(st.sampled_from([None, 340, 700, 1066]))]]
    for _ in range(draw(st.integers(1, 4))):
        actions.append(change_of(draw, draw(st.sampled_from(topic.knobs))))
        # A page has no diagnosis for numbers that are typed: there is no table of all of them.
        guess = draw(st.sampled_from(GUESSES)) if topic is not Filters else "x"
        actions.append(draw(st.sampled_from([["predict", guess], ["predict", guess], ["ask_another"]])))
        actions.append(["go", draw(st.integers(-1, 16)), draw(st.integers(-1, 16)), draw(st.integers(0, 1))])
        actions.append(["see"])
    return actions


def played(topic, actions):
    session = Session(topic(), start(topic.knobs, {}))
    found = []
    for what, *given_ in actions:
        if what == "room":
            (session.room,) = given_
        found.append(seen(session) if what in ("see", "room") else getattr(session, what)(*given_))
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_page_shows_and_says_what_python_does(pages, topic, data):
    actions = data.draw(visits(topic))
    if topic is Filters:
        actions.insert(1, ["predict", "10"])
    expected = played(topic, actions)
    found = pages[topic].evaluate(REPLAY, [topic.__module__, topic.__name__, encoded(), actions])
    for action, one, other in zip(actions, found, expected, strict=True):
        assert one == other, action


@pytest.mark.parametrize(
    "line", ["async def f(): pass", "x = unknown(1)", "with open('a') as b: pass", "def f(): return g(a=1)"]
)
def test_what_is_not_translated_is_refused_with_its_line(tmp_path, monkeypatch, line):
    (tmp_path / "odd_module.py").write_text(f"\n\n{line}\n")
    monkeypatch.syspath_prepend(tmp_path)
    translate.cache_clear()
    with pytest.raises(Untranslatable, match="odd_module, line 3"):
        translate(("odd_module",))


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6), st.integers(-(10**9), 10**9), st.integers(-2000, 2000).map(lambda n: n / 8),
    st.integers(-20000, 20000).map(lambda n: n / 1000), st.floats(-1e-3, 1e-3), st.floats(-1e12, 1e12),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(NUMBERS, min_size=20, max_size=40))
@example(values=[1250000, -1350000, 1235000, 1245000, 4194305, 4194315, 9995000, 0.5, 2.5, float("nan"), float("inf")])
def test_numbers_are_printed_alike(pages, values):
    from convkit.picture.numerals import exact, numeral

    found = pages[Stride].evaluate(
        """(values) => values.map((value) => { const { numeral, exact } = $modules["convkit.picture.numerals"];
        return [numeral(value), numeral(value, true), exact(value), $format(value, "g"), $str($round(value, 2))]; })""",
        values,
    )
    for value, texts in zip(values, found, strict=True):
        rounded = round(float(value), 2) + 0.0
        expected = [numeral(value), numeral(value, short=True), exact(value), f"{value + 0.0:g}", exact(rounded)]
        assert texts == expected, value
