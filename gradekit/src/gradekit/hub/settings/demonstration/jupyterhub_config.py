"""The hub of `gradekit hub`. Its values are in a file that only its user can read."""

import json
import os
from pathlib import Path

from gradekit.hub.config import Course, configure

c = get_config()  # noqa: F821  JupyterHub puts it here

values = json.loads(Path(os.environ["GRADEKIT_HUB_SETTINGS"]).read_text())

configure(c, [Course(**values["course"])], values["exchange"], **values["options"])

c.JupyterHub.bind_url = values["url"]
c.JupyterHub.hub_bind_url = values["hub_url"]
c.JupyterHub.pid_file = "jupyterhub.pid"
c.ConfigurableHTTPProxy.api_url = values["proxy_url"]
c.ConfigurableHTTPProxy.command = [values["proxy"]]
c.JupyterHub.authenticator_class = "gradekit.hub.demo_users.RandomPasswords"
c.RandomPasswords.people = values["passwords"]
if values["prefix"]:
    c.JupyterHub.spawner_class = "gradekit.hub.demo_users.PrefixedSpawner"
    c.PrefixedSpawner.prefix = values["prefix"]
else:
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = values["homes"] + "/{username}"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # a small machine may be busy
c.JupyterHub.template_vars = {"announcement": values["announcement"]}
