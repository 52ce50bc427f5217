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


@dataclass(frozen=True)
class People:
    """Who came from the platform."""

    subs: dict[str, str]  # name on the hub -> the platform's own id, in its own case
    line_items: str  # address of the course's line items; "" where no launch has one


def people(folder: Path) -> People:
    """Read what the hub's login noted: a JSON file for each person with `name`, `sub` and `line_items`."""
    if not folder.is_dir():
        raise CourseError(f"c.Passback.people: the folder {folder} does not exist. The hub's login has to write it.")
    found = [_person(path) for path in sorted(folder.glob("*.json"))]
    addresses = Counter(one["line_items"] for one in found if one.get("line_items"))
    if len(addresses) > 1:
        raise CourseError(
            f"{folder} has people of {len(addresses)} courses of the platform. Name one: c.Passback.line_items.",
            tuple(addresses),
        )
    return People({str(one["name"]): str(one["sub"]) for one in found}, next(iter(addresses), ""))


def _person(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        return {"name": found["name"], "sub": found["sub"], "line_items": found.get("line_items", "")}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(f"{path} is not what the hub's login writes. Remove it; a login writes it again.") from None
