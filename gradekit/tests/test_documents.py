"""The commands and settings in gradekit's documents are run, or at least parsed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from damaged import small_course

from gradekit import settings_file
from gradekit.cli import main
from gradekit.course import course
from gradekit.solutions import answer_file, right_answers

ROOT = Path(__file__).parents[2]
RUN = ("gradekit/README.md", "gradekit/docs/adopt.md")
PARSED = ("docs/grading.md", "gradekit/docs/export.md")  # more runs of a class than a test should take
SETTINGS = ("gradekit/README.md", "gradekit/docs/adopt.md", "gradekit/docs/limits.md", "docs/honest-grading.md")


def blocks(document: str, *languages: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [body for language, body in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL) if language in languages]


def commands(documents: tuple[str, ...]) -> list[str]:
    """Each command once, in the order of the documents, without redirections."""
    lines = [line for one in documents for block in blocks(one, "console", "text") for line in block.splitlines()]
    shown = (re.split(r" [#>]", line.removeprefix("$ "))[0].strip() for line in lines)
    return list(dict.fromkeys(line for line in shown if line.startswith("gradekit ")))


def test_the_commands_of_the_first_day_are_run(tmp_path, capsys, monkeypatch):
    small_course.write(tmp_path / "source/ps1/ps1.ipynb", small_course.second())
    (tmp_path / "nbgrader_config.py").write_text(small_course.CONFIG)
    monkeypatch.chdir(tmp_path)
    doctor, release, grade, report, page = (command.split()[1:] for command in commands(RUN))
    assert main(doctor) == 0
    assert main(release) == 0
    for student, answers in (("ada", right_answers(tmp_path / "source/ps1")), ("ben", {})):
        answer_file(tmp_path / "release/ps1/ps1.ipynb", tmp_path / "submitted" / student / "ps1/ps1.ipynb", answers)
    assert main(grade) == 0
    capsys.readouterr()
    assert main(report) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^ada +2 +2 +2 +0", printed, re.MULTILINE), printed
    assert re.search(r"^ben +double-small +2 ", printed, re.MULTILINE), printed
    assert main(page) == 0
    assert "double-small" in Path(page[-1]).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", commands(PARSED))
def test_a_command_in_a_document_has_these_options(command, capsys):
    assert main([*command.split()[1:], "--help"]) == 0, capsys.readouterr().err
    assert main([*command.split()[1:], "--no-such-option", "--help"]) == 2


@pytest.mark.parametrize("document", SETTINGS)
def test_the_settings_are_known_and_reach_the_course(document, tmp_path):
    """Each line that a document shows for `nbgrader_config.py` sets something that gradekit or nbgrader knows."""
    lines = "".join(block for block in blocks(document, "python") if "gradekit.adopt" in block or "\nc." in block)
    small_course.write(tmp_path / "source/hw/hw.ipynb", small_course.second())
    (tmp_path / "questions.py").write_text("EXERCISES = []\n")
    (tmp_path / "nbgrader_config.py").write_text(f"import gradekit.adopt\nc = get_config()\n{lines}")
    here = course(tmp_path)
    here.check_settings()
    known = settings_file._known()
    assert all(name in known[group] for group, name in re.findall(r"^c\.(\w+)\.(\w+) =", lines, re.MULTILINE))
    assert here.config().Autograde.exporter_class.endswith("RepairingExporter")
    for limit, value in re.findall(r"\b(memory|wall)=(\d+)", lines):
        assert f"'{limit}': {value}" in str(here.config().SandboxedProvisioner)
