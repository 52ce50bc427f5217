"""deploy/kubernetes without a cluster: Helm renders it, Kubernetes' schemas and the hub's own spawner read it.

With the chart of Zero to JupyterHub (`helm dependency build deploy/kubernetes`), all of that is rendered too, and its
jupyterhub_config.py is loaded. Without it, the keys that values.yaml uses are compared with those listed here.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import chart
from tests.hub.small_hub import packages

HUB = chart.VALUES["jupyterhub"]["hub"]
SINGLEUSER = chart.VALUES["jupyterhub"]["singleuser"]
TRIAL = {"gradebook": {"trial": True}, "monitoring": {"enabled": True}}
README = (chart.FOLDER / "README.md").read_text(encoding="utf-8")
NO_SCHEMA = {"ServiceMonitor"}  # of Prometheus' operator

# The chart's keys that values.yaml uses, as its configuration reference has them (values.schema.yaml of the chart,
# BSD-3-Clause), and what each takes. "any" is free by the schema: what is below it is not the chart's to know.
CHART_VERSION = "4.4.0"  # whose schema they were compared with
CHART = {
    "enabled": bool,
    "hub.config": "any",
    "hub.extraEnv": "any",
    "hub.services": "any",
    "hub.loadRoles": "any",
    "hub.extraConfig": "any",
    "hub.concurrentSpawnLimit": int,
    "hub.networkPolicy.enabled": bool,
    "hub.networkPolicy.ingress": list,
    "proxy.https.enabled": bool,
    "proxy.https.hosts": list,
    "proxy.https.letsencrypt.contactEmail": str,
    "singleuser.image.name": str,
    "singleuser.image.tag": str,
    "singleuser.cmd": (str, list),
    "singleuser.defaultUrl": str,
    "singleuser.uid": int,
    "singleuser.fsGid": int,
    "singleuser.allowPrivilegeEscalation": bool,
    "singleuser.extraEnv": "any",
    "singleuser.memory.limit": (int, float, str),
    "singleuser.memory.guarantee": (int, float, str),
    "singleuser.cpu.limit": (int, float),
    "singleuser.cpu.guarantee": (int, float),
    "singleuser.startTimeout": int,
    "singleuser.storage.type": ("dynamic", "static", "none"),
    "singleuser.storage.capacity": str,
    "singleuser.storage.homeMountPath": str,
    "singleuser.networkPolicy.enabled": bool,
    "singleuser.networkPolicy.egressAllowRules.nonPrivateIPs": bool,
    "singleuser.networkPolicy.egressAllowRules.privateIPs": bool,
    "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer": bool,
    "singleuser.networkPolicy.egress": list,
    "singleuser.cloudMetadata.blockWithIptables": bool,
    "singleuser.cloudMetadata.ip": str,
    "cull.enabled": bool,
    "cull.timeout": int,
    "cull.every": int,
    "cull.users": bool,
    "prePuller.hook.enabled": bool,
    "prePuller.continuous.enabled": bool,
    "prePuller.extraImages.course.name": str,
    "prePuller.extraImages.course.tag": str,
    "scheduling.userScheduler.enabled": bool,
    "scheduling.podPriority.enabled": bool,
    "scheduling.userPlaceholder.enabled": bool,
    "scheduling.userPlaceholder.replicas": int,
}


@pytest.fixture(scope="module")
def ours() -> list[dict[str, Any]]:
    return chart.render(TRIAL)


@pytest.fixture(scope="module")
def whole() -> list[dict[str, Any]]:
    """The objects of both charts."""
    if chart.dependency() is None:
        pytest.skip("Zero to JupyterHub is not there: helm dependency build deploy/kubernetes")
    return chart.render(TRIAL, hub=True)


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        here = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and CHART.get(here) != "any":
            yield from leaves(value, here)
        else:
            yield here, value


def test_the_hubs_chart_knows_every_value():
    found = dict(leaves(chart.VALUES["jupyterhub"]))
    assert sorted(found) == sorted(CHART)
    for path, value in found.items():
        kind = CHART[path]
        if isinstance(kind, tuple) and isinstance(kind[0], str):
            assert value in kind, path
        elif kind != "any":
            assert isinstance(value, kind), path
            assert kind is bool or not isinstance(value, bool), path


def test_the_keys_are_those_of_the_version_that_is_installed():
    (depends,) = yaml.safe_load((chart.FOLDER / "Chart.yaml").read_text(encoding="utf-8"))["dependencies"]
    assert (depends["name"], depends["version"]) == ("jupyterhub", CHART_VERSION)


def check_schemas(objects: list[dict[str, Any]], folder: Path) -> None:
    """Compare with the schemas of the oldest Kubernetes that the chart takes, and of a new one."""
    known = [one for one in objects if one["kind"] not in NO_SCHEMA]
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(known), encoding="utf-8")
    for version in ("1.32", "1.37"):
        program = [sys.executable, chart.tools() / "bin" / "kubernetes-validate", "-k", version, "--strict"]
        environment = {**os.environ, "PYTHONPATH": str(chart.tools())}
        done = subprocess.run([*program, folder / "objects.yaml"], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr


def containers(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (name of the object, pod, container)."""
    for one in objects:
        pod = chart.pod_of(one)
        for container in [*pod.get("initContainers", ()), *pod["containers"]] if pod else ():
            yield one["metadata"]["name"], pod, container


