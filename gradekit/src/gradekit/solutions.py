"""Write answers into a released notebook, as a student would; read the correct ones from source/."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gradekit.notebook import mark, read, write

if TYPE_CHECKING:
    from nbformat import NotebookNode


def answer(nb: NotebookNode, answers: Mapping[str, str]) -> list[str]:
    """Put each answer where it belongs, in place; returns the ids that this notebook has.

    An id of a solution cell takes that cell's text; an id of a task takes the text of the Markdown cell after it.
    """
    written = []
    for at, cell in enumerate(nb.cells):
        about = mark(cell)
        grade_id = str(about.get("grade_id", ""))
        if grade_id not in answers:
            continue
        target = _after(nb, at) if about.get("task") else cell if about.get("solution") else None
        if target is not None:
            target.source = answers[grade_id]
            written.append(grade_id)
    return written


def _after(nb: NotebookNode, at: int) -> NotebookNode | None:
    """The cell after a task, where its answer goes."""
    follower = nb.cells[at + 1] if at + 1 < len(nb.cells) else None
    return follower if follower is not None and follower.cell_type == "markdown" else None


def answer_file(source: Path, target: Path, answers: Mapping[str, str]) -> list[str]:
    """`answer` for a file: reads a released notebook, writes the answered one, returns the ids that it has."""
    nb = read(source)
    written = answer(nb, answers)
    write(nb, target)
    return written


def right_answers(source: Path) -> dict[str, str]:
    """The instructor's solutions of a source folder by grade_id, without their delimiters."""
    cells = (cell for path in sorted(source.glob("*.ipynb")) for cell in read(path).cells)
    marked = ((mark(cell), cell.source) for cell in cells if cell.cell_type == "code")
    return {about["grade_id"]: _plain(text) for about, text in marked if about.get("solution")}


def _plain(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)
