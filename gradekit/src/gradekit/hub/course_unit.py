"""Run a course server in a unit of systemd's own: a running grading goes on while the hub is restarted.

    python -m gradekit.hub.course_unit COURSE /etc/jupyterhub/jupyterhub_config.py

Started by root, it reads the hub's configuration, and becomes the grader before any code of the course runs. For
`configure(..., secret=...)`, with which the hub does not start the course servers itself.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from typing import Any

from gradekit.errors import CourseError
from gradekit.hub import servers_python, shared_python
from gradekit.hub.config import SHELL, single_user
from gradekit.hub.state import HubState, look


def environment(seen: HubState, service: dict[str, Any]) -> dict[str, str]:
    """What JupyterHub puts into the environment of a service that it starts itself."""
    name, hub = service["name"], seen.hub()
    scopes = json.dumps([f"access:services!service={name}"])
    return {
        **seen.environment(service),
        "JUPYTERHUB_API_TOKEN": service["api_token"],
        "JUPYTERHUB_API_URL": hub.api_url,
        "JUPYTERHUB_BASE_URL": seen.app.base_url,
        "JUPYTERHUB_CLIENT_ID": f"service-{name}",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": scopes,
        "JUPYTERHUB_OAUTH_SCOPES": scopes,
        "JUPYTERHUB_SERVICE_NAME": name,
        "JUPYTERHUB_SERVICE_PREFIX": f"{seen.app.base_url}services/{name}/",
        "JUPYTERHUB_SERVICE_URL": service["url"],
    }


def main(name: str, config: str) -> None:
    """Become the grader, and the course server."""
    seen = look(config)
    service = seen.services.get(name, {})
    if not service.get("api_token"):
        raise CourseError(f"{config} has no course {name} that runs in a unit of its own: configure(..., secret=...)")
    given, command = environment(seen, service), single_user(servers_python.of(seen), service["cwd"])
    if user := service.get("user"):
        shared_python.become(user)
        given |= {"HOME": pwd.getpwnam(user).pw_dir, "USER": user}
    os.chdir(service["cwd"])
    os.execve(SHELL[0], [*SHELL, *command], given)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except CourseError as error:
        sys.exit(f"gradekit: {error}")
