"""What can be wrong in the configuration of a hub? One function a question; each yields what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradekit.hub.config import Course, idle_culler, roles, server_role
from gradekit.hub.seen import Seen

ALL_ARE_ADMINS = {"admin:users", "admin:servers", "admin:services", "admin:groups", "admin-ui", "tokens", "users"}
TOO_WIDE = {
    "access:services": "access:services!service={course}",
    "access:servers": "nothing: an instructor needs nobody's server",
    "groups": "groups!group=nbgrader-{course}",
}
FOR_TRYING = ("Dummy", "SharedPassword")
KEEPS_LIMITS = ("Systemd", "UserCreating", "Kube", "Docker", "Swarm", "Cgroup")
SECRETS = "api_token|client_secret|auth_token|cookie_secret|password"
LITERAL_TOKEN = re.compile(rf"""({SECRETS})['"]?\]?\s*[:=]\s*['"][^'"]+""")


@dataclass(frozen=True)
class Mend:
    """What is wrong, in a sentence, and the line that mends it."""

    wrong: str
    line: str
    serious: bool = True


def course_servers(seen: Seen) -> Iterator[Mend]:
    """Is there one, and can it ask the hub?"""
    if not seen.courses:
        yield Mend(
            "No service is a course's server, so nobody can grade.",
            'configure(c, [Course("conv2d", "/srv/courses/conv2d", grader="grader-conv2d")], exchange=...)',
        )
    for name, service in seen.courses.items():
        told = seen.environment(service)
        if not service.get("user") and not told.get("JUPYTERHUB_USER"):
            yield Mend(
                f"The server of {name} has no JUPYTERHUB_USER: formgrader answers 500.",
                f'environment={{"JUPYTERHUB_USER": "{name}"}} in its service',
            )
        if not service.get("url"):
            yield Mend(
                f"The server of {name} has no url, so that no page leads to it.", 'url="http://127.0.0.1:9100" in it'
            )
        for other, field, value in _shared(name, service, seen):
            yield Mend(f"{name} and {other} have the same {field}, {value}.", f'another {field} in Course("{name}")')
        if told.get("GRADEKIT_EXCHANGE") != seen.exchange:
            yield Mend(
                f"The server of {name} looks for the exchange in {told.get('GRADEKIT_EXCHANGE')}, students' servers in "
                f"{seen.exchange}: nothing arrives.",
                f'environment={{"GRADEKIT_EXCHANGE": "{seen.exchange}"}} in its service',
            )


def _shared(name: str, service: dict[str, Any], seen: Seen) -> Iterator[tuple[str, str, str]]:
    """(another course, what it has in common, its value); each pair is told once."""
    for other, known in seen.courses.items():
        for field, key in (("port", "url"), ("folder", "cwd")):
            if other < name and service.get(key) and service.get(key) == known.get(key):
                yield other, field, str(service[key])


def names(seen: Seen) -> Iterator[Mend]:
    """nbgrader finds a course by names alone: service COURSE, groups formgrade-COURSE and nbgrader-COURSE."""
    for name, service in seen.courses.items():
        told = seen.environment(service).get("GRADEKIT_COURSE")
        if told != name:
            yield Mend(
                f"The service {name} teaches a course that is called {told}: its instructors do not find it.",
                f'environment={{"GRADEKIT_COURSE": "{name}"}} in its service',
            )
    for group in sorted(seen.groups):
        kind, _, course = group.partition("-")
        if kind in ("formgrade", "nbgrader") and course not in seen.services:
            yield Mend(f"The group {group} belongs to no course here.", _rename(group, course, seen), serious=False)


def _rename(group: str, course: str, seen: Seen) -> str:
    import difflib

    close = difflib.get_close_matches(course, seen.courses, n=1, cutoff=0.5)
    return f"call it {group.partition('-')[0]}-{close[0]}" if close else f'add Course("{course}", ...) or remove it'


def groups(seen: Seen) -> Iterator[Mend]:
    """Who teaches, and who learns?"""
    if getattr(seen.authenticator, "manage_groups", False):
        return  # the authenticator knows, when people log in
    for name in seen.courses:
        for group, field, what in (
            (f"formgrade-{name}", "instructors", "nobody can open formgrader"),
            (f"nbgrader-{name}", "students", "nobody can fetch the lesson"),
        ):
            if not seen.groups.get(group):
                missing = "has nobody in it" if group in seen.groups else "is not there"
                serious = field == "instructors"  # a class may come later
                yield Mend(f"The group {group} {missing}: {what}.", f'{field}=("NAME",) in Course("{name}")', serious)


def scopes(seen: Seen) -> Iterator[Mend]:
    """Too few, and something is refused; too many, and somebody may do what is not theirs to do."""
    yield from _missing("the role of servers", set(seen.roles.get("server", {}).get("scopes", ())), server_role())
    for name in seen.courses:
        teachers, server = roles(Course(name, "."))
        held = seen.scopes("groups", f"formgrade-{name}")
        yield from _missing(f"the group formgrade-{name}", held, teachers)
        yield from _too_many(f"the group formgrade-{name}", name, held)
        held = seen.scopes("services", name)
        yield from _missing(f"the server of {name}", held, server)
        yield from _too_many(f"the server of {name}", name, held)
        yield from _too_many(f"the group nbgrader-{name}", name, seen.scopes("groups", f"nbgrader-{name}"))


def _missing(who: str, held: set[str], role: dict[str, Any]) -> Iterator[Mend]:
    wider = {scope.partition("!")[0] for scope in held if "!" not in scope}
    lacking = [scope for scope in role["scopes"] if scope not in held and scope.partition("!")[0] not in wider]
    if lacking:
        quoted = ", ".join(f'"{scope}"' for scope in lacking)
        yield Mend(f"It lacks {', '.join(lacking)}: {who}.", f'"scopes": [..., {quoted}] in the role "{role["name"]}"')


def _too_many(who: str, course: str, held: set[str]) -> Iterator[Mend]:
    for scope in sorted(held & (ALL_ARE_ADMINS | set(TOO_WIDE))):
        instead = TOO_WIDE.get(scope, "nothing: it makes an admin").format(course=course)
        yield Mend(f"{scope} is more than the work needs: {who}.", f"Instead: {instead}")


def tokens(seen: Seen) -> Iterator[Mend]:
    """An admin's token in a service is everybody's account."""
    for name, service in seen.services.items():
        if service.get("admin"):
            yield Mend(f"The service {name} is an admin, with a token for all accounts.", '"admin": False, and a role')
    if seen.app.api_tokens:
        yield Mend("c.JupyterHub.api_tokens gives people's rights to whoever has them.", "remove it, and use roles")
    for number, line in enumerate(seen.file.read_text(encoding="utf-8").splitlines(), start=1):
        if LITERAL_TOKEN.search(line.partition("#")[0]) and "environ" not in line:
            yield Mend(f"A secret stands in line {number} of {seen.file.name}.", 'os.environ["NAME"] in its place')


def who_gets_in(seen: Seen) -> Iterator[Mend]:
    """Nobody is allowed by default."""
    who, kind = seen.authenticator, type(seen.authenticator).__name__
    if kind.startswith(FOR_TRYING):
        yield Mend(
            f"{kind} lets people log in as one another.",
            'c.JupyterHub.authenticator_class = "pam", or one of deploy/authenticators/',
        )
    if getattr(who, "allow_all", False) and not _decides_itself(who):
        yield Mend("Everybody who can log in is let in, also who takes no course.", "c.Authenticator.allow_all = False")
    elif not _somebody(who):
        yield Mend("Nobody is allowed to log in.", 'c.Authenticator.allowed_users = {"NAME", ...}')
    for admin in sorted(who.admin_users):
        if any(admin in members for group, members in seen.groups.items() if group.startswith("nbgrader-")):
            yield Mend(f"{admin} is an admin and a student.", f'c.Authenticator.admin_users without "{admin}"')


def _decides_itself(who: Any) -> bool:
    """Whether `allow_all` leaves the decision to a hook after the login, or to a person who lets people in."""
    return bool(who.post_auth_hook) or getattr(who, "open_signup", None) is False


def _somebody(who: Any) -> bool:
    """Any rule of an authenticator that allows people: allowed_users, allowed_organizations, allow_existing_users..."""
    rules = [name for name in who.traits(config=True) if name.startswith("allow")]
    return any(getattr(who, name) for name in rules) or bool(who.admin_users)


def limits(seen: Seen) -> Iterator[Mend]:
    """One student's endless list should not stop the class."""
    kind = type(seen.spawner).__name__
    if not seen.spawner.mem_limit:
        yield Mend("A student's server may take all memory.", 'configure(..., memory="2G")')
    elif not kind.startswith(KEEPS_LIMITS):
        yield Mend(
            f"{kind} does not keep to mem_limit and cpu_limit.",
            'pip install jupyterhub-systemdspawner; c.JupyterHub.spawner_class = "systemd"',
            serious=False,
        )


def idle(seen: Seen) -> Iterator[Mend]:
    """A server that its student forgot holds its memory for ever."""
    culler = seen.services.get("idle-culler") or seen.services.get("cull-idle")
    if culler is None:
        yield Mend("Servers that nobody uses are never stopped.", "configure(..., idle=3600)", serious=False)
        return
    held = seen.scopes("services", culler["name"])
    lacking = [scope for scope in idle_culler(1)[1]["scopes"] if scope not in held]
    if lacking and not culler.get("admin"):
        listed = ", ".join(lacking)
        yield Mend(f"The idle culler lacks {listed}: it stops nothing.", "configure(..., idle=3600) gives it its role")


def transport(seen: Seen) -> Iterator[Mend]:
    """Without TLS, whoever is on the way reads passwords and work."""
    app = seen.app
    address = app.bind_url
    if (
        address.startswith("http://")
        and not app.ssl_cert
        and not re.match(r"http://(127\.|localhost|\[::1\])", address)
    ):
        yield Mend(
            f"{address} takes passwords in the open, unless a proxy with TLS stands before it.",
            'c.JupyterHub.bind_url = "http://127.0.0.1:8000" behind it, or c.JupyterHub.ssl_cert and ssl_key',
            serious=False,
        )
