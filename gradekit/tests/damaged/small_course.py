"""A course of two light notebooks with every kind of cell: checks by assert, a task, an answer in words."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradekit.release import release
from gradekit.solutions import answer_file, right_answers

FIRST, SECOND = "1-counts", "2-more"
POINTS = {FIRST: 3.0, SECOND: 2.0}
WORDS = "It has four sides."
CONFIG = """import gradekit.adopt
c = get_config()
gradekit.adopt.course(c)
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "Write your answer here."
"""


def metadata(grade_id: str, points: int | None = None, **flags: bool) -> dict:
    about = {"grade_id": grade_id, "grade": False, "solution": False, "locked": False, "task": False, **flags}
    return {"nbgrader": {**about, "schema_version": 3, **({} if points is None else {"points": points})}}


def solution(grade_id: str, head: str, body: str):
    text = f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return new_code_cell(text, id=grade_id, metadata=metadata(grade_id, solution=True))


def check(grade_id: str, points: int, visible: str, hidden: str = ""):
    region = f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS" if hidden else ""
    return new_code_cell(visible + region, id=grade_id, metadata=metadata(grade_id, points, grade=True, locked=True))


def task(grade_id: str, points: int):
    text = "Why 10?\n\n=== BEGIN MARK SCHEME ===\nOne point for the four sides.\n=== END MARK SCHEME ==="
    return new_markdown_cell(text, id=grade_id, metadata=metadata(grade_id, points, task=True, locked=True))


def answer(grade_id: str, points: int):
    about = metadata(grade_id, points, grade=True, solution=True)
    return new_markdown_cell("Write your answer here.", id=grade_id, metadata=about)


def first() -> list:
    return [
        new_markdown_cell("# Counting", id="title"),
        new_code_cell("import math", id="load"),
        solution("perimeter", "def perimeter(a, b):", "return 2 * (a + b)"),
        check("perimeter-small", 1, "assert math.isclose(perimeter(2, 3), 10), 'four sides?'"),
        new_code_cell("sizes = [3, 5]", id="sizes"),
        solution("area", "def area(n):", "return n * n"),
        check("area-small", 1, "assert area(sizes[0]) == 9, 'a square?'"),
        check("area-fresh", 1, "assert area(sizes[1]) == 25, 'a square?'", "assert area(7) == 49, 'fresh'"),
        task("why", 2),
        new_markdown_cell("Write your answer here.", id="why-answer"),
        answer("in-words", 2),
        new_code_cell("print('done')", id="end"),
    ]


def second() -> list:
    return [
        new_markdown_cell("# More", id="title"),
        solution("double", "def double(n):", "return 2 * n"),
        check("double-small", 2, "assert double(4) == 8, 'twice?'", "assert double(-3) == -6, 'fresh'"),
    ]


def write(path: Path, cells: list) -> None:
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), path)


def make(root: Path) -> Path:
    """A released course in a folder."""
    write(root / "source/counts" / f"{FIRST}.ipynb", first())
    write(root / "source/counts" / f"{SECOND}.ipynb", second())
    (root / "source/counts/images").mkdir()
    (root / "source/counts/images/one.png").write_bytes(b"\x89PNG, or nearly")
    (root / "nbgrader_config.py").write_text(CONFIG)
    release(root)
    return root


def hand_in(root: Path, student: str) -> Path:
    """A student's two notebooks with correct answers."""
    answers = {**right_answers(root / "source/counts"), "why": WORDS, "in-words": WORDS}
    for released in (root / "release/counts").glob("*.ipynb"):
        answer_file(released, root / "submitted" / student / "counts" / released.name, answers)
    return root / "submitted" / student / "counts"
