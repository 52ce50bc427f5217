"""Doctor's checks of a hub's configuration: each function yields what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gradekit.hub.config import Course, idle_culler, roles, server_role
from gradekit.hub.state import HubState

# Scopes to open a course server or another's server, or to change people; "!user" limits them to oneself.
POWERS = re.compile(
    "admin|(users|servers|groups|tokens|read:tokens|delete:.*|access:(services|servers)|proxy|shutdown)(!|$)"
)
INSTEAD = {
    "access:services": "access:services!service={course}",
    "access:servers": "nothing: an instructor needs no other server",
    "groups": "groups!group=nbgrader-{course}",
}
DEMONSTRATION = ("Dummy", "SharedPassword")
ENFORCES_LIMITS = ("Systemd", "UserCreating", "Kube", "Docker", "Swarm", "Cgroup")
SMALLEST = 512 * 2**20  # bytes: JupyterLab and a kernel with TensorFlow do not fit into less
SHORTEST = 300  # seconds: an open page sends a request at least that often
KEPT_SECRETS = re.compile("TOKEN|SECRET|PASSWORD")
LOCAL = ("Local", "Simple", "Systemd", "UserCreating")  # spawners
SECRETS = "api_token|client_secret|auth_token|cookie_secret|password"
LITERAL_TOKEN = re.compile(rf"""({SECRETS})['"]?\]?\s*[:=]\s*['"][^'"]+""")


@dataclass(frozen=True)
class Problem:
    """A problem in one sentence, and the line that fixes it."""

    wrong: str
    line: str
    serious: bool = True


def course_servers(seen: HubState) -> Iterator[Problem]:
    """Each course has a server that can reach the hub."""
    if not seen.courses:
        yield Problem(
            "No service is a course's server, so no one can grade.",
            'configure(c, [Course("conv2d", "/srv/courses/conv2d", grader="grader-conv2d")], exchange=...)',
        )
    for name, service in seen.courses.items():
        variables = seen.environment(service)
        if not service.get("user") and not variables.get("JUPYTERHUB_USER"):
            yield Problem(
                f"The server of {name} has no JUPYTERHUB_USER: formgrader answers 500.",
                f'environment={{"JUPYTERHUB_USER": "{name}"}} in its service',
            )
        if not service.get("url"):
            yield Problem(
                f"The server of {name} has no url, so users cannot reach it.", 'url="http://127.0.0.1:9100" in it'
            )
        for other, field, value in _shared(name, service, seen):
            yield Problem(f"{name} and {other} have the same {field}, {value}.", f'another {field} in Course("{name}")')
        if variables.get("GRADEKIT_EXCHANGE") != seen.exchange:
            yield Problem(
                f"The server of {name} has the exchange {variables.get('GRADEKIT_EXCHANGE')}, students' servers have "
                f"{seen.exchange}: nothing arrives.",
                f'environment={{"GRADEKIT_EXCHANGE": "{seen.exchange}"}} in its service',
            )
    for name, service in seen.services.items():
        for part, port in _hubs_ports(seen).items():
            if port and port == _port(service):
                where = f'Course("{name}")' if name in seen.courses else f"the service {name}"
                yield Problem(f"{name} and {part} have the same port, {port}.", f"another port in {where}")


def _shared(name: str, service: dict[str, Any], seen: HubState) -> Iterator[tuple[str, str, str]]:
    """Yield (other service or part of the hub, shared field, value), once for each pair."""
    for other, known in seen.services.items():
        if other < name if other in seen.courses else other != name:
            if _port(service) and _port(service) == _port(known):
                yield other, "port", str(_port(service))
            if other in seen.courses and service.get("user") and service.get("user") == known.get("user"):
                yield other, "grader", str(service["user"])
            if other in seen.courses and (within := _common_folder(service, known)):
                yield other, "folder", within


def _port(service: dict[str, Any]) -> int | None:
    return urlsplit(service.get("url") or "").port


def _hubs_ports(seen: HubState) -> dict[str, int | None]:
    proxys = seen.app.config.ConfigurableHTTPProxy.get("api_url") or "http://127.0.0.1:8001"
    return {
        "the hub": urlsplit(seen.app.bind_url).port,
        "the hub itself": seen.app.hub_port,
        "the proxy's API": urlsplit(proxys).port,
    }


def _common_folder(one: dict[str, Any], other: dict[str, Any]) -> str:
    """The folder of a course that is the other's, or contains it; empty where they are apart."""
    folders = [os.path.realpath(service["cwd"]) for service in (one, other) if service.get("cwd")]
    return folders[0] if len(folders) == 2 and os.path.commonpath(folders) in folders else ""


