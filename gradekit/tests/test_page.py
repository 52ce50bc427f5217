"""Pages of students' notebooks: what stays, what is withheld, and what may take how long."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from pages import mutations
from traitlets.config import Config

from gradekit import formgrader, page, sanitize
from gradekit.feedback import FeedbackPage, HideSecrets
from gradekit.formulas import MOST_FORMULA, mathml
from gradekit.sanitize import MOST_FORMATS, MOST_HTML, MOST_OPEN, MOST_TAGS, clean_html

RESOURCES = {"nbgrader": {"notebook": "1-first", "score": 1.0, "max_score": 4.0, "late_penalty": 0}}
SETTINGS = {
    "template_name": "feedback",
    "extra_template_basedirs": [handlers.template_path],
    "extra_template_paths": [f"{handlers.static_path}/node_modules/bootstrap/dist/css"],
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def exporter():
    return FeedbackPage(**SETTINGS)


def shown(exporter, *cells):
    text = exporter.from_notebook_node(new_notebook(cells=list(cells)), {**RESOURCES})[0]
    return text[text.index("notebook-container") :]


KEPT = [
    "<table><thead><tr><th scope='col' colspan='2'>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
    "<details open=''><summary>more</summary><p>text</p></details>",
    "<span style='color:red;font-weight:bold'>red</span>",
    "<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>",
    "<svg viewBox='0 0 9 9'><rect width='9' height='9' fill='url(#g)'/><linearGradient id='g'></linearGradient></svg>",
    f"<img src='data:image/png;base64,{PIXEL}' alt='text' width='9'>",
    "<img src='pictures/one two.png'>",
    "<a href='https://example.org/a?b=c#d'>text</a>",
    "<kbd>x</kbd><sub>1</sub><del>y</del><mark>z</mark>",
]


@pytest.mark.parametrize("source", KEPT)
def test_what_is_legitimate_stays(source):
    found = clean_html(source)
    assert re.findall(r"<(\w+)", found) == re.findall(r"<(\w+)", source)
    for name in ("colspan", "open", "style", "viewBox", "src", "alt", "href"):
        assert (f"{name}=" in source) == (f"{name}=" in found), found


STAYS_HERE = ["a.png", "./a.png", ".//a.png", "pictures/one two.png", "a//b.png", "a..b/c.png", " a.png"]
GOES_ELSEWHERE = [
    *(
        "//h/a.png",
        " //h/a.png",
        "&#9;//h/a.png",
        "&#1;//h/a.png",
        "/&#10;/h/a.png",
        r"\\h\a.png",
        "https&#9;://h/a.png",
    ),
    *("/hub/logout", " /hub/logout", "../a.png", ".&#9;./a.png", "a/../../a.png", "%2e%2e/a.png", ".%2E/a.png", "a/.."),
    *("file:///etc/passwd", "java&#9;script:x", ".."),
]


@pytest.mark.parametrize("address", STAYS_HERE)
def test_a_picture_of_the_same_folder_stays(address):
    assert f'src="{address.strip()}"' in clean_html(f"<img src='{address}'>")


@pytest.mark.parametrize("address", GOES_ELSEWHERE)
def test_no_address_leads_out_of_the_folder(address):
    """As a browser reads it: without spaces and control characters around it, and line ends and tabs in it."""
    assert "src=" not in clean_html(f"<img src='{address}'>")
    if not address.startswith("https"):  # a link to another site is a link
        assert "href=" not in clean_html(f"<a href='{address}'>a</a>")


class Remains(HTMLParser):
    """Records what would run or load something in sanitized HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def handle_starttag(self, tag, attrs):
        known = tag in sanitize.HTML | sanitize.MATHML | sanitize.SVG | {name.lower() for name in sanitize.SVG}
        self.found += [] if known or tag == "style" else [tag]
        for name, value in attrs:
            loads = name != "alt" and re.search("LISTENER|HOST", value or "") and (tag, name) != ("a", "href")
            runs = name.startswith("on") or re.match(r"\W*(java|vb)script", value or "", re.IGNORECASE)
            named = name in {"name", "is", "popover"} or (name == "id" and not value.startswith("student-"))
            self.found += [(tag, name, value)] if loads or runs or named else []


@pytest.mark.parametrize("name", [*mutations.MARKUP, *mutations.MARKDOWN])
def test_nothing_remains_that_runs_or_loads(exporter, name):
    if name in mutations.MARKUP:
        made = [clean_html(mutations.MARKUP[name]), exporter.markdown2html({}, f"<div>{mutations.MARKUP[name]}</div>")]
    else:
        made = [exporter.markdown2html({}, mutations.MARKDOWN[name])]
    for text in made:
        remains = Remains()
        remains.feed(str(text))
        assert remains.found == []
        assert not re.search(r"url\(|@import|LISTENER", "".join(re.findall("<style>(.*?)</style>", str(text))))


def test_styles_of_a_table_reach_that_table_alone():
    found = clean_html("<style scoped>.dataframe td, #t {color: red} body {color: blue}</style><table id='t'></table>")
    assert ".student-html{.student-dataframe td,#student-t{color:red;}body{color:blue;}}" in found.replace(", ", ",")
    assert '<table id="student-t">' in found


