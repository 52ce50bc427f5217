"""Doctor's checks of the machine of a hub: each function yields what is wrong."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from gradekit.hub import proxy as node
from gradekit.hub import servers_python
from gradekit.hub.accounts import is_user
from gradekit.hub.config import settings_of
from gradekit.hub.config_checks import Problem
from gradekit.hub.state import HubState

# JupyterHub before 5.1 lets a user with admin:users become an admin (CVE-2024-41942); nbgrader before 0.9.6 lets a
# student read files of the course server (its validate handler).
OLDEST = {"jupyterhub": (5, 1), "nbgrader": (0, 9, 6), "jupyterlab": (4, 4)}
OPEN = 0o1777  # of the exchange: every user writes, and only an owner can rename or remove
WARM = "gradekit-forkserver.json"
SANDBOXED = re.compile(r"gradekit\.(adopt|sandbox)")  # how a course's settings choose the sandbox


def versions(seen: HubState) -> Iterator[Problem]:
    """Packages are new enough: JupyterHub in the hub's Python and in that of the servers, the others in the latter."""
    where = servers_python.of(seen)
    found = servers_python.about(seen, list(OLDEST))
    if not found:
        yield Problem(f"{where} has no gradekit.", f"{where} -m pip install 'gradekit[hub]'")
        return
    for name, oldest in OLDEST.items():
        wanted = f"'{name}>={'.'.join(map(str, oldest))}'"
        there = [(where, found["versions"].get(name))]
        if name == "jupyterhub" and where != sys.executable:
            there.append((sys.executable, metadata.version(name)))
        for python, version in there:
            line = f"{python} -m pip install {wanted}"
            if version is None:
                yield Problem(f"{name} is not installed in {python}.", line)
            elif tuple(int(part) for part in version.split(".")[:3] if part.isdigit()) < oldest:
                yield Problem(f"{name} {version} is too old.", line)
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
    root = seen.exchange
    if not root:
        yield Problem("People's servers have no exchange.", 'configure(..., exchange="/srv/exchange")')
    elif not root.startswith(("http://", "https://")):
        yield from _exchange_folder(Path(root), seen)


def _exchange_folder(root: Path, seen: HubState) -> Iterator[Problem]:
    if not root.is_dir():
        yield Problem(f"The exchange {root} does not exist.", f"mkdir -p {root} && chmod 1777 {root}")
        return
    if (mode := _mode(root)) != OPEN:
        why = "every user can move a course's folder away" if mode & 0o777 == 0o777 else "some users can't write to it"
        yield Problem(f"The exchange {root} has the rights {mode:o}: {why}.", f"chmod 1777 {root}")
    for name, service in seen.courses.items():
        if (root / name).is_dir():
            yield from _course_in_exchange(root / name, service.get("user"))


def _course_in_exchange(folder: Path, grader: str | None) -> Iterator[Problem]:
    if grader and _owner(folder) != grader:
        yield Problem(
            f"{folder} belongs to {_owner(folder)}, and the course server is {grader}: it can release nothing.",
            _chown(grader, folder),
        )
    if (folder / "inbound").is_dir() and (mode := _mode(folder / "inbound")) & 0o044:
        yield Problem(f"Every user can list {folder}/inbound ({mode:o}).", f"chmod 3733 {folder}/inbound")
    for part in (folder, folder / "outbound"):
        if part.is_dir() and _mode(part) & 0o022:
            yield Problem(f"Others can write to {part}: they can change the lesson.", f"chmod 755 {part}")


def _chown(grader: str, folder: Path) -> str:
    """Give a course's part of the exchange to its grader, and leave to students what they handed in."""
    own = [str(folder / name) for name in ("outbound", "feedback") if (folder / name).is_dir()]
    inbound = [str(folder / "inbound")] if (folder / "inbound").is_dir() else []
    line = f"chown {grader}: {' '.join([str(folder), *inbound])}"
    return f"{line} && chown -R {grader}: {' '.join(own)}" if own else line


def course_folders(seen: HubState) -> Iterator[Problem]:
    """Each course folder, with its solutions and grades, belongs to its grader and is closed to others."""
    for name, service in seen.courses.items():
        folder = Path(service.get("cwd") or ".")
        grader = service.get("user")
        if not folder.is_dir():
            yield Problem(f"{folder}, the folder of {name}, does not exist.", f"cp -r COURSE {folder}")
            continue
        if not (folder / "nbgrader_config.py").is_file():
            yield Problem(f"{folder} has no nbgrader_config.py.", f"cp nbgrader_config.py {folder}/")
        if _mode(folder) & 0o077:
            yield Problem(f"Others can look into {folder} ({_mode(folder):o}).", f"chmod 700 {folder}")
        if not grader:
            yield Problem(
                f"The server of {name} runs as the hub's own user.", f'Course("{name}", ..., grader="grader-{name}")'
            )
        elif not is_user(grader):
            yield Problem(
                f"{grader}, the user of the server of {name}, does not exist.",
                f"/usr/sbin/useradd --system -m {grader}",
            )
        elif _owner(folder) != grader:
            yield Problem(f"{folder} belongs to {_owner(folder)}, not to {grader}.", f"chown -R {grader}: {folder}")


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
        file = Path(service.get("cwd") or ".") / "nbgrader_config.py"
        if file.is_file() and not SANDBOXED.search(file.read_text(encoding="utf-8")):
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
    from gradekit.hub.exchange import system_user

    kind = type(seen.spawner).__name__
    if kind.startswith("Simple"):
        yield Problem(
            f"{kind} runs every server as one user, without any isolation.", 'c.JupyterHub.spawner_class = "systemd"'
        )
    if kind.startswith(("UserCreating", "Kube", "Docker", "Swarm", "Simple")):
        return
    for name, service in seen.courses.items():
        template = seen.environment(service).get("GRADEKIT_SYSTEM_NAME") or "{username}"
        members = _members(seen, name)
        lacking = [user for user in members if not is_user(system_user(user, template))]
        if lacking:
            wanted = system_user(lacking[0], template)
            others = f" (and {len(lacking) - 1} more)" if lacking[1:] else ""
            yield Problem(
                f"{lacking[0]} of {name} has no system user {wanted}{others}.",
                f"/usr/sbin/useradd -m -s /bin/bash {wanted} && chmod 700 ~{wanted}",
            )


def homes(seen: HubState) -> Iterator[Problem]:
    """Homes are closed to other users; some systems create them open."""
    from gradekit.hub.exchange import system_user

    if type(seen.spawner).__name__.startswith(("Kube", "Docker", "Swarm", "Simple")):
        return
    for name, service in seen.courses.items():
        template = seen.environment(service).get("GRADEKIT_SYSTEM_NAME") or "{username}"
        found = [
            _home(user) for user in (system_user(member, template) for member in _members(seen, name)) if is_user(user)
        ]
        for home in sorted({one for one in found if one.is_dir() and _mode(one) & 0o007}):
            yield Problem(f"Others can look into {home}.", f"chmod 700 {home}")


def _members(seen: HubState, course: str) -> list[str]:
    return sorted(seen.groups.get(f"nbgrader-{course}", set()) | seen.groups.get(f"formgrade-{course}", set()))


def _home(user: str) -> Path:
    return Path(pwd.getpwnam(user).pw_dir)


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
