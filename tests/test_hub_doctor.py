"""gradekit doctor --hub: each thing that can be wrong is broken once, and has to be named with what mends it."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gradekit.cli import main
from gradekit.errors import CourseError
from gradekit.hub.doctor import CHECKS, checked, sandbox
from gradekit.hub.state import look

ME = pwd.getpwuid(os.getuid()).pw_name
SOUND = """
from gradekit.hub.config import Course, configure

c = get_config()
course = Course("cnn", "{place}/cnn", grader="{me}", instructors=("nobody",), students=("nobody",))
configure(c, [course], exchange="{place}/exchange")
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.proxy_class = "jupyterhub.proxy.ConfigurableHTTPProxy"
"""


@pytest.fixture
def place():
    """A hub's configuration, a course and an exchange, all as they should be, where every user can look."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield sound(Path(folder))


def sound(tmp_path):
    (tmp_path / "jupyterhub_config.py").write_text(SOUND.format(place=tmp_path, me=ME))
    (tmp_path / "cnn").mkdir(mode=0o700)
    (tmp_path / "cnn" / "nbgrader_config.py").write_text("import gradekit.adopt\n")
    inbound = tmp_path / "exchange" / "cnn" / "inbound"
    inbound.mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o1777)
    inbound.chmod(0o3733)
    for name in ("jupyterhub.sqlite", "jupyterhub_cookie_secret"):
        (tmp_path / name).touch(mode=0o600)
    return tmp_path


def seen(place, more=""):
    file = place / "jupyterhub_config.py"
    file.write_text(file.read_text() + more)
    return look(file)


# Not here: whether Node and a Python for all are on this machine, and what my own home is like.
ABOUT_THE_HUB = [name for name in CHECKS if name not in ("proxy", "python", "limits", "homes", "solutions", "programs")]


@pytest.mark.parametrize("name", ABOUT_THE_HUB)
def test_a_sound_hub_passes(place, name):
    assert [(finding.ok, finding.text) for finding in checked(name, seen(place))] == [(True, CHECKS[name][1])]


def test_the_hub_of_littlest_jupyterhub_needs_no_nbgrader(place):
    """It is in the environment of the users, not in the one of the hub."""
    without = "import sys; sys.modules['nbgrader'] = None; from gradekit.cli import main; sys.exit(main(sys.argv[1:]))"
    command = ["doctor", "--hub", "--json", "--config", str(place / "jupyterhub_config.py")]
    done = subprocess.run([sys.executable, "-c", without, *command], capture_output=True, text=True)
    assert "scopes" in {finding["name"] for finding in json.loads(done.stdout)}, done.stderr


def test_a_course_server_of_jupyterhub_5_is_seen(place, monkeypatch):
    """Its command has `gradekit.hub.standby` instead of `jupyterhub-singleuser`."""
    monkeypatch.setattr("jupyterhub.version_info", (5, 5, 4, "", ""))
    assert list(seen(place).courses) == ["cnn"]


def role(name):
    return f"next(role for role in c.JupyterHub.load_roles if role['name'] == '{name}')"


