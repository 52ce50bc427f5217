"""Every block of the pages for administrators, with the test that reads it from its page, and runs it where it can.

A block that is new or changed fails here, until its test is named. `gradekit/tests/test_documents.py` parses the
commands of gradekit in sentences, and `tests/test_chart.py` those of kubectl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
ADMINISTRATOR = ROOT / "docs" / "administrator.md"
PROMPTS = {"docs": "$ ", "deploy": "# "}  # in the terminal of a course server, or of root's


class Block(NamedTuple):
    """A block of a page; `not_run` is the reason why its test compares it only."""

    page: str
    first: str  # what its first line begins with
    test: str
    not_run: str = ""


ONE_MACHINE, AUTHENTICATORS, TLJH, KUBERNETES = (
    f"deploy/{name}/README.md" for name in ("jupyterhub", "authenticators", "tljh", "kubernetes")
)
PAGE = "docs/administrator.md"
SYSTEMD, RESTORE, RUN = "tests/hub/test_systemd.py", "tests/hub/test_restore.py", "tests/test_administrator.py"
NO_CLUSTER = "There is no cluster: kubectl does what it can without one, and the rest is compared with the chart."
BLOCKS = [
    Block(AUTHENTICATORS, "load_subconfig(", SYSTEMD),
    Block(AUTHENTICATORS, "/opt/convkit/bin/pip install", SYSTEMD),
    Block(ONE_MACHINE, "apt-get update", SYSTEMD),
    Block(ONE_MACHINE, "npm install", SYSTEMD),
    Block(ONE_MACHINE, "useradd --create-home --shell /usr/sbin/nologin", SYSTEMD),
    Block(ONE_MACHINE, "useradd --create-home --shell /bin/bash", SYSTEMD),
    Block(ONE_MACHINE, "(umask 077 && echo", SYSTEMD),
    Block(ONE_MACHINE, "/opt/convkit/bin/pip install", "tests/hub/test_documented.py"),
    Block(ONE_MACHINE, "apt-get install quota", "tests/hub/test_quota.py"),
    Block(ONE_MACHINE, "COURSE=/srv/courses/convkit", SYSTEMD),
    Block(KUBERNETES, "kubectl create namespace", "tests/test_chart.py", NO_CLUSTER),
    Block(KUBERNETES, "kubectl create job", "tests/test_chart.py", NO_CLUSTER),
    Block(KUBERNETES, "jupyterhub:", "tests/test_chart.py"),
    Block(TLJH, "git clone REPOSITORY", "tests/hub/test_tljh.py"),
    Block(PAGE, "export KIT=", RESTORE),
    Block(PAGE, 'cd "$COURSE"', RUN),
    Block(PAGE, '"$KIT/deploy/course/backup" "$BACKUP/day-one"', RUN),
    Block(PAGE, 'gradekit release "$ASSIGNMENT" --dry-run', RUN),
    Block(PAGE, "gradekit roster import class.csv", RESTORE),
    Block(PAGE, "nbgrader db upgrade", RUN),
    Block(PAGE, "15 3 * * *", RESTORE),
    Block(PAGE, "df -h", RUN),
    Block(PAGE, "nbgrader collect", RUN),
    Block(PAGE, "systemctl stop", RUN),
    Block(PAGE, 'COURSE="$COURSE.trial"', RUN),
    Block(PAGE, "nbgrader export", RUN),
    Block("gradekit/docs/export.md", "gradekit export hw1 >", "gradekit/tests/test_export.py"),
    Block("gradekit/docs/passback.md", "gradekit passback hw1 --dry-run", "gradekit/tests/test_passback.py"),
    Block("gradekit/docs/passback.md", "c.Passback.token_url", "gradekit/tests/test_documents.py"),
]


def pages() -> Iterator[Path]:
    """The pages of deploy/, the administrator's page, and the pages that it links."""
    yield from sorted((ROOT / "deploy").rglob("*.md"))
    yield ADMINISTRATOR
    linked = re.findall(r"\]\(([^)#]+\.md)\)", ADMINISTRATOR.read_text(encoding="utf-8"))
    yield from sorted({(ADMINISTRATOR.parent / target).resolve() for target in linked})


def shown() -> list[tuple[str, str, str]]:
    """(page, language, text) of each block, in order."""
    found = []
    for path in pages():
        blocks = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        found += [(str(path.relative_to(ROOT)), language, re.sub("^ +", "", text)) for _, language, text in blocks]
    return found


def test_every_block_has_a_test():
    found = [(page, text.removeprefix("$ ").removeprefix("# ").splitlines()[0]) for page, _, text in shown()]
    assert [page for page, _ in found] == [block.page for block in BLOCKS]
    assert [line for (_, line), block in zip(found, BLOCKS, strict=True) if not line.startswith(block.first)] == []


def test_every_line_of_a_console_has_the_prompt_that_its_test_looks_for():
    consoles = [(page, text) for page, language, text in shown() if language == "console"]
    assert len(consoles) >= 18
    for page, text in consoles:
        assert all(line.startswith(PROMPTS[page.partition("/")[0]]) for line in text.splitlines()), page


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page} {block.first}")
def test_a_blocks_test_is_there_and_reads_the_page(block):
    text = (ROOT / block.test).read_text(encoding="utf-8")
    assert all(part in text for part in Path(block.page).parts if part != "gradekit")
