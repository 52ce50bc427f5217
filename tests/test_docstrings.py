"""Every number in a docstring is what the code computes."""

from __future__ import annotations

import importlib
import math
import re
from pathlib import Path

import numpy as np
import pytest

from convkit.arithmetic import output_length
from convkit.axis import kernel_span
from tests.prose import docstrings
from tests.prose.docstrings import comes_to, formula, only, refused, states_a_number
from tests.prose.templates import findings, word

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "tests" / "prose" / "docstrings.txt"


def dotted(path: Path) -> str:
    return (
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("gradekit.src.").removesuffix(".__init__")
    )


def known() -> dict:
    """What the templates may use: the convkit modules, NumPy, and the tests of a formula."""
    tests = {"formula": formula, "comes_to": comes_to, "only": only, "refused": refused}
    return tests | {"module": importlib.import_module, "np": np, "math": math, "word": word}


def convkit_lines() -> list[str]:
    paths = sorted(path for house in ("convkit", "gradekit/src") for path in (ROOT / house).rglob("*.py"))
    assert len(paths) > 100
    return [line for path in paths for line in docstrings.lines(path.read_text(encoding="utf-8"), dotted(path))]


def test_numbers_in_docstrings_are_what_the_code_computes():
    found = findings(convkit_lines(), TEMPLATES, known(), states_a_number)
    assert not found, "\n".join(found)


def test_no_digit_of_a_formula_can_change_unseen():
    tried = []

    def changed(text, function, **also):
        for digit in re.finditer(r"\d", text):
            other = f"{text[: digit.start()]}{int(digit[0]) + 1}{text[digit.end() :]}"
            assert formula(other, function, **also) != other, f"{other} would stand as well as {text}"
            tried.append(other)
        return formula(text, function, **also)

    assert findings(convkit_lines(), TEMPLATES, known() | {"formula": changed}, states_a_number) == []
    assert len(tried) >= 20


MODULE = '''
"""A module that is slow."""

class Layer:
    """A layer.

    >>> Layer().count(3)  # three
    9
    """

    size: int = 3
    """As large as the kernel."""

    def count(self, n: int) -> int:
        """All weights: n * n."""

        async def later() -> None:
            """Nothing."""
'''


@pytest.mark.parametrize(
    ("prose", "number", "place"),
    [
        ("that is slow", "that takes 9 s", "toy"),
        ("A layer", "A layer of 9 weights", "toy.Layer"),
        ("# three", "# three, and 9 come out", "toy.Layer"),
        ("As large as the kernel", "3 pixels", "toy.Layer"),
        ("n * n", "n * n + 1", "toy.Layer.count"),
        ("Nothing", "Waits ten seconds", "toy.Layer.count.later"),
    ],
)
def test_a_number_that_somebody_adds_to_a_docstring_is_seen(tmp_path, prose, number, place):
    templates = tmp_path / "templates.txt"
    templates.write_text("toy.Layer: # {word(n)}\n")
    names = {"word": word, "n": 3}
    assert findings(docstrings.lines(MODULE, "toy"), templates, names, states_a_number) == []
    (found, *others) = findings(
        docstrings.lines(MODULE.replace(prose, number), "toy"), templates, names, states_a_number
    )
    assert found.startswith(f"no template computes: {place}: ")
    assert number in found
    assert others == (["the text has no such line: toy.Layer: # three"] if prose == "# three" else [])


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("such as (8, 8, 3)", True),
        ("a kernel of 3x3", True),
        ("max(0, x)", True),
        ("-1 is worked out", True),
        ("takes ten seconds", True),
        ("a 2nd time", True),
        ("between any two rows", False),
        ("`tf.nn.conv2d`, `MaxPooling2D`, float32, bias_0, style keras2.10 of Keras 2, a 1x1 kernel", False),
    ],
)
def test_which_lines_of_a_docstring_state_a_number(line, states):
    assert states_a_number(line) == states


def test_a_formula_that_is_broken_on_purpose_is_seen():
    assert formula("(k - 1) * d + 1", lambda k, d: kernel_span(k, d)) == "(k - 1) * d + 1"
    assert formula("(k - 1) * d + 2", lambda k, d: kernel_span(k, d)).startswith(
        "[(k - 1) * d + 2 is 2 for {'k': 1, 'd':"
    )
    assert "the code says 2" in formula("(k - 1) * d + 1", lambda k, d: kernel_span(k, d) + 1)
    assert "the code says 1" in formula("ceil(n / s) + 1", lambda n, s: output_length(n, 1, s, "same"))
    assert "tried 0 times" in formula("n", lambda n: output_length(n, 9))
    assert comes_to("3*3*2", 18) == "3*3*2"
    assert comes_to("3*3*2", 19) == "[3*3*2 is 18, and the code says 19]"


def test_what_the_code_takes_and_refuses():
    assert refused(lambda strides: output_length(8, 3, strides), 0) == "0"
    assert refused(lambda strides: output_length(8, 3, strides), 1) == "[1 is taken]"
    assert only(lambda n: output_length(n, 6)) == 6
    with pytest.raises(ValueError, match="too many values"):
        only(lambda n: output_length(n, 5))