SERVICE = "c.JupyterHub.services[0]"
TOLD = f"{SERVICE}['environment']"
ROLE = "c.JupyterHub.load_roles.append("
INSERT = "c.JupyterHub.services.insert(0, "
# the check, what breaks it, what is said, what mends it
BROKEN = [
    ("course servers", "c.JupyterHub.services = []", "no one can grade", "configure(c, [Course("),
    ("course servers", f"{SERVICE}.pop('user'); {TOLD}.pop('JUPYTERHUB_USER')", "answers 500", "JUPYTERHUB_USER"),
    ("course servers", f"{SERVICE}.pop('url')", "has no url", "url="),
    ("course servers", f"{TOLD}['GRADEKIT_EXCHANGE'] = '/other'", "nothing arrives", "GRADEKIT_EXCHANGE"),
    ("course servers", f"{INSERT}dict({SERVICE}, name='abc', cwd='/elsewhere'))",
     "cnn and abc have the same port", 'another port in Course("cnn")'),
    ("course servers", f"{INSERT}dict({SERVICE}, name='abc', url='http://127.0.0.1:1'))",
     "cnn and abc have the same folder", 'another folder in Course("cnn")'),
    ("course servers", "c.JupyterHub.services[1]['url'] = c.JupyterHub.services[0]['url']",
     "cnn and idle-culler have the same port, 9100", 'another port in Course("cnn")'),
    ("course servers", f"{SERVICE}['url'] = 'http://127.0.0.1:8000'", "cnn and the hub have the same port, 8000",
     'another port in Course("cnn")'),
    ("names", f"{SERVICE}['name'] = 'cnn2'", "has the course id cnn", "GRADEKIT_COURSE"),
    ("names", "c.JupyterHub.load_groups['nbgrader-cn'] = {}", "belongs to no course", "call it nbgrader-cnn"),
    ("groups", "c.JupyterHub.load_groups['formgrade-cnn'] = {}", "no one can open formgrader", "instructors="),
    ("groups", "c.JupyterHub.load_groups.pop('nbgrader-cnn')", "no one can fetch", "students="),
    ("scopes", f"{role('server')}['scopes'].remove('list:services')", "list:services", '"server"'),
    ("scopes", f"{role('formgrade-cnn')}['groups'] = []", "access:services!service=cnn",
     '"access:services!service=cnn", "list:services", "read:services!service=cnn"] in the role "formgrade-cnn"'),
    ("scopes", f"{role('course-server-cnn')}['services'] = []", "groups!group=nbgrader-cnn", "course-server"),
    ("scopes", f"{role('course-server-cnn')}['scopes'] += ['groups']", "more than the work", "groups!group="),
    ("scopes", f"{role('formgrade-cnn')}['scopes'] += ['admin:users']", "has admin:users",
     'no "admin:users" in the role "formgrade-cnn"'),
    ("scopes", f"{role('server')}['groups'] = ['nbgrader-cnn']; {role('server')}['scopes'] += ['users']",
     "the group nbgrader-cnn has users, which is more", "instead"),
    ("scopes", f"{ROLE}dict(name='x', scopes=['access:services!service=cnn'], groups=['nbgrader-cnn']))",
     "the group nbgrader-cnn has access:services!service=cnn", 'no "access:services!service=cnn" in the role "x"'),
    ("scopes", f"{ROLE}dict(name='x', scopes=['users'], users=['nobody']))",
     "nobody, a student, has users", 'no "users" in the role "x"'),
    ("scopes", f"{ROLE}dict(name='user', scopes=['self', 'access:services']))",
     "every user has access:services", "instead"),
    ("scopes", f"{ROLE}dict(name='admin', groups=['nbgrader-cnn']))",
     "the group nbgrader-cnn has the role admin", 'the role "admin" without'),
    ("course servers", "c.JupyterHub.services[1]['url'] = 'http://127.0.0.1:8081'",
     "idle-culler and the hub itself have the same port", "another port in the service idle-culler"),
    ("course servers", f"{SERVICE}['url'] = 'http://127.0.0.1:8001'", "cnn and the proxy's API have the same port",
     'another port in Course("cnn")'),
    ("course servers", f"{INSERT}dict({SERVICE}, name='abc', cwd={SERVICE}['cwd'] + '/deeper'))",
     "cnn and abc have the same folder", 'another folder in Course("cnn")'),
    ("course servers", f"{INSERT}dict({SERVICE}, name='abc', cwd='/elsewhere'))",
     "cnn and abc have the same grader", 'another grader in Course("cnn")'),
    ("database", "c.JupyterHub.db_url = 'sqlite:////nowhere/jupyterhub.sqlite'", "does not exist", "mkdir -p /nowhere"),
    ("tokens", "c.Spawner.env_keep = ['PATH', 'CONFIGPROXY_AUTH_TOKEN']",
     "the hub's CONFIGPROXY_AUTH_TOKEN", "without"),
    ("tokens", f"{SERVICE}['admin'] = True", "is an admin", '"admin": False'),
    ("tokens", "c.JupyterHub.api_tokens = {'0' * 32: 'ada'}", "gives a person's rights", "roles"),
    ("tokens", f"{SERVICE}['api_token'] = 'abcdefgh'", "secret in line", "os.environ"),
    ("exchange", "c.Spawner.environment.pop('GRADEKIT_EXCHANGE')", "have no exchange", "exchange="),
    ("exchange", "c.Spawner.environment['GRADEKIT_EXCHANGE'] = '/nowhere'", "is not a folder", "mkdir -p /nowhere"),
    ("course folders", f"{SERVICE}['cwd'] = '/nowhere'", "does not exist", "cp -r"),
    ("course folders", f"{SERVICE}.pop('user')", "runs as the hub's own user", "grader="),
    ("course folders", f"{SERVICE}['user'] = 'nobody-of-this-name'", "does not exist", "useradd"),
    ("frames", f"{TOLD}['JUPYTER_CONFIG_PATH'] = ''", "blank inside Lab", "settings/course"),
    ("kernels", "c.Spawner.environment['JUPYTER_CONFIG_PATH'] = '/nowhere'", "import everything", "preload="),
    ("who gets in", "c.Authenticator.allowed_users = set()", "No one is allowed", "allowed_users"),
    ("who gets in", "c.Authenticator.allow_all = True", "course or not", "allow_all = False"),
    ("who gets in", "c.JupyterHub.authenticator_class = 'dummy'", "as each other", "pam"),
    ("who gets in", "c.Authenticator.admin_users = {'nobody'}", "an admin and a student", "admin_users"),
    ("people", "c.JupyterHub.load_groups['nbgrader-cnn'] = {'users': ['A-Stranger']}", "a-stranger of cnn",
     "/usr/sbin/useradd -m -s /bin/bash a-stranger && chmod 700 ~a-stranger"),
    ("people", "c.JupyterHub.load_groups['nbgrader-cnn'] = {'users': ['a-stranger']}", "no system user", "useradd -m"),
    ("people", f"{TOLD}['GRADEKIT_SYSTEM_NAME'] = 'jupyter-{{username}}'", "no system user jupyter-nobody", "useradd"),
    ("people", "c.JupyterHub.spawner_class = 'simple'", "as one user", "spawner_class"),
    ("limits", "c.Spawner.mem_limit = None", "may use all memory", "memory="),
    ("limits", "c.Spawner.mem_limit = '64M'", "do not fit into 64 MB", "memory="),
    ("limits", "", "LocalProcessSpawner does not enforce", "systemd"),
    ("idle", "c.JupyterHub.services.pop()", "never stopped", "idle="),
    ("idle", f"{role('idle-culler')}['scopes'].remove('delete:servers')", "no scope delete:servers", "idle="),
    ("idle", "c.JupyterHub.services[1]['command'][-1] = '--timeout=5'", "stopped after 5 s", "idle="),
    ("who gets in", "c.Authenticator.blocked_users = {'nobody'}", "blocked and a student", "blocked_users"),
    ("who gets in", "c.Authenticator.manage_groups = True; c.Authenticator.admin_groups = {'nbgrader-cnn'}",
     "students in nbgrader-cnn are admins", "admin_groups"),
    ("people", f"{SERVICE}['user'] = 'nobody'", "nobody is a student of cnn, and its server runs as nobody", "grader="),
    ("transport", "c.JupyterHub.hub_ip = '0.0.0.0'", "open to the network", 'hub_ip = "127.0.0.1"'),
    ("transport", "c.ConfigurableHTTPProxy.api_url = 'http://0.0.0.0:8001'", "open to the network",
     'api_url = "http://127.0.0.1:8001"'),
    ("transport", "c.JupyterHub.bind_url = 'http://:8000'", "unencrypted", "ssl_cert"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "said", "mend"), BROKEN, ids=[f"{row[0]}: {row[2]}" for row in BROKEN])
