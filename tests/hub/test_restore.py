"""`docs/administrator.md` on the hub as documented: people come and go, a notebook is corrected, backup and restore.

The commands are read from the page. `tests/test_administrator.py` runs the others on a course without a hub.
"""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks._visitor import Visitor
from tests import toy
from tests.hub import machine as machines
from tests.hub.machine import AWAIT_HUB, PASSWORD, ROOT, URL, Machine, instructor, press
from tests.hub.scene import answer, done

pytestmark = pytest.mark.days  # five minutes: two machines are installed as documented

PAGE = (ROOT / "docs" / "administrator.md").read_text(encoding="utf-8")
COURSE = Path("srv/courses/convkit")
CLASS = "login,e-mail,name,section\ndilan,dilan@example.org,Dilan Kaya,A\n"


def of_page(pattern: str) -> str:
    """The only match of a pattern on the page, with the assignment named toy."""
    (found,) = re.findall(pattern, PAGE, re.MULTILINE | re.DOTALL)
    return found.replace("conv2d", "toy")


NAMES = of_page(r"```text\n(export KIT=.*?)```")
ROSTER = of_page(r"```text\n(gradekit roster .*?)```")
FETCH = of_page(r"`(nbgrader fetch_assignment [^`]*)`")
COMPARE = of_page(r"`(diff -r [^`]*)`")
NIGHTLY = of_page(r"```text\n15 3 \* \* \*  (.*?)\n```").replace("\\%", "%")  # as cron reads it
RELEASE_AGAIN = of_page(r"```console\n(\$ gradekit release \"\$ASSIGNMENT\" --dry-run\n[^`]*--force\n)").replace(
    "$ ", ""
)
BACKUP = of_page(r'^\$ ("\$KIT/deploy/course/backup" "\$BACKUP/exam-collected")$')
STOP, *MOVE, RESTORE, START = of_page(r"## Restoring a backup\n.*?```console\n(.*?)```").replace("$ ", "").splitlines()
LOOK, REPORT = of_page(r"into an empty folder:\n\n```console\n(.*?)```").replace("$ ", "").splitlines()
LOOK = LOOK.replace("day-one", "exam-collected")


def in_terminal(person: Visitor, script: str) -> str:
    """What a script prints in a terminal of a server, with the names of the page."""
    with closing(person.kernel()) as kernel:
        return kernel.run(f"%%bash\nset -e\n{NAMES}\n{script}")


def on(machine: Machine, script: str, *, check: bool = True) -> str:
    """What a script of root's prints, with the names of the page."""
    return machine.run(f"set -e\n{NAMES}\n{script}", check=check)


def student(name: str) -> Visitor:
    one = Visitor(URL, name, PASSWORD)
    one.log_in()
    one.start()
    return one


def people_come_and_go(machine: Machine, ida: Visitor) -> None:
    """No LMS is here: `gradekit/tests/test_lms_roster.py` has `--lms`."""
    machine.add_person("dilan")
    roster = "\n".join(line for line in ROSTER.splitlines() if "--lms" not in line)
    said = in_terminal(ida, f"cat > class.csv <<END\n{CLASS}END\n{roster}")
    assert {"1 in the course: dilan", "1 in the course: ada", "1 removed: ben"} < set(said.splitlines())
    with pytest.raises(RuntimeError, match="ben cannot log in: 403"):
        student("ben")


def a_notebook_is_corrected(machine: Machine, ida: Visitor, dilan: Visitor) -> None:
    """dilan has fetched, and gets the new notebook by the command for it; ada fetches it."""
    source = machine.root / COURSE / "source/toy/2-second.ipynb"
    source.write_text(source.read_text().replace("# The second layer", "# The second layer, corrected"))
    assert "changed  toy/2-second.ipynb" in in_terminal(ida, RELEASE_AGAIN)
    mine = machine.root / "home/dilan/convkit/toy/2-second.ipynb"
    assert "corrected" not in mine.read_text()
    mine.rename(mine.with_name("2-second-old.ipynb"))
    in_terminal(dilan, FETCH)
    assert "corrected" in mine.read_text()


def hands_in(machine: Machine, one: Visitor) -> None:
    answer(machine.root / "home" / one.name / "convkit/toy")
    done(one.assignment("submit", "toy"))


@pytest.fixture(scope="module")
def backups(tmp_path_factory) -> Path:
    """Backups of a hub on which ada and dilan have submitted, and ada's work is collected."""
    if reason := machines.why_not():
        pytest.skip(reason)
    with machines.documented() as machine:
        toy.make(machine.root / COURSE)
        assert on(machine, f"{COMPARE} || true") == "Only in /srv/courses/convkit/source: toy\n"
        machine.run(f"chown -R grader-convkit: /{COURSE}")
        for step in ("assign", "release"):
            press(machine, "toy", step)
        with machine.network():
            ida = instructor()
            people_come_and_go(machine, ida)
            ada, dilan = student("ada"), student("dilan")
            done(dilan.assignment("fetch", "toy"))
            a_notebook_is_corrected(machine, ida, dilan)
            done(ada.assignment("fetch", "toy"))
            assert "corrected" in (machine.root / "home/ada/convkit/toy/2-second.ipynb").read_text()
            hands_in(machine, ada)
            press(machine, "toy", "collect")
            hands_in(machine, dilan)
        on(machine, f'mkdir -m 700 "$BACKUP"\n{BACKUP}')
        machine.run("cat > ~/course.sh", text=NAMES)
        machine.run(NIGHTLY)
        on(machine, LOOK)
        with machine.network():
            assert "ada" in in_terminal(ida, REPORT), "the course server's user reads what root has restored"
        copy = tmp_path_factory.mktemp("backups") / "backup"
        shutil.copytree(machine.root / "srv/backup", copy)
    return copy


def test_the_nightly_backup_is_whole(backups):
    (nightly,) = (path for path in backups.iterdir() if re.fullmatch(r"\d{4}-\d\d-\d\d", path.name))
    assert {path.name for path in nightly.iterdir()} == {path.name for path in (backups / "exam-collected").iterdir()}


def test_a_backup_is_restored_onto_an_empty_machine(backups):
    """Its users have other numbers, and dilan is not there yet."""
    with machines.documented() as machine:
        shutil.copytree(backups, machine.root / "srv/backup")
        machine.run(f"{STOP}\nusermod --uid 3001 ada\nusermod --uid 3002 grader-convkit")
        on(machine, "\n".join(MOVE))
        refused = on(machine, f"{RESTORE} && echo restored", check=False)
        assert "These users are not on this machine: dilan." in refused
        assert "restored" not in refused
        on(machine, '[ ! -e "$COURSE" ] && [ ! -e "$EXCHANGE" ] && [ ! -e "$HUB" ]')
        machine.add_person("dilan")
        on(machine, f"{RESTORE}\n{START}")
        machine.run(AWAIT_HUB)
        owners = machine.run("stat -c %U /srv/exchange/convkit/inbound/* /srv/courses/convkit/gradebook.db").split()
        assert owners == ["ada", "dilan", "grader-convkit"]
        machine.run("/opt/convkit/bin/gradekit doctor --hub --config /etc/jupyterhub/jupyterhub_config.py")
        assert "Collecting submission: dilan toy" in press(machine, "toy", "collect")
        with machine.network():
            dilan = student("dilan")  # who is in the course by the hub's database alone
            done(dilan.assignment("fetch", "toy"))
            hands_in(machine, dilan)