def names(seen: HubState) -> Iterator[Problem]:
    """Names match: nbgrader finds a course by the service COURSE and the groups formgrade- and nbgrader-COURSE."""
    for name, service in seen.courses.items():
        course = seen.environment(service).get("GRADEKIT_COURSE")
        if course != name:
            yield Problem(
                f"The service {name} has the course id {course}: instructors do not find the course.",
                f'environment={{"GRADEKIT_COURSE": "{name}"}} in its service',
            )
    for group in sorted(seen.groups):
        kind, _, course = group.partition("-")
        if kind in ("formgrade", "nbgrader") and course not in seen.services:
            yield Problem(f"The group {group} belongs to no course here.", _rename(group, course, seen), serious=False)


def _rename(group: str, course: str, seen: HubState) -> str:
    import difflib

    close = difflib.get_close_matches(course, seen.courses, n=1, cutoff=0.5)
    return f"call it {group.partition('-')[0]}-{close[0]}" if close else f'add Course("{course}", ...) or remove it'


def groups(seen: HubState) -> Iterator[Problem]:
    """Each course has instructors and students."""
    if getattr(seen.authenticator, "manage_groups", False):
        return  # the authenticator sets them when people log in
    for name in seen.courses:
        for group, field, what in (
            (f"formgrade-{name}", "instructors", "no one can open formgrader"),
            (f"nbgrader-{name}", "students", "no one can fetch the assignment"),
        ):
            if not seen.groups.get(group):
                missing = "is empty" if group in seen.groups else "does not exist"
                serious = field == "instructors"  # a class may come later
                yield Problem(
                    f"The group {group} {missing}: {what}.", f'{field}=("NAME",) in Course("{name}")', serious
                )


def scopes(seen: HubState) -> Iterator[Problem]:
    """Every role has the scopes that the work needs, and no more."""
    yield from _missing("the role of servers", set(seen.roles.get("server", {}).get("scopes", ())), server_role())
    for name in seen.courses:
        teachers, server = roles(Course(name, "."))
        group, students = f"formgrade-{name}", f"nbgrader-{name}"
        yield from _missing(f"the group {group}", seen.scopes("groups", group), teachers)
        yield from _too_many(f"the group {group}", name, seen, seen.held("groups", group), teachers)
        yield from _missing(f"the server of {name}", seen.scopes("services", name), server)
        yield from _too_many(f"the server of {name}", name, seen, seen.held("services", name), server)
        yield from _too_many(f"the group {students}", name, seen, seen.held("groups", students))
        for student in sorted(seen.groups.get(students, ())):
            yield from _too_many(f"{student}, a student,", name, seen, seen.held("users", student))
    every = {"user": set(seen.roles.get("user", {}).get("scopes", ()))}
    yield from _too_many("every user", "COURSE", seen, every)


def _missing(who: str, held: set[str], role: dict[str, Any]) -> Iterator[Problem]:
    wider = {scope.partition("!")[0] for scope in held if "!" not in scope}
    lacking = [scope for scope in role["scopes"] if scope not in held and scope.partition("!")[0] not in wider]
    if lacking:
        quoted = ", ".join(f'"{scope}"' for scope in lacking)
        yield Problem(
            f"Missing scopes of {who}: {', '.join(lacking)}.", f'"scopes": [..., {quoted}] in the role "{role["name"]}"'
        )


def _too_many(
    who: str, course: str, seen: HubState, held: dict[str, set[str]], needed: dict[str, Any] | None = None
) -> Iterator[Problem]:
    """Name the scopes that give power over others, except those needed and those of other services."""
    fine = {f"access:services!service={name}" for name in set(seen.services) - set(seen.courses)}
    fine |= set(needed["scopes"]) if needed else set()
    for role, found in held.items():
        if role == "admin":
            yield Problem(f"{who} has the role admin.", f'the role "admin" without {who}')
            continue
        for scope in sorted(filter(POWERS.match, found - fine)):
            if not scope.endswith(("!user", "!server")):
                instead = INSTEAD.get(scope, "nothing").format(course=course)
                yield Problem(
                    f"{who} has {scope}, which is more than the work needs.",
                    f'no "{scope}" in the role "{role}"; instead: {instead}',
                )


def tokens(seen: HubState) -> Iterator[Problem]:
    """No service is an admin, and no secret is in the configuration file."""
    for name, service in seen.services.items():
        if service.get("admin"):
            yield Problem(
                f"The service {name} is an admin, with a token for all accounts.", '"admin": False, and a role'
            )
    if seen.app.api_tokens:
        yield Problem(
            "c.JupyterHub.api_tokens gives a person's rights to anyone who has the token.", "remove it, and use roles"
        )
    for variable in sorted(filter(KEPT_SECRETS.search, seen.spawner.env_keep)):
        yield Problem(f"Each student's server has the hub's {variable}.", f'c.Spawner.env_keep without "{variable}"')
    for number, line in enumerate(seen.file.read_text(encoding="utf-8").splitlines(), start=1):
        if LITERAL_TOKEN.search(line.partition("#")[0]) and "environ" not in line:
            yield Problem(f"There is a secret in line {number} of {seen.file.name}.", 'os.environ["NAME"] instead')


