"""What the README shows was run, and its numbers are computed."""

from __future__ import annotations

import doctest
import re
import tomllib
from collections import Counter
from pathlib import Path

import nbformat

import convkit
from convkit.cli import main
from gradekit.cli import main as gradekit_main
from tests.conftest import NOTEBOOKS
from tests.prose import facts, unsupported, wrong_facts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def blocks(language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(README) if name == language]


def possible() -> Counter:
    """The points of the lesson: `grade` by a program, `task` by a person."""
    total: Counter = Counter()
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            about = cell.metadata.get("nbgrader", {})
            total.update({kind: about["points"] for kind in ("grade", "task") if about.get(kind)})
    return total


def test_the_numbers_in_the_readme(lesson):
    text = BLOCK.sub("", README)
    names = {
        "convkit": convkit,
        "lesson": {path.stem: lesson[path.stem] for path in NOTEBOOKS},
        "points": possible(),
        "project": project(),
    }
    table = facts("README", names)
    found = [*unsupported(text, table.values()), *wrong_facts(table, text)]
    assert not found, "\n".join(found)


def test_the_versions_of_python_are_those_of_the_package():
    found = [line.rpartition(" ")[2] for line in project()["classifiers"] if "Python :: 3." in line]
    assert f"Python {', '.join(found[:-1])} or {found[-1]}, make" in README


def test_the_python_lines_print_what_they_say():
    (example,) = blocks("python")
    test = doctest.DocTestParser().get_doctest(example, {}, "README.md", "README.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.attempted >= 4
    assert results.failed == 0


def test_the_commands_exist(capsys):
    shown = [line.removeprefix("$ ").split("#")[0].split() for body in blocks("console") for line in body.splitlines()]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in shown:
        if command[0] == "make":
            assert re.search(rf"^{command[1]}:", makefile, re.MULTILINE)
        elif command[0] in ("convkit", "gradekit"):
            run = main if command[0] == "convkit" else gradekit_main
            assert run([command[1], "--help"]) == 0
        else:
            assert command[0] == "nbgrader"


def test_what_the_readme_names_is_there():
    for name in re.findall(r"`([\w/.-]+/[\w/.-]*|[\w-]+\.(?:md|yml|py|toml))`", README):
        made = name.split("/")[0] in ("work", "submitted", "feedback", "build")
        assert made or (ROOT / name).exists() or (ROOT / "source" / "conv2d" / name).exists(), name
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
