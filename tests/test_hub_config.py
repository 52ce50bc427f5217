"""What `configure` sets in a hub: groups, roles, services and environments; the demonstration hub."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyterhub.utils import hash_token
from traitlets.config import Config

from gradekit.errors import CourseError
from gradekit.hub.config import Course, configure, course_server, settings_of
from gradekit.hub.demo_users import RandomPasswords
from gradekit.hub.shared_python import closed

ROOT = Path(__file__).parents[1]
CNN = Course("cnn", "/srv/cnn", grader="grader-cnn", instructors=("ida",), students=("ada", "ben"))
RNN = Course("rnn", "/srv/rnn", grader="grader-rnn", instructors=("ben",), students=("ada",), port=9101)


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({pid!r}, "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""


def configured(*courses, **options):
    c = Config()
    configure(c, courses or (CNN,), exchange="/srv/exchange", **options)
    return c


def services(c):
    return {service["name"]: service for service in c.JupyterHub.services}


def test_two_courses_have_groups_and_servers_of_their_own():
    c = configured(CNN, RNN)
    assert {name: group["users"] for name, group in c.JupyterHub.load_groups.items()} == {
        "formgrade-cnn": ["ida"],
        "nbgrader-cnn": ["ada", "ben"],
        "formgrade-rnn": ["ben"],
        "nbgrader-rnn": ["ada"],
    }
    found = services(c)
    assert [found[name]["user"] for name in ("cnn", "rnn")] == ["grader-cnn", "grader-rnn"]
    assert found["cnn"]["url"] != found["rnn"]["url"]
    assert c.Authenticator.allowed_users == {"ada", "ben", "ida"}


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("id", Course("cnn", "/srv/x", port=9101)),
        ("folder", Course("x", "/srv/cnn", port=9101)),
        ("port", Course("x", "/srv/x")),
    ],
)
def test_two_courses_with_something_in_common_are_refused(field, other):
    with pytest.raises(CourseError, match=f"have the same {field}, .* Give each its own"):
        configured(CNN, other)


def test_nobody_gets_more_than_the_work_needs():
    c = configured(CNN, RNN)
    assert not any(service.get("admin") or "api_token" in service for service in c.JupyterHub.services)
    assert "admin_users" not in c.Authenticator
    for role in c.JupyterHub.load_roles:
        for scope in role["scopes"]:
            assert not scope.startswith(("admin", "tokens", "users:shares", "proxy", "shutdown"))
            assert scope not in ("groups", "access:services", "access:servers", "users", "inherit", "self")
        assert "nbgrader-cnn" not in role.get("groups", ()), "a student has what every user has"


@pytest.mark.parametrize(
    ("groups", "part"), [(["formgrade-cnn"], "teacher"), (["nbgrader-cnn"], "student"), ([], "student")]
)
def test_what_lab_shows_follows_from_the_groups(groups, part):
    c = configured(preload=["json"])
    user = SimpleNamespace(groups=[SimpleNamespace(name=name) for name in groups])
    path = c.Spawner.environment["JUPYTER_CONFIG_PATH"](SimpleNamespace(user=user)).split(os.pathsep)
    assert [Path(folder).name for folder in path] == ["warm", part, "person", "everyone"]
    assert all(Path(folder).is_dir() for folder in path)
    assert c.Spawner.environment["GRADEKIT_PRELOAD"] == "json"


def test_without_warm_kernels_a_server_loads_nothing():
    c = configured(preload=())
    path = c.Spawner.environment["JUPYTER_CONFIG_PATH"](SimpleNamespace(user=SimpleNamespace(groups=[])))
    assert "warm" not in [Path(folder).name for folder in path.split(os.pathsep)]


def test_a_shell_command_runs_in_a_course_server_whose_user_has_no_login_shell(tmp_path):
    """JupyterHub puts the user's login shell into SHELL, which IPython's `!` runs."""
    program = tmp_path / "jupyterhub-singleuser"
    program.write_text('#!/bin/sh\n"$SHELL" -c "echo works"\n')
    program.chmod(0o755)
    service = course_server(CNN, "/srv/exchange", "/settings", str(tmp_path / "python"))
    environment = {**service["environment"], "SHELL": "/usr/sbin/nologin"}
    done = subprocess.run(service["command"], env=environment, capture_output=True, text=True)
    assert done.stdout == "works\n"


def test_with_a_secret_the_hub_starts_no_course_server_and_each_has_a_token_of_its_own():
    found = services(configured(CNN, RNN, secret="drawn"))
    assert not any("command" in found[name] for name in ("cnn", "rnn"))
    tokens = {found[name]["api_token"] for name in ("cnn", "rnn")}
    assert len(tokens) == 2
    assert all(len(token) == 64 for token in tokens)


def test_settings_are_files_that_jupyter_can_read():
    for file in Path(settings_of()).rglob("*.json"):
        assert json.loads(file.read_text()), file


@pytest.mark.parametrize("name", ["CNN", "a/b", "", "+", "-x", "two words"])
def test_an_id_that_no_service_can_have_is_refused_with_one_that_would_do(name):
    with pytest.raises(CourseError, match="is not a course id for a hub") as refused:
        Course(name, "/srv")
    advised = str(refused.value).rsplit("such as '", 1)[1].split("'")[0]
    assert Course(advised, "/srv").id == advised


def test_a_python_without_the_kit_is_named(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(CourseError, match=f"{python} has no gradekit"):
        configured(python=str(python))


def test_the_demonstration_accepts_its_people_with_their_passwords_only():
    hub = RandomPasswords(people={"ada": hash_token("tulip"), "ben": hash_token("rose")})

    def log_in(name, password):
        return asyncio.run(hub.authenticate(None, {"username": name, "password": password}))

    assert log_in("ada", "tulip") == log_in("Ada", "tulip") == "ada"
    assert [log_in("ada", word) for word in ("rose", "Tulip", "")] == [None] * 3
    assert log_in("eve", "tulip") is None


def test_documents_name_only_options_that_configure_has():
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").rglob("*.md"), *(ROOT / "gradekit/docs").glob("*.md")]
    calls = [call for page in pages for call in re.findall(r"\bconfigure\(([^`]*)\)", page.read_text(encoding="utf-8"))]
    assert {name for call in calls for name in re.findall(r"(\w+)=", call)} <= set(signature(configure).parameters)
    assert any("memory=" in call for call in calls)


def test_a_closed_folder_is_reported_with_the_barrier_above_it(tmp_path):
    inner = tmp_path / "shut" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "shut").chmod(0o700)
    assert closed([str(inner)])[0][0] == str(inner)
    if not closed([str(tmp_path)]):
        assert closed([str(inner)]) == [(str(inner), str(tmp_path / "shut"))]


def test_hub_process_ends_what_the_hub_left_behind(tmp_path):
    """A process in a session of its own, as servers and fork servers are, ends with the hub."""
    pid = tmp_path / "pid"
    command = [sys.executable, "-m", "gradekit.hub.hub_process", sys.executable, "-c", DAEMON.format(pid=str(pid))]
    keeper = subprocess.Popen(command, stdin=subprocess.PIPE)
    for _ in range(600):
        if pid.exists() and pid.read_text():
            break
        time.sleep(0.1)
    left = int(pid.read_text())
    os.kill(left, 0)
    keeper.stdin.close()
    assert keeper.wait(300) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)
