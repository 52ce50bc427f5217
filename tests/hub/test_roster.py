"""`gradekit roster` on a real hub that is not restarted: who may log in, who is in a course, and what is refused."""

from __future__ import annotations

import json
import sys

import pytest
import requests

from gradekit.cli import main
from tests import toy
from tests.hub.small_hub import Hub, Person, free_port

pytestmark = pytest.mark.days  # a hub starts, and each login is a page: 40 s

CONFIG = """
from gradekit.hub.config import Course, configure

courses = [
    Course("cnn", {folder!r} + "/cnn", instructors=("ida",), port={course_port}),
    Course("rnn", {folder!r} + "/rnn", instructors=("ida", "rob"), students=("rita",), port={other_port}),
]
configure(c, courses, exchange={folder!r} + "/exchange", idle=None, roster_port={roster_port}, operators=("olga",))
c.JupyterHub.services = [
    {{**service, "command": [{python!r}, {stand_in!r}]}} if service["name"] in ("cnn", "rnn") else service
    for service in c.JupyterHub.services
]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
"""
# The course server is not what is tested, and takes ten seconds to start: this one writes down its environment.
STAND_IN = """
import http.server, json, os, pathlib, urllib.parse
pathlib.Path("environment.json").write_text(json.dumps(dict(os.environ)))
port = urllib.parse.urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""
CLASS = """ID;E-mail;Name;Section;Login
1001;ada@example.org;"Lovelace, Ada";A;Ada
1002;ben@example.org;Ben Li;B;ben
1003;;Root;B;root
"""


@pytest.fixture(scope="module")
def hub(proxy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roster")
    for name in ("cnn", "rnn"):
        toy.make(folder / name)
    (folder / "stand_in.py").write_text(STAND_IN)
    ports = {name: free_port() for name in ("course_port", "other_port", "roster_port")}
    names = {"python": sys.executable, "stand_in": str(folder / "stand_in.py"), **ports}
    found = Hub(folder, CONFIG, ("services/cnn/", "services/rnn/"), **names)
    yield found.start()
    found.stop()


@pytest.fixture
def course(hub, monkeypatch):
    """The course cnn, with the environment of a terminal in its course server."""
    return terminal(hub, "cnn", monkeypatch)


def terminal(hub, name, monkeypatch):
    for variable, value in json.loads((hub.folder / name / "environment.json").read_text()).items():
        if variable.startswith(("JUPYTERHUB_", "GRADEKIT_")):
            monkeypatch.setenv(variable, value)
    return hub.folder / name


def may_log_in(hub, name):
    try:
        Person(hub, name)
    except AssertionError:
        return False
    return True


def in_course(hub, name):
    """The groups that the hub reports to a person's own token."""
    headers = {"Authorization": f"token {Person(hub, name).token()}"}
    return set(requests.get(f"{hub.url}/hub/api/user", headers=headers, timeout=60).json()["groups"])


def students(root):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db", "convkit") as book:
        return {one.id: (one.first_name, one.last_name, one.email, one.lms_user_id) for one in book.students}


