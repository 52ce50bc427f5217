"""A Debian with a real systemd, in systemd-nspawn: the steps of a README are run on it, as they are written."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,libpam-modules,login,passwd,procps,nodejs,npm"
POWER_OFF = signal.SIGRTMIN + 4  # as systemd reads it
HOME = Path("~root").expanduser()
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def why_not() -> str:
    """Why there can be no such machine here; empty where there can."""
    if os.geteuid() != 0:
        return "only root boots a machine"
    missing = [name for name in ("mmdebstrap", "systemd-nspawn") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not installed: apt-get install mmdebstrap systemd-container" if missing else ""


def commands(page: Path) -> list[str]:
    """The commands of a page: lines that begin with "# " in its boxes, each as it is written."""
    boxes = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line.removeprefix("# ") for box in boxes for line in box.splitlines()]


def make(folder: Path) -> None:
    """Make the machine's file system, with a repository of this working tree at /srv/repository."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.copy(CERTIFICATES, folder / CERTIFICATES.lstrip("/"))
    refresh(folder)


def refresh(folder: Path) -> None:
    """Commit the files of this working tree, as they are, to the machine's repository."""
    place = folder / "srv" / "repository"
    shutil.rmtree(place, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for step in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The working tree"]):
        subprocess.run([*git, *step], cwd=place, check=True)


class Machine:
    """A booted machine."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process

    @property
    def init(self) -> int:
        """The process that is number 1 in the machine."""
        return psutil.Process(self.process.pid).children()[0].pid

    def run(self, script: str, *, check: bool = True, text: str = "") -> str:
        """Run a script in bash as root, with that text as its input; returns its output and errors."""
        enter = ["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i"]
        variables = [
            f"HOME={HOME}",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"PIP_CERT={CERTIFICATES}",
            f"NODE_EXTRA_CA_CERTS={CERTIFICATES}",
        ]
        done = subprocess.run(
            [*enter, *variables, "bash", "-c", f"cd; {script}"], input=text, capture_output=True, text=True
        )
        said = done.stdout + done.stderr
        assert not check or done.returncode == 0, f"{script}\n{said[-6000:]}"
        return said


@contextmanager
def booted(folder: Path, network: bool) -> Iterator[Machine]:
    """Boot it with this machine's network, or with a loopback of its own and changes that are lost at the end."""
    options = [] if network else ["--private-network", "--volatile=overlay"]
    command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", *options, "-D", str(folder)]
    with open(folder.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    machine = Machine(process)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and not psutil.Process(process.pid).children():
            time.sleep(0.2)
        while time.monotonic() < end and "running" not in machine.run("systemctl is-system-running", check=False):
            time.sleep(0.5)
        yield machine
    finally:
        os.kill(machine.init, POWER_OFF)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
