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
from pathlib import Path
from typing import Any

import nbformat
import requests

from benchmarks._visitor import Visitor
from gradekit.hub import shared_python, standby
from gradekit.hub.hub_process import descendants
from gradekit.hub.local_hub import LocalHub
from tests import toy
from tests.hub.lines import COURSE, Code, HandedIn, Page

AGENT = [sys.executable, "-m", "tests.hub.agent"]
RIGHT = {
    "layer-params": f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}",
    "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters",
}


def facts(hub: LocalHub) -> dict[str, Any]:
    """What a Scene needs to know of a hub, as JSON."""
    people = {name: {"password": one.password, "home": str(one.home)} for name, one in hub.people.items()}
    folders = {"folder": str(hub.folder), "exchange": str(hub.exchange), "state": str(hub.state)}
    return {"url": hub.url, "people": people, "keeper": hub.keeper.pid, "hub": hub.pid(), **folders}


def as_user(user: str | None, command: list[str]) -> list[str]:
    """The command that runs `command` as a system user, who can read this Python; None is the current user."""
    if user is None:
        return command
    return [sys.executable, "-m", "gradekit.hub.shared_python", os.pathsep.join(shared_python.needed()), user, *command]


class Scene:
    """`names` are known to ben's code, secrets that only a leak would reveal included: the name of a submission.

    `agent` is the command that runs his code; `apart` says that each person is a system user.
    """

    def __init__(self, about: dict[str, Any], agent: list[str], apart: bool = True) -> None:
        self.apart = apart
        self.about, self.folder, self.inbound = about, Path(about["folder"]), Path(about["exchange"], "convkit/inbound")
        self.ada, self.ben, self.ida = (Visitor(about["url"], n, about["people"][n]["password"]) for n in _CAST)
        self._a_day()
        self.agent = subprocess.Popen(
            agent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        )
        self.uid = json.loads(self.agent.stdout.readline())["uid"]
        self.names = self._names()
        assert self.names["fetched"]
        assert self.names["pages"]

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
        page = self.ida.open(f"{COURSE}/formgrader")
        assert page.ok, page.text
        for step in ("assignment/toy/collect", "submission/toy/ada/autograde", "submission/toy/ben/autograde"):
            self.press(step)
        for step in ("assignment/toy/generate_feedback", "assignment/toy/release_feedback"):
            self.press(step)
        done(self.ada.assignment("fetch_feedback", "toy"))

    def home(self, one: Visitor) -> Path:
        return Path(self.about["people"][one.name]["home"])

    def press(self, step: str) -> str:
        """Press a button of formgrader as the instructor, and return the log."""
        answered = self.ida.ask("POST", f"formgrader/api/{step}", COURSE).json()
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
            "outbound": f"{exchange}/convkit/outbound",
            "feedback": f"{exchange}/convkit/feedback",
            "fetched": [str(page) for page in self.home(self.ada).glob("convkit/toy/feedback/*/*.html")],
            "pages": [str(page) for page in feedback],
            "course": str(self.folder),
            "state": state,
            "ada": str(self.home(self.ada)),
            "ben": str(self.home(self.ben)),
            "mine": str(self.newest("ben")),
            "adas": str(self.newest("ada")),
            "server": servers["ada"],
            "course_server": servers["convkit"],
            "hubs_processes": sorted(descendants(self.about["keeper"])),
            "hub": self.about["hub"],
            "kernel_file": str(kernel_file),
            "kernel": {**json.loads(kernel_file.read_text()), "key": "made-up"},
            "fork_server": str(next(file for file in warm.glob("*.sock") if is_listened_at(file))),
        }

    def _servers(self) -> Iterator[tuple[str, int]]:
        """Yield (user, process) for each server that the hub has started."""
        for pid in descendants(self.about["keeper"]):
            if re.search(f"jupyterhub-singleuser|{standby.MODULE}", Path(f"/proc/{pid}/cmdline").read_text()):
                yield environment(pid)["JUPYTERHUB_USER"], pid

    def newest(self, student: str) -> Path:
        """The last submission of a student."""
        return max(self.inbound.glob(f"{student}+toy+20[0-8]*"))

    def tries(self, row: Page | Code | HandedIn) -> None:
        """Try a row as ben; raises AssertionError where the result is not the expected one."""
        {Page: self._tries_page, Code: self._tries_code, HandedIn: self._tries_to_hand_in}[type(row)](row)

    def _tries_page(self, page: Page) -> None:
        if page.rightful:
            assert self._request(page.rightful, page).ok  # so the page exists
        if page.base == COURSE:
            self.ben.open(f"{COURSE}/lab")  # log in as a browser does, if the hub allows it
        assert str(self._request("ben", page).status_code) == page.refused

    def _request(self, who: str, page: Page) -> requests.Response:
        """Request a page with a person's cookies."""
        person = {"ada": self.ada, "ben": self.ben, "ida": self.ida}[who]
        if page.base:
            asked = {"course_id": "convkit", "assignment_id": "toy"} if "submit" in page.path else None
            return person.ask(page.method, page.path, page.base, json=asked)
        data = {"users": ["ben"]} if "groups" in page.path else {"admin": True} if page.method == "PATCH" else None
        return person.ask(page.method, f"api/{page.path}", "hub", json=data)

    def _tries_code(self, row: Code) -> None:
        came, expected = self.try_as_ben(row.code), row.apart if self.apart else row.alone
        if expected:
            assert re.search(expected, came.get("refused", "")), came
        else:
            assert came.get("got"), came

    def _tries_to_hand_in(self, row: HandedIn) -> None:
        refused = self.hands_in(row.code, row.harm, row.undo)
        assert bool(refused) == (self.apart or row.alone_too), refused

    def try_as_ben(self, code: str) -> dict[str, str]:
        """Run code as ben: {"got": value} or {"refused": error}."""
        self.agent.stdin.write(json.dumps({"code": code, "names": self.names}) + "\n")
        self.agent.stdin.flush()
        return json.loads(self.agent.stdout.readline())

    def hands_in(self, code: str, harm: str, undo: str = "shutil.rmtree(made)") -> str:
        """Run `code` as ben, submit as ada, collect, and return "" where `harm` is true, otherwise the log."""
        time.sleep(0.01)
        done(self.ada.assignment("submit", "toy"))
        left = self.try_as_ben(code)
        assert "refused" not in left, left
        try:
            log = self.press("assignment/toy/collect")
            handed_in = self.newest("ada").name.split("+")[2]
            at_work = (self.folder / "submitted/ada/toy/timestamp.txt").read_text().strip()
            names = {"collected": self.folder / "submitted", "others_came": at_work == handed_in, "log": log}
            return "" if eval(harm, {**self.names, **names, "Path": Path}) else log or "left out"
        finally:
            cleared = self.try_as_ben(undo.replace("made", f"Path({self.made(code)!r})") + "; got = 1")
            assert "refused" not in cleared, cleared
            for name in ("ada", "ben", "mallory"):  # so that the next row is collected from the start
                shutil.rmtree(self.folder / "submitted" / name, ignore_errors=True)

    def made(self, code: str) -> str:
        """The path that the code hands in."""
        return str(self.inbound / re.search(r"\"([^\"]*\+toy\+[^\"]*)\"", code).group(1))

    def close(self) -> None:
        self.kernel.close()
        self.agent.stdin.close()
        self.agent.wait(300)


_CAST = ("ada", "ben", "ida")


def is_listened_at(file: Path) -> bool:
    """Whether a process listens at a socket: its file remains when the process is killed."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(file)) == 0


def environment(pid: int) -> dict[str, str]:
    """The environment of a process of this user, or of any for root."""
    return dict(part.split("=", 1) for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in part)


def done(answered: dict[str, Any]) -> None:
    assert answered["success"], answered


def answer(folder: Path) -> None:
    """Write correct answers into a fetched assignment."""
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = RIGHT.get(cell.id, cell.source)
        nbformat.write(notebook, path)
