"""Doctor's checks of the machine of a hub: each function yields what is wrong."""

from __future__ import annotations

import ast
import contextlib
import grp
import json
import os
import pwd
import re
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from gradekit.course import CONFIG
from gradekit.doctor import supported
from gradekit.hub import proxy as node
from gradekit.hub import servers_python
from gradekit.hub.access import others_write
from gradekit.hub.accounts import is_user, system_user, user_name
from gradekit.hub.config import settings_of
from gradekit.hub.config_checks import Problem
from gradekit.hub.state import HubState

PACKAGES = ["jupyterhub", "nbgrader", "jupyterlab"]
OPEN = 0o1777  # of the exchange: every user writes, and only an owner can rename or remove
WARM = "gradekit-forkserver.json"
NAMED = re.compile(r"course_id = ['\"](.*?)['\"]")
SANDBOXED = re.compile(r"gradekit\.(adopt|sandbox)")  # how a course's settings choose the sandbox


def versions(seen: HubState) -> Iterator[Problem]:
    """Packages are supported: JupyterHub in the hub's Python and in that of the servers, the others in the latter."""
    where = servers_python.of(seen)
    found = servers_python.about(seen, PACKAGES)
    if not found:
        yield Problem(f"{where} has no gradekit.", f"{where} -m pip install 'gradekit[hub]'")
        return
    for name in PACKAGES:
        wanted = supported(name)
        there = [(where, found["versions"].get(name))]
        if name == "jupyterhub" and where != sys.executable:
            there.append((sys.executable, metadata.version(name)))
        for python, version in there:
            line = f"{python} -m pip install '{name}{wanted}'"
            if version is None:
                yield Problem(f"{name} is not installed in {python}.", line)
            elif not wanted.contains(version, prereleases=True):
                yield Problem(f"{name} {version} is not supported.", line)
        if name == "jupyterhub" and there[0][1] and len(there) == 2 and _major(there[0][1]) != _major(there[1][1]):
            yield Problem(
                f"The hub is JupyterHub {there[1][1]}, and its servers are {there[0][1]}: logins can fail.",
                f"{where} -m pip install 'jupyterhub=={there[1][1]}'",
            )


def _major(version: str | None) -> str:
    return (version or "").partition(".")[0]


def proxy(seen: HubState) -> Iterator[Problem]:
    """JupyterHub's default proxy, a program for Node, is installed."""
    if seen.app.proxy_class.__name__ != "ConfigurableHTTPProxy":
        return
    command = seen.app.config.ConfigurableHTTPProxy.get("command") or node.NAME
    program = command if isinstance(command, str) else command[0]
    if not shutil.which("node"):
        yield Problem("Node is not installed, and the proxy runs on it.", node.NODE)
    elif not shutil.which(program):
        yield Problem(f"{program} is not installed.", f"npm install -g {node.NAME}")


def python(seen: HubState) -> Iterator[Problem]:
    """Every user can read the Python of the servers."""
    if shut := servers_python.about(seen, []).get("closed"):
        folder, barrier = shut[0]
        yield Problem(
            f"Other users cannot read {folder}: {barrier} is closed to them.",
            "python3 -m venv /opt/convkit, with a python3 that all can read, and the hub from there",
        )


def exchange(seen: HubState) -> Iterator[Problem]:
    """The exchange is a folder that every user can write to, or an address."""
    if not seen.exchange:
        yield Problem("People's servers have no exchange.", 'configure(..., exchange="/srv/exchange")')
    elif seen.exchange_folder:
        yield from _exchange_folder(seen.exchange_folder, seen)


