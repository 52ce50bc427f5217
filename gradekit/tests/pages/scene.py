"""Pages with attacks on them, a browser that opens them, and a listener that nothing should reach."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import unittest.mock
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers
from playwright.sync_api import Error

from gradekit import page
from gradekit.feedback import POLICY, FeedbackPage
from gradekit.hub.config import settings_of
from tests.browser.serve import free_port

from . import vectors

RESOURCES = {"nbgrader": {"notebook": "1-first", "score": 1.0, "max_score": 4.0, "late_penalty": 0}}
TEMPLATE = {
    "template_name": "feedback",
    "extra_template_basedirs": [handlers.template_path],
    "extra_template_paths": [f"{handlers.static_path}/node_modules/bootstrap/dist/css"],
}
# A person who looks at everything: clicks on links, buttons and the rest, and leaves no page by that.
LOOK_AROUND = """() => {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && !/^[\\s\\u0000-\\u001f]*j/i.test(link.getAttribute("href"))) event.preventDefault();
  });
  for (const one of document.querySelectorAll(".rendered_html *, .output_area *")) {
    if (!one.isConnected) continue;
    if (one.focus && one.tabIndex >= 0) one.focus();
    one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  }
}"""
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic by name
PATIENCE = 60  # seconds for all that should work; it is over when it has
LOOK = 10  # seconds for a frame to have a document: one that a vector leads elsewhere may have none for ever
QUIET = 1500  # milliseconds after which what has not run will not


class Listener(BaseHTTPRequestHandler):
    """Records what is requested."""

    requested: set[str]

    def do_GET(self) -> None:
        self.requested.add(self.path.strip("/"))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Browser:
    """Headless Chromium; the names of the vectors that ran, or whose request arrived."""

    def __init__(self, chromium: Any, listener: str, worked: set[str]) -> None:
        self.listener, self.worked = listener, worked
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(PATIENCE * 1000)
        # nbgrader's pages ask for MathJax: a network that does not answer would hold them up.
        self.context.route(re.compile("^https:"), lambda route: route.abort())
        self.context.expose_binding("ran", lambda _, name: worked.add(name))

    def open(self, address: str, expected: set[str] = frozenset(), ready: str = "true") -> set[str]:
        """Open a page, wait until it is ready, look at everything on it, wait for what is expected; what worked."""
        self.worked.clear()
        tab = self.context.new_page()
        tab.goto(address, wait_until="load")
        end = time.monotonic() + PATIENCE
        while not tab.evaluate(ready):  # `wait_for_function` evaluates text in the page, which its policy forbids
            assert time.monotonic() < end, f"{address} is not ready: {ready}"
            tab.wait_for_timeout(100)
        end = time.monotonic() + PATIENCE
        for frame in tab.frames:
            try:
                frame.locator(":root").evaluate(LOOK_AROUND, timeout=LOOK * 1000)
            except Error:  # a vector led the frame elsewhere
                continue
        tab.wait_for_timeout(QUIET)
        while not expected <= self.worked and time.monotonic() < end:
            tab.wait_for_timeout(100)
        for one in self.context.pages:
            one.close()
        return set(self.worked)


@contextmanager
def browsing(chromium: Any) -> Iterator[Browser]:
    """A browser, and a server on this machine that records what is requested of it."""
    worked: set[str] = set()
    kind = type("Recorder", (Listener,), {"requested": worked})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = Browser(chromium, f"http://127.0.0.1:{server.server_port}", worked)
        yield browser
        browser.context.close()
        server.shutdown()


# --- pages on disk


@cache
def _exporter(kind: type) -> Any:
    return kind(**TEMPLATE)


def _page(kind: type, cells: list[Any]) -> str:
    return _exporter(kind).from_notebook_node(_notebook(cells), {**RESOURCES})[0]


def _notebook(cells: list[Any]) -> Any:
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def of_nbgrader(cells: list[Any]) -> str:
    """nbgrader's own feedback page."""
    return _page(HTMLExporter, cells)


def with_policy_alone(cells: list[Any]) -> str:
    """nbgrader's own page with the Content-Security-Policy of ours."""
    meta = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return of_nbgrader(cells).replace("<head>", meta, 1)


def sanitized_alone(cells: list[Any]) -> str:
    """Our page without its Content-Security-Policy."""
    return ours(cells).replace('http-equiv="Content-Security-Policy"', "")


def without_protection(cells: list[Any]) -> str:
    """Our page with nothing sanitized and no policy."""
    with unittest.mock.patch.object(page, "clean_html", lambda text: text):
        made = FeedbackPage(**TEMPLATE).from_notebook_node(_notebook(cells), {**RESOURCES})[0]
    return made.replace('http-equiv="Content-Security-Policy"', "")


def ours(cells: list[Any]) -> str:
    """Our feedback page."""
    return _page(FeedbackPage, cells)


