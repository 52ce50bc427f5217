"""Release an assignment again without losing its submissions.

ngshare deletes every submission with the lesson, and both formgrader's button to take a lesson back and nbgrader's
`release_assignment --force` delete it first. Here a lesson that was handed in keeps its submissions: its files go.
"""

from __future__ import annotations

from typing import Any


class Handler:
    """What these two take from ngshare's own handlers, which `server.application` puts behind them."""

    db: Any
    json_error: Any
    json_success: Any
    json_files_unpack: Any
    find_course: Any
    get_argument: Any
    check_course_user: Any
    check_course_instructor: Any


class Released(Handler):
    """/assignment/COURSE/ASSIGNMENT"""

    def delete(self, course_id: str, assignment_id: str) -> None:
        """Take a lesson back: students no longer see it, and submissions stay."""
        assignment = self._found(course_id, assignment_id)
        if assignment is None or not assignment.submissions:
            super().delete(course_id, assignment_id)  # type: ignore[misc]
        for file in list(assignment.files):  # ngshare's own answer above is an exception: it ends there
            assignment.files.remove(file)
            file.delete(self.db)
        self.db.commit()
        self.json_success()

    def post(self, course_id: str, assignment_id: str) -> None:
        """Release a lesson, or release again one that was taken back."""
        assignment = self._found(course_id, assignment_id)
        if assignment is None or assignment.files:
            super().post(course_id, assignment_id)  # type: ignore[misc]
        self.json_files_unpack(self.get_argument("files", None), assignment.files)
        self.db.commit()
        self.json_success()

    def get(self, course_id: str, assignment_id: str) -> None:
        """What a student downloads. A lesson that was taken back is not found."""
        assignment = self._found(course_id, assignment_id, teaches=False)
        if assignment is not None and not assignment.files:
            self.json_error(404, "Assignment not found")
        super().get(course_id, assignment_id)  # type: ignore[misc]

    def _found(self, course_id: str, assignment_id: str, teaches: bool = True) -> Any:
        course = self.find_course(course_id)
        (self.check_course_instructor if teaches else self.check_course_user)(course)
        return next((one for one in course.assignments if one.id == assignment_id), None)


class Listed(Handler):
    """/assignments/COURSE"""

    def get(self, course_id: str) -> None:
        """The lessons that are released now."""
        course = self.find_course(course_id)
        self.check_course_user(course)
        self.json_success(assignments=[one.id for one in course.assignments if one.files])
