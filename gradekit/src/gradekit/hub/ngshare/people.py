"""Identify the caller of a request, and their courses, from the hub.

The hub's groups are the only roster: `nbgrader-COURSE` are the students, `formgrade-COURSE` the instructors, and the
service COURSE is the course server. ngshare's own roster is updated from them, and no user is its admin.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TAKES, TEACHES = "nbgrader-", "formgrade-"


@dataclass(frozen=True)
class Caller:
    """A user or a service of the hub, with the courses that it takes and teaches."""

    name: str
    takes: frozenset[str] = frozenset()
    teaches: frozenset[str] = frozenset()


def caller(model: Mapping[str, Any], needed: Iterable[str]) -> Caller | None:
    """The caller in the hub's answer to `/user`, or None for a token that was not made for this service.

    A service's name gets a prefix: otherwise a user with a course's name would count as its course server.

    >>> caller({"kind": "user", "name": "ada", "groups": ["nbgrader-cnn"], "scopes": ["a"]}, ["a"])
    Caller(name='ada', takes=frozenset({'cnn'}), teaches=frozenset())
    >>> caller({"kind": "service", "name": "cnn", "scopes": ["a"]}, ["a"])
    Caller(name='service:cnn', takes=frozenset(), teaches=frozenset({'cnn'}))
    >>> caller({"kind": "user", "name": "ada", "groups": ["nbgrader-cnn"], "scopes": []}, ["a"]) is None
    True
    """
    if not set(needed) & set(model.get("scopes", ())):
        return None
    name = model["name"]
    if model.get("kind") == "service":
        return Caller(f"service:{name}", teaches=frozenset({name}))
    groups = model.get("groups", ())
    return Caller(name, _courses(groups, TAKES), _courses(groups, TEACHES))


def needed_scopes() -> frozenset[str]:
    """The scopes of which a token needs one; the hub passes them to each service that it starts."""
    return frozenset(json.loads(os.environ["JUPYTERHUB_OAUTH_ACCESS_SCOPES"]))


def ask_hub(token: str) -> dict[str, Any]:
    """Request `/user` from the hub with a token; return {} for a token that it does not know."""
    import requests

    answer = requests.get(
        os.environ["JUPYTERHUB_API_URL"].rstrip("/") + "/user",
        headers={"Authorization": f"token {token}"},
        timeout=20,
    )
    return answer.json() if answer.ok else {}


def _courses(groups: Iterable[str], prefix: str) -> frozenset[str]:
    return frozenset(group.removeprefix(prefix) for group in groups if group.startswith(prefix))
