"""A service of the hub that adds people to courses and removes them, without a restart.

    configure(c, courses, exchange="/srv/exchange", roster_port=9099)

It alone may create users, so that no course server and no instructor has to. A caller is a course server, and changes
its own course only. The service never makes an admin, never removes an instructor, and refuses the names of system
accounts. `gradekit roster` sends its requests.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import re
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from gradekit.hub.config import Course
from gradekit.hub.ngshare.people import ask_hub, caller, needed_scopes

NAME = "roster"
ACCESS = f"access:services!service={NAME}"
FIRST_PERSON = 1000  # smaller user ids are those of the system: root, daemons, graders made with --system
PATIENCE = 60  # seconds for one request to the hub: stopping a server takes a while


def service(port: int, python: str = sys.executable) -> dict[str, Any]:
    """The service, on loopback; the hub starts it, and gives it its token."""
    command = [python, "-m", "gradekit.hub.roster_service"]
    return {"name": NAME, "url": f"http://127.0.0.1:{port}", "command": command, "display": False}


def roles(courses: Iterable[Course]) -> list[dict[str, Any]]:
    """The roles: the service creates users and fills groups, and course servers may call it.

    >>> [role["scopes"] for role in roles([Course("cnn", "/srv/cnn")])]
    [['admin:users', 'admin:groups', 'delete:servers'], ['access:services!service=roster']]
    """
    names = [course.id for course in courses]
    return [
        {"name": NAME, "scopes": ["admin:users", "admin:groups", "delete:servers"], "services": [NAME]},
        {"name": f"{NAME}-callers", "scopes": [ACCESS], "services": names},
    ]


class Hub:
    """The hub's REST API with this service's token."""

    def __init__(self) -> None:
        import requests

        self.session = requests.Session()
        self.session.headers["Authorization"] = f"token {os.environ['JUPYTERHUB_API_TOKEN']}"
        self.url = os.environ["JUPYTERHUB_API_URL"].rstrip("/")

    def ask(self, method: str, path: str, data: Any = None) -> tuple[int, Any]:
        """Send a request; returns its status, and what was returned or the reason for an error."""
        answer = self.session.request(method, f"{self.url}/{path}", json=data, timeout=PATIENCE)
        about = json.loads(answer.text) if answer.text else {}
        return answer.status_code, about if answer.ok else about.get("message", answer.reason)

    def groups_of(self, name: str) -> set[str] | None:
        """The groups of a user, or None where the hub has no such user."""
        status, about = self.ask("GET", f"users/{quote(name, safe='')}")
        return set(about["groups"]) if status == 200 else None


def add(hub: Hub, course: str, name: str, section: str = "") -> str:
    """Create a user where needed and put it into the course, and into its section; returns why not, or ""."""
    if why := refused(name):
        return why
    groups = hub.groups_of(name)
    if groups is None:
        status, why = hub.ask("POST", f"users/{quote(name, safe='')}")
        if status != 201:
            return str(why)
        groups = set()
    mine = f"section-{course}-"
    wanted = {f"nbgrader-{course}", *([mine + section] if section else [])}
    for group in (one for one in groups if section and one.startswith(mine) and one not in wanted):
        hub.ask("DELETE", f"groups/{quote(group, safe='')}/users", {"users": [name]})
    for group in wanted - groups:
        hub.ask("POST", f"groups/{quote(group, safe='')}")  # 409 where the group exists
        status, why = hub.ask("POST", f"groups/{quote(group, safe='')}/users", {"users": [name]})
        if status != 200:
            return str(why)
    return ""


def remove(hub: Hub, course: str, name: str) -> str:
    """Take a user out of a course; who is in no other loses the account and the server. Returns why not, or ""."""
    groups = hub.groups_of(name)
    if groups is None or f"nbgrader-{course}" not in groups:
        return "is not in the course"
    left = {group for group in groups if group == f"nbgrader-{course}" or group.startswith(f"section-{course}-")}
    for group in left:
        status, why = hub.ask("DELETE", f"groups/{quote(group, safe='')}/users", {"users": [name]})
        if status != 200:
            return str(why)
    if any(group.startswith(("nbgrader-", "formgrade-")) for group in groups - left):
        return ""
    status, about = hub.ask("GET", f"users/{quote(name, safe='')}")
    if status == 200 and about.get("admin"):
        return ""
    status, why = hub.ask("DELETE", f"users/{quote(name, safe='')}")  # which stops the server and revokes the tokens
    return "" if status == 204 else str(why)


def refused(name: str) -> str:
    """Why a name can't be a student's, or "".

    >>> refused("ada"), refused("root")
    ('', 'is an account of the system')
    """
    if not re.fullmatch(r"[a-z0-9_][\w.@+-]*", name):
        return "is not a login: use lower-case letters, digits and . _ - @ +"
    try:
        return "is an account of the system" if pwd.getpwnam(name).pw_uid < FIRST_PERSON else ""
    except KeyError:
        return ""


def change(hub: Hub, course: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Add and remove people; returns the members, and why each of the others was refused."""
    sections = wanted.get("sections", {})
    why = {name: add(hub, course, name, sections.get(name, "")) for name in wanted.get("add", ())}
    why |= {name: remove(hub, course, name) for name in wanted.get("remove", ())}
    _, group = hub.ask("GET", f"groups/nbgrader-{quote(course, safe='')}")
    return {"refused": {name: text for name, text in why.items() if text}, "members": sorted(group.get("users", ()))}


def main() -> None:
    """Serve until the hub stops this process."""
    from tornado.web import Application, RequestHandler

    needed, hub, busy = needed_scopes(), Hub(), asyncio.Lock()

    class Roster(RequestHandler):
        async def post(self, course: str) -> None:
            token = self.request.headers.get("Authorization", "").removeprefix("token ")
            asks = caller(await asyncio.to_thread(ask_hub, token), needed)
            if asks is None or asks.name != f"service:{course}":
                self.send_error(403)
                return
            async with busy:
                self.write(await asyncio.to_thread(change, hub, course, json.loads(self.request.body)))

    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])

    async def serve() -> None:
        prefix = re.escape(os.environ["JUPYTERHUB_SERVICE_PREFIX"])
        Application([(prefix + r"([^/]+)", Roster)]).listen(address.port or 80, address.hostname or "127.0.0.1")
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
