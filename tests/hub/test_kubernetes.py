"""Run the Helm chart without a cluster, as a hub and processes.

The hub has the roles, services and groups of values.yaml; the course server, ngshare and grading have the commands and
environments of their pods. The addresses are on loopback; tokens and the address of the gradebook come from the
environment, as from the secrets. Where PostgreSQL is installed, the gradebook is in a database of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gradekit.hub.config import settings_of
from tests import chart, postgres, toy
from tests.hub.small_hub import ROOT, Hub, Learner, Teacher, free_port, packages

pytestmark = pytest.mark.days

LABEL = "metadata.labels['batch.kubernetes.io/job-name']"
CONFIG = """
import os, yaml
values = yaml.safe_load(open({values!r}))["jupyterhub"]
hub = values["hub"]
c.JupyterHub.load_groups = hub["config"]["JupyterHub"]["load_groups"]
c.JupyterHub.load_groups["nbgrader-convkit"]["users"].append("ada")
c.JupyterHub.load_roles = [{{"name": name, **role}} for name, role in hub["loadRoles"].items()]
c.JupyterHub.services = [
    {{"name": name, "api_token": os.environ["TOKEN_" + name], **service}} for name, service in hub["services"].items()
]
for service in c.JupyterHub.services:
    if "url" in service:
        service["url"] = "http://127.0.0.1:{course_port}"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allowed_users = {{"ada", "ida"}}
c.Spawner.cmd = values["singleuser"]["cmd"]
c.Spawner.http_timeout = values["hub"]["config"]["KubeSpawner"]["http_timeout"]
c.Spawner.default_url = values["singleuser"]["defaultUrl"]
c.Spawner.environment = dict({extra!r}, GRADEKIT_EXCHANGE={exchange!r})
for code in hub["extraConfig"].values():
    exec(code.replace("KubeSpawner", "Spawner").replace("/opt/settings", {settings!r}))
