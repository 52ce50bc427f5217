"""Requests to the hub that are refused by `tests/hub/lines.py` succeed for the same student as an admin."""

from __future__ import annotations

import pytest

from tests import toy
from tests.hub.lines import PAGES
from tests.hub.small_hub import COURSE, Hub, Person, free_port

pytestmark = pytest.mark.days  # a hub starts: 20 s

RIGHTS = """
c.JupyterHub.load_groups["nbgrader-convkit"] = {{"users": ["ada", "ben"]}}
c.Authenticator.allowed_users |= {{"ada", "ben"}}
c.Authenticator.admin_users = {{"ben"}}
"""
DATA = {"groups/formgrade-convkit/users": {"users": ["ben"]}, "users/ben": {"admin": True}}
OF_THE_HUB = [page for page in PAGES if not page.base]


@pytest.fixture
def ben(proxy, tmp_path):
    (tmp_path / "exchange").mkdir()
    names = {"course": str(toy.make(tmp_path / "course")), "course_port": free_port()}
    hub = Hub(tmp_path, COURSE + RIGHTS, ready=(), **names).start()
    try:
        Person(hub, "ada")
        yield Person(hub, "ben")
    finally:
        hub.stop()


def test_a_request_succeeds_once_its_protection_is_taken_away(ben):
    """Each of the hub's API; the last one stops the hub."""
    assert OF_THE_HUB[-1].path == "shutdown"
    asked = {one.what: ben.ask(one.method, "hub", f"api/{one.path}", json=DATA.get(one.path)) for one in OF_THE_HUB}
    assert len(asked) == 11
    assert {what: (answer.status_code, answer.text) for what, answer in asked.items() if not answer.ok} == {}
