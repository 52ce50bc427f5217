"""The demonstration's authenticator, with random passwords, and its spawner, with system users made for it."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import LocalProcessSpawner, set_user_setuid
from traitlets import Dict, Unicode


def drawn_password() -> str:
    """A random password that is easy to type."""
    return secrets.token_hex(5)


def kept(password: str) -> str:
    """A salted hash of a password."""
    salt = secrets.token_hex(8)
    return f"{salt}:{_scrambled(password, salt)}"


def fits(password: str, stored: str) -> bool:
    """Whether a word is the password of a stored hash.

    >>> fits("tulip", kept("tulip")), fits("rose", kept("tulip"))
    (True, False)
    """
    salt, _, scrambled = stored.partition(":")
    return secrets.compare_digest(_scrambled(password, salt), scrambled)


def _scrambled(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()


class DrawnPasswords(Authenticator):  # type: ignore[misc]
    """Accepts the people of the demonstration only."""

    people = Dict(help="name -> what is kept of the password").tag(config=True)

    async def authenticate(self, handler: Any, data: Any) -> str | None:
        """The name, where the password is right."""
        name = self.normalize_username(data["username"])
        return name if name in self.people and fits(data["password"], self.people[name]) else None


class PrefixedSpawner(LocalProcessSpawner):  # type: ignore[misc]
    """Starts ada's server as the system user ck-ada."""

    prefix = Unicode().tag(config=True)

    def make_preexec_fn(self, name: str) -> Any:
        """Become that user, in the child."""
        return set_user_setuid(self.prefix + name)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """That user's home; the name is the hub's."""
        import pwd

        env["USER"] = self.prefix + self.user.name
        env["HOME"] = pwd.getpwnam(self.prefix + self.user.name).pw_dir
        env["SHELL"] = "/bin/bash"
        env["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")
        return env