"""


def image_environment(target: str) -> dict[str, str]:
    """JUPYTER_CONFIG_PATH as the Containerfile sets it for a target."""
    stage = re.split(r"^FROM ", (ROOT / "deploy/image/Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (text,) = [one for one in stage if one.splitlines()[0].endswith(f" AS {target}")]
    return dict([re.findall(r"(JUPYTER_CONFIG_PATH)=(\S+)", text)[-1]])


class Pod:
    """A pod as a process. `here` maps its addresses and paths to those of this machine."""

    def __init__(self, found: dict, folder: Path, secret: dict[str, str], here: dict[str, str], **more: str) -> None:
        (container,) = chart.pod_of(found)["containers"]
        replaced = {name: swap(text, here) for name, text in chart.environment(container, secret).items()}
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        command = [swap(part, here) for part in container["command"]]
        command += ["--allow-root"] if "jupyterhub-singleuser" in command[0] else []
        folder.mkdir(exist_ok=True)
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=swap(container.get("workingDir", str(folder)), here),
                env={**kept, **replaced, **more},
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(300)


def swap(text: str, pairs: dict[str, str]) -> str:
    for there, here in pairs.items():
        text = text.replace(there, here)
    return text


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory) -> Iterator[str]:
    """The address of an empty database, in PostgreSQL where that is installed."""
    if postgres.why_not():
        yield f"sqlite:///{tmp_path_factory.mktemp('gradebook')}/gradebook.db"
        return
    for address in (servers := postgres.server()):
        yield postgres.new_database(address, "gradebook").replace("postgresql://", "postgresql+psycopg://")
    servers.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, gradebook, proxy, jupyterhub_5) -> Iterator[Hub]:
    """The hub and its servers are a JupyterHub 5, as those of the chart and of the image."""
    folder = tmp_path_factory.mktemp("cluster")
    for name in ("ada", "ida"):
        (folder / "homes" / name).mkdir(parents=True)
    exchange_and_database = packages(ROOT / "deploy" / "image" / "requirements.lock", "ngshare|psycopg")
    library = os.pathsep.join(map(str, (jupyterhub_5, exchange_and_database)))
    ports = {"course": free_port(), "ngshare": free_port()}
    exchange = f"http://127.0.0.1:{ports['ngshare']}/services/ngshare"
    tokens = {name: secrets.token_hex(16) for name in ("convkit", "ngshare", "prometheus")}
    hub = Hub(
        folder,
        CONFIG,
        extra={"PYTHONPATH": library},
        values=str(chart.FOLDER / "values.yaml"),
        course_port=ports["course"],
        exchange=exchange,
        settings=settings_of(),
    )
    hub.environment |= {f"TOKEN_{name}": token for name, token in tokens.items()}
    hub.start()
    secret = {f"hub.services.{name}.apiToken": token for name, token in tokens.items()} | {"url": gradebook}
    here = {
        "http://hub:8081": f"http://127.0.0.1:{hub.names['hub_port']}",
        "http://ngshare:8080": f"http://127.0.0.1:{ports['ngshare']}",
        "0.0.0.0:8080": f"127.0.0.1:{ports['ngshare']}",
        "0.0.0.0:8888": f"127.0.0.1:{ports['course']}",
        "/opt/convkit/bin": str(Path(sys.executable).parent),
        "/opt/settings": settings_of(),
        "/srv/course": str(toy.make(folder / "course")),
        "/srv/ngshare": str(folder / "ngshare"),
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # as in the image
    config_path = {name: swap(text, here) for name, text in image_environment("course").items()}
    library = {"PYTHONPATH": library, "PATH": path}
    with contextlib.ExitStack() as running:
        running.callback(hub.stop)
        for name, more in (("ngshare", {}), ("course-convkit", config_path)):
            pod = Pod(chart.find("Deployment", name), folder / name, secret, here, **library, **more)
            running.callback(pod.stop)
        hub.wait_for("services/convkit/formgrader")
        hub.grading = lambda run: Pod(
            chart.find("CronJob", "grade-convkit"),
            folder / "course",
            secret | {LABEL: run},
            here,
            ASSIGNMENTS="toy",
            **library,
            **config_path,
        )
        yield hub


def test_an_assignment_is_released_submitted_and_graded(cluster):
    ida, ada = Teacher(cluster, "ida"), Learner(cluster, "ada")
    assert ida.press("assignment/toy/assign")["success"]
    assert ida.press("assignment/toy/release")["success"]
    assert ada.act("fetch")["success"]
    ada.answer(second_layer_params="def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters")
    assert ada.act("submit")["success"]
    assert ida.press("assignment/toy/collect")["success"]
    assert ida.press("submission/toy/ada/autograde")["success"]
    assert ida.score("ada") == 2.0


def test_the_job_collects_once_and_grades_what_was_handed_in_again(cluster):
    """Two pods of one run: the first collects, and the other finds its mark."""
    ida, ada = Teacher(cluster, "ida"), Learner(cluster, "ada")
    ada.answer(layer_params=f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}")
    assert ada.act("submit")["success"]
    pods = [cluster.grading("grade-1") for _ in range(2)]
    for pod in pods:
        assert pod.process.wait(600) == 0, pod.log.read_text()[-4000:]
    assert ida.score("ada") == 5.0
    assert (cluster.folder / "course" / ".collected-toy").read_text() == "grade-1\n"


def test_prometheus_reads_metrics_and_nothing_else(cluster):
    token = {"Authorization": f"token {cluster.environment['TOKEN_prometheus']}"}
    answer = requests.get(f"{cluster.url}/hub/metrics", headers=token, timeout=60)
    assert "jupyterhub_running_servers" in answer.text
    assert requests.get(f"{cluster.url}/hub/metrics", timeout=60).status_code == 403
    assert requests.get(f"{cluster.url}/hub/api/users", headers=token, timeout=60).status_code == 403


def test_the_gradebook_is_in_the_database_of_the_secret(cluster, gradebook):
    assert not (cluster.folder / "course" / "gradebook.db").exists()
    if gradebook.startswith("sqlite"):
        pytest.skip(f"the gradebook was in a file: {postgres.why_not()}")
    import psycopg

    with psycopg.connect(gradebook.replace("+psycopg", "")) as database:
        assert database.execute("select id from student").fetchall() == [("ada",)]


def test_the_hub_is_of_the_charts_version(cluster):
    assert requests.get(f"{cluster.url}/hub/api", timeout=300).json()["version"].startswith("5.")


def test_roles_are_those_of_gradekit():
    """values.yaml repeats roles of gradekit.hub in YAML, because the hub's pod has no gradekit."""
    from gradekit.hub.config import Course, roles, server_role
    from gradekit.hub.ngshare.service import ACCESS, role_of

    course = Course("convkit", "/srv/course")
    written = dict(chart.VALUES["jupyterhub"]["hub"]["loadRoles"])
    assert written.pop("metrics") == {"scopes": ["read:metrics"], "services": ["prometheus"]}
    expected = {role["name"]: dict(role) for role in [server_role(), *roles(course), role_of([course])]}
    expected["server"]["scopes"] = [*expected["server"]["scopes"], ACCESS]
    for name, role in expected.items():
        assert sorted(written[name]["scopes"]) == sorted(role["scopes"]), name
        assert {key: sorted(role[key]) for key in ("groups", "services") if key in role} == {
            key: sorted(written[name][key]) for key in ("groups", "services") if key in written[name]
        }
    assert set(written) == set(expected)
