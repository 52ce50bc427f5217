"""Configure a JupyterHub for courses: groups, roles with their scopes, services, environments.

In `jupyterhub_config.py`:

    from gradekit.hub.config import Course, configure

    c = get_config()
    conv2d = Course("convkit", "/srv/courses/convkit", grader="convkit-grader", instructors=("ida",))
    configure(c, [conv2d], exchange="/srv/exchange")

People, groups and roles are data, made by small functions: `groups`, `roles`, `course_server`, `idle_culler`. No scope
is wider than the work needs, no user becomes an admin, and no token is written down: the hub creates one for each
service that it starts.
"""

from __future__ import annotations

import hmac
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradekit.errors import CourseError
from gradekit.forkserver.preload import added
from gradekit.hub import standby

# A course id is the name of a service, a part of group names and of paths, and nbgrader parts names at "+".
COURSE_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
HOUR = 3600
PATIENCE = 120  # seconds for a server to answer, on a busy machine; JupyterHub waits for 30, and for a service for 10
OPERATORS = "operators"  # the group and the role of those who run the hub without being its admins
FIRST_PORT = 9100  # of a course server; a second course needs another one
# For `c.SystemdSpawner.unit_extra_properties`: the limits of a student's server, with those of `configure`.
UNIT_LIMITS = {
    "MemorySwapMax": "0",
    "TasksMax": "512",  # processes and threads
    # /tmp in the server's own memory: with `isolate_tmp` it is on the system's disk, which a student could fill.
    "TemporaryFileSystem": "/tmp:mode=1777,size=512M /var/tmp:mode=1777,size=512M",
    # No network but the addresses of this machine, where the hub is.
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
}
# JupyterHub sets SHELL to the login shell of a service's user; IPython's `!` would run a grader's nologin.
SHELL = ("/usr/bin/env", "SHELL=/bin/bash")


@dataclass(frozen=True)
class Course:
    """One course on the hub.

    `id` is nbgrader's course id, and the name of the service; `folder` has `nbgrader_config.py` and `source/`.
    `grader` is the system user that the course server runs as; only this user can read the folder and the gradebook.
    None is the hub's own user, for demonstrations only. `port` is the port of the course server on loopback, and
    `environment` is added to its environment. Raises CourseError for an id that a hub cannot use.
    """

    id: str
    folder: str
    grader: str | None = None
    instructors: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    port: int = FIRST_PORT
    environment: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not COURSE_ID.fullmatch(self.id):
            raise CourseError(
                f"{self.id!r} is not a course id for a hub: use lower-case letters, digits, '.', '_' and '-', "
                f"such as {re.sub(r'[^a-z0-9._-]+', '-', self.id.lower()).strip('-._') or 'conv2d'!r}."
            )

    @property
    def teachers_group(self) -> str:
        """The group that may open formgrader; nbgrader requires this name."""
        return f"formgrade-{self.id}"

    @property
    def students_group(self) -> str:
        """The group that may fetch and submit; nbgrader requires this name."""
        return f"nbgrader-{self.id}"


