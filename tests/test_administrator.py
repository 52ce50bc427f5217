"""The administrator's page: its commands are run, in their order, on a course that people work on meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gradekit.hub.config import settings_of
from tests import toy

pytestmark = pytest.mark.days

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "administrator.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
HERE = ("systemctl",)  # a program of the machine that would end somebody's hub: the test has a harmless one


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> dict[str, str]:
    """A course, an exchange, a hub's database, and the environment of a terminal in the course server."""
    folder = tmp_path_factory.mktemp("place")
    names = {name: folder / name.lower() for name in ("COURSE", "EXCHANGE", "BACKUP")}
    toy.make(names["COURSE"])
    names["EXCHANGE"].mkdir(mode=0o777)
    names["EXCHANGE"].chmod(0o777)
    people(folder / "jupyterhub.sqlite")
    programs = folder / "programs"
    programs.mkdir()
    for name in HERE:
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    return {
        **os.environ,
        **{name: str(path) for name, path in names.items()},
        "KIT": str(ROOT),
        "HUB": str(folder / "jupyterhub.sqlite"),
        "ASSIGNMENT": "toy",
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(f"{settings_of()}/{part}" for part in ("course", "everyone")),
        "JUPYTERHUB_USER": "convkit",
        "GRADEKIT_COURSE": "convkit",
        "GRADEKIT_EXCHANGE": str(names["EXCHANGE"]),
        "GRADEKIT_SYSTEM_NAME": "",
    }


def people(file: Path) -> None:
    """A hub's database, made by JupyterHub itself."""
    from jupyterhub import orm

    session = orm.new_session_factory(f"sqlite:///{file}")()
    session.add_all([orm.User(name="ada"), orm.User(name="ben")])
    session.commit()
    session.close()


def fetched(place: dict[str, str], who: str) -> Path:
    """A student's copy of the assignment, fetched with nbgrader."""
    home = Path(place["COURSE"]).parent / who
    home.mkdir()
    fetch(place, home)
    return home


def fetch(place: dict[str, str], home: Path, *options: str) -> None:
    config = os.pathsep.join(f"{settings_of()}/{part}" for part in ("person", "everyone"))
    environment = {**place, "JUPYTER_CONFIG_PATH": config, "JUPYTERHUB_USER": home.name, "HOME": str(home)}
    command = ["nbgrader", "fetch_assignment", "toy", "--course", "convkit", *options]
    command.append("--Authenticator.plugin_class=nbgrader.auth.NoAuthPlugin")
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True, text=True)


def corrected(place: dict[str, str], block: str, home: Path) -> None:
    """A notebook is corrected: a student who has fetched keeps the old one, and gets the new one as the page says."""
    source = Path(place["COURSE"]) / "source/toy/2-second.ipynb"
    source.write_text(source.read_text().replace("# The second layer", "# The second layer, corrected"))
    released = subprocess.run(["nbgrader", "release_assignment", "toy"], cwd=place["COURSE"], env=place)
    assert released.returncode != 0, "without --force"
    assert "changed  toy/2-second.ipynb" in run(block, place)
    mine = home / "convkit/toy/2-second.ipynb"
    assert "corrected" not in mine.read_text()
    mine.rename(mine.with_name("2-second-old.ipynb"))
    first = mine.with_name("1-first.ipynb")
    first.write_text(first.read_text() + " ")
    fetch(place, home, "--replace")
    assert "corrected" in mine.read_text()
    assert mine.with_name("2-second-old.ipynb").exists()
    assert first.read_text().endswith(" "), "nothing is overwritten"


def hand_in(place: dict[str, str], who: str, code: str) -> None:
    """Somebody answers and submits, with nbgrader's own submit into the exchange."""
    import nbformat

    home = Path(place["COURSE"]).parent / who
    shutil.copytree(Path(place["EXCHANGE"]) / "convkit/outbound/toy", home / "convkit/toy")
    path = home / "convkit/toy/2-second.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.id == "second-layer-params").source = code
    nbformat.write(notebook, path)
    config = os.pathsep.join(f"{settings_of()}/{part}" for part in ("person", "everyone"))
    environment = {**place, "JUPYTER_CONFIG_PATH": config, "JUPYTERHUB_USER": who, "HOME": str(home)}
    command = [
        "nbgrader",
        "submit",
        "toy",
        "--course",
        "convkit",
        "--Authenticator.plugin_class=nbgrader.auth.NoAuthPlugin",
    ]
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True, text=True)


