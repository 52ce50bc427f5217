"""Which numbers does a text state, and does the code beside it compute them?

A text is held by a file of templates: every line that states a number, with an expression in braces for each number.
The expressions are evaluated where the text's own code has run; the line has to come out as it stands in the text.
A line with a number that no template renders is a finding, and so is a template that renders no line.
Lines `let NAME = EXPRESSION` at the top of the file shorten what follows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
NAMES = re.compile(
    r"""Conv[123]D | conv2d | \bkeras[23]\b | Keras\ [23]\b | Python\ 3\.\d+ | (?:float|int|uint)\d+\b | 1x1
      | BSD-3-Clause | ^\d+\.\  | Two\ or\ three\ sentences
      | [\w./-]*\d[\w./-]*\.(?:ipynb|md|toml|py|html|png|svg) | \]\([^)]*\) | <!--.*?-->""",
    re.VERBOSE,
)
NUMBER = re.compile(rf"\d|\b(?:{'|'.join((*WORDS, *FRACTIONS, 'twice'))})\b", re.IGNORECASE)


def word(number: int) -> str:
    """2 -> 'two': a number as prose writes it."""
    return WORDS[number - 2]


def states_a_number(line: str) -> bool:
    """Does a line of prose state a number? Names such as Conv2D and addresses don't count."""
    return bool(NUMBER.search(NAMES.sub(" ", line)))


def rendered(template: str, names: Mapping[str, Any], states: Callable[[str], bool] = states_a_number) -> str:
    """The line that a template stands for. Each expression has to compute: a bare literal would hold nothing."""

    def value(match: re.Match[str]) -> str:
        tree = ast.parse(match[1].strip(), mode="eval")
        computes = any(isinstance(node, ast.Name) for node in ast.walk(tree))
        assert computes, f"{match[0]} computes nothing, in: {template}"
        result = eval(compile(tree, "<template>", "eval"), dict(names))
        return f"{result:g}" if isinstance(result, float) else str(result)

    bare = re.sub(r"\{[^{}]+\}", " ", template)
    assert not states(bare), f"a number outside braces, in: {template}"
    return re.sub(r"\{([^{}]+)\}", value, template)


def findings(
    lines: Iterable[str], templates: Path, names: Mapping[str, Any], states: Callable[[str], bool] = states_a_number
) -> list[str]:
    """What is wrong between a text and its templates: nothing, one hopes. `states` tells lines that state a number."""
    stated = {line.strip() for line in lines if states(line)}
    known, held = dict(names), {}
    for line in filter(None, templates.read_text(encoding="utf-8").splitlines()):
        if line.startswith("let "):
            name, _, expression = line.removeprefix("let ").partition(" = ")
            known[name] = eval(expression, known)
        else:
            held[rendered(line.strip(), known, states)] = line
    return [f"no template computes: {line}" for line in sorted(stated - held.keys())] + [
        f"the text has no such line: {line}" for line in sorted(held.keys() - stated)
    ]
