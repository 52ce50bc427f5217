"""The state of a hub that doctor checks: its loaded configuration, and the members of its groups.

The configuration is loaded by JupyterHub itself, as it would be at a start; the hub need not run, and is not changed.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gradekit.errors import CourseError
from gradekit.hub import standby
from gradekit.hub.accounts import is_user, system_user

CONFIG_FILES = ("jupyterhub_config.py", "/etc/jupyterhub/jupyterhub_config.py", "/srv/jupyterhub/jupyterhub_config.py")


@dataclass(frozen=True)
class HubState:
    """A hub's configuration and the groups in its database."""

    file: Path
    app: Any  # the JupyterHub, not started
    spawner: Any
    authenticator: Any
    groups: dict[str, set[str]]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """The services, by name."""
        return {service["name"]: dict(service) for service in self.app.services}

    @property
    def courses(self) -> dict[str, dict[str, Any]]:
        """The services that are course servers: Jupyter servers as services of the hub."""
        return {name: service for name, service in self.services.items() if _is_jupyter(service)}

    @property
    def roles(self) -> dict[str, dict[str, Any]]:
        """The roles that the configuration adds or changes, by name."""
        return {role["name"]: dict(role) for role in self.app.load_roles}

    def held(self, kind: str, name: str) -> dict[str, set[str]]:
        """The roles of a group, service or user, with their scopes; `kind` is groups, services or users."""
        from jupyterhub.roles import get_default_roles

        default = {role["name"]: role["scopes"] for role in get_default_roles()}
        roles = {one: role for one, role in self.roles.items() if name in role.get(kind, ())}
        return {one: set(role.get("scopes") or default.get(one, ())) for one, role in roles.items()}

    def scopes(self, kind: str, name: str) -> set[str]:
        """The scopes of a group, service or user, of all its roles."""
        return set().union(*self.held(kind, name).values())

    def system_users(self, course: str, *groups: str) -> dict[str, str]:
        """Map the people in groups to those system users of theirs that exist."""
        template = self.environment(self.courses[course]).get("GRADEKIT_SYSTEM_NAME") or "{username}"
        members = sorted({name for group in groups for name in self.groups.get(group, ())})
        return {name: user for name in members if is_user(user := system_user(name, template))}

    def environment(self, service: dict[str, Any]) -> dict[str, Any]:
        """The environment of a service."""
        return dict(service.get("environment") or {})

    def hub(self) -> Any:
        """The address of the hub, as JupyterHub finds it in its configuration."""
        self.app.init_hub()
        return self.app.hub

    @property
    def exchange(self) -> str | None:
        """The exchange of people's servers."""
        return self.spawner.environment.get("GRADEKIT_EXCHANGE")

    @property
    def exchange_folder(self) -> Path | None:
        """The exchange where it is a folder, and not the address of ngshare."""
        named = self.exchange
        return Path(named) if named and not named.startswith(("http://", "https://")) else None

    @property
    def database_file(self) -> Path | None:
        """The hub's database where it is SQLite in a file."""
        file = str(self.app.db_url).removeprefix("sqlite:///")
        return self.file.parent / file if file != self.app.db_url and file else None


def _is_jupyter(service: dict[str, Any]) -> bool:
    if "command" not in service:  # in a unit or a pod of its own
        return "GRADEKIT_COURSE" in (service.get("environment") or {})
    command = service["command"] or []
    words = command.split() if isinstance(command, str) else command
    return any("singleuser" in word or word == standby.MODULE for word in words)


def look(config: str | Path | None = None) -> HubState:
    """Load a hub's configuration from a file, or from where it usually is."""
    from jupyterhub.app import JupyterHub

    file = _file(config)
    app = JupyterHub()
    app.log.setLevel(logging.CRITICAL)
    try:
        # Paths in a configuration are relative to where the hub is started.
        with contextlib.chdir(file.parent), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old names in a configuration, and JupyterHub's own
            app.load_config_file(str(file))
            # A temporary database: some authenticators create their tables at once.
            database = Session(create_engine("sqlite://"))
            authenticator = app.authenticator_class(parent=app, _deprecated_db_session=database)
            spawner = app.spawner_class(parent=app, user=SimpleNamespace(name="student", id=1), _mock=True)
    except Exception as problem:
        raise CourseError(f"{file} cannot be loaded: {type(problem).__name__}: {problem}.") from None
    groups = _groups(app, authenticator.normalize_username, file.parent)
    return HubState(file, app, spawner, authenticator, groups)


def _file(config: str | Path | None) -> Path:
    for file in (config,) if config else CONFIG_FILES:
        try:
            if Path(file).is_file():
                Path(file).read_bytes()
                return Path(file).resolve()
        except PermissionError:
            raise CourseError(f"{file} can be read by root only: run this as root.") from None
    raise CourseError(f"no configuration of a hub is at {config or ', '.join(CONFIG_FILES)}. Name it: --config FILE")


def _groups(app: Any, normalize: Callable[[str], str], folder: Path) -> dict[str, set[str]]:
    """The members of each group, under the hub's names for them, which are in lower case."""
    found = {name: set(map(normalize, _users(members))) for name, members in app.load_groups.items()}
    for name, user in _in_the_database(app.db_url, folder):
        found.setdefault(name, set()).update({user} - {None})
    return found


def _users(members: Any) -> list[str]:
    return list(members.get("users", ())) if isinstance(members, dict) else list(members)


def _in_the_database(url: str, folder: Path) -> list[tuple[str, str]]:
    """Read (group, user) pairs from the hub's database; empty where the hub has not run yet."""
    if url.startswith("sqlite:///"):
        file = folder / url.removeprefix("sqlite:///")
        if not file.is_file():
            return []
        url = f"sqlite:///file:{file}?mode=ro&uri=true"
    question = text(
        "select groups.name, users.name from groups"
        " left join user_group_map on groups.id = user_group_map.group_id"
        " left join users on users.id = user_group_map.user_id"
    )
    try:
        with create_engine(url).connect() as connection:
            return [(group, user) for group, user in connection.execute(question)]
    except SQLAlchemyError:
        return []
