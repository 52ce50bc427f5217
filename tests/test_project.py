"""The project's files agree with one another, and name no place of the machine that they were written on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import convkit

ROOT = Path(__file__).parents[1]
PROJECTS = [tomllib.loads((ROOT / house / "pyproject.toml").read_text())["project"] for house in (".", "gradekit")]
PROJECT, ENGINE = PROJECTS
OURS = ("convkit", "gradekit")


def asked(*extras: str) -> list[str]:
    """The requirements of both packages with these extras, without our own packages; all extras where none is named."""
    found: list[str] = []
    for project in PROJECTS:
        chosen = project["optional-dependencies"]
        found += project["dependencies"]
        found += [entry for extra in chosen if not extras or extra in extras for entry in chosen[extra]]
    return [entry for entry in dict.fromkeys(found) if name_of(entry) not in OURS]


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_environment_yml_has_the_packages_and_ranges_of_pyproject():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    assert sorted(pip) == sorted([*asked("student", "course"), "-e ./gradekit", "-e ."])
    assert f"python{PROJECT['requires-python']},<3.14" in dependencies


def test_every_package_of_pyproject_is_locked_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    locked = {name_of(line) for line in lock.splitlines() if re.match(r"[A-Za-z0-9]", line)}
    assert {name_of(entry) for entry in asked()} - locked == set(), "run make lock"
    assert len(re.findall(r"^\S+==", lock, re.MULTILINE)) == len(re.findall(r"==[^\n]*\\\n    --hash", lock))


def test_the_newest_change_is_of_this_version():
    headings = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == PROJECT["version"] == convkit.__version__


# Written in pieces, so that this file does not contain what it looks for.
PLACES = {
    "an address of a package index": "|".join(
        ["pypi" + r"\.(org|io)", "files" + r"\.pythonhosted", "--(extra-)?index" + "-url [^-]"]
    ),
    "a folder of somebody's machine": "|".join(
        [r"(?<![\w.])/" + home for home in ("work/", "root/", "home/(?!jovyan)[a-z]", "Users/[A-Za-z]", "opt/wheels")]
    ),
}


@pytest.mark.parametrize("what", PLACES)
def test_no_file_names(what):
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = re.search(PLACES[what], text)
        assert found is None, f"{path.relative_to(ROOT)} names {what}: {found[0]}"


TEST_MODULE = re.compile(
    r"^\s*(?:from\s+\S*\btest_\w+\s+import|import\s+\S*\btest_|from\s+\S+\s+import\s+.*\btest_)", re.MULTILINE
)


def test_no_module_imports_from_a_test_module():
    for path in tracked():
        if path.suffix == ".py":
            found = TEST_MODULE.search(path.read_text())
            assert found is None, (
                f"{path.relative_to(ROOT)}: {found[0].strip()}; move what both need to a helper module"
            )


@pytest.mark.parametrize(
    "line",
    [
        "from tests.test_bank import BANK",
        "from .test_bank import BANK",
        "from ..test_bank import (",
        "import tests.test_bank",
        "from tests import test_bank",
    ],
)
def test_an_import_from_a_test_module_would_be_seen(line):
    assert TEST_MODULE.search(line)


def test_make_alone_says_what_there_is():
    printed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^make (\w+)", printed, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert named == set(phony) - {"help", "venv"}


def test_ci_runs_the_test_command_of_the_readme():
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().endswith("\nmake test")
    subprocess.run(["bash", "-n", script], check=True)


def test_no_two_classes_of_one_package_have_one_name():
    """A name has one meaning, but for `Course`, which a hub's configuration calls what it opens."""
    for house in ("convkit", "gradekit/src"):
        found = [
            name
            for path in (ROOT / house).rglob("*.py")
            for name in re.findall(r"^class (\w+)", path.read_text(), re.M)
        ]
        assert len(found) > 40
        assert sorted(found) == sorted(set(found)), [name for name in set(found) if found.count(name) > 1]
