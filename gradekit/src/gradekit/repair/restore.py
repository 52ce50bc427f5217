"""A submitted notebook -> one that nbgrader can grade, whatever was done to its cells.

nbgrader trusts the metadata that a notebook carries on its cells. A copied cell then stops the grading, a deleted check
never gets a score, and edited metadata ends in an error. Here the gradebook's metadata replaces the notebook's.
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

from gradekit.errors import CourseError
from gradekit.hidden_regions import marked_lines
from gradekit.limits import OutOfTime, SubmissionLimits, time_limit
from gradekit.notebook import mark
from gradekit.release_history import UNKNOWN, Origin, history, origin
from gradekit.repair.arrange import bring_back, reinsert, reorder, retype
from gradekit.repair.decode import Unreadable
from gradekit.repair.identify import CourseCell, CourseNotebook, Identified, identify, locked, manual, released
from gradekit.submissions.names import shown

PYTHON = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
# Added to an answer that nbgrader would count as "No response." with 0 points: a changed text waits for a person.
MISSING = "(This answer was not found in the notebook. A person will look for it.)"
ELSEWHERE = "(This answer is empty. A cell next to it, which is not part of the assignment, may be the answer.)"


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Give each cell of the course its metadata, type and order; reinsert missing ones; drop all other metadata."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            course = course_notebook(
                gradebook.find_notebook(about["notebook"], about["assignment"]), self._source_file(about)
            )
            releases = history(gradebook.db.connection(), about["assignment"], about["notebook"])
        language = course.kernel.get("language", "python")
        if language.lower() != "python":
            raise CourseError(f"source/ has {about['notebook']} in {language}; gradekit runs Python alone.")
        release = origin(nb.cells, releases)
        if release.earlier:
            self.log.warning("Notebook %s is from an earlier release (%s)", about["notebook"], release.difference())
        limit = SubmissionLimits(parent=self.parent).step_timeout
        try:
            with time_limit(limit, "restoring its cells"):
                lines = restore(nb, course, release)
        except OutOfTime as error:
            raise Unreadable(f"{error} Ask for a smaller one, or raise c.SubmissionLimits.step_timeout.") from None
        for line in lines:
            self.log.warning("%s", line)
        nb.metadata["gradekit"] = release.record()
        return nb, resources

    def _source_file(self, about: Mapping[str, str]) -> Path | None:
        """The course's own notebook, where this runs inside nbgrader's autograde."""
        directory = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if directory is None:
            return None
        folder = directory.format_path(directory.source_directory, ".", about["assignment"])
        return Path(folder) / f"{about['notebook']}.ipynb"


def restore(nb: NotebookNode, course: CourseNotebook, release: Origin = UNKNOWN) -> list[str]:
    """Restore a notebook in place; returns what was restored, in the phrases of `grading.log_messages`."""
    lines = _set_kernel(nb, course.kernel)
    found = identify(nb.cells, course)
    lines += _odd(nb.cells, found, course, release)
    free = {number: nb.cells[at] for number, at in found.free.items()}
    names = {at: name for name, at in found.graded.items()}
    for at, cell in enumerate(nb.cells):
        cell.metadata = NotebookNode()  # type: ignore[no-untyped-call]
        if at in names:
            lines += _set_metadata(cell, names[at], course.metadata[names[at]])
    added = reinsert(nb.cells, course.metadata, lambda name: _course_cell(nb, name, course))
    lost = [name for name in added if not release.added(name)]
    lines += [f"Cell {name} was missing" for name in lost if not manual(course.metadata[name])]
    lines += [f"Cell {name} was moved" for name in reorder(nb.cells, course.metadata)]
    back = bring_back(nb.cells, course, free, lambda own: _new(nb, "code", own.id, own.text))
    lines += [f"Cell {name} is needed by others" for name in back]
    return lines + _waiting(nb.cells, course, free, added)


def _waiting(
    cells: list[NotebookNode], course: CourseNotebook, free: Mapping[int, NotebookNode], added: list[str]
) -> list[str]:
    """Add a note to each answer that a person has to look for, so that it does not count as left blank."""
    theirs = {id(cell) for number, cell in free.items() if not _holds_other_words(number, cell, course)}
    own = [not mark(cell) and id(cell) not in theirs and bool(cell.source.strip()) for cell in cells]
    lines = []
    for at, cell in enumerate(cells):
        name = mark(cell).get("grade_id", "")
        if not name or not manual(course.metadata[name]):
            continue
        if name in added:
            note, line = MISSING, f"Answer {name} was missing"
        elif cell.source == course.texts[name] and any(own[max(at - 1, 0) : at + 2]):
            note, line = ELSEWHERE, f"Answer {name} is empty next to a new cell"
        else:
            continue
        cell.source += f"\n\n{'# ' if cell.cell_type == 'code' else ''}{note}"
        lines.append(line)
    return lines


def _holds_other_words(number: int, cell: NotebookNode, course: CourseNotebook) -> bool:
    """Whether a cell without metadata was edited, and is not where the answer to a task goes."""
    task = number > 0 and course.metadata.get(course.cells[number - 1].grade_id, {}).get("task")
    return bool(cell.source.strip() != course.cells[number].text.strip() and not task)


def _set_metadata(cell: NotebookNode, name: str, about: Mapping[str, Any]) -> list[str]:
    """Set a cell's metadata and type."""
    cell.metadata["nbgrader"] = NotebookNode(about)  # type: ignore[no-untyped-call]
    was = cell.cell_type
    if was == about["cell_type"]:
        return []
    retype(cell, about["cell_type"])
    return [f"Cell {name} was turned into {was}"]