def test_what_is_broken_is_named(place, name, line, said, mend):
    wrong = [finding for finding in checked(name, seen(place, line + "\n")) if finding.ok is not True]
    assert any(said in finding.text and mend in finding.text for finding in wrong), [f.text for f in wrong]


def test_a_course_server_without_an_address_shares_no_port_with_a_hub_without_one(place):
    found = checked(
        "course servers", seen(place, f"{SERVICE}.pop('url'); c.JupyterHub.bind_url = 'http://localhost'\n")
    )
    assert [finding for finding in found if "same port" in finding.text] == []


def test_every_check_has_been_broken():
    on_the_machine = {
        "versions",
        "proxy",
        "python",
        "homes",
        "solutions",
        "secrets",
        "programs",
    }  # nothing in a configuration changes these
    assert {row[0] for row in BROKEN} | on_the_machine == set(CHECKS)


# the check, what is done to the files, what is said, what mends it
SPOILED = [
    ("exchange", "exchange", 0o777, "move a course's folder away", "chmod 1777"),
    ("exchange", "exchange", 0o755, "some users can't write", "chmod 1777"),
    ("exchange", "exchange/cnn/inbound", 0o3777, "can list", "chmod 3733"),
    ("exchange", "exchange/cnn", 0o777, "change the lesson", "chmod 755"),
    ("exchange", "exchange/cnn", 0o700, "No one can fetch", "chmod 755"),
    ("exchange", "exchange/cnn/inbound", 0o3711, "can't hand in", "chmod 3733"),
    ("exchange", "exchange/cnn/inbound", 0o733, "rename others' submissions", "chmod 3733"),
    ("exchange", "exchange/cnn/feedback", 0o755, "can list or change", "chmod 711"),
    ("course folders", "cnn", 0o755, "Others can look into", "chmod 700"),
]


