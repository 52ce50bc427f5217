"""The lesson's own notebooks, damaged: what the course's cells set up comes back, and no point is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gradekit.grading.grade import grade
from gradekit.release import release
from gradekit.report import report
from gradekit.solutions import answer_file, right_answers


def without_what_others_need(nb) -> None:
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] not in ("load", "arrays")]


def upside_down(nb) -> None:
    marked = [cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    nb["cells"] = [*marked, *(cell for cell in nb["cells"] if cell not in marked)]
    for cell in nb["cells"]:
        del cell["id"]


@pytest.mark.days  # 15 s; gradekit has the same kinds of damage on a small course
def test_the_lesson_itself_is_graded_from_damaged_work(tmp_path):
    here, name = Path(__file__).parents[1], "6-conv2d"
    shutil.copytree(here / "source", tmp_path / "source")
    shutil.copy(here / "nbgrader_config.py", tmp_path)
    release(tmp_path, "conv2d")
    right = right_answers(tmp_path / "source/conv2d")
    for student in ("sound", "lacking", "mixed"):
        path = tmp_path / "submitted" / student / "conv2d" / f"{name}.ipynb"
        answer_file(tmp_path / "release/conv2d" / path.name, path, right)
        nb = json.loads(path.read_text())
        {"lacking": without_what_others_need, "mixed": upside_down}.get(student, lambda nb: None)(nb)
        path.write_bytes(json.dumps(nb).encode("utf-16" if student == "mixed" else "utf-8"))
    outcome = grade(tmp_path, "conv2d")
    assert outcome.graded == ["lacking", "mixed", "sound"]
    scores = {row.student: row.scores[name] for row in report(tmp_path, "conv2d")}
    assert scores["sound"] > 7
    assert set(scores.values()) == {scores["sound"]}, outcome.troubles
    told = [trouble.what for trouble in outcome.troubles if trouble.student == "lacking"]
    assert [line for line in told if "which others need" in line] == [
        f"the cell {own}, which others need, was missing or not code: it was restored." for own in ("load", "arrays")
    ]
