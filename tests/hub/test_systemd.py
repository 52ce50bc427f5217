"""`deploy/jupyterhub/README.md` under a real systemd: its commands as they are written, then a hub at work."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing

import pytest

from benchmarks._visitor import Visitor
from tests.chart import LOGINS
from tests.hub import machine as machines
from tests.hub.machine import AWAIT_HUB, OFFLINE, PASSWORD, ROOT, instructor

pytestmark = pytest.mark.days  # five minutes: a Debian is made, and the kit's packages are installed on it

LOGIN_PAGE = ROOT / "deploy" / "authenticators" / "README.md"
# Run on the machine: ada logs in and gets a kernel; then the hub is restarted, and her page asks on and on.
STUDENT = """
import json, re, subprocess, sys, threading, time
import requests

hub, name, password = "http://127.0.0.1:8000", "ada", sys.argv[1]
session = requests.Session()
xsrf = lambda path: next((one.value for one in session.cookies if one.name == "_xsrf" and one.path == path), "")
session.get(f"{hub}/hub/login")
form = {"username": name, "password": password, "_xsrf": xsrf("/hub/")}
answer = session.post(f"{hub}/hub/login", data=form, allow_redirects=False)
assert answer.status_code == 302, (answer.status_code, re.findall("login_error.*?</p>", answer.text, re.DOTALL))
session.get(f"{hub}/hub/spawn")
end = time.monotonic() + 180
while "/user/" not in session.get(f"{hub}/user/{name}/lab").url and time.monotonic() < end:
    time.sleep(0.5)

def ask(method, path, **data):
    headers, address = {"X-XSRFToken": xsrf(f"/user/{name}/")}, f"{hub}/user/{name}/{path}"
    return session.request(method, address, headers=headers, timeout=180, allow_redirects=False, **data)

kernel = ask("POST", "api/kernels", json={}).json()
pid = lambda unit: subprocess.run(["systemctl", "show", "-P", "MainPID", unit], capture_output=True, text=True).stdout
units = [f"jupyter-{name}-singleuser", "jupyterhub-proxy", "jupyterhub"]
before, codes, over = [pid(unit) for unit in units], [], threading.Event()

def page():
    while not over.is_set():
        codes.append(ask("GET", "api/status").status_code)
        codes.append(ask("GET", f"api/kernels/{kernel['id']}").status_code)
        time.sleep(0.1)

thread = threading.Thread(target=page)
thread.start()
subprocess.run(["systemctl", "restart", "jupyterhub"], check=True)
end = time.monotonic() + 180
while time.monotonic() < end:
    try:
        if session.get(f"{hub}/hub/api/", timeout=5).status_code == 200:
            break
    except requests.RequestException:
        pass
    time.sleep(0.5)
time.sleep(3)
over.set()
thread.join()
after = [pid(unit) for unit in units]
print(json.dumps({"codes": sorted(set(codes)), "count": len(codes),
                  "same": [one == other for one, other in zip(before, after)]}))
