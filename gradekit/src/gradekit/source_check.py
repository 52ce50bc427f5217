"""Faults of the notebooks in source/ that stop nbgrader or give something away, and how to mend them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradekit.hidden_regions import REGIONS, shows, visible_text

SCHEMA = 3  # nbgrader's version of its cell metadata
# The kind of cell that a region belongs into: nbgrader's flag, and its name in Jupyter's "Create Assignment" panel.
CELL_TYPES = {
    "SOLUTION": ("solution", "an autograded or manually graded answer"),
    "HIDDEN TESTS": ("grade", "an autograder test"),
    "MARK SCHEME": ("task", "a manually graded task"),
}


@dataclass(frozen=True)
class Refusal:
    """One reason not to release."""

    file: str  # relative to the assignment's folder
    cell: str  # grade_id, cell id or number; empty where the whole file is meant
    what: str

    def __str__(self) -> str:
        return f"{self.file}{f', cell {self.cell}' if self.cell else ''}: {self.what}"


def check_source(source: Path) -> list[Refusal]:
    """Everything in the notebooks of a source folder that has to be mended before a release. Empty is good."""
    return [finding for path in sorted(source.glob("*.ipynb")) for finding in _in_notebook(path)]


def _in_notebook(path: Path) -> Iterator[Refusal]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = notebook["cells"] if notebook["nbformat"] == 4 else None
    except (ValueError, KeyError, TypeError):
        yield Refusal(path.name, "", "is not a notebook. Save it again in Jupyter, or move it out of source/.")
        return
    if cells is None:
        yield Refusal(path.name, "", f"is in notebook format {notebook['nbformat']}. Open it in Jupyter and save it.")
        return
    language = _language(notebook.get("metadata") or {})
    if language.lower() != "python":
        what = f"is in {language}. gradekit runs Python alone: grade this course with plain nbgrader."
        yield Refusal(path.name, "", what)
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        about = cell["metadata"].get("nbgrader") or {}
        grade_id = str(about.get("grade_id", ""))
        name = grade_id or cell.get("id") or str(number)
        yield from (Refusal(path.name, name, what) for what in _in_metadata(about, cell["cell_type"], seen))
        yield from (Refusal(path.name, name, what) for what in _in_regions("".join(cell["source"]), about))
        yield from (Refusal(path.name, name, what) for what in _in_attachments(cell, about))
        seen.add(grade_id)


def _language(metadata: dict[str, Any]) -> str:
    """The programming language that a notebook names, Python where it names none."""
    kernel, info = metadata.get("kernelspec") or {}, metadata.get("language_info") or {}
    return str(kernel.get("language") or info.get("name") or "python")


def _in_metadata(about: dict[str, Any], kind: str, seen: set[str]) -> Iterator[str]:
    if not about:
        return
    version = about.get("schema_version", 0)
    if version != SCHEMA:
        mend = "Run: nbgrader update ." if version < SCHEMA else "Install a newer nbgrader."
        yield f"has nbgrader metadata of version {version}, not {SCHEMA}. {mend}"
        return
    grade, solution, task = (bool(about.get(key)) for key in ("grade", "solution", "task"))
    if not (grade or solution or task or about.get("locked")):
        return
    grade_id = about.get("grade_id")
    if not grade_id:
        yield "has no grade id. Give it one in the Create Assignment panel."
    elif grade_id in seen:
        yield "has the grade id of another cell. Give it one of its own in the Create Assignment panel."
    elif re.search(r"[^a-zA-Z0-9_-]", str(grade_id)):
        yield "has a grade id that nbgrader refuses. Use letters without accents, digits, - and _ in it."
    points = about.get("points")
    if (grade or task) and not (isinstance(points, int | float) and points >= 0):
        yield "has no points, or less than 0. Set them in the Create Assignment panel."
    if task and kind != "markdown":
        yield f"is a manually graded task in a {kind} cell. Turn it into Markdown."
    if not task and kind == "markdown" and grade != solution:
        yield "is Markdown, which can only be a manually graded answer, a task or read-only. Change its type."


def _in_regions(text: str, about: dict[str, Any]) -> Iterator[str]:
    for name, (flag, cell_type) in CELL_TYPES.items():
        inside = used = False
        for line in text.split("\n"):
            if f"BEGIN {name}" in line:
                if inside:
                    yield f"has BEGIN {name} twice without END {name} between them."
                inside = used = True
            elif f"END {name}" in line:
                inside = False
        if inside:
            yield f"has BEGIN {name} without END {name}."
        if used and not about.get(flag):
            yield f"has a {REGIONS[name]}, but is not {cell_type}: make it one in the Create Assignment panel."


def _in_attachments(cell: dict[str, Any], about: dict[str, Any]) -> Iterator[str]:
    """Pictures that the released text does not show: nbgrader removes a region's text and leaves its pictures."""
    text = visible_text("".join(cell["source"]), bool(about.get("solution")))
    for name in cell.get("attachments") or {}:
        if not shows(text, name):
            yield f"the picture {name!r} would be released with it, although its released text does not show it. " + (
                "Delete the attachment, and show a scheme or solution as text or a file outside of source/."
            )