def run(block: str, place: dict[str, str]) -> str:
    """All lines of a block in one shell, in the course's folder; `gradekit grade` may end with 1."""
    lines = [line.removeprefix("$ ") for line in block.splitlines()]
    lines = [f"{line} || [ $? = 1 ]" if line.startswith("gradekit grade") else line for line in lines]
    script = "\n".join(["set -eux", 'cd "$COURSE"', *lines])
    done = subprocess.run(["bash", "-c", script], env=place, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{block}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


class Busy:
    """The gradebook is written to all the time, as formgrader does; each change is whole or is not there."""

    def __init__(self, gradebook: Path) -> None:
        self.gradebook, self.over, self.written = gradebook, threading.Event(), 0
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        while not self.over.is_set():
            if self.gradebook.exists():
                with sqlite3.connect(self.gradebook, timeout=300) as db:
                    db.execute("create table if not exists busy (one integer, other integer)")
                    db.execute("insert into busy values (?, ?)", (self.written, self.written))
                db.close()
                self.written += 1
            time.sleep(0.01)

    def __enter__(self) -> Busy:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def test_the_page_is_run_from_top_to_bottom(place):
    day_one, first_backup, correct, upgrade, before, exam, back, look, end = BLOCKS
    run(day_one, place)
    cleo = fetched(place, "cleo")
    hand_in(place, "ada", "def second_layer_params(filters):\n    return (3 * 3 * 2 + 1) * filters")
    hand_in(place, "ben", "def second_layer_params(filters):\n    return 3 * 3 * 2 * filters")
    course, backup = Path(place["COURSE"]), Path(place["BACKUP"])
    with Busy(course / "gradebook.db") as busy:
        said = run(first_backup, place)
        corrected(place, correct, cleo)
        run(upgrade, place)
        run(before, place)
    assert busy.written > 5
    assert "gradebook.db: whole" in said
    assert "hub.sqlite: whole, 2 in users" in said
    report = run(exam, place)
    assert re.search(r"ada\b.*\b2\b", report)
    assert sorted(path.name for path in (course / "feedback").iterdir()) == ["ada", "ben"]

    graded = scores(course)
    assert graded == {"ada": 2.0, "ben": 0.0}
    said = run(back, place)  # what was collected, as it was before it was graded
    assert scores(course) == {}
    assert sorted(path.name for path in (course / "submitted").iterdir()) == ["ada", "ben"]
    kept, moved = (Path(place["EXCHANGE"] + suffix, "convkit") for suffix in ("", ".broken"))
    assert sorted(path.name for path in kept.iterdir()) == ["inbound", "outbound"]
    assert [len(list(one.glob("inbound/*/*.ipynb"))) for one in (kept, moved)] == [4, 4]
    assert (kept / "inbound").stat().st_mode == (moved / "inbound").stat().st_mode

    run(look, place)
    trial = Path(f"{course}.trial")
    assert not (trial / "submitted").exists()  # day one was before anybody handed in
    assert (trial / "gradebook.db").exists()
    run(end, place)
    assert (course / "grades.csv").read_text().startswith("assignment,")
    assert list(Path(place["EXCHANGE"]).iterdir()) == []
    assert backup.joinpath("end-of-term").stat().st_mode & 0o077 == 0


def scores(course: Path) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "convkit") as book:
        return {one.student.id: one.score for one in book.assignment_submissions("toy")}


def test_nothing_is_overwritten(place):
    """By a backup under an old name, and by putting back into a folder that is in use."""
    script = ROOT / "deploy/course"
    taken = subprocess.run(
        [script / "backup", Path(place["BACKUP"]) / "day-one"], env=place, capture_output=True, text=True
    )
    full = subprocess.run(
        [script / "restore", Path(place["BACKUP"]) / "day-one"], env=place, capture_output=True, text=True
    )
    assert (taken.returncode, full.returncode) == (1, 1)
    assert "there already" in taken.stderr
    assert "not empty" in full.stderr


def test_a_damaged_backup_is_seen(place, tmp_path):
    shutil.copytree(Path(place["BACKUP"]) / "end-of-term", tmp_path / "one")
    file = tmp_path / "one" / "course.tar.gz"
    file.write_bytes(file.read_bytes()[:-100])
    script = ROOT / "deploy/course/restore"
    done = subprocess.run([script, "--check", tmp_path / "one"], env=place, capture_output=True, text=True)
    assert done.returncode != 0
    assert "course.tar.gz: FAILED" in done.stdout


def test_what_the_page_names_is_there():
    for name in re.findall(r"`((?:deploy|tests|docs)/[\w./-]*)`", PAGE):
        assert (ROOT / name).exists(), name
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
