"""Submissions carry the name that the hub knows: on many hubs the system calls its users otherwise, or all the same."""

import os

c = get_config()  # noqa: F821  nbgrader puts it here

c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]

# nbgrader lets every user who knows a submission's name read it.
c.ExchangeFactory.submit = "gradekit.hub.private_submit.OwnSubmit"
