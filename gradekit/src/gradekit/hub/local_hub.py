"""Run a real JupyterHub on loopback of this machine, for a demonstration: `gradekit hub`.

    with local_hub("path/to/a/course") as hub:
        print(hub.url, hub.people["ada"].password)

It has an instructor, students, and the course's own server. As root, each is a system user made for it; otherwise all
run as the user who started it, without isolation from each other. At the end all of it is removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gradekit.course import CONFIG, assignments
from gradekit.course import CourseFolder as Folder
from gradekit.course import course as find_course
from gradekit.errors import CourseError
from gradekit.forkserver.preload import chosen
from gradekit.hub import accounts, proxy, shared_python
from gradekit.hub.config import Course, settings_of

Say = Callable[[str], None]
INSTRUCTOR = "ida"
STUDENTS = ("ada", "ben", "chiara")
PATIENCE = 120.0  # seconds for a hub and its course server to answer


@dataclass(frozen=True)
class Person:
    """A user who can log in."""

    name: str
    role: str  # instructor or student
    password: str
    home: Path
    system_user: str | None  # None: the user who started the hub


@dataclass(frozen=True)
class LocalHub:
    """A running hub. `folder` is the course's; `state` has the hub's own files and its log."""

    url: str
    course: Course
    assignment: str
    people: Mapping[str, Person]
    folder: Path
    exchange: Path
    state: Path
    keeper: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        """The logs of the hub, the course server and the people's servers."""
        return self.state / "log"

    @property
    def formgrader(self) -> str:
        """Where the instructor grades."""
        return f"{self.url}/services/{self.course.id}/lab?formgrader=true"

    def last_words(self, count: int = 20) -> list[str]:
        """The end of the log."""
        return self.log.read_text(errors="replace").splitlines()[-count:]

    def pid(self) -> int:
        """The process of the hub itself; a hub that died and was restarted has another one."""
        return int((self.state / "jupyterhub.pid").read_text())


@contextlib.contextmanager
def local_hub(
    root: str | Path = ".",
    assignment: str | None = None,
    *,
    port: int | None = None,
    students: tuple[str, ...] = STUDENTS,
    released: bool = True,
    system_users: bool | None = None,
    prefix: str = "ck-",
    preload: tuple[str, ...] | None = None,
    environment: Mapping[str, str] | None = None,
    say: Say = lambda line: None,
) -> Iterator[LocalHub]:
    """Run a hub with the course in `root`; at the end its processes, system users and files are removed.

    `port` is by default any free one. With `released` the assignment is in the exchange, ready to be fetched. With
    `system_users` each person is a system user, by default where root starts the hub on Linux; `prefix` is the start
    of their names, one for each hub. `preload` is by default what the course's settings name. `environment` is added
    to the environment of the hub and of all that it starts. Raises CourseError where the hub does not start.
    """
    given = [assignment] if assignment else assignments(root)
    here = find_course(root, given[0] if given else None)
    modules = chosen(here.config(), os.environ) if preload is None else preload
    program = proxy.require(Path(root) / proxy.FOLDER, say)
    separate = _system_users(system_users)
    roles = {INSTRUCTOR: "instructor", **dict.fromkeys(students, "student")}
    with contextlib.ExitStack() as cleanup:
        if separate:
            cleanup.enter_context(accounts.exclusive(prefix))
        base = _base(cleanup)
        people = _people(base, roles, prefix if separate else None, cleanup)
        grader = f"{prefix}grader" if separate else None
        _make_home(base / "homes" / "grader", grader, cleanup)
        folder = _course_folder(here, given, base, grader)
        ports = _free_ports(port)
        course = Course(
            _course_id(here),
            str(folder),
            grader,
            instructors=(INSTRUCTOR,),
            students=students,
            port=ports[-1],
            environment=None if separate else {"HOME": str(base / "homes" / "grader")},  # not the hub's
        )
        exchange = base / "exchange"
        exchange.mkdir()
        exchange.chmod(0o1777)  # every user may write; sticky, so that only its owner can move a course's folder
        values = _settings(base, course, people, program, ports, prefix if separate else None, modules)
        surroundings = {**os.environ, **(environment or {})}
        for name in given if released else ():
            _release(folder, name, course, exchange, surroundings)
        keeper = _started(base, values, surroundings, cleanup)
        hub = LocalHub(values["url"], course, here.assignment, people, folder, exchange, base / "hub", keeper)
        _wait_for(hub, values["hub_url"])
        yield hub


def _system_users(wanted: bool | None) -> bool:
    possible = hasattr(os, "geteuid") and os.geteuid() == 0 and sys.platform.startswith("linux")
    if wanted and not possible:
        raise CourseError("only root can make system users for a hub. Start it as root, or without them.")
    if wanted is False and possible:
        raise CourseError("as root, all servers would be root's. Start it as another user, or with system users.")
    return possible


def _base(cleanup: contextlib.ExitStack) -> Path:
    base = Path(tempfile.mkdtemp(prefix="gradekit-hub-"))
    cleanup.callback(shutil.rmtree, base, ignore_errors=True)
    base.chmod(0o711)  # others can enter, and list nothing
    (base / "hub").mkdir(mode=0o700)
    (base / "homes").mkdir()
    (base / "homes").chmod(0o711)
    return base


def _people(base: Path, roles: dict[str, str], prefix: str | None, cleanup: contextlib.ExitStack) -> dict[str, Person]:
    people = {}
    for name, role in roles.items():
        home = base / "homes" / name
        system_user = None if prefix is None else prefix + name
        _make_home(home, system_user, cleanup)
        people[name] = Person(name, role, secrets.token_hex(5), home, system_user)  # short, to be typed
    return people