"""


@pytest.fixture(scope="module")
def machine():
    if reason := machines.why_not():
        pytest.skip(reason)
    with machines.documented("Upgrade") as found:
        yield found


def test_the_upgrade_made_a_backup_that_only_root_reads(machine):
    said = machine.run("stat -c %a /srv/backup-*; /srv/convkit/deploy/course/restore --check /srv/backup-*")
    assert said.startswith("700\n")
    assert "hub.sqlite: whole, 4 in users" in said


def test_doctor_finds_nothing_on_the_hub_as_documented(machine):
    said = machine.run("/opt/convkit/bin/gradekit doctor --hub --config /etc/jupyterhub/jupyterhub_config.py --json")
    found = json.loads(said)
    assert [one for one in found if one["ok"] is not True] == []


@pytest.fixture(scope="module")
def logins(machine) -> str:
    """The line of the page for a login; its packages are installed by the command of the page."""
    for step in machines.commands(LOGIN_PAGE)[""]:
        machine.run(f"{OFFLINE}\n{step}")
    return re.search(r"^load_subconfig\(.*?\)", LOGIN_PAGE.read_text(), re.MULTILINE).group()


@pytest.mark.parametrize("name", [*LOGINS, "native"])
def test_doctor_finds_nothing_with_another_way_to_log_in(machine, logins, name):
    given = {**LOGINS, "native": {"GRADEKIT_DOORKEEPERS": "ida"}}[name]
    variables = "\n".join(f"export {variable}={shlex.quote(value)}" for variable, value in given.items())
    config = f"/etc/jupyterhub/{name}.py"
    line = f"s|^c.JupyterHub.authenticator_class = .*|{logins.replace('github', name)}|"
    machine.run(f"sed '{line}' /etc/jupyterhub/jupyterhub_config.py > {config} && grep -q {name} {config}")
    machine.run(f"{variables}\n/opt/convkit/bin/gradekit doctor --hub --config {config}")


def test_a_restart_of_the_hub_is_not_seen_by_a_student_at_work(machine):
    machine.run("cat > /srv/student.py", text=STUDENT)
    found = json.loads(machine.run(f"/opt/convkit/bin/python /srv/student.py '{PASSWORD}'").splitlines()[-1])
    assert found["codes"] == [200]
    assert found["count"] > 20
    assert found["same"] == [True, True, False], "her server and the proxy go on, and the hub is another process"


def test_what_runs_on_the_course_server_goes_on_while_the_hub_is_restarted(machine):
    """A cell of the instructor's begins before the restart, and ends after it."""
    with machine.network():
        ida = instructor()
        with closing(ida.kernel()) as kernel:
            kernel.run(
                "import subprocess\nwork = subprocess.Popen(['sh', '-c', 'read line; echo graded $line'],"
                " stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)"
            )
            machine.run(f"systemctl restart jupyterhub\n{AWAIT_HUB}")
            assert kernel.run("print(work.communicate('ada')[0])").strip() == "graded ada"
        assert ida.open(f"{ida.base}/formgrader").ok


def test_a_students_server_keeps_to_its_limits(machine):
    """As its unit has them: systemd enforces what it shows."""
    shown = machine.run("systemctl show -P MemoryMax -P MemorySwapMax -P TasksMax jupyter-ada-singleuser").split()
    assert shown == ["2147483648", "0", "512"]


LISTEN = "systemd-run --quiet --unit=listen --working-directory=/usr /opt/convkit/bin/python -m http.server 9999"
OTHER = "10.99.0.1"  # a second address of the machine is another network to the filter
REACH = f"""
import json, requests
def reach(address):
    try:
        return requests.head(f"http://{{address}}:9999", timeout=10).status_code
    except requests.RequestException:
        return "refused"
print(json.dumps([reach("127.0.0.1"), reach("{OTHER}")]))
"""


@pytest.fixture(scope="module")
def kernel(machine):
    """A kernel of ada's, on her server."""
    with machine.network():
        ada = Visitor("http://127.0.0.1:8000", "ada", PASSWORD)
        ada.log_in()
        ada.start()
        one = ada.kernel()
        yield one
        one.close()


@pytest.mark.parametrize("folder", ["/tmp", "/var/tmp"])
def test_a_student_cannot_fill_the_disk_of_the_system(kernel, folder):
    """The file is removed: it would count as the server's memory."""
    code = f"""
import os
try:
    with open("{folder}/big", "wb") as file:
        for _ in range(600):
            file.write(bytes(10**6))
except OSError as error:
    print(error.strerror)
os.unlink("{folder}/big")
"""
    assert kernel.run(code).strip() == "No space left on device"


def test_a_students_server_reaches_this_machine_and_no_network(machine, kernel):
    machine.run(f"{LISTEN}; sleep 3")
    machine.run("cat > /srv/reach.py", text=REACH)
    machine.add_address(OTHER)
    as_ada = "setpriv --reuid=ada --regid=ada --init-groups /opt/convkit/bin/python"
    assert json.loads(machine.run(f"{as_ada} /srv/reach.py")) == [200, 200], "outside of her server"
    assert json.loads(kernel.run(REACH)) == [200, "refused"]


@pytest.mark.parametrize(
    "path",
    [
        "/srv/convkit",
        "/srv/courses/convkit",
        "/srv/jupyterhub",
        "/etc/jupyterhub/proxy",
        "~ben",
        "/srv/repository",
    ],
)
def test_a_student_cannot_read(machine, path):
    """The last one can be read, as it is the test's own: that shows what a folder without protection looks like."""
    said = machine.run(f"setpriv --reuid=ada --regid=ada --init-groups cat {path}", check=False)
    listed = machine.run(f"setpriv --reuid=ada --regid=ada --init-groups ls {path}", check=False)
    assert ("Permission denied" in listed + said) == (path != "/srv/repository")
