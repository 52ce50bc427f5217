"""A PostgreSQL of our own, for as long as a test module runs: on a Unix socket, in a temporary folder."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACES = os.pathsep.join([*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), os.environ.get("PATH", "")])
SETTINGS = "-k {folder} -c listen_addresses= -c fsync=off"


def why_not() -> str:
    """Why there can be none here; empty where there can."""
    missing = [name for name in ("initdb", "pg_ctl") if shutil.which(name, path=PLACES) is None]
    if missing:
        return f"{' and '.join(missing)} of PostgreSQL is not installed"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed: pip install '.[postgres]'"
    return "" if os.getuid() or _user() else "PostgreSQL does not run as root, and there is no user called postgres"


def _user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _run(*command: str) -> None:
    """As this user, or as postgres when this is root."""
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    program = shutil.which(command[0], path=PLACES) or command[0]
    done = subprocess.run([*as_postgres, program, *command[1:]], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


def server() -> Iterator[str]:
    """The address of an empty server, without a database's name: `postgresql://postgres@/{name}?host=...`."""
    if reason := why_not():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = str(folder / "data")
    _run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    log = str(folder / "log")
    # without its output closed, pg_ctl's server would keep our pipe open
    _run("pg_ctl", "-D", data, "-l", log, "-o", SETTINGS.format(folder=folder), "-w", "start")
    try:
        yield f"postgresql://postgres@/{{name}}?host={folder}"
    finally:
        _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str, name: str) -> str:
    """A new database on that server; returns its address."""
    import psycopg

    with psycopg.connect(address.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return address.format(name=name)
