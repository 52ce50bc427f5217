"""A class of thirty comes to the hub at once: logs in, fetches the lesson, runs its Keras cells, submits.

    python -m benchmarks.hub_load [--students 30] [--minutes 2] [--kernels both] [--write]

A real JupyterHub on this machine, on loopback, with the lesson and a server for each student, once without and once
with warm kernels. The students are threads of this process that ask what JupyterLab's pages ask; the time that they
take from the two cores is a part of what is measured. In the end the instructor collects, and what is collected is
compared with what each student saved. `--write` keeps the figures in hub_load.json, which docs/sizing.md is made from.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import nbformat
import psutil

from benchmarks._timing import show
from benchmarks._visitor import Kernel, Visitor
from gradekit.hub.local_hub import LocalHub, local_hub

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).with_suffix(".json")
COURSE, LESSON, NOTEBOOK = "services/convkit", "conv2d", "2-parameters.ipynb"
FIRST = "single-code"  # the first cell that shows what Keras counts
SHOWN = ("input-code", "single-guess", FIRST, "look-code", "rgb-guess", "rgb-code", "rgb-sum-code", "second-code")
KERAS = ("load", *SHOWN, "second-other")
RESERVE = 1.5e9  # bytes that have to stay free: a machine without memory measures nothing, and kills something
ASSETS = re.compile(r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"')
BASICS = ("api/contents", "api/kernelspecs", "lab/api/settings", "lab/api/translations", "api/terminals", "api/me")


@dataclass
class Work:
    """What became of one student; times are seconds since this student, or the class, began."""

    usable: float = 0.0
    first_result: float = 0.0
    submitted: float = 0.0
    checksum: str = ""


def study(hub: LocalHub, name: str, wait: float, begun: float) -> tuple[Work, Kernel]:
    """All that one student does. The kernel stays, as it does when a page is left open."""
    time.sleep(wait)
    enough_memory()
    work, came = Work(), time.monotonic()
    student = Visitor(hub.url, name, hub.people[name].password)
    student.log_in()
    load_lab(student)
    work.usable = time.monotonic() - came
    answered = student.assignment("fetch", LESSON)
    require(answered["success"], f"{name} cannot fetch: {answered}")
    notebook = student.ask("GET", f"api/contents/convkit/{LESSON}/{NOTEBOOK}").json()["content"]
    asked = time.monotonic()
    kernel = student.kernel()
    for cell in notebook["cells"]:
        if cell.get("id") in KERAS:
            text = kernel.run(cell["source"])
        if cell.get("id") == FIRST:
            work.first_result = time.monotonic() - asked
            require("15" in text, f"{name} sees {text}")
    hand_in(student, notebook)
    work.checksum = checksum(hub.people[name].home / "convkit" / LESSON)
    work.submitted = time.monotonic() - begun
    return work, kernel


def load_lab(student: Visitor) -> None:
    """The page of JupyterLab with its scripts, its extensions, and what it asks before it is usable."""
    page = student.start()
    addresses = set(ASSETS.findall(page.text))
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page.text, re.S).group(1))
    for one in config.get("federated_extensions", []):
        addresses.add(f"{config['fullLabextensionsUrl']}/{one['name']}/{one['load']}")
    for address in sorted(addresses):
        student.session.get(urljoin(page.url, address), timeout=300).raise_for_status()
    for path in BASICS:
        require(student.ask("GET", path).status_code < 500, path)


def hand_in(student: Visitor, notebook: Any) -> None:
    """Save the notebook with an answer of one's own, and submit."""
    notebook["cells"].append(nbformat.v4.new_markdown_cell(f"{student.name} was here. " + student.name * 200))
    path = f"api/contents/convkit/{LESSON}/{NOTEBOOK}"
    saved = student.ask("PUT", path, json={"type": "notebook", "content": notebook})
    require(saved.ok, saved.text)
    answered = student.assignment("submit", LESSON)
    require(answered["success"], f"{student.name} cannot submit: {answered}")