def _exchange_folder(root: Path, seen: HubState) -> Iterator[Problem]:
    if not root.is_dir():
        away = f"mv {root} {root}.old && " if root.exists() else ""
        yield Problem(f"The exchange {root} is not a folder.", f"{away}mkdir -p {root} && chmod 1777 {root}")
        return
    for step in root.resolve().parents:
        if not _mode(step) & 0o001:
            yield Problem(f"Users cannot get to the exchange: {step} is closed to them.", f"chmod o+x {step}")
        if others_write(step):
            yield Problem(f"Others can write to {step}: they can move the exchange away.", f"chmod go-w {step}")
    if (mode := _mode(root)) != OPEN:
        why = "every user can move a course's folder away" if mode & 0o777 == 0o777 else "some users can't write to it"
        yield Problem(f"The exchange {root} has the rights {mode:o}: {why}.", f"chmod 1777 {root}")
    for name, service in seen.courses.items():
        if (root / name).is_dir():
            yield from _course_in_exchange(root / name, service.get("user"))


def _course_in_exchange(folder: Path, grader: str | None) -> Iterator[Problem]:
    if grader and is_user(grader) and (other := _other_owner([folder, *_inside(folder)], grader)):
        yield Problem(
            f"{other} belongs to {_owner(other)}, and the course server is {grader}: it can't release, or collect.",
            _chown(grader, folder),
        )
    inbound = folder / "inbound"
    if inbound.is_dir() and (mode := _mode(inbound)) & 0o1077 != 0o1033:
        why = (
            f"Every user can list {inbound}"
            if mode & 0o044
            else f"Users can't hand in to {inbound}"
            if mode & 0o003 != 0o003
            else f"Users can rename others' submissions in {inbound}"
        )
        yield Problem(f"{why} ({mode:o}).", f"chmod 3733 {inbound}")
    for part in (folder, folder / "outbound"):
        if part.is_dir() and _mode(part) & 0o027 != 0o005:
            what = "Others can write to it: they can change the lesson" if _mode(part) & 0o022 else "No one can fetch"
            yield Problem(f"{part} has the rights {_mode(part):o}. {what}.", f"chmod 755 {part}")
    if (pages := folder / "feedback").is_dir() and _mode(pages) & 0o007 != 0o001:
        yield Problem(f"Users can list or change {pages}, or open none ({_mode(pages):o}).", f"chmod 711 {pages}")


def _inside(folder: Path) -> Iterator[Path]:
    """Yield the parts of a course in the exchange that are the grader's, and what is in them."""
    for name in ("inbound", "outbound", "feedback"):
        if (folder / name).is_dir():
            yield folder / name
            yield from (folder / name).iterdir() if name != "inbound" else ()


def _other_owner(paths: Iterable[Path], user: str) -> Path | None:
    """The first path that is not a user's."""
    return next((path for path in paths if path.exists() and _owner(path) != user), None)


def _chown(grader: str, folder: Path) -> str:
    """Give a course's part of the exchange to its grader, and leave to students what they handed in."""
    own = [str(folder / name) for name in ("outbound", "feedback") if (folder / name).is_dir()]
    inbound = [str(folder / "inbound")] if (folder / "inbound").is_dir() else []
    line = f"chown {grader}: {' '.join([str(folder), *inbound])}"
    return f"{line} && chown -R {grader}: {' '.join(own)}" if own else line


