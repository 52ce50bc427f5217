"""What must not reach a student: the text of solutions, hidden tests and marking schemes in the source notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradekit.notebook import mark, read

# nbgrader's own delimiters, and what the lines between them are.
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "hidden test", "MARK SCHEME": "marking scheme"}

# A line of at least so many characters gives something away wherever it stands. Shorter ones, such as
# `total = 0`, count where they fill a whole line that the visible part of the lesson does not have as well.
TELLING = 24


@dataclass(frozen=True)
class Secret:
    """One line between two delimiters."""

    kind: str  # a value of REGIONS
    notebook: str
    cell: str  # grade_id
    line: str  # without the white space around it


def secrets(source: Path) -> list[Secret]:
    """Every line of a source folder that students must not see, in order."""
    found, visible = [], set()
    for path in sorted(source.glob("*.ipynb")):
        for cell in read(path).cells:
            grade_id = mark(cell).get("grade_id", "")
            for kind, line in marked_lines(cell.source):
                if kind:
                    found.append(Secret(kind, path.stem, grade_id, line))
                else:
                    visible.add(line)
    return [secret for secret in found if _gives_away(secret.line, visible)]


def _gives_away(line: str, visible: set[str]) -> bool:
    if not any(letter.isalnum() for letter in line) or line.startswith(("import ", "from ")):
        return False
    return len(line) >= TELLING or line not in visible


def marked_lines(text: str) -> Iterator[tuple[str | None, str]]:
    """Lines of a cell, each with the kind of region that it stands in, or None; delimiters and empty lines left out.

    >>> list(marked_lines("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    [(None, 'def f():'), ('solution', 'return 1')]
    """
    inside = None
    for line in (raw.strip() for raw in text.splitlines()):
        begun = next((kind for name, kind in REGIONS.items() if f"BEGIN {name}" in line), None)
        if begun:
            inside = begun
        elif any(f"END {name}" in line for name in REGIONS):
            inside = None
        elif line:
            yield inside, line


def without_regions(text: str, names: Iterable[str] = ("HIDDEN TESTS", "MARK SCHEME")) -> str:
    """A cell without its regions of some names, delimiters included; a region that does not end goes to the end.

    >>> without_regions("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS\\nc")
    'a\\nc'
    """
    kept, inside = [], False
    for line in text.split("\n"):
        if any(f"BEGIN {name}" in line for name in names):
            inside = True
        elif any(f"END {name}" in line for name in names):
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def given_away(texts: Iterable[str], guarded: Iterable[Secret]) -> list[Secret]:
    """The secrets that can be read in some texts: long lines anywhere in them, short ones as a line of their own.

    >>> lines = ["return (k * k * c + 1) * filters", "x = 1"]
    >>> guarded = [Secret("solution", "1-parameters", "layer-params", line) for line in lines]
    >>> [s.line for s in given_away(["so: return (k * k * c + 1) * filters!", "max = 1"], guarded)]
    ['return (k * k * c + 1) * filters']
    """
    whole = "\n".join(texts)
    lines = {line.strip() for line in whole.splitlines()}
    return [s for s in guarded if s.line in lines or (len(s.line) >= TELLING and s.line in whole)]


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too; a list of lines, as notebooks keep a cell's source, as one text.

    >>> list(strings({"source": ["a\\n", "b"], "n": 1}))
    ['source', 'a\\nb', 'n']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        else:
            for inner in value:
                yield from strings(inner)