@pytest.mark.parametrize(("name", "folder", "mode", "said", "mend"), SPOILED, ids=[row[3] for row in SPOILED])
def test_rights_that_are_wrong_are_named_and_the_command_mends_them(place, name, folder, mode, said, mend):
    (place / folder).mkdir(exist_ok=True)
    (place / folder).chmod(mode)
    (wrong,) = checked(name, seen(place))
    assert wrong.ok is False
    assert said in wrong.text
    assert f"{mend} {place / folder}" in wrong.text
    (place / folder).chmod(int(mend.split()[1], 8))
    assert [finding.ok for finding in checked(name, seen(place))] == [True]


@pytest.mark.parametrize("user", ["nobody", ME], ids=["a student's", "the grader's"])
def test_a_home_that_others_can_read_is_named_and_the_command_mends_it(place, monkeypatch, user):
    for name in {"nobody", ME}:
        (place / name).mkdir(mode=0o700)
    (place / user).chmod(0o755)
    monkeypatch.setattr("gradekit.hub.machine_checks._home", lambda name: place / name)
    monkeypatch.setattr("gradekit.hub.machine_checks._owner", lambda path: path.name)
    (wrong,) = checked("homes", seen(place))
    assert wrong.ok is False
    assert f"chmod 700 {place / user}" in wrong.text
    (place / user).chmod(0o700)
    assert [finding.ok for finding in checked("homes", seen(place))] == [True]


def test_a_course_without_a_fence_is_named(place):
    (place / "cnn" / "nbgrader_config.py").write_text("c = get_config()\n")
    (wrong,) = checked("kernels", seen(place))
    assert "without a sandbox" in wrong.text


@pytest.mark.parametrize("mode", [0o700, 0o777])
def test_an_exchange_that_users_cannot_get_to_or_can_move_away_is_named(place, mode):
    (place / "deep").mkdir()
    (place / "exchange").rename(place / "deep" / "exchange")
    (place / "deep").chmod(mode)
    (wrong,) = checked(
        "exchange", seen(place, f"c.Spawner.environment['GRADEKIT_EXCHANGE'] = '{place}/deep/exchange'\n")
    )
    subprocess.run(wrong.text[wrong.text.index("chmod") :].split(), check=True)
    assert [finding.ok for finding in checked("exchange", seen(place))] == [True]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("# gradekit.adopt comes later\n", "without a sandbox"),
        ("import gradekit.adopt\nc.CourseDirectory.course_id = 'rnn'\n", "names the course rnn"),
        ("import gradekit.adopt\nc = get_config(\n", "cannot be loaded: '(' was never closed, in line 2"),
    ],
)
def test_settings_of_a_course_that_do_not_fit_are_named(place, settings, said):
    (place / "cnn" / "nbgrader_config.py").write_text(settings)
    found = [finding.text for name in ("kernels", "course folders") for finding in checked(name, seen(place))]
    assert len([text for text in found if said in text]) == 1, found