def check_restricted(objects: list[dict[str, Any]]) -> None:
    """What the level "restricted" of pod security asks of each container."""
    for name, pod, container in containers(objects):
        security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
        assert security["runAsNonRoot"] is True, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        kinds = {key for volume in pod.get("volumes", ()) for key in volume} - {"name"}
        assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}, name


def test_objects_are_what_kubernetes_knows(ours, tmp_path):
    check_schemas(ours, tmp_path)


def test_pods_may_do_little(ours):
    check_restricted(ours)
    for name, pod, container in containers(ours):
        assert pod["automountServiceAccountToken"] is False, name
        if container in pod["containers"]:
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}, name
        for one in container.get("env", ()):
            secret = re.search("TOKEN|PASSWORD|GRADEBOOK|SECRET", one["name"])
            assert ("secretKeyRef" in one.get("valueFrom", {})) == bool(secret), one["name"]


def test_every_pod_has_a_network_policy(ours):
    chosen = [one["spec"]["podSelector"]["matchLabels"] for one in ours if one["kind"] == "NetworkPolicy"]
    for one in ours:
        if chart.pod_of(one):
            at = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
            labels = at["template"]["metadata"]["labels"].items()
            assert [labels_of for labels_of in chosen if labels_of.items() <= labels], one["metadata"]["name"]


def check_names(objects: list[dict[str, Any]], elsewhere: set[tuple[str, str]]) -> None:
    """Disks, secrets and services that a pod names are there."""
    there = {(one["kind"], one["metadata"]["name"]) for one in objects} | elsewhere
    for name, pod, container in containers(objects):
        for volume in pod.get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in there, name
        for one in container.get("env", ()):
            if "secretKeyRef" in one.get("valueFrom", {}):
                assert ("Secret", one["valueFrom"]["secretKeyRef"]["name"]) in there, name
            for host in re.findall(r"http://([a-z][a-z-]*)[:/]", one.get("value", "")):
                assert ("Service", host) in there, name


def test_what_a_pod_names_is_there(ours):
    hubs = {("Secret", "hub"), ("Service", "hub"), ("PersistentVolumeClaim", "hub-db-dir")}
    check_names(ours, hubs)
    for service in HUB["services"].values():
        if host := re.findall(r"http://([\w-]+):", service.get("url", "")):
            assert ("Service", host[0]) in {(one["kind"], one["metadata"]["name"]) for one in ours}


