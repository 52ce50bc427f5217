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

from gradekit.hub import accounts
from gradekit.hub.local_hub import local_hub
from gradekit.hub.proxy import FOLDER, require
from tests import toy
from tests.hub.lines import PROTECTED, ROWS, Code, HandedIn, Page, table
from tests.hub.scene import AGENT, Scene, as_user, facts

pytestmark = pytest.mark.days

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "hub.md"
ONE = f"cn{os.getpid()}-one"  # the system user of all people on the hub without root
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can create system users")


@contextlib.contextmanager
def hub_apart(course: Path) -> Iterator[Scene]:
    with local_hub(course, prefix=f"cl{os.getpid()}-", preload=()) as hub:
        scene = Scene(facts(hub), as_user(hub.people["ben"].system_user, AGENT))
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
        scene = Scene(json.loads(hub.stdout.readline()), as_user(user, AGENT), apart=False)
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
        yield one


@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
def test_a_line(scene: Scene, row: Page | Code | HandedIn):
    scene.tries(row)


@root_only
@pytest.mark.parametrize("scene", ["apart"], indirect=True)
@pytest.mark.parametrize("row", PROTECTED, ids=[row.what for row in PROTECTED])
def test_a_line_without_its_protection(scene: Scene, row: Page | Code | HandedIn):
    scene.crosses(row)


def test_the_document_has_these_rows():
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.search(r"\| (refused|\*\*succeeds\*\*) \|", line)] == table()
    assert len({line for line in table() if "| refused | **succeeds** |" in line}) >= 20  # what system users prevent
