"""Write answers into a released notebook, as its student would; read the right ones out of source/."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


def answer(nb: NotebookNode, answers: Mapping[str, str]) -> list[str]:
    """Put each answer where it belongs, and return the ids that this notebook has. It is changed in place.

    An id of a solution cell takes that cell's text; an id of a task takes the text of the markdown cell behind it.
    """
    written = []
    for at, cell in enumerate(nb.cells):
        mark = cell.metadata.get("nbgrader", {})
        grade_id = mark.get("grade_id")
        if grade_id not in answers:
            continue
        target = _behind(nb, at) if mark.get("task") else cell if mark.get("solution") else None
        if target is not None:
            target.source = answers[grade_id]
            written.append(grade_id)
    return written


def _behind(nb: NotebookNode, at: int) -> NotebookNode | None:
    """The cell behind a task, where its answer goes."""
    follower = nb.cells[at + 1] if at + 1 < len(nb.cells) else None
    return follower if follower is not None and follower.cell_type == "markdown" else None


def answer_file(source: Path, target: Path, answers: Mapping[str, str]) -> list[str]:
    """`answer` for a file: reads a released notebook, writes the answered one, returns the ids that it has."""
    import nbformat

    nb = nbformat.read(source, as_version=4)
    written = answer(nb, answers)
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, target)
    return written


def right_answers(source: Path) -> dict[str, str]:
    """The instructor's solution cells of a source folder by grade_id, without the lines that mark the solution."""
    import nbformat

    cells = (cell for path in sorted(source.glob("*.ipynb")) for cell in nbformat.read(path, as_version=4).cells)
    marked = ((cell.metadata.get("nbgrader", {}), cell.source) for cell in cells if cell.cell_type == "code")
    return {mark["grade_id"]: _plain(text) for mark, text in marked if mark.get("solution")}


def _plain(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)