def configure(
    c: Any,
    courses: Iterable[Course],
    exchange: str,
    *,
    idle: int | None = HOUR,
    memory: str | None = "2G",
    cpus: float | None = 1.0,
    preload: Sequence[str] = (),
    system_name: str = "{username}",
    python: str = sys.executable,
    roster_port: int | None = None,
    operators: Sequence[str] = (),
    secret: str | None = None,
) -> None:
    """Put everything that the courses need into `c`, the configuration of a JupyterHub.

    `idle` is the time in seconds after which an idle server is stopped; None stops none. `memory` and `cpus` limit a
    person's server; the spawner has to enforce them, and JupyterHub's default spawner does not. `preload` names modules
    that a person's server loads when it starts, so that kernels start without importing them. `system_name` is the
    pattern of system user names; empty, all people are one system user, and submissions are collected regardless of
    their owner. `python` is the Python of the servers, where it is not the hub's. `roster_port` is a port on loopback
    for the service that `gradekit roster` needs. `operators` see the people of the courses on the hub's page for
    admins, stop their servers and remove them, and are not admins. With a `secret`, the course servers are units of
    their own (`gradekit.hub.course_unit`), which the hub does not start; their tokens are derived from it. Raises
    CourseError where two courses have an id, a folder or a port in common, or `python` has no gradekit.
    """
    taught = list(courses)
    _differ(taught)
    settings = settings_of(python)
    c.JupyterHub.load_groups = {name: group for course in taught for name, group in groups(course).items()}
    c.JupyterHub.load_roles = [server_role(), *(role for course in taught for role in roles(course))]
    servers = [course_server(course, exchange, settings, python, system_name) for course in taught]
    c.JupyterHub.services = [_apart(one, secret) if secret else _patient(one, python) for one in servers]
    if idle:
        service, role = idle_culler(idle)
        c.JupyterHub.services.append(service)
        c.JupyterHub.load_roles.append(role)
    if roster_port:
        _add_roster(c, taught, roster_port)
    if operators:
        c.JupyterHub.load_groups[OPERATORS] = {"users": list(operators)}
        c.JupyterHub.load_roles.append(operator_role(taught))
    people = {name for course in taught for name in (*course.instructors, *course.students)}
    c.Authenticator.allowed_users = {*people, *operators}
    teachers = [course.teachers_group for course in taught]
    c.Spawner.environment = person_environment(teachers, exchange, settings, preload, python)
    c.Spawner.cmd = [str(Path(python).with_name("jupyterhub-singleuser"))]
    c.Spawner.default_url = "/lab"
    c.Spawner.http_timeout = PATIENCE
    c.Spawner.mem_limit = memory
    c.Spawner.cpu_limit = cpus


def _add_roster(c: Any, courses: list[Course], port: int) -> None:
    """Add the service that changes who is in a course, and its address to the course servers."""
    from gradekit.hub import roster_service

    # The hub starts services one after the other: it is there when the course servers are.
    c.JupyterHub.services.insert(0, roster_service.service(port))
    c.JupyterHub.load_roles += roster_service.roles(courses)
    for service in c.JupyterHub.services:
        if service["name"] in {course.id for course in courses}:
            service["environment"]["GRADEKIT_ROSTER"] = f"http://127.0.0.1:{port}/services/roster/{service['name']}"


def operator_role(courses: Iterable[Course]) -> dict[str, Any]:
    """The role of operators: list the people of the courses, stop their servers, and remove them.

    >>> operator_role([Course("cnn", "/srv/cnn")])["scopes"][:3]
    ['admin-ui', 'list:users!group=formgrade-cnn', 'read:users!group=formgrade-cnn']
    """
    may = ("list:users", "read:users", "read:servers", "delete:servers", "delete:users")
    groups = [group for course in courses for group in (course.teachers_group, course.students_group)]
    scopes = ["admin-ui", *(f"{one}!group={group}" for group in groups for one in may)]
    return {"name": OPERATORS, "scopes": scopes, "groups": [OPERATORS]}


def _differ(courses: list[Course]) -> None:
    """Raise CourseError where two courses have an id, a folder or a port in common."""
    for field in ("id", "folder", "port"):
        seen: dict[Any, Course] = {}
        for course in courses:
            value = getattr(course, field)
            if value in seen:
                raise CourseError(
                    f"the courses {seen[value].id} ({seen[value].folder}) and {course.id} ({course.folder}) have the "
                    f"same {field}, {value!r}. Give each its own: Course(..., {field}=...)."
                )
            seen[value] = course


def groups(course: Course) -> dict[str, dict[str, list[str]]]:
    """The two groups of a course. The hub adds these people, and keeps earlier members.

    >>> groups(Course("cnn", "/srv/cnn", instructors=("ida",), students=("ada", "ben")))
    {'formgrade-cnn': {'users': ['ida']}, 'nbgrader-cnn': {'users': ['ada', 'ben']}}
    """
    return {
        course.teachers_group: {"users": list(course.instructors)},
        course.students_group: {"users": list(course.students)},
    }


def server_role() -> dict[str, Any]:
    """The role of people's own servers: they may read their owner's groups and the list of courses.

    A server never has more rights than its owner: a student's server still cannot list the services.
    """
    return {
        "name": "server",
        "scopes": [
            "users:activity!user",
            "access:servers!server",
            "read:users:groups!user",
            "list:services",
            "read:services",
        ],
    }