@pytest.mark.parametrize(
    "style",
    [
        "& ~ p {color: red}",
        "> p {color: red}",
        "+ p {color: red}",
        ":not(p) {color: red}",
        ":has(p) {color: red}",
        "p {position: fixed}",
        "p {color: red} </sty",
        "@import 'x';",
        "@media all {p {background: url(x)}}",
        "p {color: \\75rl(x)}",
        'p {font-family: "</style><script>"}',
    ],
)
def test_styles_that_reach_out(style):
    assert "<style>" not in clean_html(f"<style>{style}</style><p>text</p>")


def test_formulas_are_mathml_wherever_they_are(exporter):
    latex = new_output("display_data", {"text/latex": r"$\displaystyle \int x$", "text/plain": "x"})
    markdown = new_output("display_data", {"text/markdown": "$$y$$", "text/plain": "y"})
    cells = [
        new_markdown_cell("$a_1$ and $$\\begin{aligned}b&=c\\\\d&<e\\end{aligned}$$"),
        new_markdown_cell("\\begin{align*}f&=g\\end{align*}\n\n\\\\(h\\\\)"),
        new_code_cell("1", outputs=[latex, markdown]),
    ]
    found = shown(exporter, *cells)
    assert found.count("<math") == 6
    assert "<mo>&lt;</mo>" in found
    assert "$" not in found
    assert "mathjax" not in found.lower()


@pytest.mark.parametrize(
    "formula", [r"\text{<script>f()</script>}", r"\href{javascript:f()}{x}", r"\style{color:red}{x}"]
)
def test_formulas_are_sanitized_too(exporter, formula):
    found = shown(exporter, new_markdown_cell(f"${formula}$"))
    assert "<script" not in found
    assert "javascript:" not in found


def test_pictures_are_shown(exporter):
    attached = new_markdown_cell("![mine](attachment:a%20b.png) ![](attachment:none.png)")
    attached.attachments = {"a%20b.png": {"image/png": PIXEL}}
    drawn = new_output("display_data", {"image/png": PIXEL, "text/plain": "a picture"})
    found = shown(exporter, attached, new_code_cell("1", outputs=[drawn]))
    assert found.count(f'src="data:image/png;base64,{PIXEL}"') == 2


def test_a_script_leaves_a_note(exporter):
    output = new_output("display_data", {"application/javascript": "f()"})
    found = html.unescape(shown(exporter, new_code_cell("1", outputs=[output])))
    assert page.NOT_SHOWN in found
    assert "f()" not in found


def test_a_widget_shows_its_text(exporter):
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "IntSlider(value=3)"}
    assert "IntSlider(value=3)" in shown(exporter, new_code_cell("1", outputs=[new_output("display_data", data)]))


SLOW = ["\\\\(" * 20_000, "$$" + "\\begin{a}" * 5_000, "[" * 50_000, "*a " * 16_000, "<" * 50_000]


@pytest.mark.parametrize("text", SLOW)
def test_a_text_that_holds_a_parser_is_shown_as_it_was_written(text):
    exporter = FeedbackPage(text_timeout=0.05, **SETTINGS)
    found = html.unescape(shown(exporter, new_markdown_cell(text), new_markdown_cell("*the next one*")))
    assert text[:100] in found
    assert "the next one" in found


def test_a_text_longer_than_its_limit_is_cut():
    exporter = FeedbackPage(longest_text=20, **SETTINGS)
    made = new_output("display_data", {"text/markdown": "y" * 30})
    found = shown(exporter, new_markdown_cell("y" * 30), new_code_cell("x" * 30, outputs=[made]))
    found = re.sub("<.*?>", "", found)  # code is colored
    assert found.count("... (the first 20 of 30 characters)") == 3
    assert not re.search("x{21}|y{21}", found)


def test_a_formula_too_long_to_be_converted_is_shown_as_its_source():
    assert mathml("x" * (MOST_FORMULA + 1)) == f"<code>{'x' * (MOST_FORMULA + 1)}</code>"
    assert mathml("x" * MOST_FORMULA).startswith("<math")


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * (MOST_OPEN + 1),
        "<b>" * (MOST_FORMATS + 1),
        "<hr>" * (MOST_TAGS + 1),
        "x" * (MOST_HTML + 1),
        "<div>" * 200_000,
        "<div></x>" * 100_000,
        "<ul><li>" * 10_000,
        "".join(f"<font color={n}>" for n in range(1000)) + "<p>x</p>" * 10_000,
    ],
)
def test_html_that_would_hold_the_parser_is_not_shown(text):
    assert clean_html(text) == f"<p>({len(text)} characters of HTML are not shown.)</p>"


def test_a_long_table_is_shown():
    assert clean_html("<table>" + "<tr><td>1<td>2" * 5000 + "</table>").count("<td>") == 10_000


