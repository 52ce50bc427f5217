"""The hub of `gradekit hub`. What it needs to know stands in a file that is its own user's alone."""

import json
import os
from pathlib import Path

from gradekit.hub.config import Course, configure

c = get_config()  # noqa: F821  JupyterHub puts it here

told = json.loads(Path(os.environ["GRADEKIT_HUB_TOLD"]).read_text())

configure(c, [Course(**told["course"])], told["exchange"], **told["options"])

c.JupyterHub.bind_url = told["url"]
c.JupyterHub.hub_bind_url = told["hub_url"]
c.JupyterHub.pid_file = "jupyterhub.pid"
c.ConfigurableHTTPProxy.api_url = told["proxy_url"]
c.ConfigurableHTTPProxy.command = [told["proxy"]]
c.JupyterHub.authenticator_class = "gradekit.hub.demonstration.DrawnPasswords"
c.DrawnPasswords.people = told["passwords"]
c.JupyterHub.api_tokens = told["tokens"]
if told["prefix"]:
    c.JupyterHub.spawner_class = "gradekit.hub.demonstration.PrefixedSpawner"
    c.PrefixedSpawner.prefix = told["prefix"]
else:
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = told["homes"] + "/{username}"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # a small machine may be busy
c.JupyterHub.template_vars = {"announcement": told["announcement"]}
