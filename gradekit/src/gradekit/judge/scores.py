"""nbgrader's step that saves scores, with a third result besides passed and failed: manual grading."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import SaveAutoGrades as Usual

from gradekit.judge.outputs import new_output

WAITS = "gradekit_waits"  # in the metadata of an output of a cell that is graded manually


def waiting(text: str, why: str) -> NotebookNode:
    """An output that shows a text, and leaves its cell to manual grading for a reason."""
    output: NotebookNode = new_output("display_data", data={"text/plain": text}, metadata={WAITS: why})
    return output


class SaveAutoGrades(Usual):  # type: ignore[misc]
    """Save no score for a cell that waits for manual grading; formgrader lists it."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        if any(output.get("metadata", {}).get(WAITS) for output in cell.get("outputs", ())):
            grade_id = cell.metadata["nbgrader"]["grade_id"]
            grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()
