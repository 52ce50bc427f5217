"""A submitted notebook -> one that nbgrader can grade, whatever its student did to the cells.

nbgrader trusts the marks that a notebook carries on its cells. A copied cell then stops the grading, a deleted check
never gets a score, and an edited mark ends in an error. The gradebook knows better: its word replaces the notebook's.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, Notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from gradekit.hidden_regions import marked_lines
from gradekit.notebook import mark
from gradekit.releases import UNKNOWN, Origin, history, origin
from gradekit.repair.needed import Source, bring_back, retype
from gradekit.repair.order import in_order, put_back
from gradekit.repair.owners import Marks, Owners, locked, owners, released
from gradekit.submissions.names import shown

PYTHON = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


class RestoreMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Give every known cell its true marks, kind and place; bring back what is missing; drop all other metadata."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            known = gradebook.find_notebook(about["notebook"], about["assignment"])
            marks, kernel = _marks(known), _kernel(known)
            texts = {cell.name: cell.source for cell in known.source_cells}
            releases = history(gradebook.db.connection(), about["assignment"], about["notebook"])
        source, release = _source(self._source_file(about)), origin(nb.cells, releases)
        if release.earlier:
            self.log.warning("Notebook %s is from an earlier release (%s)", about["notebook"], release.difference())
        for line in restored(nb, marks, texts, source, kernel, release):
            self.log.warning("%s", line)
        return nb, resources

    def _source_file(self, about: Mapping[str, str]) -> Path | None:
        """The course's own notebook, where this runs inside nbgrader's autograde."""
        directory = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if directory is None:
            return None
        folder = directory.format_path(directory.source_directory, ".", about["assignment"])
        return Path(folder) / f"{about['notebook']}.ipynb"


def restored(
    nb: NotebookNode,
    marks: Marks,
    texts: Mapping[str, str],
    source: list[Source],
    kernel: Mapping[str, str],
    release: Origin = UNKNOWN,
) -> list[str]:
    """Restore a notebook in place; returns what there was to restore, as nbgrader logs it and `sayings` tells it."""
    said = _one_kernel(nb, kernel)
    grade_ids = {own.id: own.grade_id for own in source if own.grade_id}
    found = owners(nb.cells, marks, texts, grade_ids)
    said += _odd(nb.cells, found, marks, texts, release)
    for at, cell in enumerate(nb.cells):
        cell.metadata = NotebookNode()  # type: ignore[no-untyped-call]
        name = next((name for name, where in found.at.items() if where == at), None)
        if name is not None:
            said += _give(cell, name, marks[name])
    said += [
        f"Cell {name} was deleted: it is put back"
        for name in put_back(nb.cells, marks, lambda name: _cell(nb, name, marks[name], texts[name]))
        if not release.added(name)
    ]
    said += [f"Cell {name} was moved: it is put back in its place" for name in in_order(nb.cells, marks)]
    back = bring_back(nb.cells, source, lambda own: _new(nb, "code", own.id, own.text))
    return said + [f"Cell {name} is needed by others: it is put back" for name in back]


def _give(cell: NotebookNode, name: str, about: Mapping[str, Any]) -> list[str]:
    """Set a cell's marks and kind."""
    cell.metadata["nbgrader"] = NotebookNode(about)  # type: ignore[no-untyped-call]
    was = cell.cell_type
    if was == about["cell_type"]:
        return []
    retype(cell, about["cell_type"])
    return [f"Cell {name} was turned into {was}: it is turned back"]


def _odd(
    cells: list[NotebookNode], found: Owners, marks: Marks, texts: Mapping[str, str], release: Origin
) -> list[str]:
    """What a student did to the marks and to the locked cells; not what the course did after the release they have."""
    there = {name: cells[found.at[name]] for name in marks if name in found.at}
    own = {name: cell for name, cell in there.items() if not release.as_released(cell, locked(marks[name]))}
    edited = [name for name, cell in own.items() if locked(marks[name]) and _edited(cell, texts[name])]
    wrong = [name for name, cell in own.items() if _wrong(mark(cell), name, marks[name])]
    strange = [name for name in found.strange if not release.removed(name)]
    return [
        *(f"Check {name} was edited: the original counts" for name in edited),
        *(f"Cell {name} stands more than once: the first counts" for name in found.twice),
        *(f"Mark of {name} was changed: the true one counts" for name in wrong),
        *(f"Cell {name} is not of this notebook: it counts nothing" for name in strange),
    ]


def _edited(cell: NotebookNode, text: str) -> bool:
    return released(cell.source) != released(text)


def _wrong(claim: Mapping[str, Any], name: str, about: Mapping[str, Any]) -> bool:
    """Does a cell carry another mark than it was released with?"""
    same = all(bool(claim.get(key)) == bool(about[key]) for key in ("grade", "solution", "task"))
    free = about["locked"] and not (claim.get("locked") or claim.get("grade"))
    strange = claim.get("grade_id") != name or claim.get("schema_version", 3) not in (1, 2, 3)
    worth = "points" in about and claim.get("points") != about["points"]  # of a graded cell; others may have any
    return strange or free or not same or worth


def _marks(known: Notebook) -> dict[str, dict[str, Any]]:
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


def _kernel(known: Notebook) -> dict[str, str]:
    """The kernel of the course's notebook."""
    found = json.loads(known.kernelspec) if known.kernelspec else None
    return found if isinstance(found, dict) and found.get("name") else PYTHON


def _one_kernel(nb: NotebookNode, kernel: Mapping[str, str]) -> list[str]:
    """Leave nothing in the notebook's metadata but the course's kernel."""
    claim = nb.metadata.get("kernelspec")
    language = claim.get("language") if isinstance(claim, dict) else None
    nb.metadata = NotebookNode(kernelspec=NotebookNode(kernel))  # type: ignore[no-untyped-call]
    own = kernel.get("language", "python")
    if not isinstance(language, str) or language == own:
        return []
    return [f"Kernel for {shown(language)} instead of {own}: it is run with the course's own"]


def _cell(nb: NotebookNode, name: str, about: Mapping[str, Any], text: str) -> NotebookNode:
    cell = _new(nb, about["cell_type"], f"restored-{name}", text)
    cell.metadata["nbgrader"] = NotebookNode(about)  # type: ignore[no-untyped-call]
    return cell


def _new(nb: NotebookNode, kind: str, own: str, text: str) -> NotebookNode:
    """A cell with an id that is free."""
    used = {cell.get("id") for cell in nb.cells}
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in own)[:50]
    wanted = next(name for name in (plain, *(f"{plain}-{n}" for n in range(len(used) + 1))) if name not in used)
    make: Any = new_code_cell if kind == "code" else new_markdown_cell
    cell: NotebookNode = make(text, id=wanted)
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        del cell["id"]  # cells have had ids since notebook format 4.5
    return cell


def _source(file: Path | None) -> list[Source]:
    """The cells of the course's notebook; none where it is not on this machine."""
    try:
        return _read(file, file.stat().st_mtime_ns) if file else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


@functools.lru_cache(maxsize=32)
def _read(file: Path, stamp: int) -> list[Source]:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    read = [(cell, "".join(cell["source"])) for cell in cells]
    return [
        Source(cell.get("id", ""), cell["cell_type"], text, cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        for cell, text in read
        if "nbgrader" in cell["metadata"] or not any(secret for secret, _ in marked_lines(text))
    ]
