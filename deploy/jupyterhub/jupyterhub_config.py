"""A JupyterHub on one machine, with one course. README.md says what has to be there; change what is in capitals.

More courses: more entries in COURSES, each with a folder, a grader and a port of its own, and
`systemctl enable --now jupyterhub-course@ID`.
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
        students=("ada", "ben", "chiara"),  # more, without a restart: `gradekit roster`
    ),
]

configure(
    c,
    COURSES,
    exchange="/srv/exchange",
    idle=3600,
    memory="2G",
    cpus=1.0,
    preload=["convkit.lesson.preload"],  # TensorFlow is loaded once for each server, and kernels are forked from there
    roster_port=9099,  # for `gradekit roster`
    secret=os.environ.get("CONFIGPROXY_AUTH_TOKEN"),  # course servers are units of their own: jupyterhub-course@
    operators=(),  # who may stop servers and remove people at /hub/admin, without being an admin
)

# ---- who a user is. PAM: system users with their passwords. Others: one line in the place of the next, such as
# load_subconfig("/srv/convkit/deploy/authenticators/github.py")    (there are GitHub, GitLab, LTI, native)
c.JupyterHub.authenticator_class = "pam"

# ---- each server in a unit of systemd's: that one keeps to the limits, and outlives a restart of the hub
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
c.SystemdSpawner.unit_extra_properties = UNIT_LIMITS  # README.md says how to change them
c.JupyterHub.cleanup_servers = False

# ---- a proxy with TLS, such as nginx or Caddy, stands before this address
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/jupyterhub_cookie_secret"  # drawn at the first start

# ---- the proxy is a unit of its own, jupyterhub-proxy.service: open pages go on while the hub is restarted
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.ConfigurableHTTPProxy.auth_token = os.environ.get("CONFIGPROXY_AUTH_TOKEN", "")  # in /etc/jupyterhub/proxy
