"""nbgrader's authentication plugin for the course server: its course, and the students in it.

nbgrader requests from the hub the courses of the user who runs it. The course server is not a user of the hub, so
its course is in its environment.
"""

from __future__ import annotations

import os

from nbgrader.auth import JupyterHubAuthPlugin


class CourseServer(JupyterHubAuthPlugin):  # type: ignore[misc]
    """Keep the hub's group of students in step with formgrader's list of students."""

    def get_student_courses(self, student_id: str) -> list[str] | None:
        """The one course of this server, for every user."""
        return [os.environ["GRADEKIT_COURSE"]]
