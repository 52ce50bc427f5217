"""Free cells of the course that a student deleted or switched off, although other cells need what they define."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

LONGEST = 200_000  # characters of a cell that are read as Python: a tree takes hundreds of times the room of its text
WORD = re.compile(r"[^\W\d]\w*")
DEFINED = re.compile(
    r"(?m)^[^\S\n]*+(?:def\s+|class\s+)?([^\W\d]\w*)\s*(?:=[^=]|\(.*\)\s*:|:)|\b(?:import|as)\s+([^\W\d]\w*)"
)
MAGIC = re.compile(r"(?m)^[^\S\n]*+[%!].*$")


@dataclass(frozen=True)
class Source:
    """A cell of the course's own notebook."""

    id: str
    kind: str
    text: str
    grade_id: str = ""

    @property
    def free_code(self) -> bool:
        return self.kind == "code" and not self.grade_id


def names(text: str) -> tuple[set[str], set[str]]:
    """(names that a cell defines, names that it uses).

    >>> [sorted(found) for found in names("import numpy as np\\ny = np.ones(n)")]
    [['np', 'y'], ['n', 'np']]
    """
    try:
        tree = ast.parse(MAGIC.sub("", text)) if len(text) <= LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None:
        return {word for pair in DEFINED.findall(text) for word in pair if word}, set(WORD.findall(text))
    stored: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add((node.asname or node.name).split(".")[0])
    return stored, used


def bring_back(cells: list[NotebookNode], source: list[Source], make: Callable[[Source], NotebookNode]) -> list[str]:
    """Put back the free code cells that others need: retyped ones in their place, deleted ones behind what they follow.

    Returns their ids. A cell that is only a demonstration stays away, and so does one that was written anew.
    """
    lost = [own for own in source if own.free_code and _found(cells, own, "code") is None]
    back = _needed(cells, lost) if lost else []
    for own in back:
        at = _found(cells, own)
        if at is None:
            cells.insert(_behind(cells, source, own), make(own))
        else:
            retype(cells[at], "code")
    return [own.id for own in back]


def _needed(cells: list[NotebookNode], lost: list[Source]) -> list[Source]:
    stored, used = _all_names(cell.source for cell in cells if cell.cell_type == "code")
    back: list[Source] = []
    while True:
        new = [own for own in lost if own not in back and (names(own.text)[0] - stored) & used]
        if not new:
            return [own for own in lost if own in back]
        back += new
        for own in new:
            more_stored, more_used = names(own.text)
            stored, used = stored | more_stored, used | more_used


def _all_names(texts: Any) -> tuple[set[str], set[str]]:
    stored: set[str] = set()
    used: set[str] = set()
    for text in texts:
        more_stored, more_used = names(text)
        stored |= more_stored
        used |= more_used
    return stored, used


def _found(cells: list[NotebookNode], own: Source, kind: str = "") -> int | None:
    """Where a cell of the course is, by its id or its text, as it is or as a cell of one kind."""
    for at, cell in enumerate(cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        same = grade_id == own.grade_id if own.grade_id or grade_id else _same(cell, own)
        if same and kind in ("", cell.cell_type):
            return at
    return None


def _same(cell: NotebookNode, own: Source) -> bool:
    return cell.get("id") == own.id or bool(own.text.strip() and cell.source.strip() == own.text.strip())


def _behind(cells: list[NotebookNode], source: list[Source], own: Source) -> int:
    """The place behind the last cell that comes before it in the course's notebook."""
    before = [_found(cells, other) for other in source[: source.index(own)]]
    return max((at for at in before if at is not None), default=-1) + 1


def retype(cell: NotebookNode, kind: str) -> None:
    """Make a cell one of another kind."""
    for key in ("outputs", "execution_count", "attachments"):
        cell.pop(key, None)
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