def test_no_disk_with_work_is_removed_with_the_chart(ours):
    for one in ours:
        if one["kind"] == "PersistentVolumeClaim":
            assert one["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_a_second_course_has_its_own_server_gradebook_grading_and_backup():
    (first,) = chart.VALUES["courses"]
    second = {
        **first,
        "id": "rnn",
        "accessMode": "ReadWriteMany",
        "grading": {**first["grading"], "schedule": "0 2 * * *"},
    }
    found = {(one["kind"], one["metadata"]["name"]): one for one in chart.render({**TRIAL, "courses": [first, second]})}
    names = [
        ("Deployment", "course-"),
        ("CronJob", "grade-"),
        ("CronJob", "backup-course-"),
        ("NetworkPolicy", "grade-"),
    ]
    for kind, name in names:
        assert {(kind, name + "convkit"), (kind, name + "rnn")} <= found.keys()
    assert {("StatefulSet", "convkit-gradebook"), ("StatefulSet", "rnn-gradebook")} <= found.keys()
    by_hand, at_night = (found["CronJob", f"grade-{name}"]["spec"] for name in ("convkit", "rnn"))
    assert (by_hand["suspend"], at_night["suspend"], at_night["schedule"]) == (True, False, "0 2 * * *")
    at_one, at_many = (one["jobTemplate"]["spec"]["template"]["spec"] for one in (by_hand, at_night))
    assert "affinity" in at_one, "a disk that one node mounts"
    assert "affinity" not in at_many


def test_the_gradebook_on_trial_is_where_its_secret_says(ours):
    by_name = {(one["kind"], one["metadata"]["name"]): one for one in ours}
    secret = by_name["Secret", "convkit-gradebook"]["stringData"]
    container = chart.pod_of(by_name["StatefulSet", "convkit-gradebook"])["containers"][0]
    assert len(secret["password"]) == 32
    assert secret["url"] == f"postgresql+psycopg://gradebook:{secret['password']}@convkit-gradebook:5432/gradebook"
    assert {"name": "POSTGRES_USER", "value": "gradebook"} in container["env"]


def test_students_have_limits_and_idle_servers_end():
    assert SINGLEUSER["memory"].keys() == SINGLEUSER["cpu"].keys() == {"limit", "guarantee"}
    assert chart.VALUES["jupyterhub"]["cull"]["enabled"]
    assert SINGLEUSER["networkPolicy"]["enabled"]


def test_nobody_is_an_admin():
    scopes = [scope for role in HUB["loadRoles"].values() for scope in role["scopes"]]
    assert not [
        scope for scope in scopes if scope.startswith("admin") or scope in ("users", "groups", "tokens", "self")
    ]
    assert not [name for name, service in HUB["services"].items() if service.get("admin")]
    assert "admin" not in HUB["config"].get("Authenticator", {})
    assert "admin" not in HUB["loadRoles"]


def test_the_three_tags_are_one():
    pulled = chart.VALUES["jupyterhub"]["prePuller"]["extraImages"]["course"]
    image = chart.VALUES["image"]
    assert (SINGLEUSER["image"]["name"], SINGLEUSER["image"]["tag"]) == (image["kit"], image["tag"])
    assert (pulled["name"], pulled["tag"]) == (image["course"], image["tag"])


def test_the_dashboard_shows_metrics_that_the_hub_has():
    """Those of the cluster are of cAdvisor, kubelet and kube-state-metrics; they cannot be asked here."""
    from jupyterhub import metrics  # noqa: F401  registers them
    from prometheus_client import REGISTRY

    panels = json.loads((chart.FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    shown = set(re.findall(r"jupyterhub_\w+", asked))
    assert len(shown) >= 6
    known = {name for one in REGISTRY.collect() for name in (one.name, *(sample.name for sample in one.samples))}
    endings = re.compile("_(bucket|count|sum)$")
    assert {endings.sub("", name) for name in shown} <= known


CLUSTER = """
current-context: none
contexts: [{name: none, context: {cluster: none, user: none}}]
clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: none, user: {}}]
"""
# A real spawner of the hub's version, with what values.yaml configures; prints what a teacher and a student get.
SPAWN = """
import asyncio, json, sys, types
from jupyterhub.objects import Hub
from kubespawner import KubeSpawner
from traitlets.config import Config

settings, code = json.loads(sys.argv[1]), sys.argv[2]
c = Config({"KubeSpawner": {**settings, "environment": {}}})
exec(code, {"c": c})
groups = lambda *names: [types.SimpleNamespace(name=name) for name in names]

async def pod(name, *member_of):
    user = types.SimpleNamespace(
        name=name, id=1, escaped_name=name, groups=groups(*member_of), admin=False, url="/user/" + name, server=None
    )
    spawner = KubeSpawner(config=c, user=user, _mock=True, hub=Hub())
    profiles = spawner.profile_list(spawner)
    asked = await spawner.get_options_form()
    path = spawner.environment["JUPYTER_CONFIG_PATH"](spawner)
    spawner.environment = {}
    spawner.cmd = ["jupyterhub-singleuser"]
    manifest = await spawner.get_pod_manifest()
    from kubernetes_asyncio.client import ApiClient
    spec = ApiClient().sanitize_for_serialization(manifest)
    return {"pod": spec, "path": path, "asked": bool(asked), "sizes": [one["display_name"] for one in profiles]}

async def main():
    print(json.dumps([await pod("ada", "nbgrader-convkit"), await pod("ida", "formgrade-convkit")]))

asyncio.run(main())
"""


def one_file_system() -> dict[str, Any]:
    """What the chart's jupyterhub_config.py makes of the README's values for homes on one file system."""
    (values,) = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
    known = {**CHART, "singleuser.storage.static.pvcName": str, "singleuser.storage.static.subPath": str}
    assert {path for path, _ in leaves(values["jupyterhub"])} <= known.keys()
    storage = values["jupyterhub"]["singleuser"]["storage"]
    assert storage["type"] == "static"
    claim, path = storage["static"]["pvcName"], storage["static"]["subPath"]
    mount = {"name": "home", "mountPath": SINGLEUSER["storage"]["homeMountPath"], "subPath": path}
    return {
        "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": claim}}],
        "volume_mounts": [mount],
    }


