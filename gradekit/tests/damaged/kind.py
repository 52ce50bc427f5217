"""One kind of damage: how to do it to right work, the points that are left, and the instructor's line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from damaged.small_course import FIRST, POINTS

NOTHING = ""
LOST = "its nbgrader metadata is lost, as some editors drop it: cells were found by their text and position."
Damage = Callable[[Path], None]


@dataclass(frozen=True)
class Kind:
    """`first` and `second` are the notebooks' points: None is "not graded", and so is `graded=False` for both."""

    name: str  # as in docs/submissions.md
    damage: Damage  # takes submitted/STUDENT/counts
    line: str = NOTHING
    first: float | None = POINTS[FIRST]
    second: float | None = 2.0
    student: str = ""
    graded: bool = True

    @property
    def id(self) -> str:
        return self.student or "".join(c if c.isascii() and c.isalnum() else "-" for c in self.name.lower())


def in_bytes(change: Callable[[bytes], bytes], name: str = FIRST) -> Damage:
    """Do something to a file as a whole."""

    def damage(folder: Path) -> None:
        path = folder / f"{name}.ipynb"
        path.write_bytes(change(path.read_bytes()))

    return damage


def in_text(change: Callable[[str], str], name: str = FIRST) -> Damage:
    return in_bytes(lambda data: change(data.decode()).encode(), name)


def in_json(change: Callable[[Any], Any], name: str = FIRST) -> Damage:
    """Do something to the JSON of a file: `change` edits it, or returns another value."""

    def changed(text: str) -> str:
        value = json.loads(text)
        other = change(value)
        return json.dumps(value if other is None else other, indent=1)

    return in_text(changed, name)


def in_cell(grade_id: str, change: Callable[[Any], Any]) -> Damage:
    """Do something to one cell, by its id."""
    return in_json(lambda nb: change(cell(nb, grade_id)))


def cell(nb: Any, name: str) -> Any:
    return next(cell for cell in nb["cells"] if cell.get("id") == name)


def replace(folder: Path, make: Callable[[Path], None], name: str = FIRST) -> None:
    """Put something else in a notebook's place."""
    path = folder / f"{name}.ipynb"
    path.unlink()
    make(path)
