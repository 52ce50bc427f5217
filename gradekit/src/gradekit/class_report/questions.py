"""The questions of an assignment: graded cells of its source notebooks, those of one exercise together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from gradekit.course import CourseFolder
from gradekit.exercise.model import Exercise
from gradekit.exercise.registry import load
from gradekit.graded_notebook import GradedNotebook, read_graded
from gradekit.judge.causes import defined
from gradekit.judge.parse_checks import NoChecks, checks
from gradekit.notebook import mark, read


@dataclass
class Asked:
    """A question with its cells, solution and starting code."""

    id: str
    notebook: str
    exercise: Exercise | None
    by_person: bool
    title: str = ""
    points: float = 0.0
    cells: list[str] = field(default_factory=list)  # grade_ids
    answered_in: str = ""  # grade_id of the solution cell that its checks use
    solution: str = ""  # of the instructor
    released: str = ""  # what students find there


def asked(here: CourseFolder) -> list[Asked]:
    """The questions in the order of the notebooks. Registers the course's exercises."""
    for spec in here.config().Judge.get("exercises", []):
        load(spec, str(here.root))
    found: dict[str, Asked] = {}
    for path in sorted(here.source.glob("*.ipynb")):
        solutions: dict[str, str] = {}
        for cell in read(path).cells:
            about = mark(cell)
            if about.get("solution") and cell.cell_type == "code":
                solutions[about["grade_id"]] = cell.source
            if about.get("grade") or about.get("task"):
                _add(found, path.stem, cell, solutions)
        released = read_graded(here.release / path.name) or GradedNotebook()
        for one in found.values():
            if one.notebook == path.stem:
                one.released = released.answers.get(one.answered_in, "")
    return list(found.values())


def _add(found: dict[str, Asked], notebook: str, cell: Any, solutions: dict[str, str]) -> None:
    about = mark(cell)
    exercise = None
    by_person = bool(about.get("task") or about.get("solution"))
    if not by_person:
        try:
            exercise = checks(cell.source)[0].exercise
        except NoChecks:
            exercise = None
    key = exercise.id if exercise else about["grade_id"]
    one = found.setdefault(key, Asked(key, notebook, exercise, by_person))
    one.points += float(about.get("points") or 0)
    one.cells.append(about["grade_id"])
    if not one.answered_in and not by_person:
        used = set(re.findall(r"\w+", cell.source))
        one.answered_in = next((name for name in reversed(solutions) if used & set(defined(solutions[name]))), "")
        one.solution = solutions.get(one.answered_in, "")
