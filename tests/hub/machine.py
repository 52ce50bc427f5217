"""A Debian with a real systemd, in systemd-nspawn, on which the README for one machine is run as it is written."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from benchmarks._visitor import Visitor

ROOT = Path(__file__).parents[2]
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,libpam-modules,login,passwd,procps,nodejs,npm"
PAGE = ROOT / "deploy" / "jupyterhub" / "README.md"
PEOPLE = ("ida", "ada", "ben", "chiara")  # in jupyterhub_config.py
URL = "http://127.0.0.1:8000"
PASSWORD = "a password of this test"
NETWORK = (
    "apt-get",
    "git clone",
    "python3 -m venv",
    "/opt/convkit/bin/pip",
    "/opt/tljh/hub/bin/pip",
    "/opt/tljh/user/bin/pip",
    "npm",
)
STARTS = ("systemctl enable", "systemctl start", "tljh-config reload")
LOCKS = ("image/build", "image/jupyterhub-5", "authenticators/requirements")
WHEELS = " ".join(f"/srv/wheels/{lock}" for lock in LOCKS)
OFFLINE = f"export PIP_NO_INDEX=1 PIP_FIND_LINKS='{WHEELS}'"
AWAIT_HUB = """for second in {1..180}; do
python3 -c 'from urllib.request import urlopen; urlopen("http://127.0.0.1:8000/hub/health")' 2>/dev/null && exit
sleep 1
done
exit 1"""
BOX = re.compile(r"```console\n(.*?)```", re.DOTALL)
NET = 0x40000000  # CLONE_NEWNET of setns
POWER_OFF = signal.SIGRTMIN + 4  # as systemd reads it
HOME = Path("~root").expanduser()
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def why_not() -> str:
    """Why there can be no such machine here; empty where there can."""
    if os.geteuid() != 0:
        return "only root boots a machine"
    missing = [name for name in ("mmdebstrap", "systemd-nspawn") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not installed: apt-get install mmdebstrap systemd-container" if missing else ""


def commands(page: Path) -> dict[str, list[str]]:
    """The commands of each section of a page: lines that begin with "# " in its boxes, each as it is written."""
    first, *sections = page.read_text(encoding="utf-8").split("\n## ")
    boxes = {"": first, **dict(section.split("\n", 1) for section in sections)}
    return {title: re.findall(r"^# (.*)", "\n".join(BOX.findall(text)), re.MULTILINE) for title, text in boxes.items()}


def make(folder: Path, packages: str = PACKAGES) -> None:
    """Make the file system of a Debian with these packages, and with the certificates of this machine."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.copy(CERTIFICATES, folder / CERTIFICATES.lstrip("/"))


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

    def add_person(self, name: str) -> None:
        """Make a system user as the README does, with PASSWORD."""
        self.run(f"useradd --create-home --shell /bin/bash {name} && chmod 700 ~{name}")
        self.run("chpasswd", text=f"{name}:{PASSWORD}\n")

    def add_address(self, address: str) -> None:
        """Give its loopback another address."""
        enter = ["nsenter", "-t", str(self.init), "-n"]
        subprocess.run([*enter, "ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)

    @property
    def root(self) -> Path:
        """The machine's file system, as this machine sees it."""
        return Path(f"/proc/{self.init}/root")

    @contextmanager
    def network(self) -> Iterator[None]:
        """Let this thread, and what it starts, use the machine's network."""
        with open("/proc/thread-self/ns/net") as here, open(f"/proc/{self.init}/ns/net") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, NET) < 0:
        raise OSError(ctypes.get_errno(), "setns")


def instructor() -> Visitor:
    """The instructor on the course server, which starts after the hub."""
    ida = Visitor(URL, "ida", PASSWORD)
    ida.log_in()
    ida.base = "services/convkit"
    end = time.monotonic() + 180
    while not ida.open(f"{ida.base}/formgrader").ok and time.monotonic() < end:
        time.sleep(1)
    return ida


def join(machine: Machine, *names: str) -> None:
    """Make a system user for each, and add them with `gradekit roster` on the course server."""
    for name in names:
        machine.add_person(name)
    with machine.network():
        ida = instructor()
        with closing(ida.kernel()) as kernel:
            said = kernel.run(
                f"!printf '%s\\n' login {' '.join(names)} > class.csv && gradekit roster import class.csv"
            )
    assert all(name in said for name in names), said


def press(machine: Machine, assignment: str, step: str) -> str:
    """Press a button of formgrader, and return the log."""
    with machine.network():
        answered = instructor().ask("POST", f"formgrader/api/assignment/{assignment}/{step}").json()
        assert answered["success"], answered
        return answered["log"]


@contextmanager
def booted(folder: Path, network: bool) -> Iterator[Machine]:
    """Boot it with this machine's network, or with a loopback of its own and changes that are lost at the end."""
    options = [] if network else ["--private-network", "--volatile=overlay"]
    options += ["--capability=CAP_BPF,CAP_NET_ADMIN", "--system-call-filter=bpf"]  # with which systemd filters packets
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


@contextmanager
def documented(*sections: str, before_start: str = "") -> Iterator[Machine]:
    """The machine after the README's commands.

    `sections` are more of its sections, and `before_start` one whose commands come before the hub is started.
    """
    page = commands(PAGE)
    begin = next(number for number, step in enumerate(page[""]) if step.startswith("systemctl enable"))
    steps = [*page[""][:begin], *(page[before_start] if before_start else ()), *page[""][begin:]]
    steps += [step for title in sections for step in page[title]]
    with after(steps, filter(needs_network, page[""])) as machine:
        yield machine


@contextmanager
def after(steps: list[str], once: Iterable[str], repository: str = "") -> Iterator[Machine]:
    """The machine after these steps. `once` is done once, with a network, and kept in build/.

    Of `steps`, those that need a network are done again where they install the kit. `repository` is the address of one
    that `once` needs, in /srv/other.
    """
    folder = _installed(list(once), repository)
    refresh(folder)
    _download(folder)
    with booted(folder, network=False) as machine:
        machine.run("rm -rf /srv/convkit")
        for step in steps:
            if "/srv/convkit" in step or not needs_network(step):
                for one in _for_each_person(step):
                    machine.run(f"{OFFLINE}\n{_as_written(one)}", text=f"{PASSWORD}\n{PASSWORD}\n")
            if step.startswith(STARTS):
                machine.run(AWAIT_HUB)
        yield machine


def _installed(steps: list[str], repository: str) -> Path:
    """The file system of a machine on which these steps were run."""
    folder = ROOT / "build" / f"machine-{hashlib.sha256(repr(steps).encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)  # of a test that was stopped
        make(part)
        refresh(part)
        if repository:
            subprocess.run(["git", "clone", "--quiet", repository, part / "srv/other"], check=True)
        with booted(part, network=True) as machine:
            for step in steps:
                machine.run(_as_written(step), text="y\n")  # apt-get asks
        part.rename(folder)
    return folder


def _download(folder: Path) -> None:
    """Download what a cached machine has not: what builds the kit, JupyterHub 5, ways to log in."""
    for lock in LOCKS:
        target = folder / "srv/wheels" / lock
        if not target.is_dir():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
            subprocess.run([*command, "-d", target, "-r", ROOT / f"deploy/{lock}.lock"], check=True)


def needs_network(step: str) -> bool:
    return step.startswith(NETWORK)


def _as_written(step: str) -> str:
    """The command with the address of the kit in it; npm's, for the Node of Debian 12."""
    if step.startswith("npm"):
        return f"{step}@4"
    return step.replace("REPOSITORY", "file:///srv/repository")


def _for_each_person(step: str) -> list[str]:
    """The README makes one user, and says that each person of the configuration needs one."""
    make_user = "useradd --create-home --shell /bin/bash" in step
    return [step.replace("ada", name) for name in PEOPLE] if make_user else [step]
