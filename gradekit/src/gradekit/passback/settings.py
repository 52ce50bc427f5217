"""Settings of the passback, and the people whom the hub has seen come from the platform."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets import Unicode
from traitlets.config import Configurable

from gradekit.errors import CourseError


class Passback(Configurable):
    """Settings of `gradekit passback`. The platform shows the first two where the tool is registered."""

    token_url = Unicode(help="Where the platform gives access tokens.").tag(config=True)
    client_id = Unicode(help="The client id of the hub on the platform.").tag(config=True)
    audience = Unicode(help="The `aud` that the platform wants for a token, if not token_url.").tag(config=True)
    key = Unicode("passback.pem", help="The private key, made by `gradekit passback --keys`.").tag(config=True)
    people = Unicode(help="The folder in which the hub's login notes who came from the platform.").tag(config=True)
    line_items = Unicode(help="The address of the course's line items, if the launches have none.").tag(config=True)
    members = Unicode(help="The address of the course's list of members, if the launches have none.").tag(config=True)


@dataclass(frozen=True)
class People:
    """Who came from the platform."""

    subs: dict[str, str]  # name on the hub -> the platform's own id, in its own case
    line_items: str  # address of the course's line items; "" where no launch has one
    members: str = ""  # address of the course's list of members, likewise


def people(folder: Path) -> People:
    """Read what the hub's login noted: a JSON file for each person with `name`, `sub`, `line_items` and `members`."""
    if not folder.is_dir():
        raise CourseError(f"c.Passback.people: the folder {folder} does not exist. The hub's login has to write it.")
    found = [_person(path) for path in sorted(folder.glob("*.json"))]
    line_items, members = (_address(found, name, folder) for name in ("line_items", "members"))
    return People({one["name"]: one["sub"] for one in found}, line_items, members)


def _address(found: list[dict[str, str]], name: str, folder: Path) -> str:
    """The one address of this name; "" where no launch had one."""
    addresses = Counter(one[name] for one in found if one[name])
    if len(addresses) > 1:
        raise CourseError(
            f"{folder} has people of {len(addresses)} courses of the platform. Name one: c.Passback.{name}.",
            tuple(addresses),
        )
    return next(iter(addresses), "")


def _person(path: Path) -> dict[str, str]:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        addresses = {name: str(found.get(name, "")) for name in ("line_items", "members")}
        return {"name": str(found["name"]), "sub": str(found["sub"]), **addresses}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(f"{path} is not what the hub's login writes. Remove it; a login writes it again.") from None
