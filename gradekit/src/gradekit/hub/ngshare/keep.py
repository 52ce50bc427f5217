"""Release an assignment again without losing its submissions.

ngshare deletes all submissions with their assignment. Formgrader's "unrelease" and nbgrader's
`release_assignment --force` both delete the assignment first. Here an assignment with submissions loses its files only.
"""

from __future__ import annotations

from typing import Any


class Released:
    """/assignment/COURSE/ASSIGNMENT, in front of ngshare's own class, as `server.application` puts it."""

    def delete(self: Any, course_id: str, assignment_id: str) -> None:
        """Unrelease an assignment: students no longer see it, and its submissions stay."""
        assignment = self._found(course_id, assignment_id)
        if assignment is None or not assignment.submissions:
            super().delete(course_id, assignment_id)  # type: ignore[misc]
        for file in list(assignment.files):  # ngshare's handler above ends with an exception
            assignment.files.remove(file)
            file.delete(self.db)
        self.db.commit()
        self.json_success()

    def post(self: Any, course_id: str, assignment_id: str) -> None:
        """Release an assignment, also one that was unreleased."""
        assignment = self._found(course_id, assignment_id)
        if assignment is None or assignment.files:
            super().post(course_id, assignment_id)  # type: ignore[misc]
        self.json_files_unpack(self.get_argument("files", None), assignment.files)
        self.db.commit()
        self.json_success()

    def get(self: Any, course_id: str, assignment_id: str) -> None:
        """The files that a student downloads; 404 for an assignment that was unreleased."""
        assignment = self._found(course_id, assignment_id, teaches=False)
        if assignment is not None and not assignment.files:
            self.json_error(404, "Assignment not found")
        super().get(course_id, assignment_id)  # type: ignore[misc]

    def _found(self: Any, course_id: str, assignment_id: str, teaches: bool = True) -> Any:
        course = self.find_course(course_id)
        (self.check_course_instructor if teaches else self.check_course_user)(course)
        return next((one for one in course.assignments if one.id == assignment_id), None)


class Listed:
    """/assignments/COURSE"""

    def get(self: Any, course_id: str) -> None:
        """The assignments that are released now."""
        course = self.find_course(course_id)
        self.check_course_user(course)
        self.json_success(assignments=[one.id for one in course.assignments if one.files])
