"""Ways to break a hub on which students' work waits: doctor names each, and the line that it prints mends it.

The lines are carried out as an administrator would: a command in a shell, a setting in the configuration, an argument
of `configure` or `Course`. Afterwards no check finds more than before, and no submission has changed.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gradekit.hub.config_checks import Problem
from gradekit.hub.doctor import CHECKS
from gradekit.hub.state import look

pytestmark = [
    pytest.mark.days,  # a hub's configuration is loaded five times for each row: half a minute
    pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders to users, and creates them"),
]

ROOT = Path(__file__).parents[1]
NOBODY = pwd.getpwnam("nobody")
NEW = f"cm{os.getpid()}"  # a user who does not exist yet
SLOW = {"versions", "python", "proxy", "kernels"}  # they start programs; only what is about them runs them
SOUND = """
from gradekit.hub.config import Course, configure

c = get_config()
course = Course(
    "cnn",
    "{place}/cnn",
    grader="nobody",
    instructors=("nobody",),
    students=("nobody",),
)
configure(
    c,
    [course],
    exchange="{place}/exchange",
    preload=["json"],
)
c.JupyterHub.spawner_class = "systemd"
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
"""
COMMANDS = ("chmod", "chown", "mkdir", "mv", "cp ", "/usr/sbin/useradd")


class Hub:
    """A configuration, a course, and an exchange with a student's submission, where every user can look."""

    def __init__(self, place: Path) -> None:
        self.place, self.config = place, place / "jupyterhub_config.py"
        self.config.write_text(SOUND.format(place=place))
        (place / "cnn" / "source").mkdir(parents=True)
        (place / "cnn" / "nbgrader_config.py").write_text("import gradekit.adopt\n")
        (place / "cnn").chmod(0o700)
        self.work = place / "exchange" / "cnn" / "inbound" / "ada+toy+2026-03-31 12:00:00 UTC+x"
        self.work.mkdir(parents=True)
        (self.work / "1-first.ipynb").write_text("ada's work")
        (place / "exchange" / "cnn" / "outbound").mkdir()
        for name in ("jupyterhub.sqlite", "jupyterhub_cookie_secret", "secrets"):
            (place / name).touch(mode=0o600)
        (place / "exchange" / "cnn" / "outbound" / "toy").mkdir()
        self.give(place / "cnn", *(place / "cnn").iterdir(), place / "exchange" / "cnn", self.work.parent)
        self.give(place / "exchange" / "cnn" / "outbound", place / "exchange" / "cnn" / "outbound" / "toy")
        self.work.parent.chmod(0o3733)
        (place / "exchange").chmod(0o1777)
        os.chown(self.work, 54321, 54321)  # ada's number

    def give(self, *folders: Path, owner: int = NOBODY.pw_uid) -> None:
        for folder in folders:
            os.chown(folder, owner, NOBODY.pw_gid)

    def edit(self, before: str, after: str) -> None:
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))

    def add(self, *lines: str) -> None:
        self.config.write_text("\n".join([self.config.read_text(), *lines, ""]))

    def handed_in(self) -> list:
        return [
            (path.name, path.stat().st_uid, path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in (self.work, *self.work.iterdir())
        ]

    def problems(self, also: str) -> set[tuple[str, Problem]]:
        found = look(self.config)
        names = [name for name in CHECKS if name not in SLOW or name == also]
        return {(name, problem) for name in names for problem in CHECKS[name][0](found)}

    def carry_out(self, line: str) -> None:
        """Do what a line of doctor says."""
        line = line.partition(", or ")[0].replace("NAME", "nobody").replace(", ...}", "}")
        if line.startswith(COMMANDS):
            subprocess.run(["bash", "-ec", line], cwd=ROOT, check=True, capture_output=True)
        elif argument := re.fullmatch(r"configure\(\.\.\., ((\w+)=.*)\)", line):
            self.argument("    [course],\n", *argument.groups())
        elif argument := re.fullmatch(r'((\w+)=.*) in Course\("cnn"\)|Course\("cnn", \.\.\., ((\w+)=.*)\)', line):
            self.argument(f'    "{self.place}/cnn",\n', *filter(None, argument.groups()))
        elif setting := re.fullmatch(r"(environment)=(\{.*\}) in its service", line):
            self.add(f'c.JupyterHub.services[0]["environment"].update({setting[2]})')
        elif role := re.fullmatch(r'"scopes": \[\.\.\., (.*)\] in the role "(.*)"', line):
            self.add(f'[r for r in c.JupyterHub.load_roles if r["name"] == "{role[2]}"][0]["scopes"] += [{role[1]}]')
        elif scope := re.fullmatch(r'no "(.*)" in the role "(.*)"; instead: .*', line):
            self.add(
                f'[r for r in c.JupyterHub.load_roles if r["name"] == "{scope[2]}"][0]["scopes"].remove("{scope[1]}")'
            )
        elif out := re.fullmatch(r'(c\.\w+\.\w+) without "(.*)"', line):
            self.add(f'{out[1]} = [one for one in {out[1]} if one != "{out[2]}"]')
        elif line == 'another port in Course("cnn")':
            self.argument(f'    "{self.place}/cnn",\n', "port=9123", "port")
        elif code := re.fullmatch(r"(.*?)   in (.*)", line):
            with open(code[2], "a") as file:
                file.write(f"\nc = get_config()\n{code[1]}\n")
        else:
            (setting,) = re.findall(r"c\.\w+\.\w+ = .*", line)
            self.add(re.sub(r" behind it$", "", setting))

    def argument(self, before: str, argument: str, name: str) -> None:
        """Give a call an argument after another one, instead of the one of this name that it may have."""
        text = re.sub(rf"^    {name}=.*\n", "", self.config.read_text(), flags=re.MULTILINE)
        self.config.write_text(text.replace(before, f"{before}    {argument},\n"))


class Break(NamedTuple):
    what: str
    check: str
    do: Callable[[Hub], object]


def home(hub: Hub) -> None:
    subprocess.run(["/usr/sbin/useradd", "--home-dir", hub.place / "home", "--create-home", NEW], check=True)
    (hub.place / "home").chmod(0o755)
    hub.edit('students=("nobody",)', f'students=("nobody", "{NEW}")')


def deeper(hub: Hub, mode: int) -> None:
    """Move the exchange into a folder with these rights."""
    (hub.place / "deep").mkdir()
    (hub.place / "exchange").rename(hub.place / "deep" / "exchange")
    hub.edit("/exchange", "/deep/exchange")
    hub.work = hub.place / "deep" / hub.work.relative_to(hub.place)
    (hub.place / "deep").chmod(mode)


def student(hub: Hub, *options: str) -> None:
    """Add a student whose system user has these options."""
    subprocess.run(["/usr/sbin/useradd", "--home-dir", hub.place / NEW, *options, NEW], check=True)
    hub.edit('students=("nobody",)', f'students=("nobody", "{NEW}")')


def shared_home(hub: Hub) -> None:
    """Open a student's home to the group that all users are in."""
    student(hub, "--create-home", "--no-user-group", "--gid", "users")
    (hub.place / NEW).chmod(0o750)


def for_group(hub: Hub, name: str) -> None:
    """Let the students' primary group read a file."""
    student(hub, "--create-home", "--no-user-group", "--gid", "users")
    (hub.place / NEW).chmod(0o700)
    os.chown(hub.place / name, 0, grp.getgrnam("users").gr_gid)
    (hub.place / name).chmod(0o640)


def role(scope: str, **holders: list[str]) -> Callable[[Hub], object]:
    """Add a role with a scope."""
    return lambda hub: hub.add(f"c.JupyterHub.load_roles.append(dict(name='x', scopes=[{scope!r}], **{holders}))")


BREAKS = [
    Break("users can move a course out of the exchange", "exchange", lambda hub: (hub.place / "exchange").chmod(0o777)),
    Break("users can't write to the exchange", "exchange", lambda hub: (hub.place / "exchange").chmod(0o755)),
    Break("the exchange is not there", "exchange", lambda hub: hub.edit("/exchange", "/other")),
    Break("users can list submissions", "exchange", lambda hub: hub.work.parent.chmod(0o3777)),
    Break("users can change the lesson", "exchange", lambda hub: hub.work.parents[1].chmod(0o777)),
    Break("users can release", "exchange", lambda hub: (hub.work.parents[1] / "outbound").chmod(0o777)),
    Break("the course in the exchange is root's", "exchange", lambda hub: hub.give(hub.work.parents[1], owner=0)),
    Break("the course server has another exchange", "course servers",
          lambda hub: hub.add('c.JupyterHub.services[0]["environment"]["GRADEKIT_EXCHANGE"] = "/other"')),
    Break("the course server is the hub's own user", "course folders",
          lambda hub: hub.edit('    grader="nobody",\n', "")),
    Break("the course server has another id", "names",
          lambda hub: hub.add('c.JupyterHub.services[0]["environment"]["GRADEKIT_COURSE"] = "rnn"')),
    Break("no instructors", "groups", lambda hub: hub.edit('    instructors=("nobody",),\n', "")),
    Break("no students", "groups", lambda hub: hub.edit('    students=("nobody",),\n', "")),
    Break("servers can't list services", "scopes",
          lambda hub: hub.add('c.JupyterHub.load_roles[0]["scopes"].remove("list:services")')),
    Break("the course server can't change its class", "scopes",
          lambda hub: hub.add('c.JupyterHub.load_roles[2]["scopes"].clear()')),
    Break("users can look into the course", "course folders", lambda hub: (hub.place / "cnn").chmod(0o755)),
    Break("users can read solutions", "solutions", lambda hub: (hub.place / "cnn").chmod(0o755)),
    Break("the course is root's", "course folders", lambda hub: hub.give(hub.place / "cnn", owner=0)),
    Break("the grader does not exist", "course folders", lambda hub: hub.edit('grader="nobody"', f'grader="{NEW}"')),
    Break("the course has no settings", "course folders", lambda hub: (hub.place / "cnn/nbgrader_config.py").unlink()),
    Break("submissions run without a sandbox", "kernels",
          lambda hub: (hub.place / "cnn/nbgrader_config.py").write_text("")),
    Break("users can read the hub's database", "secrets", lambda hub: (hub.place / "jupyterhub.sqlite").chmod(0o644)),
    Break("users can read the cookie secret", "secrets",
          lambda hub: (hub.place / "jupyterhub_cookie_secret").chmod(0o644)),
    Break("users can read the secrets", "secrets", lambda hub: (hub.place / "secrets").chmod(0o644)),
    Break("users can write the configuration", "programs", lambda hub: hub.config.chmod(0o666)),
    Break("a student has no system user", "people",
          lambda hub: hub.edit('students=("nobody",)', f'students=("nobody", "{NEW}")')),
    Break("users can look into a home", "homes", home),
    Break("a server may use all memory", "limits", lambda hub: hub.edit('preload=["json"],', "memory=None,")),
    Break("the spawner enforces no limits", "limits",
          lambda hub: hub.edit('c.JupyterHub.spawner_class = "systemd"', "")),
    Break("all servers are one user's", "people", lambda hub: hub.edit('"systemd"', '"simple"')),
    Break("idle servers are never stopped", "idle", lambda hub: hub.edit('preload=["json"],', "idle=None,")),
    Break("everyone may use the hub", "who gets in", lambda hub: hub.add("c.Authenticator.allow_all = True")),
    Break("no one may log in", "who gets in", lambda hub: hub.add("c.Authenticator.allowed_users = set()")),
    Break("people log in as each other", "who gets in",
          lambda hub: hub.add('c.JupyterHub.authenticator_class = "dummy"')),
    Break("users can't get to the exchange", "exchange", lambda hub: deeper(hub, 0o700)),
    Break("users can move the exchange away", "exchange", lambda hub: deeper(hub, 0o777)),
    Break("the exchange is a file", "exchange",
          lambda hub: (hub.edit("/exchange", "/file"), (hub.place / "file").touch())),
    Break("users can't fetch", "exchange", lambda hub: (hub.work.parents[1] / "outbound").chmod(0o700)),
    Break("users can't hand in", "exchange", lambda hub: hub.work.parent.chmod(0o3711)),
    Break("users can rename a submission", "exchange", lambda hub: hub.work.parent.chmod(0o733)),
    Break("users can list feedback", "exchange",
          lambda hub: ((hub.work.parents[1] / "feedback").mkdir(), hub.give(hub.work.parents[1] / "feedback"))),
    Break("root has released an assignment", "exchange",
          lambda hub: hub.give(hub.work.parents[1] / "outbound" / "toy", owner=0)),
    Break("root has made the gradebook", "course folders", lambda hub: (hub.place / "cnn/gradebook.db").touch(0o600)),
    Break("the course's settings name another course", "course folders",
          lambda hub: (hub.place / "cnn/nbgrader_config.py").write_text(
              "import gradekit.adopt\nc.CourseDirectory.course_id = 'rnn'\n")),
    Break("the sandbox is in a comment only", "kernels",
          lambda hub: (hub.place / "cnn/nbgrader_config.py").write_text("# gradekit.adopt comes later\n")),
    Break("students open formgrader", "scopes", role("access:services!service=cnn", groups=["nbgrader-cnn"])),
    Break("a student opens everyone's server", "scopes", role("access:servers", users=["nobody"])),
    Break("students are admins", "who gets in", lambda hub: hub.add(
        'c.Authenticator.manage_groups = True; c.Authenticator.admin_groups = {"nbgrader-cnn"}')),
    Break("a student is blocked", "who gets in", lambda hub: hub.add('c.Authenticator.blocked_users = {"nobody"}')),
    Break("the course is on the proxy's port", "course servers", lambda hub: hub.edit(
        '    grader="nobody",\n', '    grader="nobody",\n    port=8001,\n')),
    Break("servers have the proxy's token", "tokens",
          lambda hub: hub.add('c.Spawner.env_keep = ["PATH", "CONFIGPROXY_AUTH_TOKEN"]')),
    Break("users can read a copy of the database", "secrets",
          lambda hub: (hub.place / "jupyterhub.sqlite.2026-11-01").touch(0o644)),
    Break("users can read the proxy's token", "secrets",
          lambda hub: (hub.place / "proxy").write_text("CONFIGPROXY_AUTH_TOKEN=x")),
    Break("the students' group can read the database", "secrets", lambda hub: for_group(hub, "jupyterhub.sqlite")),
    Break("users can write the cookie secret", "secrets",
          lambda hub: (hub.place / "jupyterhub_cookie_secret").chmod(0o622)),
    Break("a student has the configuration", "programs", lambda hub: hub.give(hub.config)),
    Break("the database has no folder", "database",
          lambda hub: hub.add(f"c.JupyterHub.db_url = 'sqlite:///{hub.place}/state/jupyterhub.sqlite'")),
    Break("a group can look into a home", "homes", shared_home),
    Break("a student has no home", "homes", lambda hub: student(hub, "--no-create-home")),
    Break("a home is root's", "homes",
          lambda hub: (student(hub, "--create-home"), os.chown(hub.place / NEW, 0, 0), (hub.place / NEW).chmod(0o700))),
    Break("a server is too small", "limits", lambda hub: hub.edit('preload=["json"],', 'memory="64M",')),
    Break("servers are stopped at work", "idle", lambda hub: hub.edit('preload=["json"],', "idle=5,")),
    Break("servers have users who come and go", "people", lambda hub: hub.add("c.SystemdSpawner.dynamic_users = True")),
    Break("the hub is open to the network", "transport", lambda hub: hub.add('c.JupyterHub.hub_ip = "0.0.0.0"')),
    Break("the proxy's API is open to the network", "transport",
          lambda hub: hub.add('c.ConfigurableHTTPProxy.api_url = "http://0.0.0.0:8001"')),
    Break("passwords cross the network", "transport", lambda hub: hub.edit("http://127.0.0.1:8000", "http://:8000")),
]  # fmt: skip


@pytest.fixture
def hub() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, contextlib.ExitStack() as at_end:
        Path(folder).chmod(0o755)
        for name in (NEW, "grader-cnn"):
            at_end.callback(subprocess.run, ["userdel", "--force", "--remove", name], capture_output=True)
        yield Hub(Path(folder))


@pytest.mark.parametrize("one", BREAKS, ids=[one.what for one in BREAKS])
def test_a_broken_hub_is_mended_by_the_lines_that_doctor_prints(hub, one):
    before, handed_in = hub.problems(one.check), hub.handed_in()
    one.do(hub)
    assert one.check in {name for name, _ in hub.problems(one.check) - before}
    for _ in range(4):  # what the first problem hides is named next
        for _, problem in hub.problems(one.check) - before:
            hub.carry_out(problem.line)
    assert hub.problems(one.check) <= before
    assert hub.handed_in() == handed_in


def test_a_home_that_is_open_to_a_group_of_its_user_alone_is_closed(hub):
    """As The Littlest JupyterHub makes homes."""
    before = hub.problems("homes")
    student(hub, "--create-home", "--user-group")
    (hub.place / NEW).chmod(0o750)
    assert hub.problems("homes") == before