@pytest.mark.parametrize("mark", ["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "=== BEGIN MARK SCHEME ==="])
def test_a_released_notebook_with_a_solution_is_named(place, mark):
    (place / "exchange/cnn/outbound/toy").mkdir(parents=True)
    (place / "exchange/cnn/outbound/toy/1-first.ipynb").write_text(f"\n{mark}\n")
    (wrong,) = [one for one in checked("solutions", seen(place)) if "1-first.ipynb" in one.text]
    assert "gradekit release toy && nbgrader release_assignment toy --force" in wrong.text


def test_a_database_of_another_hub_is_named_with_the_command_that_upgrades_it(place):
    with sqlite3.connect(place / "jupyterhub.sqlite") as book:
        book.executescript("create table alembic_version (version_num); insert into alembic_version values ('old');")
    (wrong,) = checked("database", seen(place))
    assert f"jupyterhub upgrade-db --config {place}/jupyterhub_config.py" in wrong.text
    (place / "jupyterhub.sqlite").write_text("no database")
    assert "file is not a database" in checked("database", seen(place))[0].text


def test_a_database_that_jupyterhub_has_made_is_of_this_version(place):
    from jupyterhub import orm

    orm.new_session_factory(f"sqlite:///{place}/jupyterhub.sqlite")().close()
    assert [finding.ok for finding in checked("database", seen(place))] == [True]


def test_people_whom_the_hub_got_to_know_later_count(place):
    with sqlite3.connect(place / "jupyterhub.sqlite") as book:
        book.executescript(
            "create table groups (id, name); create table users (id, name);"
            "create table user_group_map (user_id, group_id);"
            "insert into groups values (1, 'nbgrader-cnn'); insert into users values (7, 'late');"
            "insert into user_group_map values (7, 1);"
        )
    assert "late" in seen(place).groups["nbgrader-cnn"]


def test_a_configuration_that_is_not_there_or_broken_is_one_line(place):
    with pytest.raises(CourseError, match="no configuration of a hub is at /nowhere"):
        look("/nowhere")
    with pytest.raises(CourseError, match="cannot be loaded: ZeroDivisionError"):
        seen(place, "1 / 0\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("closed", ["jupyterhub_config.py", "."])
def test_a_user_who_may_not_read_the_configuration_is_sent_to_root(place, closed):
    (place / closed).chmod(0o700)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with pytest.raises(CourseError, match="can be read by root only: run this as root"):
            look(place / "jupyterhub_config.py")
    finally:
        os.seteuid(0)


def test_the_command_says_it_and_its_exit_code_too(place, capsys):
    file = place / "jupyterhub_config.py"
    file.write_text(file.read_text() + "c.Authenticator.allowed_users = set()\n")
    assert main(["doctor", "--hub", "--config", str(file), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in found if one["group"] == "hub"} == set(CHECKS)
    (line,) = [one["text"] for one in found if one["name"] == "who gets in"]
    assert line == 'No one is allowed to log in. c.Authenticator.allowed_users = {"NAME", ...}'


def test_a_login_that_lets_people_in_by_a_hook_is_not_told_to_lock_them_out(place):
    hook = (
        "c.Authenticator.allow_all = True\nc.Authenticator.post_auth_hook = lambda authenticator, handler, who: who\n"
    )
    assert [finding.ok for finding in checked("who gets in", seen(place, hook))] == [True]


def test_an_authenticator_that_makes_tables_at_its_start_is_loaded(place):
    makes = (
        "from jupyterhub.auth import PAMAuthenticator\n"
        "class Own(PAMAuthenticator):\n"
        "    def __init__(self, *arguments, **settings):\n"
        "        super().__init__(*arguments, **settings)\n"
        "        self.db.execute(__import__('sqlalchemy').text('create table passwords (name)'))\n"
        "c.JupyterHub.authenticator_class = Own\n"
    )
    assert type(seen(place, makes).authenticator).__name__ == "Own"


@pytest.fixture
def in_the_open():
    """A folder that everybody can enter. Those of a pytest run are closed above."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_solutions_that_everybody_can_read_are_named_with_the_line_that_closes_them(place, in_the_open):
    (in_the_open / "source").mkdir()
    found = seen(place, f"{SERVICE}['cwd'] = {str(in_the_open)!r}\n")
    (wrong,) = [finding for finding in checked("solutions", found) if str(in_the_open) in finding.text]
    assert "can read source in" in wrong.text
    subprocess.run(wrong.text[wrong.text.index("chmod") :].split(), check=True)
    assert not any(str(in_the_open) in finding.text for finding in checked("solutions", found))


@pytest.mark.parametrize(
    "name", ["jupyterhub.sqlite", "jupyterhub.sqlite.2026-11-01", "jupyterhub_cookie_secret", "secrets", "proxy"]
)
def test_secrets_that_everybody_can_read_are_named_with_the_line_that_closes_them(place, in_the_open, name):
    shutil.copy(place / "jupyterhub_config.py", in_the_open)
    (in_the_open / name).touch(mode=0o644)
    found = seen(in_the_open)
    (wrong,) = checked("secrets", found)
    assert name in wrong.text
    subprocess.run(wrong.text[wrong.text.index("chmod") :].split(), check=True)
    assert [finding.ok for finding in checked("secrets", found)] == [True]


def test_a_configuration_that_others_can_write_is_named_with_the_line_that_closes_it(place):
    (place / "jupyterhub_config.py").chmod(0o666)
    found = seen(place)
    (wrong,) = [finding for finding in checked("programs", found) if str(place) in finding.text]
    subprocess.run(wrong.text[wrong.text.index("chmod") :].split(), check=True)
    assert not any(str(place) in finding.text for finding in checked("programs", found))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders to another user")
def test_the_line_for_an_exchange_of_another_owner_leaves_to_students_what_they_handed_in(place):
    course = place / "exchange" / "cnn"
    work = course / "inbound" / "ada+toy+time"
    work.mkdir()
    (course / "outbound" / "toy").mkdir(parents=True)
    other = pwd.getpwnam("nobody").pw_uid
    for path in (course, course / "outbound" / "toy", work):
        os.chown(path, other, -1)
    found = seen(place)
    (wrong,) = checked("exchange", found)
    subprocess.run(wrong.text[wrong.text.index("chown") :], shell=True, check=True)
    assert [finding.ok for finding in checked("exchange", found)] == [True]
    assert (course / "outbound" / "toy").stat().st_uid == os.getuid()
    assert work.stat().st_uid == other


@pytest.fixture
def other_python(place):
    """Make a Python for people's servers, apart from the hub's: this one, which first runs a line."""

    def make(line=""):
        program = place / "user" / "bin" / "python"
        program.parent.mkdir(parents=True)
        if line:
            (place / "first").mkdir()
            (place / "first" / "sitecustomize.py").write_text(line)
        program.write_text(f'#!/bin/sh\nPYTHONPATH={place}/first exec {sys.executable} "$@"\n')
        program.chmod(0o755)
        return f"c.Spawner.cmd = [{str(program.with_name('jupyterhub-singleuser'))!r}]\n", program

    return make


def test_packages_are_those_of_the_servers_python_and_not_of_the_hubs(place, other_python):
    lacks = "import importlib.metadata as m\nfind = m.version\n"
    lacks += "m.version = lambda name: '4.1.0' if name == 'jupyterhub' else find(name)\n"
    settings, program = other_python(lacks)
    found = [finding.text for finding in checked("versions", seen(place, settings))]
    assert found[0] == f"jupyterhub 4.1.0 is not supported. {program} -m pip install 'jupyterhub<7,>=5.1'"
    assert "and its servers are 4.1.0: logins can fail" in found[1]


def test_a_python_without_gradekit_is_named(place, other_python):
    settings, program = other_python("import sys\nsys.modules['gradekit'] = None\n")
    (wrong,) = checked("versions", seen(place, settings))
    assert wrong.text == f"{program} has no gradekit. {program} -m pip install 'gradekit[hub]'"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a program as another user")
def test_the_sandbox_is_measured_as_the_grader(place, other_python):
    """The stand-in for the servers' Python reports its user; only root would have the layer that it reports."""
    settings, program = other_python()
    report = '[{"group": "sandbox", "name": "users", "ok": null, "text": "uid \'$(id -u)\'"}]'.replace("'", "'")
    program.write_text(f"#!/bin/sh\necho '{report}'\n")
    (place / "jupyterhub_config.py").write_text(SOUND.format(place=place, me="nobody") + settings)
    for folder in (program.parents[1], place, *place.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    (found,) = sandbox(look(place / "jupyterhub_config.py"))
    assert (found.ok, found.text) == (None, f"uid {pwd.getpwnam('nobody').pw_uid} (as nobody)")
