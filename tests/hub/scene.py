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

from benchmarks._visitor import Visitor
from gradekit.hub import shared_python
from gradekit.hub.hub_process import descendants
from gradekit.hub.local_hub import LocalHub
from tests import toy

COURSE = "services/convkit"
RIGHT = {
    "layer-params": f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}",
    "second-layer-params": "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters",
}


def facts(hub: LocalHub) -> dict[str, Any]:
    """What a Scene needs to know of a hub, as JSON."""
    people = {name: {"password": one.password, "home": str(one.home)} for name, one in hub.people.items()}
    folders = {"folder": str(hub.folder), "exchange": str(hub.exchange), "state": str(hub.state)}
    return {"url": hub.url, "people": people, "course_port": hub.course.port, "keeper": hub.keeper.pid, **folders}


def as_user(user: str | None, command: list[str]) -> list[str]:
    """The command that runs `command` as a system user, who can read this Python; None is the current user."""
    if user is None:
        return command
    return [sys.executable, "-m", "gradekit.hub.shared_python", os.pathsep.join(shared_python.needed()), user, *command]


class Scene:
    """`names` are known to ben's code, secrets that only a leak would reveal included: the name of a submission."""

    def __init__(self, about: dict[str, Any], user: str | None) -> None:
        self.about, self.folder, self.inbound = about, Path(about["folder"]), Path(about["exchange"], "convkit/inbound")
        self.ada, self.ben, self.ida = (Visitor(about["url"], n, about["people"][n]["password"]) for n in _CAST)
        self._a_day()
        self.agent = subprocess.Popen(
            as_user(user, [sys.executable, "-m", "tests.hub.agent"]),
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
            "hub": int(Path(state, "jupyterhub.pid").read_text()),
            "kernel_file": str(kernel_file),
            "kernel": {**json.loads(kernel_file.read_text()), "key": "made-up"},
            "fork_server": str(next(file for file in warm.glob("*.sock") if is_listened_at(file))),
        }

    def _servers(self) -> Iterator[tuple[str, int]]:
        """Yield (user, process) for each server that the hub has started."""
        for pid in descendants(self.about["keeper"]):
            if "jupyterhub-singleuser" in Path(f"/proc/{pid}/cmdline").read_text():
                yield environment(pid)["JUPYTERHUB_USER"], pid

    def newest(self, student: str) -> Path:
        """The last submission of a student."""
        return max(self.inbound.glob(f"{student}+toy+20[0-8]*"))

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