def _odd(cells: list[NotebookNode], found: Identified, course: CourseNotebook, release: Origin) -> list[str]:
    """What differs from the release that the student had, in metadata and in locked cells."""
    there = {name: cells[found.graded[name]] for name in course.metadata if name in found.graded}
    other = [
        name
        for name, cell in there.items()
        if locked(course.metadata[name]) and released(cell.source) != released(course.texts[name])
    ]
    earlier = [name for name in other if release.as_released(there[name], locked=True)]
    own = [name for name, cell in there.items() if not release.as_released(cell, locked(course.metadata[name]))]
    wrong = [name for name in own if _differs(there[name], name, course.metadata[name])]
    return [
        *(["The metadata is lost"] if found.bare and there else []),
        *(f"Check {name} is of an earlier release" for name in earlier if not release.earlier),
        *(f"Check {name} was edited" for name in other if name not in earlier),
        *(f"Cell {name} appears more than once" for name in found.copies),
        *(f"Metadata of {name} differs" for name in wrong if not found.bare and name not in earlier),
        *(f"Cell {name} is not of this notebook" for name in found.unknown if not release.removed(name)),
    ]


def _differs(cell: NotebookNode, name: str, about: Mapping[str, Any]) -> bool:
    """Whether a cell's metadata is not that of the release, as far as nbgrader acts on it."""
    claim = mark(cell)
    same = all(bool(claim.get(key)) == bool(about[key]) for key in ("grade", "solution", "task"))
    unlocked = about["locked"] and not (claim.get("locked") or claim.get("grade"))
    strange = claim.get("grade_id") != name or claim.get("schema_version", 3) not in (1, 2, 3)
    points = "points" in about and claim.get("points") != about["points"]
    return strange or unlocked or not same or points


def course_notebook(known: Notebook, file: Path | None) -> CourseNotebook:
    """What the gradebook and the file in source/ know of a notebook."""
    points = {cell.name: cell.max_score for cell in [*known.grade_cells, *known.task_cells]}
    grades, tasks = ({cell.name for cell in cells} for cells in (known.grade_cells, known.task_cells))
    solutions = {cell.name for cell in known.solution_cells}
    metadata = {
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
    texts = {cell.name: cell.source for cell in known.source_cells}
    kernel: Any = json.loads(known.kernelspec) if known.kernelspec else None
    return CourseNotebook(metadata, texts, _course_cells(file), kernel if kernel and kernel.get("name") else PYTHON)


def _set_kernel(nb: NotebookNode, kernel: Mapping[str, str]) -> list[str]:
    """Leave nothing in the notebook's metadata but the course's kernel."""
    claim = nb.metadata.get("kernelspec")
    language = claim.get("language") if isinstance(claim, dict) else None
    nb.metadata = NotebookNode(kernelspec=NotebookNode(kernel))  # type: ignore[no-untyped-call]
    own = kernel.get("language", "python")
    if not isinstance(language, str) or language == own:
        return []
    return [f"Kernel for {shown(language)} instead of {own}"]


def _course_cell(nb: NotebookNode, name: str, course: CourseNotebook) -> NotebookNode:
    about = course.metadata[name]
    cell = _new(nb, about["cell_type"], f"restored-{name}", course.texts[name])
    cell.metadata["nbgrader"] = NotebookNode(about)  # type: ignore[no-untyped-call]
    return cell


def _new(nb: NotebookNode, kind: str, own: str, text: str) -> NotebookNode:
    """A cell with an id that is not in use."""
    used = {cell.get("id") for cell in nb.cells}
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in own)[:50] or "restored"
    wanted = next(name for name in (plain, *(f"{plain}-{n}" for n in range(len(used) + 1))) if name not in used)
    make: Any = new_code_cell if kind == "code" else new_markdown_cell
    cell: NotebookNode = make(text, id=wanted)
    return cell


def _course_cells(file: Path | None) -> list[CourseCell]:
    try:
        return _read(file, file.stat().st_mtime_ns) if file else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


@functools.lru_cache(maxsize=32)
def _read(file: Path, stamp: int) -> list[CourseCell]:
    """The cells of a notebook in source/, without those that students do not get."""
    read = []
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        text, about = "".join(cell["source"]), cell["metadata"].get("nbgrader") or {}
        if about or not any(secret for secret, _ in marked_lines(text)):
            read.append(CourseCell(cell.get("id", ""), cell["cell_type"], text, about.get("grade_id", "")))
    return read