def test_a_class_gets_in_without_a_restart_and_who_leaves_loses_it(hub, course, capsys):
    file = course / "class.csv"
    file.write_text(CLASS)
    assert not may_log_in(hub, "ada")
    assert main(["roster", "import", str(file), "--course", str(course), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["added"] == ["ada", "ben"]
    assert told["refused"] == {"root": "is an account of the system"}
    assert in_course(hub, "ada") == {"nbgrader-cnn", "section-cnn-A"}
    assert not may_log_in(hub, "root")
    assert students(course) == {
        "ada": ("Ada", "Lovelace", "ada@example.org", "1001"),
        "ben": ("Ben", "Li", "ben@example.org", "1002"),
    }

    token = Person(hub, "ben").token()
    assert main(["roster", "remove", "ben", "--course", str(course)]) == 0
    assert not may_log_in(hub, "ben")
    answer = requests.get(f"{hub.url}/hub/api/user", headers={"Authorization": f"token {token}"}, timeout=60)
    assert answer.status_code == 403
    assert set(students(course)) == {"ada"}
    assert in_course(hub, "ada") == {"nbgrader-cnn", "section-cnn-A"}


def test_the_file_moves_people_between_sections_and_lists_those_who_are_not_in_it(hub, course, capsys):
    file = course / "class.csv"
    main(["roster", "add", "Zoe", "--course", str(course)])
    file.write_text("login,section\nada,B/2\n")
    capsys.readouterr()
    assert main(["roster", "import", str(file), "--course", str(course)]) == 0
    assert "1 in the course, but not listed (remove them with --remove-missing): zoe" in capsys.readouterr().out
    assert in_course(hub, "ada") == {"nbgrader-cnn", "section-cnn-B/2"}
    assert students(course)["ada"] == ("Ada", "Lovelace", "ada@example.org", "1001"), "a blank cell erases nothing"
    assert main(["roster", "import", str(file), "--course", str(course), "--remove-missing"]) == 0
    assert not may_log_in(hub, "zoe")


def test_a_student_of_two_courses_keeps_the_other_and_no_instructor_is_removed(hub, course, monkeypatch):
    main(["roster", "add", "rita", "--course", str(course)])
    main(["roster", "remove", "rita", "rob", "--course", str(course)])
    assert in_course(hub, "rita") == {"nbgrader-rnn"}
    assert in_course(hub, "rob") == {"formgrade-rnn"}


def test_only_the_course_server_of_a_course_changes_it(hub, course, monkeypatch):
    address = f"{hub.url}/services/roster/cnn"
    for token in (Person(hub, "ada").token(), Person(hub, "ida").token(), "made up"):
        answer = requests.post(
            address, data='{"add": ["eve"]}', headers={"Authorization": f"token {token}"}, timeout=60
        )
        assert answer.status_code == 403
    other = terminal(hub, "rnn", monkeypatch)
    monkeypatch.setenv("GRADEKIT_ROSTER", address)
    assert main(["roster", "add", "eve", "--course", str(other)]) == 1
    assert not may_log_in(hub, "eve")


def test_doctor_in_a_course_server_asks_the_hub_the_exchange_and_the_gradebook(hub, course, monkeypatch, capsys):
    """As in a pod, where there is no configuration to read."""

    def found():
        main(["doctor", "--json"])
        told = [one for one in json.loads(capsys.readouterr().out) if one["group"] == "course"]
        return {one["name"]: (one["ok"], one["text"]) for one in told}

    monkeypatch.chdir(course)
    (hub.folder / "exchange").mkdir(exist_ok=True)
    assert [ok for ok, _ in found().values()] == [True, True, True]
    monkeypatch.setenv("GRADEKIT_EXCHANGE", "http://127.0.0.1:9/services/ngshare")
    monkeypatch.setenv("GRADEKIT_GRADEBOOK", "postgresql+psycopg://grader:secret@127.0.0.1:9/cnn")
    broken = found()
    assert broken["exchange"][1].endswith("does not answer: ConnectionError. Is ngshare running?")
    assert broken["gradebook"][0] is False
    assert "secret" not in broken["gradebook"][1]
    monkeypatch.setenv("GRADEKIT_COURSE", "dnn")
    assert found()["hub"][1] == "the hub calls this service cnn, and the course is dnn: use one name."
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "made up")
    assert "does not know this server's token" in found()["hub"][1]


def test_an_operator_lists_stops_and_removes_the_people_of_courses_and_no_more(hub, course):
    main(["roster", "add", "leo", "--course", str(course)])
    olga, leo = Person(hub, "olga"), Person(hub, "leo")
    headers = {"Authorization": f"token {olga.token()}"}

    def ask(method, path, **data):
        return requests.request(method, f"{hub.url}/hub/api/{path}", headers=headers, timeout=120, **data).status_code

    listed = requests.get(f"{hub.url}/hub/api/users", headers=headers, timeout=60).json()
    assert {"leo", "ida", "rita"} <= {one["name"] for one in listed}
    assert olga.open("hub/admin").status_code == 200
    assert leo.open("hub/admin").status_code == 403
    assert ask("DELETE", "users/leo/server") in (202, 204, 400)  # 400: it is not running
    assert ask("DELETE", "users/leo") == 204
    assert not may_log_in(hub, "leo")
    assert ask("POST", "users/eve") == 403
    assert ask("PATCH", "users/ada", json={"admin": True}) == 403
    assert ask("POST", "users/ada/tokens", json={}) in (403, 404)
    assert ask("POST", "users/ada/server") in (403, 404)
    assert ask("POST", "groups/formgrade-cnn/users", json={"users": ["olga"]}) == 403
