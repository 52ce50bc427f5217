"""What is in deploy/ for one machine is loaded by JupyterHub itself, and the doctor finds nothing in it."""

from __future__ import annotations

import configparser
import re
import shutil
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

from gradekit.errors import CourseError
from gradekit.hub import course_unit
from gradekit.hub.accounts import system_user
from gradekit.hub.doctor import checked
from gradekit.hub.state import look
from tests.chart import LOGINS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
IN_THE_FILE = [
    "course servers",
    "names",
    "groups",
    "scopes",
    "tokens",
    "who gets in",
    "idle",
    "transport",
    "frames",
    "limits",
]


@pytest.fixture(params=["", "drawn"], ids=["without the secret", "with it"])
def one_machine(request, tmp_path, monkeypatch):
    """The configuration for one machine, as it is, with systemd's spawner; an administrator may lack the secret."""
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", request.param)
    shutil.copy(DEPLOY / "jupyterhub" / "jupyterhub_config.py", tmp_path)
    return look(tmp_path / "jupyterhub_config.py")


@pytest.fixture
def tljh(tmp_path, monkeypatch):
    """What TLJH does around the snippet: its own services, its spawner's settings, its environment of the users."""
    python = tmp_path / "user" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("TLJH_INSTALL_PREFIX", str(tmp_path))
    shutil.copy(DEPLOY / "tljh" / "convkit_course.py", tmp_path)
    (tmp_path / "jupyterhub_config.py").write_text(
        "c = get_config()\n"
        "c.FirstUseAuthenticator.allow_all = True\n"
        "c.Authenticator.allowed_users = set()\n"
        "c.JupyterHub.services = [{'name': 'cull-idle', 'admin': True, 'command': ['true']}]\n"
        "c.JupyterHub.bind_url = 'http://127.0.0.1:8000'\n"
        "c.JupyterHub.spawner_class = 'systemd'\n"  # TLJH's own class is one of it, which makes the system users
        "c.SystemdSpawner.unit_name_template = 'jupyter-{USERNAME}'\n"
        "c.SystemdSpawner.username_template = 'jupyter-{USERNAME}'\n"
        f"load_subconfig({str(tmp_path / 'convkit_course.py')!r})\n"
    )
    return look(tmp_path / "jupyterhub_config.py")


@pytest.mark.parametrize("name", IN_THE_FILE)
def test_the_doctor_finds_nothing_in_the_configuration_for_one_machine(one_machine, name):
    assert all(finding.ok for finding in checked(name, one_machine)), checked(name, one_machine)


@pytest.mark.parametrize("name", IN_THE_FILE)
def test_nor_in_the_one_for_tljh(tljh, name):
    assert all(finding.ok for finding in checked(name, tljh)), checked(name, tljh)


def test_on_tljh_everything_runs_in_the_environment_of_the_users(tljh, tmp_path):
    (course,) = tljh.courses.values()
    assert course["command"][2] == str(tmp_path / "user" / "bin" / "jupyterhub-singleuser")
    assert tljh.spawner.cmd == [str(tmp_path / "user" / "bin" / "jupyterhub-singleuser")]
    assert course["environment"]["PATH"].startswith(str(tmp_path / "user" / "bin"))
    assert tljh.app.config.FirstUseAuthenticator.allow_all is False
    assert [name for name, service in tljh.services.items() if service.get("admin")] == []


def test_on_tljh_a_student_has_the_limits_of_the_hub_on_one_machine(tljh, one_machine):
    names = ("mem_limit", "cpu_limit", "isolate_devices", "disable_user_sudo", "isolate_tmp", "unit_extra_properties")
    limits = [{name: getattr(seen.spawner, name) for name in names} for seen in (tljh, one_machine)]
    assert limits[0] == limits[1]
    assert {"TasksMax", "MemorySwapMax", "IPAddressDeny"} < set(tljh.spawner.unit_extra_properties)


def test_on_tljh_a_submission_belongs_to_jupyter_name(tljh):
    (course,) = tljh.courses.values()
    template = course["environment"]["GRADEKIT_SYSTEM_NAME"]
    assert system_user("ada", template) == "jupyter-ada"
    # The names that TLJH's own tests expect, at the length where it begins to cut them.
    assert system_user("abcdefghijklmnopq", template) == "jupyter-abcdefghijklmnopq"
    assert system_user("abcdefghijklmnopqr", template) == "jupyter-abcdefghijklmnopqr-e375e"
    long = "aelie9sohjeequ9iemeipuimuoshahz4aitugiuteeg4ohioh5yuiha6aei7te5z"
    assert system_user(long, template) == "jupyter-aelie9sohjeequ9iem-4b726"


def test_the_unit_starts_the_hub_of_the_readme():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "jupyterhub" / "jupyterhub.service")
    readme = (DEPLOY / "jupyterhub" / "README.md").read_text()
    program, _, config = unit["Service"]["ExecStart"].split()
    assert f"python3 -m venv {Path(program).parents[1]}" in readme
    assert f"cp /srv/convkit/deploy/jupyterhub/jupyterhub_config.py {Path(config).parent}/" in readme
    assert f"mkdir -p /srv/courses/convkit /etc/jupyterhub {unit['Service']['WorkingDirectory']}" in readme


def test_a_course_server_in_a_unit_reaches_the_hub_and_others_start_none(one_machine):
    service = one_machine.services["convkit"]
    if "command" in service:
        with pytest.raises(CourseError, match="no course convkit that runs in a unit of its own"):
            course_unit.main("convkit", str(one_machine.file))
    else:
        environment = course_unit.environment(one_machine, service)
        assert environment["JUPYTERHUB_API_URL"] == "http://127.0.0.1:8081/hub/api"
        assert environment["JUPYTERHUB_API_TOKEN"] == service["api_token"]
        assert "CONFIGPROXY_AUTH_TOKEN" not in environment


@pytest.mark.parametrize("name", ["jupyterhub", "tljh"])
def test_folders_and_users_of_a_readme_are_those_of_its_configuration(name):
    (config,) = (DEPLOY / name).glob("*.py")
    readme = (DEPLOY / name / "README.md").read_text()
    text = config.read_text()
    assert set(re.findall(r'"(/srv/\w+(?:/convkit)?)"', text)) <= set(re.findall(r"/srv/[\w/]+", readme))
    (grader,) = re.findall(r'grader="(.+?)"', text)
    assert f"nologin {grader} && chmod 700 ~{grader}\n" in readme
    assert "chmod 1777 /srv/exchange" in readme


@pytest.mark.parametrize("name", LOGINS)
def test_a_login_loads_where_the_chart_shadows_get_config(name, monkeypatch):
    """The chart's jupyterhub_config.py has a get_config(key, default) of its own, and executes our files beside it."""
    for variable, value in LOGINS[name].items():
        monkeypatch.setenv(variable, value)

    def get_config(key, default=None):
        return default

    c = Config()
    exec((DEPLOY / "authenticators" / f"{name}.py").read_text(), {"c": c, "get_config": get_config})
    assert "Authenticator" in c.JupyterHub.authenticator_class or "LTI13" in c.JupyterHub.authenticator_class