def database(seen: HubState) -> Iterator[Problem]:
    """The hub can open its database: the folder is there, and the tables are those of this JupyterHub."""
    import jupyterhub
    from alembic.script import ScriptDirectory

    file = seen.database_file
    if file is None:
        return
    if not file.parent.is_dir():
        yield Problem(f"{file.parent} does not exist.", f"mkdir -p {file.parent} && chmod 700 {file.parent}")
        return
    if not file.is_file() or not file.stat().st_size:
        return  # the hub makes it
    wanted = ScriptDirectory(str(Path(jupyterhub.__file__).with_name("alembic"))).get_current_head()
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as book:
            found = book.execute("select version_num from alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        yield Problem(f"{file} cannot be read: {error}.", f"mv {file} {file}.broken, and restore a backup")
        return
    if found != (wanted,):
        yield Problem(
            f"{file} is of another version of JupyterHub.",
            f"jupyterhub upgrade-db --config {seen.file}, while the hub is stopped",
        )


def course_folders(seen: HubState) -> Iterator[Problem]:
    """Each course folder, with its solutions and grades, belongs to its grader and is closed to others."""
    for name, service in seen.courses.items():
        folder = Path(service.get("cwd") or ".")
        grader = service.get("user")
        if not folder.is_dir():
            yield Problem(f"{folder}, the folder of {name}, does not exist.", f"cp -r COURSE {folder}")
            continue
        if (folder / CONFIG).is_file():
            yield from _settings(name, folder / CONFIG)
        else:
            yield Problem(f"{folder} has no {CONFIG}.", f"cp {CONFIG} {folder}/")
        if _mode(folder) & 0o077:
            yield Problem(f"Others can look into {folder} ({_mode(folder):o}).", f"chmod 700 {folder}")
        if not grader:
            yield Problem(
                f"The server of {name} runs as the hub's own user.", f'Course("{name}", ..., grader="grader-{name}")'
            )
        elif not is_user(grader):
            yield Problem(
                f"{grader}, the user of the server of {name}, does not exist.",
                f"/usr/sbin/useradd --system -m {grader} && chmod 700 ~{grader}",
            )
        elif other := _other_owner([folder, *folder.iterdir(), *folder.glob("source/*")], grader):
            yield Problem(f"{other} belongs to {_owner(other)}, not to {grader}.", f"chown -R {grader}: {folder}")


def _settings(course: str, file: Path) -> Iterator[Problem]:
    """The course's settings can be read, and name the course. They are not run: an instructor can change them."""
    try:
        named = NAMED.findall(_code(file))
    except SyntaxError as error:
        yield Problem(f"{file} cannot be loaded: {error.msg}, in line {error.lineno}.", f"mend line {error.lineno}")
        return
    if named and named[-1] != course:
        yield Problem(
            f"{file} names the course {named[-1]}, and the hub {course}: students find nothing that is released.",
            f'c.CourseDirectory.course_id = "{course}"   in {file}',
        )


def _code(file: Path) -> str:
    """The code of a file, without comments."""
    return ast.unparse(ast.parse(file.read_text(encoding="utf-8")))


def frames(seen: HubState) -> Iterator[Problem]:
    """Formgrader is shown in a frame of Lab, and JupyterHub forbids frames by default."""
    for name, service in seen.courses.items():
        if "frame-ancestors 'self'" not in _policy(seen, service):
            yield Problem(
                f"Formgrader is blank inside Lab: the server of {name} forbids frames.",
                f"JUPYTER_CONFIG_PATH with {settings_of()}/course in its environment",
            )


def _policy(seen: HubState, service: dict[str, Any]) -> str:
    """The Content-Security-Policy in the settings or the command of a service."""
    policy = " ".join(service.get("command") or [])
    for file in _files(seen.environment(service).get("JUPYTER_CONFIG_PATH"), "jupyter_server_config.json"):
        settings = json.loads(file.read_text(encoding="utf-8")).get("ServerApp", {}).get("tornado_settings", {})
        policy += settings.get("headers", {}).get("Content-Security-Policy", "")
    return policy


def _files(path: str | None, name: str) -> list[Path]:
    return [file for part in (path or "").split(os.pathsep) if part and (file := Path(part) / name).is_file()]


def kernels(seen: HubState) -> Iterator[Problem]:
    """The kernel provisioners are installed, and each course uses the sandbox."""
    found = set(servers_python.about(seen, []).get("provisioners", ()))
    if missing := sorted({"gradekit-forked", "gradekit-sandboxed"} - found):
        yield Problem(
            f"{', '.join(missing)} is not registered.",
            f"{servers_python.of(seen)} -m pip install --force-reinstall --no-deps 'gradekit[hub]'",
        )
    for name, service in seen.courses.items():
        file = Path(service.get("cwd") or ".") / CONFIG
        with contextlib.suppress(SyntaxError, FileNotFoundError):  # named by `course_folders`
            if SANDBOXED.search(_code(file)):
                continue
            yield Problem(
                f"Submissions to {name} are run without a sandbox.",
                f"import gradekit.adopt; gradekit.adopt.course(c)   in {file}",
            )
    if callable(path := seen.spawner.environment.get("JUPYTER_CONFIG_PATH")) or not path:
        return  # `configure` sets it for each person
    if not _files(path, f"jupyter_server_config.d/{WARM}"):
        yield Problem(
            "Students' kernels import everything themselves.", 'configure(..., preload=["MODULE"])', serious=False
        )


def people(seen: HubState) -> Iterator[Problem]:
    """Each person has a system user, under the name that `OwnCollect` expects."""
    kind = type(seen.spawner).__name__
    if kind.startswith("Simple"):
        yield Problem(
            f"{kind} runs every server as one user, without any isolation.", 'c.JupyterHub.spawner_class = "systemd"'
        )
    if kind.startswith(("UserCreating", "Kube", "Docker", "Swarm", "Simple")):
        return
    for name, service in seen.courses.items():
        template = seen.environment(service).get("GRADEKIT_SYSTEM_NAME") or "{username}"
        known = seen.system_users(name, *_groups(name))
        if lacking := sorted(set().union(*(seen.groups.get(group, set()) for group in _groups(name))) - known.keys()):
            wanted = system_user(lacking[0], template)
            others = f" (and {len(lacking) - 1} more)" if lacking[1:] else ""
            yield Problem(
                f"{lacking[0]} of {name} has no system user {wanted}{others}.",
                f"/usr/sbin/useradd -m -s /bin/bash {wanted} && chmod 700 ~{wanted}",
            )
        for person, user in seen.system_users(name, f"nbgrader-{name}").items():
            if user == service.get("user"):
                yield Problem(
                    f"{person} is a student of {name}, and its server runs as {user}: {person} can read everything.",
                    f'Course("{name}", ..., grader="grader-{name}")',
                )
    if getattr(seen.spawner, "dynamic_users", False):
        yield Problem(
            "Servers have a new system user each time, to whom nothing belongs.", f"c.{kind}.dynamic_users = False"
        )


def homes(seen: HubState) -> Iterator[Problem]:
    """Each person and each grader has a home, which belongs to that user and is closed to others."""
    if type(seen.spawner).__name__.startswith(("Kube", "Docker", "Swarm", "Simple")):
        return
    found = {user for name in seen.courses for user in seen.system_users(name, *_groups(name)).values()}
    graders = {service["user"] for service in seen.courses.values() if is_user(service.get("user") or "")}
    for user in sorted(found | graders):
        home = _home(user)
        if home.is_dir() and _owner(home) == user:
            if _rights_of_others(home, user):
                yield Problem(f"Others can look into {home}.", f"chmod 700 {home}")
        elif home.is_dir() and home.name == user:
            yield Problem(f"The home {home} of {user} belongs to {_owner(home)}.", f"chown -R {user}: {home}")
        else:
            move = f"/usr/sbin/usermod --home /home/{user} {user} && " if home.exists() else ""
            new = f"/home/{user}" if move else home
            yield Problem(
                f"{user} has no home of their own: {home}.",
                f"{move}mkdir -p {new} && chown {user}: {new} && chmod 700 {new}",
            )


def _rights_of_others(home: Path, user: str) -> int:
    """What others may do in a home; the user alone is in a group of the user's name without another member."""
    with contextlib.suppress(KeyError):
        group = grp.getgrgid(home.stat().st_gid)
        if group.gr_name == user and set(group.gr_mem) <= {user}:
            return _mode(home) & 0o007
    return _mode(home) & 0o077


def _groups(course: str) -> tuple[str, str]:
    return f"nbgrader-{course}", f"formgrade-{course}"


def _home(user: str) -> Path:
    return Path(pwd.getpwnam(user).pw_dir)


def _owner(path: Path) -> str:
    return user_name(path.stat().st_uid)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
