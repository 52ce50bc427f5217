"""Every number in prose is what the code computes."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

import nbformat
import pytest

from tests.conftest import NOTEBOOKS
from tests.prose import WORDS, findings, rendered, states_a_number, word

ROOT = Path(__file__).parents[1]


def prose(notebook) -> list[str]:
    """The lines of a notebook that a student reads as text: Markdown, and the comments in code."""
    lines = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines += cell.source.splitlines()
        else:
            tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
            lines += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return lines


def points(notebook) -> dict[str, int]:
    settings = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {setting.grade_id: setting.points for setting in settings if setting.get("points")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_in_a_notebook_are_what_its_code_computes(path, lesson):
    notebook = nbformat.read(path, as_version=4)
    names = {"word": word, "notebooks": len(NOTEBOOKS), "this": NOTEBOOKS.index(path) + 1, "points": points(notebook)}
    found = findings(prose(notebook), ROOT / "tests" / "prose" / f"{path.stem}.txt", lesson[path.stem] | names)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("It has 28 parameters.", True),
        ("It has three filters.", True),
        ("That is half of it.", True),
        ("A `Conv2D` layer, `tf.nn.conv2d`, float32, a 1x1 kernel in Keras 3: names.", False),
        ("Next: `2-padding.ipynb`, [a page](https://host/2).", False),
        ("One of them is someone's.", False),
    ],
)
def test_which_lines_state_a_number(line, states):
    assert states_a_number(line) == states


def test_a_number_that_somebody_adds_is_seen(tmp_path):
    templates = tmp_path / "templates.txt"
    templates.write_text("It has {n * n} weights.\n")
    assert findings(["It has 9 weights."], templates, {"n": 3}) == []
    assert findings(["It has 9 weights.", "And 1 bias."], templates, {"n": 3}) == ["no template computes: And 1 bias."]
    assert findings(["It has 8 weights."], templates, {"n": 3}) == [
        "no template computes: It has 8 weights.",
        "the text has no such line: It has 9 weights.",
    ]


def test_a_template_computes_its_numbers():
    with pytest.raises(AssertionError, match="computes nothing"):
        rendered("It has {9} weights.", {})
    with pytest.raises(AssertionError, match="outside braces"):
        rendered("It has 9 weights and {n}.", {"n": 1})


def test_number_words():
    assert [word(number) for number in range(2, 13)] == list(WORDS)