def test_a_lexer_that_never_ends_is_ended(monkeypatch):
    """Two nested quantifiers stand for the lexers of Pygments that some text holds for hours."""
    exporter = FeedbackPage(text_timeout=0.2, **SETTINGS)
    monkeypatch.setattr(page, "clean_html", lambda text: re.match(r"(a+)+$", "a" * 60 + "b") or text)
    assert "<pre>for ever</pre>" in shown(exporter, new_markdown_cell("for ever"))


def test_a_page_has_a_limit_too_which_does_not_reach_the_next_page(exporter):
    limited = FeedbackPage(config=Config({"StudentPage": {"page_timeout": 0.0}}), **SETTINGS)
    cells = [new_markdown_cell("*text*"), new_code_cell("late = 1")]
    assert "<pre>*text*</pre>" in shown(limited, *cells)
    assert "<pre>late = 1</pre>" in shown(limited, *cells)
    limited.page_timeout = 15.0
    found = shown(limited, *cells)
    assert "<em>text</em>" in found
    assert '<span class="n">late</span>' in found


def test_a_text_is_kept_for_its_kind_and_language_alone(exporter):
    cells = [new_code_cell("x = function(y) y # *one*"), new_markdown_cell("x = function(y) y # *one*")]
    for name in ("python", "r", "python"):
        nb = new_notebook(cells=cells, metadata={"language_info": {"name": name}})
        fresh = FeedbackPage(**SETTINGS).from_notebook_node(nb, {**RESOURCES})[0]
        assert exporter.from_notebook_node(nb, {**RESOURCES})[0] == fresh


def test_outputs_are_kept_for_the_next_page_up_to_a_limit(monkeypatch):
    made = FeedbackPage(**SETTINGS)
    outputs = [new_output("display_data", {"text/html": f"<b>{n}</b>"}) for n in range(3)]
    outputs += [new_output("stream", name="stdout", text=f"{n}\n") for n in range(3)]
    cell = new_code_cell("1", outputs=outputs)
    first, kept = shown(made, cell), made._kept
    assert shown(made, cell) == first
    assert made._kept == kept
    monkeypatch.setattr(page, "MOST_KEPT", kept)
    assert "<b>4</b>" in shown(
        made, new_code_cell("1", outputs=[new_output("display_data", {"text/html": "<b>4</b>"})])
    )
    assert (made._kept, made._rendered) == (0, {})


def test_what_is_changed_in_the_templates_is_there_to_be_changed():
    """A new nbgrader or nbconvert may write these otherwise."""
    for kind, name in ((FeedbackPage, "feedback"), (formgrader.SubmissionPage, "formgrade")):
        made = kind(**{**SETTINGS, "template_name": name})
        loader = made.environment.loader.loader
        names = (
            "index.html.j2",
            "nbconvert/templates/classic/base.html.j2",
            "nbconvert/templates/classic/index.html.j2",
        )
        sources = "".join(loader.get_source(made.environment, one)[0] for one in names)
        assert [old for old in kind.changes if old not in sources] == []


def check_with(hidden, evalue, traceback):
    marks = {"grade_id": "c", "grade": True, "points": 1, "solution": False, "locked": True, "task": False}
    source = f"assert f(1) == 1, 'seen'\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    error = nbformat.from_dict(
        {"output_type": "error", "ename": "AssertionError", "evalue": evalue, "traceback": [traceback]}
    )
    return new_code_cell(source, outputs=[error], metadata={"nbgrader": {**marks, "schema_version": 3}})


@pytest.mark.parametrize(
    ("evalue", "line", "told"),
    [
        ("seen", 1, "AssertionError: seen"),
        ("not seen: 7", 3, "A hidden test failed (AssertionError)."),
        ("not seen: 7", 1, "A hidden test failed (AssertionError)."),  # a forged line
        ("anything", 3, "A hidden test failed (AssertionError)."),
        ("8 is not 7", 1, "AssertionError: 8 is not 7"),
    ],
)
def test_the_message_of_a_hidden_assert_is_not_shown(evalue, line, told):
    cell = check_with("assert f(7) == 8, f'not seen: {f(7)}'", evalue, f"Cell In[3], line {line}\n----> {line} assert")
    HideSecrets().preprocess(new_notebook(cells=[cell]), {})
    assert cell.outputs[0].traceback == [told]
    assert "not seen" not in str(cell)


def test_a_picture_of_many_shapes_is_shown():
    shapes = "".join(f'<rect x="{n}" y="0" width="1" height="1"/>' for n in range(2000))
    assert clean_html(f'<svg viewBox="0 0 9 9">{shapes}</svg>').count("<rect") == 2000
    assert "are not shown" in clean_html("<rect>" * 2000)


def test_nbgraders_preprocessors_take_the_page_s_settings_without_a_warning(caplog):
    """nbconvert orders outputs for every part of a page, and nbgrader's parts have no such setting."""
    made = FeedbackPage(**SETTINGS, preprocessors=[HideSecrets])
    assert "not recognized" not in caplog.text
    wanted = HTMLExporter().default_config.NbConvertBase.display_data_priority
    assert made.environment.filters["filter_data_type"].display_data_priority == wanted
