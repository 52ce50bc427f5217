"""Which numbers does a text state, and does the code beside it produce them?

A number in prose is held if the code of its section contains it or prints it, or if an expression in numbers.toml
gives it. Sums written out in prose, such as `2 x 19 = 38`, have to be correct. A sentence can be reworded freely.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"]
VALUES = {word: float(number) for number, word in enumerate(WORDS, 2)}
VALUES |= {"fourth": 4.0, "eighth": 8.0, "half": 0.5, "quarter": 0.25, "twice": 2.0}
VALUES |= {"hundred": 100.0, "thousand": 1000.0, "million": 1e6}
# Names with digits in them, addresses, references to notebooks, points and minutes, and the numbers of a list.
NAMES = re.compile(
    r"""Conv[123]D | conv2d | \w+Pooling2D | \bkeras[23]\b | Keras\ [23]\b | Python\ 3\.\d+ | (?:float|int|uint)\d+\b
      | VGG16 | ResNet50 | CS231n | d2l\.ai | BSD-3-Clause | CC\ BY\ 4\.0 | ^\d+\.\ | Two\ or\ three\ sentences
      | [Nn]otebooks?\ \d(?:\ (?:to|and|of)\ \d)? | \(\d\ points\) | About\ \d+\ minutes | chapter\ \d
      | [Hh]alf\ a\ (?:point|turn)
      | [\w./-]*\d[\w./-]*\.(?:ipynb|md|toml|py|html|png|svg) | \]\([^)]*\) | https?://\S+ | <!--.*?-->""",
    re.VERBOSE | re.MULTILINE,
)
NUMBER = re.compile(
    rf"(?<![\w.])-?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?%?|\b(?:{'|'.join(VALUES)})\b", re.IGNORECASE
)
SUM = re.compile(r"(?<![\w.])\(?\d[\d,.]*(?:\)?\s(?:[x\u00d7]|\+|-|/|\*)\s\(?\d[\d,.]*\)?)+ = (\d[\d,.]*\d|\d)")
SECTION = re.compile(r"^## ", re.MULTILINE)


def numbers(text: str) -> list[tuple[str, float]]:
    """The numbers that a text states, each as it is written and as a value.

    >>> numbers("A `Conv2D` layer with three filters and 1,024 units: 74%.")
    [('three', 3.0), ('1,024', 1024.0), ('74%', 0.74)]
    """
    plain = re.sub(r"(?<=\d)x(?=\d)", " ", NAMES.sub(" ", text))
    return [(found[0], _value(found[0])) for found in NUMBER.finditer(plain)]


def _value(written: str) -> float:
    digits = written.replace(",", "").rstrip("%")
    return VALUES.get(written.lower()) or float(digits) / (100 if written.endswith("%") else 1)


def in_code(source: str) -> set[float]:
    """The numbers in a cell's code, without those in its comments."""
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    found: set[float] = set()
    for value in constants:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.add(float(value))
        elif isinstance(value, str):
            found |= {number for _, number in numbers(value)}
    return found


def wrong_sums(text: str) -> list[str]:
    """The sums in a text that do not come to what it says.

    >>> wrong_sums("2 x 19 = 38, and 3 x 3 x 2 + 1 = 20")
    ['3 x 3 x 2 + 1 = 20']
    """
    return [found[0] for found in SUM.finditer(text) if not _holds(found[0])]


def _holds(text: str) -> bool:
    left, right = text.replace(",", "").rstrip(".").replace(" x ", " * ").replace("\u00d7", "*").split(" = ")
    return abs(eval(left, {"__builtins__": {}}) - float(right)) < 1e-9


def unsupported(text: str, held: Iterable[float]) -> list[str]:
    """The lines of a text with a number that is not held, and the sums that are wrong."""
    known = set(held)
    known |= {float(found[1].replace(",", "").rstrip(".")) for found in SUM.finditer(text)}
    lines = [
        f"{', '.join(bare)} in: {line.strip()}"
        for line in text.splitlines()
        if (bare := [written for written, value in numbers(line) if not _near(value, known)])
    ]
    return lines + [f"does not add up: {wrong}" for wrong in wrong_sums(text)]


def _near(value: float, known: set[float]) -> bool:
    return value in (0, 1) or any(abs(value - other) <= 1e-9 * max(1, abs(value)) for other in known)


def facts(name: str, names: Mapping[str, Any]) -> dict[str, float]:
    """The table of a text in numbers.toml: each number as it is written, with the value of its expression."""
    table = tomllib.loads((Path(__file__).parent / "numbers.toml").read_text(encoding="utf-8")).get(name, {})
    return {written: float(eval(expression, dict(names))) for written, expression in table.items()}


def wrong_facts(table: Mapping[str, float], text: str) -> list[str]:
    """What is wrong with a table: a number that its expression does not give, or that the text does not state."""
    stated = dict(numbers(text))
    return [
        f"{written} is {value:g} in numbers.toml" if written in stated else f"the text does not state {written}"
        for written, value in table.items()
        if written not in stated or not _near(stated[written], {value})
    ]


def sections(cells: Iterable[Any]) -> list[list[Any]]:
    """The cells of a notebook, section by section: each begins with a heading of the second level."""
    found: list[list[Any]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and SECTION.search(cell.source):
            found.append([])
        found[-1].append(cell)
    return found