def roles(course: Course) -> list[dict[str, Any]]:
    """The roles of a course: instructors open the course server, which reads and changes the list of students."""
    return [
        {
            "name": f"formgrade-{course.id}",
            "scopes": [f"access:services!service={course.id}", "list:services", f"read:services!service={course.id}"],
            "groups": [course.teachers_group],
        },
        {
            "name": f"course-server-{course.id}",
            "scopes": [f"groups!group={course.students_group}"],
            "services": [course.id],
        },
    ]


def course_server(
    course: Course,
    exchange: str,
    settings: str,
    python: str = sys.executable,
    system_name: str = "{username}",
) -> dict[str, Any]:
    """The service in which a course is graded: JupyterLab with formgrader, on the course's folder.

    nbgrader contacts the hub only where JUPYTERHUB_USER is set; no user can log in under this name.
    """
    environment = {
        "JUPYTERHUB_USER": course.id,
        "PATH": _programs(python),
        "JUPYTER_CONFIG_PATH": _path(settings, "course", "everyone"),
        "GRADEKIT_COURSE": course.id,
        "GRADEKIT_EXCHANGE": exchange,
        "GRADEKIT_SYSTEM_NAME": system_name,
        **(course.environment or {}),
    }
    service: dict[str, Any] = {
        "name": course.id,
        "url": f"http://127.0.0.1:{course.port}",
        "command": [*SHELL, *single_user(python, course.folder)],
        "cwd": course.folder,
        "environment": environment,
        "oauth_no_confirm": True,  # it is part of this hub, so users need not confirm that they trust it
    }
    if course.grader:
        service["user"] = course.grader
    return service


def single_user(python: str, folder: str) -> list[str]:
    """The command of a course server in a folder."""
    return [str(Path(python).with_name("jupyterhub-singleuser")), f"--ServerApp.root_dir={folder}"]


def idle_culler(seconds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The service that stops idle servers, and its role: it can read when a server was used, and stop it."""
    service = {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={seconds}"],
        "display": False,
    }
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    return service, {"name": "idle-culler", "scopes": scopes, "services": ["idle-culler"]}


def person_environment(
    teachers_groups: list[str], exchange: str, settings: str, preload: Sequence[str], python: str = sys.executable
) -> dict[str, Any]:
    """The environment of a person's own server. The person's groups decide which tools Lab shows."""

    def config_path(spawner: Any) -> str:
        teaches = any(group.name in teachers_groups for group in spawner.user.groups)
        parts = ["warm"] if preload else []
        return _path(settings, *parts, "teacher" if teaches else "student", "person", "everyone")

    return {
        "JUPYTER_CONFIG_PATH": config_path,
        "GRADEKIT_EXCHANGE": exchange,
        "PATH": _programs(python),
        **added({}, tuple(preload)),
    }


def settings_of(python: str = sys.executable) -> str:
    """The folder `settings` of the gradekit that is installed in a Python; servers have to be able to read it."""
    if python == sys.executable:
        return str(Path(__file__).with_name("settings"))
    ask = "from gradekit.hub.config import settings_of; print(settings_of())"
    try:
        done = subprocess.run([python, "-c", ask], cwd="/", check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        raise CourseError(
            f"{python} has no gradekit. Install it there: {python} -m pip install 'gradekit[hub]'"
        ) from None
    return done.stdout.strip()


def _apart(service: dict[str, Any], secret: str) -> dict[str, Any]:
    """A service that the hub does not start, with a token of its own."""
    token = hmac.new(secret.encode(), service["name"].encode(), "sha256").hexdigest()
    return {**{key: value for key, value in service.items() if key != "command"}, "api_token": token}


def _patient(service: dict[str, Any], python: str) -> dict[str, Any]:
    """Give a service PATIENCE to start: JupyterHub 5 has no setting for that, and `standby` answers meanwhile."""
    import jupyterhub

    if jupyterhub.version_info >= (6,):
        return {**service, "timeout": PATIENCE}
    return {**service, "command": [*SHELL, python, "-m", standby.MODULE, service["command"][-1]]}


def _programs(python: str) -> str:
    """PATH with that Python's programs in front: nbgrader starts some of them by name."""
    return os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])


def _path(settings: str, *parts: str) -> str:
    return os.pathsep.join(os.path.join(settings, part) for part in parts)