@pytest.mark.days  # the client of Kubernetes takes 10 s to import
def test_the_hubs_spawner_gives_students_a_closed_pod_without_a_question_and_instructors_a_choice(tmp_path):
    settings = {"uid": SINGLEUSER["uid"], "image": "kit:1", **HUB["config"]["KubeSpawner"], **one_file_system()}
    (code,) = HUB["extraConfig"].values()
    (tmp_path / "cluster").write_text(CLUSTER, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(chart.tools()), "KUBECONFIG": str(tmp_path / "cluster")}
    done = subprocess.run(
        [sys.executable, "-c", SPAWN, json.dumps(settings), code], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    ada, ida = json.loads(done.stdout.splitlines()[-1])
    assert (ada["asked"], ada["sizes"]) == (False, [])
    assert (ida["asked"], len(ida["sizes"])) == (True, 2)
    assert "/opt/settings/student" in ada["path"]
    assert "/opt/settings/teacher" in ida["path"]
    pods = [{"kind": "Job", "metadata": one["pod"]["metadata"], "spec": {"template": one["pod"]}} for one in (ada, ida)]
    check_restricted(pods)
    (mount,) = ada["pod"]["spec"]["containers"][0]["volumeMounts"]
    assert mount == {"name": "home", "mountPath": SINGLEUSER["storage"]["homeMountPath"], "subPath": "ada"}
    assert ada["pod"]["spec"]["volumes"] == [{"name": "home", "persistentVolumeClaim": {"claimName": "homes"}}]


def test_a_backup_is_what_restore_reads_and_old_ones_go(ours, tmp_path):
    """The command of the job on folders of this machine, three times, with two kept."""
    import sqlite3

    (job,) = [one for one in ours if one["metadata"]["name"] == "backup-course-convkit" and one["kind"] == "CronJob"]
    (container,) = chart.pod_of(job)["containers"]
    disk, backup = tmp_path / "disk", tmp_path / "backup"
    (disk / "source").mkdir(parents=True)
    backup.mkdir()
    with sqlite3.connect(disk / "gradebook.db") as book:
        book.execute("create table submitted_assignment (id)")
    here = {"/opt/ops": str(chart.ROOT / "deploy/course"), "/srv/disk": str(disk), "/srv/backup": str(backup)}

    def swap(text: str) -> str:
        for there, local in here.items():
            text = text.replace(there, local)
        return text

    environment = {name: swap(value) for name, value in chart.environment(container, {}).items()} | {"KEEP": "2"}
    for number in (1, 2):
        (backup / f"2026-01-0{number}-0315").mkdir()
    command = [swap(part) for part in container["command"]]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    kept = sorted(backup.iterdir())
    assert (len(kept), kept[0].name) == (2, "2026-01-02-0315")
    restore = [chart.ROOT / "deploy/course/restore", "--check", kept[-1]]
    assert "gradebook.db: whole" in subprocess.run(restore, check=True, capture_output=True, text=True).stdout


def test_both_charts_together_are_what_kubernetes_knows(whole, tmp_path):
    check_schemas(whole, tmp_path)
    check_restricted(whole)
    check_names(whole, {("Secret", name) for name in secrets()})


def test_the_hub_has_a_token_for_each_service_that_asks(whole):
    (secret,) = [one for one in whole if (one["kind"], one["metadata"]["name"]) == ("Secret", "hub")]
    for _, _, container in containers(whole):
        for one in container.get("env", ()):
            key = one.get("valueFrom", {}).get("secretKeyRef", {})
            if key.get("name") == "hub" and not key.get("optional"):
                assert key["key"] in secret["data"]


@pytest.mark.parametrize("login", [None, *chart.LOGINS, "native"])
def test_the_charts_own_configuration_loads_with_each_login(whole, login, tmp_path):
    """As the hub's pod does: jupyterhub_config.py of the chart, with its secret and its ConfigMap as files."""
    if login:
        code = (chart.ROOT / f"deploy/authenticators/{login}.py").read_text(encoding="utf-8")
        whole = chart.render({"jupyterhub": {"hub": {"extraConfig": {"login.py": code}}}}, hub=True)
    with tarfile.open(chart.dependency()) as archive:
        archive.extractall(tmp_path, filter="data")
    files = tmp_path / "jupyterhub" / "files" / "hub"
    for kind, folder in (("Secret", "secret"), ("ConfigMap", "config")):
        (found,) = [one for one in whole if (one["kind"], one["metadata"]["name"]) == (kind, "hub")]
        (files / folder).mkdir()
        for name, text in found["data"].items():
            content = base64.b64decode(text) if kind == "Secret" else str(text).encode()
            (files / folder / name).write_bytes(content)
    for name in ("jupyterhub_config.py", "z2jh.py"):
        text = (files / name).read_text(encoding="utf-8").replace("/usr/local/etc/jupyterhub", str(files))
        text = text.replace('AsyncHTTPClient.configure("tornado.curl', 'str("tornado.curl')  # pycurl is not here
        (files / name).write_text(text, encoding="utf-8")
    load = "from jupyterhub.app import JupyterHub; app = JupyterHub(); app.load_config_file(sys.argv[1])"
    show = "print(app.config.JupyterHub.authenticator_class, sorted(s['name'] for s in app.config.JupyterHub.services))"
    logins = packages(chart.ROOT / "deploy/authenticators/requirements.lock", "")
    path = os.pathsep.join(map(str, (files, chart.tools(), logins)))
    environment = {**os.environ, **chart.LOGINS.get(login or "", {}), "PYTHONPATH": path, "HUB_SERVICE_PORT": "8081"}
    environment |= {"PROXY_API_SERVICE_HOST": "proxy", "PROXY_API_SERVICE_PORT": "8001", "HELM_RELEASE_NAME": "hub"}
    environment |= {"POD_NAMESPACE": "hub", "GRADEKIT_DOORKEEPERS": "ida"}
    program = [sys.executable, "-c", f"import sys; {load}; {show}", files / "jupyterhub_config.py"]
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("['convkit', 'jupyterhub-idle-culler', 'ngshare', 'prometheus']")


# ---- the commands for a cluster, which no test runs against one: what can be compared is compared

INSTALL, BY_HAND = (block.splitlines() for block in re.findall(r"```text\n(.*?)```", README, re.DOTALL))
KINDS = {"deploy": "Deployment", "sts": "StatefulSet", "cronjob": "CronJob"}


def secrets() -> dict[str, set[str]]:
    """Name and keys of each secret that is made by a command of the README."""
    made = [line.partition("secret generic ")[2] for line in INSTALL if "secret generic " in line]
    return {line.split()[0]: set(re.findall(r"--from-file=([\w-]+)=", line)) for line in made}


def test_the_commands_make_the_secrets_that_pods_ask_for():
    asked: dict[str, set[str]] = {}
    hubs = [{"valueFrom": one["valueFrom"]} for one in HUB["extraEnv"].values()]
    for one in [*hubs, *(one for *_, container in containers(chart.render()) for one in container.get("env", ()))]:
        if reference := one.get("valueFrom", {}).get("secretKeyRef"):
            asked.setdefault(reference["name"], set()).add(reference["key"])
    asked.pop("hub")  # made by the chart of Zero to JupyterHub
    assert secrets() == asked
    assert f"#   {INSTALL[2]}" in (chart.FOLDER / "values.yaml").read_text(encoding="utf-8")


@pytest.mark.days
def test_kubectl_makes_what_kubernetes_knows(tmp_path):
    """Without a cluster: kubectl sends nothing. The namespace that it labels is the one that it has made."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    commands = [line.replace("FILE", "file") for line in INSTALL if line.startswith("kubectl ")]
    (tmp_path / "file").write_text("a value")
    made = []
    for command in commands:
        local = " --dry-run=client -o yaml"
        if command.startswith("kubectl label namespace hub "):
            command = command.replace("namespace hub", "--local -f namespace")
            local = " -o yaml"
        done = subprocess.run(
            command.split() + local.split(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        assert done.returncode == 0, done.stderr
        (tmp_path / "namespace").write_text(done.stdout if not made else (tmp_path / "namespace").read_text())
        made.append(yaml.safe_load(done.stdout))
    space, labeled, *files = made
    assert (space["kind"], space["metadata"]["name"]) == ("Namespace", "hub")
    assert labeled["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {one["metadata"]["name"]: set(one["data"]) for one in files} == secrets()
    for one in made:  # kubectl writes what is null for a time
        one["metadata"].pop("creationTimestamp", None)
    check_schemas(made, tmp_path)


def test_helm_installs_this_chart_as_the_tests_render_it():
    build, install = (line.split() for line in INSTALL if line.startswith("helm "))
    assert build[:3] == ["helm", "dependency", "build"]
    assert (chart.ROOT / build[3] / "Chart.yaml").exists()
    assert install == ["helm", "upgrade", "--install", "-n", "hub", "hub", build[3], "-f", "mine.yaml"]
    assert 'name="hub", namespace="hub"' in chart.RENDER
    (depends,) = yaml.safe_load((chart.FOLDER / "Chart.yaml").read_text(encoding="utf-8"))["dependencies"]
    assert depends["repository"] == "@" + re.findall(r"`helm repo add (\w+) ADDRESS`", README)[0]


def test_objects_that_a_command_names_are_there(ours):
    pages = [README, (chart.ROOT / "docs/administrator.md").read_text(encoding="utf-8")]
    there = {(one["kind"], one["metadata"]["name"]) for one in ours}
    assert chart.VALUES["jupyterhub"]["scheduling"]["userPlaceholder"]["enabled"]
    there.add(("StatefulSet", "user-placeholder"))  # of Zero to JupyterHub
    commands = [command for page in pages for command in re.findall(r"(?:^|`)(kubectl \w+ [^`\n]*)", page, re.M)]
    named = re.findall(r"\b(deploy|sts|cronjob)/([a-z-]+)", " ".join(commands))
    assert {kind for kind, _ in named} == KINDS.keys()
    assert {(KINDS[kind], name) for kind, name in named} <= there
    assert [one for one in commands if " -n hub" not in one and "namespace hub" not in one] == []


def test_a_job_by_hand_has_a_name_that_kubernetes_takes_and_its_logs_are_found():
    create, logs = BY_HAND
    words = subprocess.run(["bash", "-c", f"printf '%s\\n' {create}"], capture_output=True, text=True).stdout.split()
    assert words[:6] == ["kubectl", "create", "job", "-n", "hub", "--from=cronjob/grade-convkit"]
    assert re.fullmatch(r"grade-\d{4}-\d{4}", *words[6:])
    labels = chart.find("CronJob", "grade-convkit")["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    (label,) = re.findall(r" -l (\S+)=(\S+) ", logs)
    assert label in labels.items()


def test_the_secret_with_the_token_for_metrics_has_the_key_that_the_readme_names(whole):
    (key,) = re.findall(r"key `([\w.]+)` of the secret `hub`", README)
    (secret,) = [one for one in whole if (one["kind"], one["metadata"]["name"]) == ("Secret", "hub")]
    assert key in secret["data"]
