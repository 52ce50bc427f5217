"""A day over ngshare on a real hub, with servers of two students and of the course and without a shared disk.

ngshare and its client are installed into a separate folder, with the hashes of the image's lock file: the client's
metadata requires an old jupyter-core.
"""

from __future__ import annotations

import base64
import json

import pytest
import requests

from tests import toy
from tests.hub.small_hub import ROOT, Hub, Learner, Person, Teacher, free_port, packages

pytestmark = pytest.mark.days

CONFIG = """
from gradekit.hub.config import Course, configure
from gradekit.hub.ngshare.service import over_ngshare

course = Course("convkit", {course!r}, instructors=("ida",), students=("ada", "ben"))
configure(c, [course], exchange="http://127.0.0.1:{port}/services/ngshare", idle=0, system_name="")
over_ngshare(c, [course], {folder!r} + "/ngshare", port={ngshare_port})
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allowed_users.add("eve")  # may log in, and is in no course
c.Spawner.environment.update({extra!r})
for service in c.JupyterHub.services:
    service["environment"].update({extra!r})
    if service["name"] == "convkit":
        service["url"] = "http://127.0.0.1:{course_port}"
        service["command"].append("--allow-root")
"""


RIGHT = {
    "layer_params": f"def layer_params(kernel_size, in_channels, filters):\n    {toy.RIGHT}",
    "second_layer_params": "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters",
}
HALF = {**RIGHT, "second_layer_params": "def second_layer_params(filters):\n    return 3 * 3 * 2 * filters"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    for name in ("ada", "ben", "eve", "ida"):
        (folder / "homes" / name).mkdir(parents=True)
    one = Hub(
        folder,
        CONFIG,
        ready=("services/ngshare/healthz", "services/convkit/formgrader"),
        extra={"PYTHONPATH": str(packages(ROOT / "deploy" / "image" / "requirements.lock", "ngshare"))},
        course=str(toy.make(folder / "course")),
        course_port=free_port(),
        ngshare_port=free_port(),
    ).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def day(hub):
    """Release, fetch, submit, collect, grade and give feedback; the answers of all steps."""
    ida = Teacher(hub, "ida")
    seen = {"assign": ida.press("assignment/toy/assign"), "release": ida.press("assignment/toy/release")}
    ada, ben = Learner(hub, "ada"), Learner(hub, "ben")
    seen["before"] = ada.assignments()
    seen["fetch", "ada"] = ada.act("fetch")
    opened = ben.open("user/ben/gradekit/open/convkit/toy").url  # the link for students
    seen["fetch", "ben"] = {"success": opened.endswith("/lab/tree/convkit/toy/1-first.ipynb")}
    for learner, answers in ((ada, RIGHT), (ben, HALF)):
        learner.answer(**answers)
        seen["submit", learner.name] = learner.act("submit")
    seen["collect"] = ida.press("assignment/toy/collect")
    for name in ("ada", "ben"):
        seen["autograde", name] = ida.press(f"submission/toy/{name}/autograde")
    seen["feedback"] = ida.press("assignment/toy/generate_feedback")
    seen["release_feedback"] = ida.press("assignment/toy/release_feedback")
    seen["after"] = {learner.name: learner.act("fetch_feedback") for learner in (ada, ben)}
    return {"ida": ida, "ada": ada, "ben": ben, "seen": seen}


def test_every_step_reports_success(day):
    steps = {name: answer for name, answer in day["seen"].items() if isinstance(answer, dict) and name != "after"}
    assert len(steps) == 11
    assert [(name, answer) for name, answer in steps.items() if not answer["success"]] == []


def test_scores_are_correct(day):
    assert {name: day["ida"].score(name) for name in ("ada", "ben")} == {"ada": 5.0, "ben": 3.0}


def test_the_students_read_their_feedback(day):
    for name, words in (("ada", "2.0"), ("ben", "bias?")):
        pages = sorted((day[name].home / "convkit" / "toy" / "feedback").glob("*/*.html"))
        assert [page.name for page in pages] == ["1-first.html", "2-second.html"]
        assert words in pages[1].read_text(encoding="utf-8")


def exchange(hub: Hub, token: str, method: str, path: str, **data: str) -> tuple[int, dict]:
    """Send a request to ngshare without nbgrader, as an attacker would."""
    headers = {"Authorization": f"token {token}"}
    answer = requests.request(method, f"{hub.url}/services/ngshare/{path}", headers=headers, data=data, timeout=300)
    return answer.status_code, json.loads(answer.text) if answer.text.startswith("{") else {}


def packed(**files: str) -> str:
    packed = [{"path": path, "content": base64.b64encode(text.encode()).decode()} for path, text in files.items()]
    return json.dumps(packed)


@pytest.fixture(scope="module")
def tokens(hub, day):
    """A token of each person, with all of the person's scopes. Eve is in no course."""
    return {name: (day.get(name) or Person(hub, name)).token() for name in ("ada", "ben", "eve", "ida")}


REFUSED = [
    ("ben", "GET", "submission/convkit/toy/ada", 403, "another's submission is read"),
    ("ben", "GET", "submissions/convkit/toy", 403, "all submissions are listed"),
    ("ben", "GET", "submissions/convkit/toy/ada", 403, "another's submissions are listed"),
    ("ben", "GET", "feedback/convkit/toy/ada?timestamp=2026-01-01 00:00:00.0", 403, "another's feedback is read"),
    ("ben", "POST", "feedback/convkit/toy/ben", 403, "a student writes feedback"),
    ("ben", "POST", "assignment/convkit/other", 403, "a student releases an assignment"),
    ("ben", "DELETE", "assignment/convkit/toy", 403, "a student unreleases an assignment"),
    ("ben", "GET", "students/convkit", 403, "a student lists the class"),
    ("ben", "POST", "student/convkit/eve", 403, "a student enrolls another person"),
    ("ben", "POST", "instructor/convkit/ben", 403, "a student becomes an instructor"),
    ("ben", "POST", "course/mine", 403, "a student creates a course"),
    ("ben", "GET", "initialize-Data6ase?action=dump", 403, "the database is dumped"),
    ("ida", "DELETE", "course/convkit", 403, "an instructor deletes the course and all in it"),
    ("ida", "GET", "assignments/other", 404, "an instructor lists another course"),
    ("eve", "GET", "assignments/convkit", 403, "a user without a course lists the assignments"),
    ("eve", "GET", "assignment/convkit/toy", 403, "a user without a course downloads an assignment"),
    ("eve", "POST", "submission/convkit/toy", 403, "a user without a course submits"),
    ("nobody", "GET", "courses", 403, "no token at all"),
]


@pytest.mark.parametrize(("who", "method", "path", "code", "what"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_a_forbidden_request_is_refused(hub, tokens, who, method, path, code, what):
    data = {"files": packed(x="x"), "first_name": "", "last_name": "", "email": "", "timestamp": "x"}
    assert exchange(hub, tokens.get(who, "made-up"), method, path, **(data if method == "POST" else {}))[0] == code


def test_a_submission_belongs_to_the_owner_of_the_token(hub, tokens, day):
    """ngshare's client sends a name too; the name of the token counts."""
    code, _ = exchange(hub, tokens["ben"], "POST", "submission/convkit/toy", user="ada", files=packed(note="mine"))
    listed = {
        name: exchange(hub, tokens["ida"], "GET", f"submissions/convkit/toy/{name}")[1] for name in ("ada", "ben")
    }
    assert code == 200
    assert [len(one["submissions"]) for one in listed.values()] == [1, 2]


@pytest.mark.parametrize("path", ["../evil.ipynb", "/etc/evil.ipynb", "a/../../evil.ipynb", ""])
def test_a_file_stays_in_its_submission(hub, tokens, path):
    code, answer = exchange(hub, tokens["ben"], "POST", "submission/convkit/toy", files=packed(**{path: "x"}))
    assert (code, answer["message"]) == (400, "Illegal path")


def test_a_token_without_the_services_scope_is_refused(hub, tokens, day):
    """A token for a program that only identifies its user cannot submit for that user."""
    other = day["ada"].token("read:users!user")
    assert exchange(hub, other, "POST", "submission/convkit/toy", files=packed(x="x"))[0] == 403


def test_a_cookie_alone_is_not_enough(hub, day):
    """A page in an instructor's browser cannot act for the instructor: the browser sends no token."""
    answer = day["ida"].session.get(f"{hub.url}/services/ngshare/courses", timeout=300)
    assert answer.status_code == 403


def test_a_request_that_is_too_large_is_refused(hub, tokens):
    before = exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1]
    try:
        code, _ = exchange(hub, tokens["ben"], "POST", "submission/convkit/toy", files="x" * 31_000_000)
    except requests.ConnectionError:
        code = None  # the server closed the connection
    assert code is None or code >= 400
    assert exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1] == before


def test_an_assignment_that_is_released_again_keeps_its_submissions(hub, tokens, day):
    before = exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1]["submissions"]
    assert len(before) >= 2
    assert day["ida"].press("assignment/toy/unrelease")["success"]
    assert exchange(hub, tokens["ada"], "GET", "assignments/convkit")[1]["assignments"] == []
    assert exchange(hub, tokens["ada"], "GET", "assignment/convkit/toy")[0] == 404
    assert day["ida"].press("assignment/toy/release")["success"]
    assert exchange(hub, tokens["ada"], "GET", "assignments/convkit")[1]["assignments"] == ["toy"]
    assert exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1]["submissions"] == before


def test_a_restart_of_the_hub_loses_nothing(hub, tokens, day):
    before = exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1]
    hub.stop()
    hub.start()
    assert exchange(hub, tokens["ida"], "GET", "submissions/convkit/toy")[1] == before
    assert (day["ida"].ask("GET", "services/convkit", "formgrader/api/submission/toy/ada")).status_code < 500