def checksum(folder: Path) -> str:
    """Of all notebooks in a folder."""
    files = sorted(folder.glob("*.ipynb"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest() if files else "nothing"


def require(well: bool, what: str) -> None:
    if not well:
        raise RuntimeError(what[:1000])


def enough_memory() -> None:
    free = psutil.virtual_memory().available
    require(free > RESERVE, f"only {free / 1e6:.0f} MB are free: too little for another student")


class Watch(threading.Thread):
    """Sees the most memory that the machine has in use, beyond what it had before."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = psutil.virtual_memory().available
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.most = min(self.most, psutil.virtual_memory().available)

    @property
    def peak(self) -> float:
        """MB."""
        return (self.before - self.most) / 1e6


def shares(hub: LocalHub) -> dict[str, list[tuple[int, float]]]:
    """Whose processes are how big: name -> (process, MB), with each one's share in what several use (PSS).

    The system user tells whose it is: a fork server has little of its student's environment.
    """
    owners = {person.system_user: name for name, person in hub.people.items()} | {hub.course.grader: hub.course.id}
    found: dict[str, list[tuple[int, float]]] = {}
    for process in psutil.Process(hub.keeper.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            owner = "hub" if process.pid == hub.pid() else owners.get(process.username(), program(process))
            found.setdefault(owner, []).append((process.pid, process.memory_full_info().pss / 1e6))
    return found


def program(process: psutil.Process) -> str:
    return "proxy" if "configurable-http-proxy" in " ".join(process.cmdline()) else "other"


def processor(pids: list[int]) -> float:
    """Seconds that these have computed."""
    times = [psutil.Process(pid).cpu_times() for pid in pids if psutil.pid_exists(pid)]
    return sum(one.user + one.system for one in times)


def a_class(students: int, minutes: float, warm: bool) -> dict[str, Any]:
    """One class on one hub; what was measured."""
    names = tuple(f"s{number:03}" for number in range(students))
    late = ("late", "later")
    with local_hub(ROOT, students=(*names, *late), preload=None if warm else (), prefix="ckb-", say=print) as hub:
        ida = Visitor(hub.url, "ida", hub.people["ida"].password)
        ida.log_in()
        ida.open(f"{COURSE}/formgrader")
        watch = Watch()
        watch.start()
        resting = shares(hub)
        used = {name: processor([pid for pid, _ in resting[name]]) for name in ("hub", "proxy")}
        own, begun = time.process_time(), time.monotonic()
        works, kernels = everybody(hub, names, minutes)
        took = time.monotonic() - begun
        working = shares(hub)
        collected = ida.ask("POST", f"formgrader/api/assignment/{LESSON}/collect", COURSE).json()
        require(collected["success"], str(collected))
        watch.over.set()
        computed = {name: processor([pid for pid, _ in working[name]]) for name in working}
        whole = [n for n in names if checksum(hub.folder / "submitted" / n / LESSON) == works[n].checksum]
        for kernel in kernels:
            kernel.close()
        database = (hub.state / "jupyterhub.sqlite").stat().st_size / 1000
        next_one = [another_notebook(hub, name) for name in names[:5]]
        alone = [page_alone(hub, late[0]), page_in_a_browser(hub, late[1])]
        each = [sum(size for _, size in working[name]) for name in names]
        return {
            "students": students,
            "arrived_within_s": 60 * minutes,
            "collected_intact": len(whole),
            "submitted_within_s": spread(works),
            "took_s": took,
            **quantiles("usable_page_s", [one.usable for one in works.values()]),
            **quantiles("first_result_s", [one.first_result for one in works.values()]),
            "student_mb": statistics.median(each),
            "student_most_mb": max(each),
            "peak_mb": watch.peak,
            "hub_mb": sum(size for _, size in working["hub"]),
            "proxy_mb": sum(size for _, size in working["proxy"]),
            "course_server_mb": sum(size for _, size in working[hub.course.id]),
            "student_cpu_s": statistics.median(computed[name] for name in names),
            "hub_cpu_s": (computed["hub"] - used["hub"]) / students,
            "proxy_cpu_s": (computed["proxy"] - used["proxy"]) / students,
            "class_cpu_s": time.process_time() - own,
            "next_notebook_s": statistics.median(next_one),
            "page_alone_s": alone[0],
            "page_in_chromium_s": alone[1],
            "database_kb": database,
            "submission_kb": size_of(hub.exchange / "convkit" / "inbound") / students / 1000,
        }


def another_notebook(hub: LocalHub, name: str) -> float:
    """Seconds from asking for a kernel to what Keras prints, on an idle hub."""
    student = Visitor(hub.url, name, hub.people[name].password)
    student.log_in()
    student.open(f"{student.base}/lab")
    cells = student.ask("GET", f"api/contents/convkit/{LESSON}/{NOTEBOOK}").json()["content"]["cells"]
    code = {cell["id"]: cell["source"] for cell in cells}
    asked = time.monotonic()
    kernel = student.kernel()
    for one in ("load", "input-code", "single-guess", FIRST):
        kernel.run(code[one])
    took = time.monotonic() - asked
    kernel.close()
    student.ask("DELETE", f"api/kernels/{kernel.id}")
    return took


def page_alone(hub: LocalHub, name: str) -> float:
    """Seconds to a usable page for one user on an idle hub."""
    came = time.monotonic()
    student = Visitor(hub.url, name, hub.people[name].password)
    student.log_in()
    load_lab(student)
    return time.monotonic() - came


def page_in_a_browser(hub: LocalHub, name: str) -> float:
    """The same in Chromium, until JupyterLab shows its launcher: says what the seconds above are worth."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        came = time.monotonic()
        page.goto(f"{hub.url}/hub/login?next=/hub/spawn")
        page.fill("#username_input", name)
        page.fill("#password_input", hub.people[name].password)
        page.click("#login_submit")
        page.wait_for_selector(".jp-Launcher-content", timeout=120_000)
        took = time.monotonic() - came
        browser.close()
        return took


def everybody(hub: LocalHub, names: tuple[str, ...], minutes: float) -> tuple[dict[str, Work], list[Kernel]]:
    """The students come one by one, and work at the same time."""
    begun = time.monotonic()
    with ThreadPoolExecutor(len(names)) as room:
        gap = 60 * minutes / max(1, len(names) - 1)
        pending = {name: room.submit(study, hub, name, gap * i, begun) for i, name in enumerate(names)}
        done = {name: one.result() for name, one in pending.items()}
    return {name: work for name, (work, _) in done.items()}, [kernel for _, kernel in done.values()]


def spread(works: dict[str, Work]) -> float:
    times = [one.submitted for one in works.values()]
    return max(times) - min(times)


def quantiles(name: str, values: list[float]) -> dict[str, float]:
    """The median, and what 95 of 100 stay below."""
    ordered = sorted(values)
    return {name: statistics.median(ordered), f"{name}_95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]}


def size_of(folder: Path) -> float:
    """Bytes on the disk, in whole blocks."""
    return sum(one.lstat().st_blocks * 512 for one in folder.rglob("*"))


ROWS = {
    "students": "students",
    "collected, as they were saved": "collected_intact",
    "first to last submission, s": "submitted_within_s",
    "usable page, median, s": "usable_page_s",
    "usable page, 95 %, s": "usable_page_s_95",
    "first Keras result, median, s": "first_result_s",
    "first Keras result, 95 %, s": "first_result_s_95",
    "next notebook, later, s": "next_notebook_s",
    "usable page, alone, s": "page_alone_s",
    "the same in Chromium, s": "page_in_chromium_s",
    "memory of a student, median, MB": "student_mb",
    "memory of a student, most, MB": "student_most_mb",
    "all memory at its peak, MB": "peak_mb",
    "hub, MB": "hub_mb",
    "proxy, MB": "proxy_mb",
    "processor, a student, s": "student_cpu_s",
    "processor, the hub for a student, s": "hub_cpu_s",
    "processor, the proxy for a student, s": "proxy_cpu_s",
    "processor, this class's threads, s": "class_cpu_s",
    "hub's database, kB": "database_kb",
    "a submission, kB": "submission_kb",
}


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=2.0, help="in which they arrive")
    parser.add_argument("--kernels", choices=("cold", "warm", "both"), default="both")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {KEPT.name}")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure both, and print."""
    told = options()
    if os.geteuid():
        raise SystemExit("Run this as root: each student of the class is a system user of this machine.")
    kinds = ("cold", "warm") if told.kernels == "both" else (told.kernels,)
    found: dict[str, Any] = {}
    for kind in kinds:
        found[kind] = a_class(told.students, told.minutes, warm=kind == "warm")
        print(json.dumps({kind: found[kind]}), flush=True)
    rows = [[label, *(f"{found[kind][key]:.4g}" for kind in kinds)] for label, key in ROWS.items()]
    title = f"{told.students} students in {told.minutes:g} minutes on {os.cpu_count()} cores"
    show(title, ["", *(f"{kind} kernels" for kind in kinds)], rows)
    if told.write:
        before = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        KEPT.write_text(json.dumps({**before, "cores": os.cpu_count(), **found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
