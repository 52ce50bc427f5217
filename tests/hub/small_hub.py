"""A real hub with a configuration given by a test, and users who send the requests of a browser."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import requests

from gradekit.hub.proxy import require

ROOT = Path(__file__).parents[2]
PASSWORD = "a password of this test"  # of hubs on loopback that end with their test
PATIENCE = 600  # seconds for a start or an end on a busy machine
COMMON = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.cookie_secret_file = {folder!r} + "/cookie"
c.JupyterHub.db_url = "sqlite:///" + {folder!r} + "/hub.sqlite"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {folder!r} + "/homes/{{username}}"
c.Spawner.args = ["--allow-root"]
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.pid_file = {folder!r} + "/proxy.pid"
"""

COURSE = """
from gradekit.hub.config import Course, configure

course = Course("convkit", {course!r}, instructors=("ida",), port={course_port})
configure(c, [course], exchange={folder!r} + "/exchange", idle=0, system_name="")
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.JupyterHub.services[0]["command"].append("--allow-root")
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def packages(lock: Path, name: str) -> Path:
    """Install what a lock file names and this Python does not have, with its hashes, into a folder of build/."""
    import importlib.metadata

    here = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower() for one in importlib.metadata.distributions()}
    entries = re.findall(r"^([\w.-]+)(==.*\n(?:    --hash.*\n)+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    wanted = "".join(package + rest for package, rest in entries if package not in here and re.match(name, package))
    folder = ROOT / "build" / f"{lock.parent.name}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        part.mkdir(parents=True)
        (part / "requirements.txt").write_text(wanted, encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        subprocess.run([*pip, "--target", part, "-r", part / "requirements.txt"], check=True)
        part.rename(folder)
    return folder


class Hub:
    """A hub in a folder, with COMMON and `config` as its configuration; {names} in them are replaced."""

    def __init__(self, folder: Path, config: str, ready: tuple[str, ...] = (), extra: Any = None, **names: Any) -> None:
        self.folder, self.log, self.ready = folder, folder / "hub.log", ready
        self.names = {"port": free_port(), "hub_port": free_port(), "proxy_port": free_port(), "folder": str(folder)}
        proxy = require(ROOT / "build" / "node")
        self.names |= {"proxy": proxy, "extra": extra or {}, "password": PASSWORD, **names}
        self.url = f"http://127.0.0.1:{self.names['port']}"
        (folder / "config.py").write_text((COMMON + config).format(**self.names), encoding="utf-8")
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = {**os.environ, **(extra or {}), "PATH": path}

    def start(self) -> Hub:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "config.py")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=self.environment)
        try:
            for path in ("hub/health", *self.ready):
                self.wait_for(path)
        except AssertionError:
            self.stop()
            raise
        return self

    def wait_for(self, path: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/{path}", allow_redirects=False, timeout=5).status_code in (200, 302):
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.5)
        raise AssertionError(f"{path} did not come up.\n{self.log.read_text()[-6000:]}")

    def stop(self) -> None:
        """End the hub, and what it left running: a hub that fails at its start does not end its services."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)  # it ends its services one after the other
        for one in psutil.process_iter(["cmdline"]):
            if any(str(self.folder) in part for part in one.info["cmdline"] or ()):
                with contextlib.suppress(psutil.Error):
                    one.terminate()


def course_hub(folder: Path, course: Path) -> Hub:
    """A hub, not yet started, with a course server on a folder; ida is its instructor."""
    (folder / "exchange").mkdir()
    return Hub(folder, COURSE, ready=("services/convkit/formgrader",), course=str(course), course_port=free_port())


class Person:
    """A user who is logged in. Requests are those of a browser: cookies, redirects, and the XSRF token."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name, self.session = hub, name, requests.Session()
        self.session.get(f"{hub.url}/hub/login", timeout=300)
        form = {"username": name, "password": PASSWORD, "_xsrf": self._xsrf("/hub/")}
        answer = self.session.post(f"{hub.url}/hub/login", data=form, timeout=300, allow_redirects=False)
        assert answer.status_code == 302, answer.text

    def _xsrf(self, path: str) -> str:
        return next((one.value for one in self.session.cookies if one.name == "_xsrf" and one.path == path), "")

    def open(self, path: str) -> requests.Response:
        """Request a page, and follow the hub's redirects to it."""
        return self.session.get(f"{self.hub.url}/{path}", timeout=300)

    def ask(self, method: str, base: str, path: str, **named) -> requests.Response:
        token = self._xsrf(f"/{base}/")
        return self.session.request(
            method, f"{self.hub.url}/{base}/{path}", headers={"X-XSRFToken": token}, timeout=120, **named
        )

    def token(self, *scopes: str) -> str:
        """Create a token of this person, with these scopes, by default with all of the person's."""
        asked = {"expires_in": 600, **({"scopes": list(scopes)} if scopes else {})}
        return self.ask("POST", "hub", f"api/users/{self.name}/tokens", json=asked).json()["token"]


class Learner(Person):
    """A student with a server, and the requests that the Assignment List in JupyterLab sends to it."""

    def __init__(self, hub: Hub, name: str) -> None:
        super().__init__(hub, name)
        self.base = f"user/{name}"
        self.home = hub.folder / "homes" / name
        self.open("hub/spawn")
        end = time.monotonic() + PATIENCE
        while "/user/" not in self.open(f"{self.base}/lab").url:
            assert time.monotonic() < end, hub.log.read_text()[-6000:]
            time.sleep(0.5)

    def assignments(self) -> list:
        answer = self.ask("GET", self.base, "assignments", params={"course_id": "convkit"}).json()
        assert answer["success"], answer
        return answer["value"]

    def act(self, action: str) -> dict:
        asked = {"course_id": "convkit", "assignment_id": "toy"}
        return self.ask("POST", self.base, f"assignments/{action}", json=asked).json()

    def answer(self, **answers: str) -> None:
        """Write each answer into the cell of that name, in every notebook with such a cell."""
        for path in (self.home / "convkit" / "toy").glob("*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                if (name := cell.id.replace("-", "_")) in answers:
                    cell.source = answers[name]
            nbformat.write(notebook, path)


class Teacher(Person):
    """An instructor in formgrader, on the course server."""

    base = "services/convkit"

    def __init__(self, hub: Hub, name: str) -> None:
        super().__init__(hub, name)
        page = self.open(f"{self.base}/formgrader")
        assert page.ok, page.text[-2000:]

    def press(self, path: str) -> dict:
        answer = self.ask("POST", self.base, f"formgrader/api/{path}")
        assert answer.ok, answer.text[-3000:]
        return answer.json()

    def score(self, student: str) -> float | None:
        return self.ask("GET", self.base, f"formgrader/api/submission/toy/{student}").json()["score"]
