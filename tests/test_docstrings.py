"""Every number in a docstring is in the code beside it, in an example that runs, or given by an expression."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.prose import facts, wrong_sums
from tests.prose.docstrings import MEASURED, in_module, lines, stated

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for house in ("convkit", "gradekit/src") for path in (ROOT / house).rglob("*.py"))
TRIVIAL = {0.0, 1.0, 2.0}


def dotted(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removeprefix("gradekit.src.").removesuffix(".__init__")


def findings(source: str, module: str, known: dict[str, float]) -> list[str]:
    held = in_module(source) | set(known.values()) | TRIVIAL
    found = [
        f"{name}: {written} in: {line}"
        for name, line in lines(source, module)
        for written, value in stated(line)
        if abs(value) not in held
    ]
    sums = [(name, wrong) for name, line in lines(source, module) for wrong in wrong_sums(line)]
    return found + [f"{name}: does not add up: {wrong}" for name, wrong in sums]


def test_numbers_in_docstrings_are_those_of_the_code():
    assert len(MODULES) > 100
    found = []
    for path in MODULES:
        source, module = path.read_text(encoding="utf-8"), dotted(path)
        if module not in MEASURED:
            known = facts(module, {"module": importlib.import_module})
            found += findings(source, module, known)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""Of 12 rows."""\nROWS = 12\n', 0),
        ('"""Of 12 rows."""\nROWS = 13\n', 1),
        ('def f():\n    """A sum.\n\n    >>> 5 + 7\n    12\n    """\n\n\ndef g():\n    """Of 12."""\n', 0),
        ('"""So 3 x 4 = 13."""\nROWS = 3, 4, 13\n', 1),
        ('"""With nbgrader 0.9.6, `f(12)` and memory=2000."""\n', 0),
    ],
)
def test_a_number_that_the_code_does_not_have_is_found(text, found):
    assert len(findings(text, "m", {})) == found
