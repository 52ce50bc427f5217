"""nbgrader's own tests of autograde, feedback and validate pass where gradekit is adopted, except those listed here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.days

MODULES = [f"nbgrader.tests.apps.test_nbgrader_{name}" for name in ("autograde", "generate_feedback", "validate")]
ADOPTED = "c = get_config(); import gradekit.adopt; gradekit.adopt.course(c)\n"
DOCUMENT = Path(__file__).parents[1] / "docs/adopt.md"

FOREIGN = "a notebook with cells of another assignment is graded: they count nothing, and a line names them"
# nbgrader's test -> what gradekit does in place of what it expects. Each of them grades a damaged notebook.
EXCEPTIONS = {
    "TestNbGraderAutograde::test_handle_failure": FOREIGN,
    "TestNbGraderAutograde::test_handle_failure_single_notebook": FOREIGN,
    "TestNbGraderAutograde::test_missing_source_kernelspec": (
        "a notebook that names a kernel which is not installed is graded with the course's"
    ),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, str]:
    """The class and name of each test -> passed, failed or skipped."""
    folder = tmp_path_factory.mktemp("nbgrader")
    for name in ("adopted", "own"):
        (folder / name).mkdir()
    (folder / "adopted/nbgrader_config.py").write_text(ADOPTED)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"JUPYTER_CONFIG_PATH": str(folder / "adopted"), "JUPYTER_CONFIG_DIR": str(folder / "own")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])  # for `alembic`
    command = [sys.executable, "-m", "pytest", "-q", "-c", "pytest.ini", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--junitxml=found.xml", "--pyargs", *MODULES],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
    cases = ElementTree.parse(folder / "found.xml").iter("testcase")
    return {f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}": _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    parts = {part.tag for part in case}
    return "skipped" if "skipped" in parts else "failed" if parts & {"failure", "error"} else "passed"


def test_nbgraders_own_tests_pass_except_those_that_expect_a_damaged_notebook_to_stop(outcomes):
    assert len(outcomes) > 70
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == set(EXCEPTIONS)


def test_the_exceptions_are_those_of_the_document():
    rows = "".join(f"| `{name.partition('::')[2]}` | {what} |\n" for name, what in EXCEPTIONS.items())
    assert f"| Test | With gradekit |\n|---|---|\n{rows}\n" in DOCUMENT.read_text(encoding="utf-8")
