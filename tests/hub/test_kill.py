"""Kill the hub, a student's server and the proxy during work: students go on, and no submission is lost."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks._visitor import PATIENCE, Kernel, Visitor
from gradekit.hub.local_hub import LocalHub, local_hub
from gradekit.sandbox.supervisor import below
from tests import toy
from tests.hub.scene import COURSE, done, environment

pytestmark = pytest.mark.days

MANY = 1500  # files, so that submitting takes a second: long enough to kill a process meanwhile


class Class:
    """Ada at work on a hub, and ida, who collects."""

    def __init__(self, hub: LocalHub) -> None:
        self.hub = hub
        self.ada, self.ida = (Visitor(hub.url, n, hub.people[n].password) for n in ("ada", "ida"))
        self.ada.log_in()
        self.ida.log_in()
        self.ada.start()
        done(self.ada.assignment("fetch", "toy"))
        self.work = hub.people["ada"].home / "convkit" / "toy"
        self.inbound = hub.exchange / "convkit" / "inbound"

    def server(self) -> int:
        """The process of ada's server."""
        for pid in below(self.hub.keeper.pid):
            if "jupyterhub-singleuser" in command_line(pid) and environment(pid).get("JUPYTERHUB_USER") == "ada":
                return pid
        return 0

    def proxy(self) -> int:
        found = [pid for pid in below(self.hub.keeper.pid) if "configurable-http-proxy" in command_line(pid)]
        return found[-1] if found else 0

    def hub_process(self) -> int:
        """The process of the hub; 0 while a hub that starts writes its file."""
        return int((self.hub.state / "jupyterhub.pid").read_text() or 0)

    def hand_in(self, text: str) -> None:
        """Save a change, and submit it."""
        self.save(text)
        done(self.ada.assignment("submit", "toy"))

    def save(self, text: str) -> None:
        path = "api/contents/convkit/toy/1-first.ipynb"
        content = self.ada.ask("GET", path).json()["content"]
        content["cells"][0]["source"] = text
        assert self.ada.ask("PUT", path, json={"type": "notebook", "content": content}).ok

    def collected(self) -> tuple[str, str]:
        """Collect as the instructor: the text of ada's first cell, and the log."""
        self.ida.open(f"{COURSE}/formgrader")
        answered = self.ida.ask("POST", "formgrader/api/assignment/toy/collect", COURSE).json()
        done(answered)
        notebook = json.loads((self.hub.folder / "submitted/ada/toy/1-first.ipynb").read_text())
        return "".join(notebook["cells"][0]["source"]), answered["log"]

    def submissions(self) -> set[str]:
        return {one.name for one in self.inbound.iterdir()}

    def half_way(self) -> str:
        """Submit many files as ada, and return the name of the submission as soon as the first ones have arrived."""
        before = self.submissions()
        threading.Thread(target=quietly(lambda: self.ada.assignment("submit", "toy")), daemon=True).start()
        until(lambda: self.submissions() - before)
        (name,) = self.submissions() - before
        until(lambda: any((self.inbound / name).iterdir()))
        return name

    def start_again(self, dead: int) -> None:
        """Start ada's server until that works: the hub checks its servers every half minute."""
        until(lambda: (self.ada.open("hub/spawn"), time.sleep(0.5), self.server() not in (0, dead))[-1])
        self.ada.wait_for_lab()


