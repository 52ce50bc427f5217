"""Add ngshare's service and role to the configuration of a hub.

    configure(c, courses, exchange="http://localhost:PORT/services/ngshare")
    over_ngshare(c, courses, "/srv/ngshare")

in a jupyterhub_config.py, after `gradekit.hub.config.configure`. The exchange is then an address of the hub.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from gradekit.hub.config import Course, settings_of

NAME = "ngshare"
PORT = 10101  # ngshare's default
ACCESS = f"access:services!service={NAME}"


def over_ngshare(
    c: Any, courses: Iterable[Course], folder: str, *, port: int = PORT, python: str = sys.executable
) -> None:
    """Add ngshare to a configured hub; `folder` is for its database and its files.

    The people of the courses, their servers and the course servers have access to it, and no one else.
    """
    taught = list(courses)
    settings = os.path.join(settings_of(python), "ngshare")
    c.JupyterHub.services.append(service(folder, port, python))
    for role in c.JupyterHub.load_roles:
        if role["name"] == "server":
            role["scopes"].append(ACCESS)
    c.JupyterHub.load_roles.append(role_of(taught))
    for course_server in c.JupyterHub.services:
        if course_server["name"] in {course.id for course in taught}:
            environment = course_server["environment"]
            environment["JUPYTER_CONFIG_PATH"] = in_front(settings, environment["JUPYTER_CONFIG_PATH"])
    c.Spawner.environment["JUPYTER_CONFIG_PATH"] = in_front(settings, c.Spawner.environment["JUPYTER_CONFIG_PATH"])


def service(folder: str, port: int = PORT, python: str = sys.executable) -> dict[str, Any]:
    """The service: ngshare on loopback, started by the hub."""
    return {
        "name": NAME,
        "url": f"http://127.0.0.1:{port}",
        "command": [python, "-m", "gradekit.hub.ngshare"],
        "environment": {"GRADEKIT_NGSHARE": folder},
        "display": False,
    }


def role_of(courses: Iterable[Course]) -> dict[str, Any]:
    """The role with access to the exchange.

    >>> role_of([Course("cnn", "/srv/cnn")])["groups"]
    ['formgrade-cnn', 'nbgrader-cnn']
    """
    taught = list(courses)
    return {
        "name": NAME,
        "scopes": [ACCESS],
        "groups": [group for course in taught for group in (course.teachers_group, course.students_group)],
        "services": [course.id for course in taught],
    }


def in_front(folder: str, path: str | Callable[[Any], str]) -> Any:
    """Prepend a folder to a path of folders, or to a function of the spawner that returns one."""
    if callable(path):
        return lambda spawner: folder + os.pathsep + path(spawner)
    return folder + os.pathsep + path
