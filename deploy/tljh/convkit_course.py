"""The course on The Littlest JupyterHub: copy this to /opt/tljh/config/jupyterhub_config.d/, and see README.md.

Its people are the system users jupyter-NAME, and what they run is in an environment of its own.
"""

import os

from gradekit.hub.config import UNIT_LIMITS, Course, configure

c = get_config()  # noqa: F821  JupyterHub puts it here

COURSES = [
    Course(
        "convkit",  # the course id of its nbgrader_config.py
        "/srv/courses/convkit",
        grader="grader-convkit",
        instructors=("ida",),
        students=("ada", "ben", "chiara"),
    ),
]

# This takes the place of users.allowed, limits and services.cull of tljh-config.
configure(
    c,
    COURSES,
    exchange="/srv/exchange",
    idle=3600,
    memory="2G",
    cpus=1.0,
    preload=["convkit.lesson.preload"],
    system_name="jupyter-{username}",
    roster_port=9099,  # for `gradekit roster`
    python=os.path.join(os.environ.get("TLJH_INSTALL_PREFIX", "/opt/tljh"), "user", "bin", "python"),
)

# TLJH starts each server in a unit of systemd's, which keeps to the limits.
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.unit_extra_properties = UNIT_LIMITS  # deploy/jupyterhub/README.md says how to change them

# Without users.allowed, TLJH lets anyone in: the first to use a name sets its password.
c.FirstUseAuthenticator.allow_all = False
