"""The demonstration's authenticator, and its spawner, which starts servers as system users made for it."""

from __future__ import annotations

import os
import pwd
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import LocalProcessSpawner, set_user_setuid
from jupyterhub.utils import compare_token
from traitlets import Dict, Unicode


class RandomPasswords(Authenticator):  # type: ignore[misc]
    """Accepts the people of the demonstration only."""

    people = Dict(help="name -> hash of the password, as jupyterhub.utils.hash_token makes it").tag(config=True)

    async def authenticate(self, handler: Any, data: Any) -> str | None:
        """Return the name of a person whose password matches, otherwise None."""
        name = self.normalize_username(data["username"])
        return name if name in self.people and compare_token(self.people[name], data["password"]) else None


class PrefixedSpawner(LocalProcessSpawner):  # type: ignore[misc]
    """Starts ada's server as the system user ck-ada."""

    prefix = Unicode().tag(config=True)

    def make_preexec_fn(self, name: str) -> Any:
        """Switch to that user in the child process."""
        return set_user_setuid(self.prefix + name)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Set the home and the name of that user."""
        env["USER"] = self.prefix + self.user.name
        env["HOME"] = pwd.getpwnam(self.prefix + self.user.name).pw_dir
        env["SHELL"] = "/bin/bash"
        env["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")
        return env
