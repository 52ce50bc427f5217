"""nbgrader's authentication plugin for the course server: its course, and the students in it.

nbgrader asks the hub for the courses of the user who runs it. The course server is not a user of the hub, so it
knows its course from its environment.
"""

from __future__ import annotations

import os

from nbgrader.auth import JupyterHubAuthPlugin


class CourseServer(JupyterHubAuthPlugin):  # type: ignore[misc]
    """Adds students to the hub's group of the class and removes them, as formgrader's list of students says."""

    def get_student_courses(self, student_id: str) -> list[str] | None:
        """The one course of this server, for every user."""
        return [os.environ["GRADEKIT_COURSE"]]
