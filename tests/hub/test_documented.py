"""The hub of `deploy/jupyterhub/README.md` under a real systemd: a day, a class of thirty, and what is refused."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from benchmarks._visitor import Visitor
from benchmarks.hub_load import KERAS, LESSON, NOTEBOOK, checksum, enough_memory, hand_in, load_lab
from tests.browser.serve import chromium_or_skip
from tests.hub import machine as machines
from tests.hub.day import StudentAtWork
from tests.hub.lines import ROWS
from tests.hub.machine import AWAIT_HUB, PASSWORD, URL, Machine, join, press
from tests.hub.whole_day import a_day

pytestmark = pytest.mark.days  # half an hour, and 16 GB of memory for the class

CLASS = tuple(f"s{number:03}" for number in range(30))


@pytest.fixture(scope="module", params=["6", "5"])
def machine(request) -> Iterator[Machine]:
    """The machine with JupyterHub 6, as the lock has it, or 5."""
    if reason := machines.why_not():
        pytest.skip(reason)
    with machines.documented(before_start="JupyterHub 5" if request.param == "5" else "") as found:
        with found.network():
            assert Visitor(URL, "ada", "").open("hub/api").json()["version"].startswith(f"{request.param}.")
        yield found


@pytest.fixture(scope="module")
def hub(machine) -> SimpleNamespace:
    """What the day of `test_day` needs to know of a hub; its third person is added as the README says."""
    join(machine, "dilan")
    people = {name: person(machine, name) for name in (*machines.PEOPLE, "dilan", *CLASS)}
    folders = {"folder": machine.root / "srv/courses/convkit", "exchange": machine.root / "srv/exchange"}
    course = SimpleNamespace(id="convkit")
    return SimpleNamespace(url=URL, people=people, course=course, assignment=LESSON, **folders)


def person(machine: Machine, name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, password=PASSWORD, home=machine.root / "home" / name)


@pytest.fixture(scope="module")
def browser(machine) -> Iterator:
    """Headless Chromium with the machine's network."""
    with machine.network():
        yield from chromium_or_skip()


def test_a_day_from_release_to_feedback(machine, hub, browser):
    with machine.network():
        a_day(hub, browser)


class AtWork:
    """A student with JupyterLab and a kernel, whose pages ask their server all the time until `over`."""

    def __init__(self, hub: SimpleNamespace, name: str, begin: threading.Barrier, over: threading.Event) -> None:
        self.hub, self.student, self.begin, self.over = hub, Visitor(URL, name, PASSWORD), begin, over
        # The proxy closes a connection that is idle for 5 s. A browser opens another one by itself; requests does not.
        self.student.session.headers["Connection"] = "close"
        self.codes: list[int] = []

    def run(self) -> None:
        """Arrive, work until the end, and submit. Where one student cannot, no other waits."""
        try:
            self._run()
        finally:
            self.begin.abort()

    def _run(self) -> None:
        enough_memory()
        self.student.log_in()
        load_lab(self.student)
        assert self.student.assignment("fetch", LESSON)["success"]
        notebook = self.student.ask("GET", f"api/contents/convkit/{LESSON}/{NOTEBOOK}").json()["content"]
        with closing(self.student.kernel()) as kernel:
            for cell in notebook["cells"]:
                if cell.get("id") in KERAS:
                    kernel.run(cell["source"])
            enough_memory()
            self.begin.wait(600)
            paths = ("api/status", "api/kernels", f"api/kernels/{kernel.id}", "api/contents", "lab/api/settings")
            while not self.over.wait(1):
                self.codes += [self.student.ask("GET", path).status_code for path in paths]
                assert kernel.run("6 * 7") == "42"
        hand_in(self.student, notebook)

    def is_collected(self) -> bool:
        """Whether the instructor has the notebooks as the student saved them."""
        name = self.student.name
        saved = checksum(self.hub.people[name].home / "convkit" / LESSON)
        return saved == checksum(self.hub.folder / "submitted" / name / LESSON) != "nothing"


@pytest.mark.parametrize("machine", ["6"], indirect=True)  # students' servers and the proxy are the same with 5
def test_thirty_students_see_no_dialog_while_the_hub_is_restarted(machine, hub, browser):
    """With cold kernels: thirty warm ones take 20 GB."""
    machine.run("sed -i '/preload=/d' /etc/jupyterhub/jupyterhub_config.py")
    restart(machine)
    join(machine, *CLASS)
    if not hub.folder.joinpath("release").is_dir():
        release(machine)
    over, begin = threading.Event(), threading.Barrier(len(CLASS) + 1)
    with (
        machine.network(),
        closing(StudentAtWork(hub, browser, "ada")) as ada,
        ThreadPoolExecutor(len(CLASS)) as room,
    ):
        ada.start()
        works = [AtWork(hub, name, begin, over) for name in CLASS]
        pending = [room.submit(work.run) for work in works]
        try:
            begin.wait(900)
            size = statistics.median(megabytes(machine, name) for name in CLASS)
            away, dialogs = restart(machine), 0
            for _ in range(30):  # JupyterLab asks for its kernels every ten seconds
                dialogs += ada.page.locator(".jp-Dialog").count()
                ada.page.wait_for_timeout(1000)
        finally:
            over.set()
        for one in pending:
            one.result()
        collected = press(machine, LESSON, "collect")
        codes = [code for work in works for code in work.codes]
        print(json.dumps({"restart_s": away, "requests": len(codes), "codes": sorted(set(codes)), "student_mb": size}))
        assert set(codes) == {200}
        assert len(codes) > 20 * len(CLASS)
        assert dialogs == 0
        assert [work.student.name for work in works if not work.is_collected()] == [], collected
        stop("ada")
        ada.page.locator(".jp-Dialog").wait_for(timeout=120_000)  # so a dialog would have been seen


def stop(name: str) -> None:
    """Stop a student's server through the hub, so that it can be started again."""
    student = Visitor(URL, name, PASSWORD)
    student.log_in()
    assert student.ask("DELETE", f"api/users/{name}/server", "hub").ok


def restart(machine: Machine) -> float:
    """Restart the hub; the seconds until it answers."""
    begun = time.monotonic()
    machine.run(f"systemctl restart jupyterhub\n{AWAIT_HUB}")
    return time.monotonic() - begun


def release(machine: Machine) -> None:
    """Release the lesson, where no day has done so."""
    for step in ("assign", "release"):
        press(machine, LESSON, step)


def megabytes(machine: Machine, name: str) -> float:
    """The memory of a student's processes, each with its share in what several use (PSS)."""
    owner = (machine.root / "home" / name).stat().st_uid
    total = 0
    for process in psutil.process_iter(["uids"]):
        if process.info["uids"].real == owner:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1e6


@pytest.fixture(scope="module")
def faults(machine, hub) -> dict[str, list[str]]:
    """For each row of `tests/hub/lines.py`, what was unexpected, with its protection and without."""
    said = machine.run(f"cd /srv/repository && /opt/convkit/bin/python -m tests.hub.documented '{PASSWORD}'")
    return json.loads(next(line for line in said.splitlines() if line.startswith("{")))


@pytest.mark.parametrize("what", [row.what for row in ROWS])
def test_a_line_is_crossed_without_its_protection_only(faults, what):
    assert faults[what] == ["", ""]
