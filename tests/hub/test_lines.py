"""What a student tries on real hubs: one with a system user for each person, one where all are the same user."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gradekit.hub import accounts
from gradekit.hub.local_hub import local_hub
from gradekit.hub.proxy import FOLDER, require
from tests import toy
from tests.hub.lines import CODE, HANDED_IN, OPEN, PAGES, Code, HandedIn, Page, table
from tests.hub.scene import COURSE, Scene, as_user, facts

pytestmark = pytest.mark.days

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "hub.md"
ONE = f"cn{os.getpid()}-one"  # the system user of all people on the hub without root
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can create system users")


@contextlib.contextmanager
def hub_apart(course: Path) -> Iterator[Scene]:
    with local_hub(course, prefix=f"cl{os.getpid()}-", preload=()) as hub:
        scene = Scene(facts(hub), hub.people["ben"].system_user)
        yield scene
        scene.close()


@contextlib.contextmanager
def hub_alone(course: Path) -> Iterator[Scene]:
    """A hub without system users. Root starts it as a user without rights, another user as themselves."""
    with contextlib.ExitStack() as at_end:
        user = None
        if os.geteuid() == 0:
            user = ONE
            home = Path(at_end.enter_context(tempfile.TemporaryDirectory(prefix="convkit-one-")))
            home.chmod(0o711)
            accounts.make(ONE, home / "one")
            at_end.callback(accounts.remove, ONE)
            accounts.give(course, ONE)
        hub = subprocess.Popen(
            as_user(user, [sys.executable, "-m", "tests.hub.alone", str(course)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **({"HOME": str(home / "one"), "USER": ONE} if user else {})},
            cwd=ROOT,
        )
        at_end.callback(hub.wait, 60)
        at_end.callback(hub.stdin.close)
        scene = Scene(json.loads(hub.stdout.readline()), user)
        at_end.callback(scene.close)
        yield scene


@pytest.fixture(scope="module")
def course(proxy: None) -> Iterator[Path]:
    """A course that other users can read, unlike pytest's folders."""
    require(ROOT / FOLDER)
    with tempfile.TemporaryDirectory(prefix="convkit-lines-") as folder:
        os.chmod(folder, 0o755)
        yield toy.make(Path(folder) / "course")


@pytest.fixture(scope="module", params=[pytest.param("apart", marks=root_only), "alone"])
def scene(request, course) -> Iterator[Scene]:
    with (hub_apart if request.param == "apart" else hub_alone)(course) as one:
        one.apart = request.param == "apart"
        yield one


def ids(rows) -> list[str]:
    return [row.what for row in rows]


def ask(scene: Scene, who: str, page: Page) -> requests.Response:
    """Request a page with a person's cookies."""
    person = {"ada": scene.ada, "ben": scene.ben, "ida": scene.ida}[who]
    if page.base:
        asked = {"course_id": "convkit", "assignment_id": "toy"} if "submit" in page.path else None
        return person.ask(page.method, page.path, page.base, json=asked)
    data = {"users": ["ben"]} if "groups" in page.path else {"admin": True} if page.method == "PATCH" else None
    return person.ask(page.method, f"api/{page.path}", "hub", json=data)


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_a_page_is_refused_to_a_student(scene: Scene, page: Page):
    if page.rightful:
        assert ask(scene, page.rightful, page).ok  # so the page exists
    if page.base == COURSE:
        scene.ben.open(f"{COURSE}/lab")  # log in as a browser does, if the hub allows it
    assert str(ask(scene, "ben", page).status_code) == page.refused


@pytest.mark.parametrize("row", CODE, ids=ids(CODE))
def test_code_of_a_student(scene: Scene, row: Code):
    came = scene.try_as_ben(row.code)
    expected = row.apart if scene.apart else row.alone
    if expected:
        assert re.search(expected, came.get("refused", "")), came
    else:
        assert came.get("got"), came


@pytest.mark.parametrize("row", HANDED_IN, ids=ids(HANDED_IN))
def test_a_hostile_submission(scene: Scene, row: HandedIn):
    refused = scene.hands_in(row.code, row.harm, row.undo)
    assert bool(refused) == (scene.apart or row.alone_too), refused


@pytest.mark.parametrize("row", OPEN, ids=ids(OPEN))
def test_what_stays_open(scene: Scene, row: Code):
    assert scene.try_as_ben(row.code).get("got")


def test_the_document_has_these_rows():
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.endswith(("| refused |", "| **succeeds** |"))] == table()
    assert len({line for line in table() if "| refused | **succeeds** |" in line}) >= 20  # what system users prevent
