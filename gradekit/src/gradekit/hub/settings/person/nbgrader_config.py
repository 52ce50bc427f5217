"""Submissions carry the name that the hub knows: on many hubs the system calls its users otherwise, or all the same."""

import os

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]

# nbgrader leaves what is handed in open to everybody who knows its name.
c.ExchangeFactory.submit = "gradekit.hub.handin.OwnSubmit"
