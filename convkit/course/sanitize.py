"""A submitted notebook -> one that nbgrader can grade, whatever its student did to the cells.

nbgrader trusts the marks that a notebook carries on its cells. A copied cell then stops the grading, a deleted check
never gets a score, and an edited mark ends in an error. The gradebook knows better: its word replaces the notebook's.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, Notebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum

Marks = dict[str, dict[str, Any]]  # grade_id -> nbgrader's metadata of that cell


class RestoreMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Give every known cell its true marks, the first where it stands twice; bring deleted checks back."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            known = gradebook.find_notebook(about["notebook"], about["assignment"])
            marks = _marks(known)
            texts = {cell.name: cell.source for cell in known.source_cells}
        for grade_id in _edited(nb):
            self.log.warning("Check %s was edited: the original counts", grade_id)
        for grade_id in _mark(nb, marks):
            self.log.warning("Cell %s stands more than once: the first counts", grade_id)
        for grade_id in _restore(nb, marks, texts):
            self.log.warning("Cell %s was deleted: it is put back", grade_id)
        return nb, resources


def _marks(known: Notebook) -> Marks:
    points = {cell.name: cell.max_score for cell in [*known.grade_cells, *known.task_cells]}
    grades, tasks = ({cell.name for cell in cells} for cells in (known.grade_cells, known.task_cells))
    solutions = {cell.name for cell in known.solution_cells}
    return {
        cell.name: {
            "grade_id": cell.name,
            "grade": cell.name in grades,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
            "locked": cell.locked,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "schema_version": 3,
            **({"points": points[cell.name]} if cell.name in points else {}),
        }
        for cell in known.source_cells
    }


def _edited(nb: NotebookNode) -> list[str]:
    """Ids of locked cells whose text is not the released one, by the checksum that nbgrader released with it."""
    claims = [(cell, cell.metadata.get("nbgrader")) for cell in nb.cells]
    locked = [(cell, claim) for cell, claim in claims if isinstance(claim, dict) and claim.get("locked")]
    return [claim["grade_id"] for cell, claim in locked if {"grade_id", "checksum"} <= set(claim) and _changed(cell)]


def _changed(cell: NotebookNode) -> bool:
    try:
        return bool(compute_checksum(cell) != cell.metadata.nbgrader["checksum"])
    except (KeyError, TypeError, ValueError, AttributeError):  # its marks were edited too
        return True


def _mark(nb: NotebookNode, marks: Marks) -> list[str]:
    """Set the marks of all cells; returns the ids that stand more than once."""
    seen: set[str] = set()
    twice: list[str] = []
    for cell in nb.cells:
        claimed = cell.metadata.pop("nbgrader", None)
        grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
        if isinstance(grade_id, str) and grade_id in seen:
            twice.append(grade_id)
        elif isinstance(grade_id, str) and grade_id in marks:
            seen.add(grade_id)
            cell.metadata["nbgrader"] = NotebookNode(marks[grade_id])  # type: ignore[no-untyped-call]
    return twice


def _restore(nb: NotebookNode, marks: Marks, texts: dict[str, str]) -> list[str]:
    """Put back checks and tasks that are missing, each behind the known cell that came before it; returns their ids."""
    missing, behind = [], -1
    for grade_id, mark in marks.items():
        at = _position(nb, grade_id)
        if at is None and (mark["grade"] or mark["task"]):
            missing.append(grade_id)
            at = behind + 1 if behind >= 0 else len(nb.cells)
            nb.cells.insert(at, _cell(nb, mark, texts[grade_id]))
        behind = behind if at is None else at
    return missing


def _position(nb: NotebookNode, grade_id: str) -> int | None:
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]
    return ids.index(grade_id) if grade_id in ids else None


def _cell(nb: NotebookNode, mark: dict[str, Any], text: str) -> NotebookNode:
    new: Any = new_code_cell if mark["cell_type"] == "code" else new_markdown_cell
    cell: NotebookNode = new(text, id=f"restored-{mark['grade_id']}"[:64], metadata={"nbgrader": mark})
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        del cell["id"]  # cells have had ids since notebook format 4.5
    return cell