def _make_home(home: Path, user: str | None, cleanup: contextlib.ExitStack) -> None:
    """Make a home, and the system user to whom it belongs."""
    if user:
        accounts.make(user, home)
        cleanup.callback(accounts.remove, user)
    else:
        home.mkdir(mode=0o700)


def _course_folder(here: Folder, given: Sequence[str], base: Path, grader: str | None) -> Path:
    """Copy the course, so that the hub changes nothing in the original."""
    folder = base / "courses" / _course_id(here)
    for name in given:
        shutil.copytree(here.source.parent / name, folder / "source" / name, ignore=shutil.ignore_patterns(".*"))
    if (here.root / CONFIG).exists():
        shutil.copy(here.root / CONFIG, folder)
    (base / "courses").chmod(0o711)
    folder.chmod(0o700)
    if grader:
        accounts.give(folder, grader)
    return folder


def _course_id(here: Folder) -> str:
    return str(here.directory().course_id) or here.root.name


def _settings(
    base: Path,
    course: Course,
    people: dict[str, Person],
    program: str,
    ports: tuple[int, ...],
    prefix: str | None,
    preload: tuple[str, ...],
) -> dict[str, Any]:
    """The values that settings/demonstration/jupyterhub_config.py reads."""
    from jupyterhub.utils import hash_token

    public, inner, behind = ports[:3]
    system_name = "" if prefix is None else prefix + "{username}"
    fence = "" if prefix else " All servers run as one system user, without isolation."
    return {
        "course": asdict(course),
        "exchange": str(base / "exchange"),
        "homes": str(base / "homes"),
        "options": {"idle": None, "memory": None, "cpus": None, "preload": list(preload), "system_name": system_name},
        "passwords": {name: hash_token(person.password) for name, person in people.items()},
        "prefix": prefix,
        "proxy": program,
        "url": f"http://127.0.0.1:{public}",
        "hub_url": f"http://127.0.0.1:{inner}",
        "proxy_url": f"http://127.0.0.1:{behind}",
        "announcement": f"This hub is a demonstration: everything in it is deleted at its end.{fence}",
    }


def _free_ports(port: int | None) -> tuple[int, ...]:
    """Ports of the proxy, the hub, the proxy's API and the course server."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(4)]
        for probe, wanted in zip(probes, (port or 0, 0, 0, 0), strict=True):
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                raise CourseError(f"port {wanted} is taken. Choose another, or none for any that is free.") from None
        return tuple(probe.getsockname()[1] for probe in probes)


def _release(folder: Path, assignment: str, course: Course, exchange: Path, surroundings: dict[str, str]) -> None:
    """Release the assignment into the exchange, as the user who owns the course."""
    program = [sys.executable, "-m", "gradekit.hub.prepare", str(folder), assignment]
    settings = settings_of()
    environment = {
        **surroundings,
        "HOME": str(folder.parents[1] / "homes" / "grader"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(os.path.join(settings, part) for part in ("course", "everyone")),
        "GRADEKIT_COURSE": course.id,
        "GRADEKIT_EXCHANGE": str(exchange),
        "GRADEKIT_SYSTEM_NAME": "",
    }
    done = subprocess.run(_as(course.grader, program), cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"{assignment} could not be released: {(done.stderr or done.stdout).strip()[-2000:]}")


def _as(user: str | None, program: list[str]) -> list[str]:
    """The command that runs `program` as another user, who can read this Python there."""
    if user is None:
        return program
    seen = os.pathsep.join(shared_python.needed())
    return [sys.executable, "-m", "gradekit.hub.shared_python", seen, user, *program]


def _started(
    base: Path, values: dict[str, Any], surroundings: dict[str, str], cleanup: contextlib.ExitStack
) -> subprocess.Popen[bytes]:
    file = base / "hub" / "settings.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(values))
    config = Path(settings_of()) / "demonstration" / "jupyterhub_config.py"
    seen = ["--see", os.pathsep.join(shared_python.needed())] if values["prefix"] else []
    command = [sys.executable, "-m", "gradekit.hub.hub_process", *seen]
    command += [sys.executable, "-m", "jupyterhub", "--config", str(config)]
    path = os.pathsep.join([str(Path(sys.executable).parent), surroundings.get("PATH", "")])
    environment = {**surroundings, "GRADEKIT_HUB_SETTINGS": str(file), "PATH": path}
    log = cleanup.enter_context((base / "hub" / "log").open("w"))
    keeper = subprocess.Popen(
        command,
        cwd=base / "hub",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    cleanup.callback(_stop, keeper)
    return keeper


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    """Close the input of `hub_process`, which then ends the hub and all that it started, and wait."""
    if keeper.stdin:
        with contextlib.suppress(OSError):
            keeper.stdin.close()
    keeper.wait()


def _wait_for(hub: LocalHub, hub_itself: str) -> None:
    """Wait for the hub and the course server, and only then for the proxy, which logs each failed request."""
    deadline = time.monotonic() + PATIENCE
    service = f"/services/{hub.course.id}/api"
    course_server = f"http://127.0.0.1:{hub.course.port}{service}"
    for address in (f"{hub_itself}/hub/api", course_server, f"{hub.url}/hub/api", f"{hub.url}{service}"):
        while not _answers(address):
            if hub.keeper.poll() is not None or time.monotonic() > deadline:
                raise CourseError("the hub does not start. The end of its log:", tuple(hub.last_words()))
            time.sleep(0.3)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError as answer:
        return answer.code == 403  # it answers, and requires a login
    except OSError:
        return False
