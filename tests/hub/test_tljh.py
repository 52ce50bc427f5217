"""`deploy/tljh/README.md` on the hub of The Littlest JupyterHub: its configuration, spawner, service, environments.

Its source comes from GitHub, or from a clone that CONVKIT_TLJH names. Of what its installer fetches from there, the
users' environment is a venv here instead of Miniforge, and the proxy is JupyterHub's own instead of Traefik.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks._visitor import Visitor
from gradekit.hub.config import UNIT_LIMITS
from tests import toy
from tests.hub import machine as machines
from tests.hub.machine import AWAIT_HUB, PASSWORD, ROOT, URL, Machine, instructor, press
from tests.hub.scene import answer, done

pytestmark = pytest.mark.days  # two minutes, and ten for the first time: a Debian is made, with the packages

SOURCE = os.environ.get("CONVKIT_TLJH", "https://github.com/jupyterhub/the-littlest-jupyterhub")
STEPS = machines.commands(ROOT / "deploy/tljh/README.md")[""]
(DOCTOR,) = (step for step in STEPS if "gradekit doctor" in step)
CONFIG = "/opt/tljh/hub/lib/python3.11/site-packages/tljh/jupyterhub_config.py"
EXTRA = "/opt/tljh/config/jupyterhub_config.d"
INSTALLER = (  # what it does, on a Debian 12
    "apt-get update",
    "apt-get install python3 python3-venv git",
    "npm install -g configurable-http-proxy",
    "python3 -m venv /opt/tljh/hub && python3 -m venv /opt/tljh/user",
    "grep -v -e '^#' -e pycurl /srv/other/tljh/requirements-hub-env.txt > /srv/hub.txt",
    "/opt/tljh/hub/bin/pip install -r /srv/hub.txt /srv/other",
    "/opt/tljh/user/bin/pip install $(grep ^jupyterhub.= /srv/hub.txt)",
    "groupadd jupyterhub-users && groupadd jupyterhub-admins",
    f"mkdir -m 700 /opt/tljh/state /opt/tljh/config && mkdir -m 700 {EXTRA}",
    "ln -s /opt/tljh/hub/bin/tljh-config /usr/bin/tljh-config",
    "echo 'http: {port: 8000}' > /opt/tljh/config/config.yaml",
    f"echo 'c.JupyterHub.proxy_class = \"configurable-http-proxy\"' > {EXTRA}/a_proxy.py",
    f"echo 'c.JupyterHub.bind_url = \"{URL}\"' >> {EXTRA}/a_proxy.py",
    "sed -e /traefik/d -e 's|{install_prefix}|/opt/tljh|g' -e 's|{python_interpreter_path}|/opt/tljh/hub/bin/python|'"
    f" -e 's|{{jupyterhub_config_path}}|{CONFIG}|' /srv/other/tljh/systemd-units/jupyterhub.service"
    " > /etc/systemd/system/jupyterhub.service",
    "systemctl enable jupyterhub",
)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """The machine after the commands of the page; the course is a small one."""
    if reason := machines.why_not():
        pytest.skip(reason)
    if subprocess.run(["git", "ls-remote", SOURCE], capture_output=True).returncode:
        pytest.skip(f"{SOURCE} cannot be reached: CONVKIT_TLJH names a clone of it")
    with machines.after(STEPS, [*INSTALLER, *filter(machines.needs_network, STEPS)], SOURCE) as found:
        toy.make(found.root / "srv/courses/convkit")
        found.run("chown -R grader-convkit: /srv/courses/convkit")
        for step in ("assign", "release"):
            press(found, "toy", step)
        yield found


def student(name: str) -> Visitor:
    """A student with a server; the first login with a name sets its password."""
    one = Visitor(URL, name, PASSWORD)
    one.log_in()
    one.start()
    return one


def test_a_day_and_then_doctor_finds_nothing(machine):
    """Submissions belong to jupyter-NAME; TLJH makes the users and their homes."""
    with machine.network():
        ida = instructor()
        with closing(ida.kernel()) as kernel:
            assert "1 in the course: dilan" in kernel.run("!gradekit roster add dilan")
        for name in ("ada", "dilan"):
            one = student(name)
            done(one.assignment("fetch", "toy"))
            answer(machine.root / f"home/jupyter-{name}/convkit/toy")
            done(one.assignment("submit", "toy"))
        log = press(machine, "toy", "collect")
        assert all(f"Collecting submission: {name} toy" in log for name in ("ada", "dilan"))
        done(ida.ask("POST", "formgrader/api/submission/toy/ada/autograde").json())
        assert ida.ask("GET", "formgrader/api/submission/toy/ada").json()["code_score"] == 5
        with pytest.raises(RuntimeError, match="mallory cannot log in: 403"):
            student("mallory")
    machine.run(DOCTOR)


def test_a_students_server_has_its_limits_and_outlives_the_hub(machine):
    with machine.network():
        ada = student("ada")
        names = ("MemoryMax", "CPUQuotaPerSecUSec", "NoNewPrivileges", "PrivateDevices", *UNIT_LIMITS)
        shown = machine.run(f"systemctl show {' '.join(f'-p {name}' for name in names)} jupyter-ada")
        found = dict(line.split("=", 1) for line in shown.splitlines())
        addresses = [set(found.pop(name).split()) for name in ("IPAddressDeny", "IPAddressAllow")]
        assert addresses == [{"0.0.0.0/0", "::/0"}, {"127.0.0.0/8", "::1/128"}]
        limits = {"MemoryMax": "2147483648", "CPUQuotaPerSecUSec": "1s", "MemorySwapMax": "0", "TasksMax": "512"}
        files = {"TemporaryFileSystem": UNIT_LIMITS["TemporaryFileSystem"], "PrivateDevices": "yes"}
        assert found == {**limits, **files, "NoNewPrivileges": "yes"}
        machine.run(f"systemctl restart jupyterhub\n{AWAIT_HUB}")
        assert ada.ask("GET", "api/status").ok