def gallery(folder: Path, make: Callable[[list[Any]], str], names: list[str], listener: str) -> str:
    """A page with a frame for each vector, so that none hides another; its address."""
    folder.mkdir()
    for name in names:
        (folder / f"{name}.html").write_text(make(vectors.cells(name, listener)), encoding="utf-8")
    frames = "".join(f'<iframe src="{name}.html" width="600" height="400"></iframe>' for name in names)
    (folder / "index.html").write_text(f"<!DOCTYPE html><body>{frames}</body>", encoding="utf-8")
    return (folder / "index.html").as_uri()


# --- a course in formgrader

TAKE_POINTS = """<script>
addEventListener("load", () => fetch(base_url + "/api/grades?submission_id=" + submission_id)
  .then((answer) => answer.json())
  .then((grades) => grades.forEach((grade) => fetch(base_url + "/api/grade/" + grade.id, {
    method: "PUT", headers: { "X-CSRFToken": getCookie("_xsrf") }, body: JSON.stringify({ manual_score: 4 }) }))));
</script>"""
TRAP = '<details class="full-credit"><summary>My answer</summary>text</details>'
# formgrader's own script has started, and has the scores and comments
READY = "window.formgrader?.loaded && formgrader.grades.loaded && formgrader.comments.loaded"
HUB = {
    "JUPYTER_CONFIG_PATH": os.pathsep.join(f"{settings_of()}/{part}" for part in ("course", "everyone")),
    "GRADEKIT_COURSE": "toy",
    "GRADEKIT_EXCHANGE": "/nowhere",
    "GRADEKIT_SYSTEM_NAME": "",
}
PLAIN = 'c = get_config()\nc.CourseDirectory.course_id = "toy"\n'
ADOPTED = f"{PLAIN}import gradekit.adopt\ngradekit.adopt.course(c)\n"


def _marks(grade_id: str, **flags: Any) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {"grade_id": grade_id, **usual, **flags}}


def make_course(root: Path, config: str, attacks: list[Any]) -> dict[str, str]:
    """A course with one submission, graded with 0; the path in formgrader of each page to look at."""
    folder = root / "autograded" / "eve" / "toy"
    folder.mkdir(parents=True)
    (root / "source" / "toy").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(config)
    graded = {"grade": True, "points": 4}
    cells = [
        new_code_cell("x = 1", metadata=_marks("answer", solution=True)),
        new_code_cell("assert x", metadata=_marks("check", locked=True, **graded)),
        new_markdown_cell(TRAP, metadata=_marks("words", solution=True, **graded)),
        *attacks,
    ]
    nbformat.write(_notebook(cells), folder / "1-first.ipynb")
    script = "<script>ran('file')</script>"
    (folder / "evil.html").write_text(f"<!DOCTYPE html><body>{script}</body>")
    (folder / "evil.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{script}</svg>')
    with unittest.mock.patch.dict(os.environ, PATH=PROGRAMS), _gradebook(root) as book:
        book.add_assignment("toy")
        book.add_notebook("1-first", "toy")
        book.add_solution_cell("answer", "1-first", "toy")
        for name, kind in (("check", "code"), ("words", "markdown")):
            book.add_grade_cell(name, "1-first", "toy", max_score=4, cell_type=kind)
        book.add_solution_cell("words", "1-first", "toy")
        name = "<img src=x onerror=ran('name')>"
        book.add_student("eve", first_name=name, last_name=name)
        book.add_submission("toy", "eve")
        submission = book.find_submission_notebook("1-first", "toy", "eve").id
    reflected = "%22;ran('address');%22"
    return {
        "submission": f"formgrader/submissions/{submission}/",
        "file": f"formgrader/submissions/{submission}/evil.html",
        "picture": f"formgrader/submissions/{submission}/evil.svg",
        "submissions": "formgrader/gradebook/toy/1-first",
        "student": "formgrader/manage_students/eve/toy",
        "students": "formgrader/manage_students",
        "address": f"formgrader/manage_submissions/{reflected}",
        "address-of-a-student": f"formgrader/manage_students/{reflected}",
    }


def _gradebook(root: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{root / 'gradebook.db'}", "toy")


def score(root: Path) -> float:
    """The points of the submission, as the gradebook has them."""
    with _gradebook(root) as book:
        return book.find_submission("toy", "eve").score


@contextmanager
def formgrader(root: Path, home: Path, settings: dict[str, str]) -> Iterator[Callable[[str], str]]:
    """A Jupyter server with formgrader on a course; a function that makes an address of a path."""
    port = free_port()
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={root}"]
    command += ['--ServerApp.jpserver_extensions={"nbgrader.server_extensions.formgrader":True}']
    folders = {name: str(home) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=root, env={**os.environ, **folders, **settings, "PATH": PROGRAMS}, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status", process, home / "log")
        yield lambda path: f"http://127.0.0.1:{port}/{path}"
    finally:
        process.terminate()
        process.wait(300)


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 600  # on a busy machine
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server does not answer: {log.read_text()[-2000:]}")