def quietly(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            call()
        except Exception as problem:  # the server was killed, as the test intends
            print(problem)

    return run


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def until(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def again(visitor: Visitor, path: str) -> None:
    """Send a request until it is answered, as a page does that reconnects."""
    until(lambda: answers(visitor, path))


def answers(visitor: Visitor, path: str) -> bool:
    try:
        return visitor.open(path).ok
    except OSError:
        return False


@pytest.fixture(scope="module")
def at_work(proxy: None) -> Iterator[Class]:
    with tempfile.TemporaryDirectory(prefix="convkit-kill-") as folder:
        course = toy.make(Path(folder) / "course")
        with local_hub(course, prefix=f"cx{os.getpid()}-", students=("ada",), preload=()) as hub:
            yield Class(hub)


@pytest.fixture
def kernel(at_work: Class) -> Iterator[Kernel]:
    """A kernel with a variable in its memory."""
    if not at_work.server():
        at_work.ada.start()
    kernel = at_work.ada.kernel()
    kernel.run("found = 42")
    yield kernel
    kernel.close()


@pytest.fixture
def many_files(at_work: Class) -> Iterator[None]:
    """Many files, so that submitting takes a second."""
    student = at_work.hub.people["ada"].system_user
    files = [at_work.work / f"note{number}.txt" for number in range(MANY)]
    for file in files:
        file.write_text("x" * 100)
        if student:
            os.chmod(file, 0o644)
    yield
    for file in files:
        file.unlink()


def reopened(at_work: Class, kernel: Kernel) -> Kernel:
    """The same kernel over a new connection, as JupyterLab reconnects."""
    again(at_work.ada, f"{at_work.ada.base}/api/kernels/{kernel.id}")
    return Kernel(at_work.ada, kernel.id)


def test_the_hub_is_killed_while_a_student_works(at_work: Class, kernel: Kernel):
    at_work.hand_in("before the hub died")
    server, hub = at_work.server(), at_work.hub.pid()
    os.kill(hub, signal.SIGKILL)
    assert kernel.run("found") == "42"  # nothing changes in an open page
    at_work.save("while the hub was away")
    until(lambda: at_work.hub_process() not in (0, hub))
    again(at_work.ada, "hub/api")
    again(at_work.ada, f"{at_work.ada.base}/api/status")
    assert at_work.server() == server
    one = reopened(at_work, kernel)
    assert one.run("found") == "42"
    one.close()
    assert at_work.collected()[0] == "before the hub died"
    done(at_work.ada.assignment("submit", "toy"))
    assert at_work.collected()[0] == "while the hub was away"


def test_the_proxy_is_killed_while_a_student_works(at_work: Class, kernel: Kernel):
    at_work.hand_in("before the proxy died")
    server, proxy = at_work.server(), at_work.proxy()
    os.kill(proxy, signal.SIGKILL)
    again(at_work.ada, f"{at_work.ada.base}/api/status")
    assert at_work.server() == server
    assert at_work.proxy() not in (0, proxy)
    one = reopened(at_work, kernel)
    assert one.run("found") == "42"
    one.close()
    assert at_work.collected()[0] == "before the proxy died"
    at_work.hand_in("after the proxy died")
    assert at_work.collected()[0] == "after the proxy died"


def test_a_students_server_is_killed_while_the_student_works(at_work: Class, kernel: Kernel):
    at_work.save("before the server died")
    server = at_work.server()
    os.kill(server, signal.SIGKILL)
    at_work.start_again(server)
    done(at_work.ada.assignment("submit", "toy"))
    assert at_work.collected()[0] == "before the server died"


def test_an_incomplete_submission_is_not_collected(at_work: Class, many_files: None):
    at_work.hand_in("handed in whole")
    at_work.save("handed in half")
    name = at_work.half_way()
    server = at_work.server()
    os.kill(server, signal.SIGKILL)
    time.sleep(0.5)
    assert not (at_work.inbound / name / "submission_secret.txt").exists()  # it was killed in time
    text, log = at_work.collected()
    assert text == "handed in whole"
    assert "cut off" in log
    at_work.start_again(server)
    done(at_work.ada.assignment("submit", "toy"))
    assert at_work.collected()[0] == "handed in half"  # complete now


@pytest.mark.parametrize("what", ["hub", "proxy"])
def test_a_submission_survives_the_hub_and_the_proxy(at_work: Class, many_files: None, what: str):
    at_work.save(f"the {what} died meanwhile")
    name = at_work.half_way()
    os.kill(at_work.hub.pid() if what == "hub" else at_work.proxy(), signal.SIGKILL)
    until(lambda: (at_work.inbound / name / "submission_secret.txt").exists())
    again(at_work.ada, "hub/api")
    again(at_work.ada, f"{at_work.ada.base}/api/status")
    again(at_work.ida, f"{COURSE}/api/status")
    text, _ = at_work.collected()
    assert text == f"the {what} died meanwhile"
    assert len(list((at_work.hub.folder / "submitted/ada/toy").glob("note*.txt"))) == MANY