def who_gets_in(seen: HubState) -> Iterator[Problem]:
    """The people of the courses can log in, and only they. JupyterHub 5 and later allow no one by default."""
    who, kind = seen.authenticator, type(seen.authenticator).__name__
    if kind.startswith(DEMONSTRATION):
        yield Problem(
            f"{kind} lets people log in as each other.",
            'c.JupyterHub.authenticator_class = "pam", or one of deploy/authenticators/',
        )
    if getattr(who, "allow_all", False) and not _decides_itself(who):
        yield Problem("Everyone who can log in may use the hub, course or not.", "c.Authenticator.allow_all = False")
    elif not _allows_anyone(who):
        yield Problem("No one is allowed to log in.", 'c.Authenticator.allowed_users = {"NAME", ...}')
    students = {group: members for group, members in seen.groups.items() if group.startswith("nbgrader-")}
    for name in sorted({name for members in students.values() for name in members}):
        for setting, rule in (("admin_users", "an admin"), ("blocked_users", "blocked")):
            if name in getattr(who, setting):
                yield Problem(f"{name} is {rule} and a student.", f'c.Authenticator.{setting} without "{name}"')
    for group in sorted(getattr(who, "admin_groups", set()) & set(students)):
        yield Problem(f"The students in {group} are admins.", f'c.Authenticator.admin_groups without "{group}"')


def _decides_itself(who: Any) -> bool:
    """Whether `allow_all` leaves the decision to a hook after the login, or to a person who approves sign-ups."""
    return bool(who.post_auth_hook) or getattr(who, "open_signup", None) is False


def _allows_anyone(who: Any) -> bool:
    """Whether a rule of the authenticator allows anyone, such as allowed_users or allowed_organizations."""
    rules = [name for name in who.traits(config=True) if name.startswith("allow")]
    return any(getattr(who, name) for name in rules) or bool(who.admin_users)


def limits(seen: HubState) -> Iterator[Problem]:
    """A student's server has limits, and the spawner enforces them."""
    kind = type(seen.spawner).__name__
    if not seen.spawner.mem_limit:
        yield Problem("A student's server may use all memory.", 'configure(..., memory="2G")')
    elif seen.spawner.mem_limit < SMALLEST:
        size = f"{seen.spawner.mem_limit / 2**20:.0f} MB"
        yield Problem(f"A student's server and a kernel do not fit into {size}.", 'configure(..., memory="2G")')
    elif not kind.startswith(ENFORCES_LIMITS):
        yield Problem(
            f"{kind} does not enforce mem_limit and cpu_limit.",
            'pip install jupyterhub-systemdspawner; c.JupyterHub.spawner_class = "systemd"',
            serious=False,
        )


def idle(seen: HubState) -> Iterator[Problem]:
    """Idle servers are stopped, which frees their memory."""
    culler = seen.services.get("idle-culler") or seen.services.get("cull-idle")
    if culler is None:
        yield Problem("Idle servers are never stopped.", "configure(..., idle=3600)", serious=False)
        return
    timeout = re.search(r"--timeout=(\d+)", " ".join(culler.get("command") or ()))
    if timeout and int(timeout[1]) < SHORTEST:
        yield Problem(f"Servers are stopped after {timeout[1]} s, also at work.", "configure(..., idle=3600)")
    held = seen.scopes("services", culler["name"])
    lacking = [scope for scope in idle_culler(1)[1]["scopes"] if scope not in held]
    if lacking and not culler.get("admin"):
        listed = ", ".join(lacking)
        yield Problem(
            f"The idle culler has no scope {listed}, so it stops nothing.",
            "configure(..., idle=3600) gives it its role",
        )


def transport(seen: HubState) -> Iterator[Problem]:
    """Passwords do not cross a network without TLS."""
    app = seen.app
    address = app.bind_url
    if (
        address.startswith("http://")
        and not app.ssl_cert
        and not re.match(r"http://(127\.|localhost|\[::1\])", address)
    ):
        yield Problem(
            f"{address} takes passwords unencrypted, unless a proxy with TLS is in front of it.",
            'c.JupyterHub.bind_url = "http://127.0.0.1:8000" behind it, or c.JupyterHub.ssl_cert and ssl_key',
            serious=False,
        )
    if not type(seen.spawner).__name__.startswith(LOCAL):
        return  # servers on other machines send requests to the hub
    api = str(app.config.ConfigurableHTTPProxy.get("api_url") or "")
    for address, setting in ((app.hub_ip, "JupyterHub.hub_ip"), (api, "ConfigurableHTTPProxy.api_url")):
        if "0.0.0.0" in address or "//:" in address:
            mended = address.replace("0.0.0.0", "127.0.0.1").replace("//:", "//127.0.0.1:")
            yield Problem(f"{address} is open to the network, without TLS.", f'c.{setting} = "{mended}"')
