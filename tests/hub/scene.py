"""A hub with submissions of ada and ben and feedback from ida, and code that ben, an attacker, runs on it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import requests

from benchmarks._visitor import Visitor
from gradekit.hub import shared_python, standby
from gradekit.hub.local_hub import LocalHub
from gradekit.sandbox.supervisor import below
from tests import toy
from tests.hub.lines import COURSE, KEY, MODES, TOKENS, Code, HandedIn, Page

AGENT = [sys.executable, "-m", "tests.hub.agent"]
WAIT = "import sys; print(flush=True); sys.stdin.read()"
PLAIN_COLLECT = "nbgrader.exchange.default.collect.ExchangeCollect"
RIGHT = {
    "layer-params": f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}",
    "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters",
}


def facts(hub: LocalHub) -> dict[str, Any]:
    """What a Scene needs to know of a hub, as JSON."""
    people = {name: {"password": one.password, "home": str(one.home)} for name, one in hub.people.items()}
    folders = {"folder": str(hub.folder), "exchange": str(hub.exchange), "state": str(hub.state), "log": str(hub.state)}
    return {"url": hub.url, "people": people, "keeper": hub.keeper.pid, "hub": hub.pid(), **folders}


def as_user(user: str | None, command: list[str]) -> list[str]:
    """The command that runs `command` as a system user, who can read this Python; None is the current user."""
    if user is None:
        return command
    return [sys.executable, "-m", "gradekit.hub.shared_python", os.pathsep.join(shared_python.needed()), user, *command]


class Scene:
    """`names` are known to ben's code, secrets that only a leak would reveal included: the name of a submission.

    `agent` is the command that runs his code; `apart` says that each person is a system user, and this process root's.
    """

    def __init__(self, about: dict[str, Any], agent: list[str], apart: bool = True) -> None:
        self.apart = apart
        self.about, self.folder, self.inbound = about, Path(about["folder"]), Path(about["exchange"], "convkit/inbound")
        self.ada, self.ben, self.ida = (Visitor(about["url"], n, about["people"][n]["password"]) for n in _CAST)
        self._a_day()
        self.agent, self.other = self._start(agent), self._start(AGENT)
        self.names = self._names()
        assert self.names["fetched"]
        assert self.names["pages"]

    def _start(self, agent: list[str]) -> subprocess.Popen[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
        return subprocess.Popen(agent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def _a_day(self) -> None:
        for one in (self.ada, self.ben, self.ida):
            one.log_in()
        with ThreadPoolExecutor() as both:
            list(both.map(Visitor.start, (self.ada, self.ben)))
        for one in (self.ada, self.ben):
            done(one.assignment("fetch", "toy"))
            answer(self.home(one) / "convkit" / "toy")
            done(one.assignment("submit", "toy"))
        self.kernel = self.ada.kernel()
        self.kernel.run("mine = 1")
        self.ida.base = COURSE
        page = self.ida.open(f"{COURSE}/formgrader")
        assert page.ok, page.text
        self.terminal = self.ida.kernel()
        for step in ("assignment/toy/collect", "submission/toy/ada/autograde", "submission/toy/ben/autograde"):
            self.press(step)
        for step in ("assignment/toy/generate_feedback", "assignment/toy/release_feedback"):
            self.press(step)
        done(self.ada.assignment("fetch_feedback", "toy"))

    def home(self, one: Visitor) -> Path:
        return Path(self.about["people"][one.name]["home"])

    def press(self, step: str) -> str:
        """Press a button of formgrader as the instructor, and return the log."""
        answered = self.ida.ask("POST", f"formgrader/api/{step}").json()
        assert answered["success"], answered
        return answered["log"]

    def _names(self) -> dict[str, Any]:
        exchange, state = self.about["exchange"], self.about["state"]
        servers = dict(self._servers())
        runtime = self.home(self.ada) / ".local/share/jupyter/runtime"
        kernel_file = runtime / f"kernel-{self.kernel.id}.json"
        warm = Path(f"/tmp/gradekit-forkserver-{Path('/proc', str(servers['convkit'])).stat().st_uid}")
        feedback = sorted(Path(exchange, "convkit/feedback").glob("*.html"))
        return {
            "inbound": str(self.inbound),
            "exchange": exchange,
            "courses_exchange": f"{exchange}/convkit",
            "outbound": f"{exchange}/convkit/outbound",
            "feedback": f"{exchange}/convkit/feedback",
            "fetched": [str(page) for page in self.home(self.ada).glob("convkit/toy/feedback/*/*.html")],
            "pages": [str(page) for page in feedback],
            "course": str(self.folder),
            "grader": environment(servers["convkit"])["HOME"],
            "state": state,
            "log": self.about["log"],
            "ada": str(self.home(self.ada)),
            "ben": str(self.home(self.ben)),
            "mine": str(self.newest("ben")),
            "adas": str(self.newest("ada")),
            "server": servers["ada"],
            "course_server": servers["convkit"],
            "hubs_processes": sorted(below(self.about["keeper"])),
            "hub": self.about["hub"],
            "kernel_file": str(kernel_file),
            "kernel": {**json.loads(kernel_file.read_text()), "key": "made-up"},
            "fork_server": str(next(file for file in warm.glob("*.sock") if is_listened_at(file))),
        }

    def _servers(self) -> Iterator[tuple[str, int]]:
        """Yield (user, process) for each server that the hub has started."""
        for pid in below(self.about["keeper"]):
            if re.search(f"jupyterhub-singleuser|{standby.MODULE}", Path(f"/proc/{pid}/cmdline").read_text()):
                yield environment(pid)["JUPYTERHUB_USER"], pid

    def newest(self, student: str) -> Path:
        """The last submission of a student."""
        return max(self.inbound.glob(f"{student}+toy+20[0-8]*"))

    def tries(self, row: Page | Code | HandedIn) -> None:
        """Try a row as ben; raises AssertionError where the result is not the expected one."""
        if isinstance(row, Page):
            assert str(self._request(row).status_code) == row.refused
        elif isinstance(row, HandedIn):
            harm, log = self._hands_in(row)
            assert harm != (self.apart or row.alone_too), log
        else:
            came, expected = self._run(row.code), row.apart if self.apart else row.alone
            assert re.search(expected, came.get("refused", "")) if expected else came.get("got"), came

    def crosses(self, row: Page | Code | HandedIn) -> None:
        """Try a row as ben without its protection, and put that back; raises AssertionError where it is refused."""
        if isinstance(row, Page):
            with self._as_an_admin():
                answered = self._request(row)
                assert answered.ok, answered.text
            if row.method == "DELETE":
                self.ada.start()
        elif isinstance(row, HandedIn):
            harm, log = self._hands_in(row, f"--ExchangeFactory.collect={PLAIN_COLLECT}")
            assert harm, log
        else:
            with self._without(row.protection) as (agent, names):
                came = self._run(row.code, agent, names)
            assert came.get("got"), came

    def _request(self, page: Page) -> requests.Response:
        """Request a page with ben's cookies."""
        if page.base:
            login = self.ben.open(f"{page.base}/lab")  # as a browser does, if the hub allows it
            if form := re.findall(r'name="(_xsrf|scopes)" value="([^"]*)"', login.text):  # may this server know him?
                self.ben.session.post(login.url, data=form, timeout=60)
            asked = {"course_id": "convkit", "assignment_id": "toy"} if "submit" in page.path else None
            return self.ben.ask(page.method, page.path, page.base, json=asked)
        data = {"users": ["ben"]} if "groups" in page.path else {"admin": True} if page.method == "PATCH" else None
        return self.ben.ask(page.method, f"api/{page.path}", "hub", json=data)

    @contextmanager
    def _as_an_admin(self) -> Iterator[None]:
        """Make ben an admin, and afterwards a student who is not an instructor."""
        api, headers = f"{self.about['url']}/hub/api", {"Authorization": f"token {self._token_of_an_admin()}"}

        def ask(method: str, path: str, **data: Any) -> None:
            requests.request(method, f"{api}/{path}", json=data, headers=headers, timeout=60).raise_for_status()

        ask("PATCH", "users/ben", admin=True)
        try:
            yield
        finally:
            with suppress(requests.RequestException):  # he may have stopped the hub
                ask("PATCH", "users/ben", admin=False)
                ask("DELETE", "groups/formgrade-convkit/users", users=["ben"])

    @cache  # noqa: B019  a scene lives as long as its hub
    def _token_of_an_admin(self) -> str:
        """A token of a service that is an admin, written into the hub's database: the hub as documented has none."""
        from jupyterhub import orm

        with closing(orm.new_session_factory(f"sqlite:///{self.about['state']}/jupyterhub.sqlite")()) as db:
            service = orm.Service(name="a-service-of-this-test", admin=True, roles=[orm.Role.find(db, "admin")])
            db.add(service)
            db.commit()
            return service.new_api_token()

    @contextmanager
    def _without(self, protection: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
        """The agent that runs ben's code, and what he knows, while this protection is taken away."""
        with ExitStack() as put_back:
            agent, names = self.agent, self.names
            if protection in MODES:
                *change, name = MODES[protection]
                put_back.callback(restore_modes, modes(Path(names[name])))
                subprocess.run(["chmod", *change, names[name]], check=True)
            elif protection == KEY:
                names = {**names, "kernel": json.loads(Path(names["kernel_file"]).read_text())}
            elif protection == TOKENS:
                token = environment(names["server"])["JUPYTERHUB_API_TOKEN"]
                one = put_back.enter_context(self._start([sys.executable, "-c", WAIT, token]))
                one.stdout.readline()  # an empty command line can be seen while a program is loaded
                names = {**names, "hubs_processes": [*names["hubs_processes"], one.pid]}
            else:
                agent = self.other
            yield agent, names

    def _run(self, code: str, agent: subprocess.Popen[str] | None = None, names: dict[str, Any] | None = None) -> Any:
        """Run code as ben: {"got": value} or {"refused": error}."""
        agent = agent or self.agent
        agent.stdin.write(json.dumps({"code": code, "names": names or self.names}) + "\n")
        agent.stdin.flush()
        return json.loads(agent.stdout.readline())

    def _hands_in(self, row: HandedIn, *options: str) -> tuple[bool, str]:
        """Submit as ada, run a row's code as ben, and collect with these options; returns (harm, log)."""
        time.sleep(0.01)
        done(self.ada.assignment("submit", "toy"))
        left = self._run(row.code)
        assert "refused" not in left, left
        collected, kept = self.folder / "submitted", self.folder / "submitted.kept"
        collected.rename(kept)
        try:
            log = self.terminal.run(f"!nbgrader collect toy {' '.join(options)}; echo ended with $?")
            handed_in, others = self.newest("ada").name.split("+")[2], collected / "ada/toy/timestamp.txt"
            came = others.exists() and others.read_text().strip() == handed_in
            names = {"collected": collected, "stopped": not (came and "ended with 0" in log)}
            return bool(eval(row.harm, {**self.names, **names, "Path": Path})), log
        finally:
            cleared = self._run(row.undo.replace("made", f"Path({self.made(row.code)!r})") + "; got = 1")
            assert "refused" not in cleared, cleared
            shutil.rmtree(collected, ignore_errors=True)
            kept.rename(collected)

    def made(self, code: str) -> str:
        """The path that the code hands in."""
        return str(self.inbound / re.search(r"\"([^\"]*\+toy\+[^\"]*)\"", code).group(1))

    def close(self) -> None:
        for kernel in (self.kernel, self.terminal):
            kernel.close()
        for agent in (self.agent, self.other):
            agent.stdin.close()
            agent.wait(300)


_CAST = ("ada", "ben", "ida")


def is_listened_at(file: Path) -> bool:
    """Whether a process listens at a socket: its file remains when the process is killed."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(file)) == 0


def environment(pid: int) -> dict[str, str]:
    """The environment of a process of this user, or of any for root."""
    return dict(part.split("=", 1) for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in part)


def modes(folder: Path) -> dict[Path, int]:
    """The mode of a folder and of all in it, without links."""
    return {path: path.stat().st_mode & 0o7777 for path in (folder, *folder.rglob("*")) if not path.is_symlink()}


def restore_modes(before: dict[Path, int]) -> None:
    for path, mode in before.items():
        if path.exists():
            path.chmod(mode)


def done(answered: dict[str, Any]) -> None:
    assert answered["success"], answered


def answer(folder: Path) -> None:
    """Write correct answers into a fetched assignment."""
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = RIGHT.get(cell.id, cell.source)
        nbformat.write(notebook, path)
