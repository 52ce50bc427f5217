"""The commands and settings in gradekit's documents are run, or at least parsed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from damaged import small_course
from documents import ROOT, blocks, commands

from gradekit import settings_file
from gradekit.cli import main
from gradekit.course import course
from gradekit.solutions import answer_file, right_answers

RUN = ("gradekit/README.md", "gradekit/docs/adopt.md")
# More runs of a class, and more hubs, than a test should take.
PARSED = tuple(
    str(path.relative_to(ROOT))
    for folder in ("docs", "deploy/*", "gradekit/docs")
    for path in sorted(ROOT.glob(f"{folder}/*.md"))
)
SETTINGS = ("gradekit/README.md", "gradekit/docs/adopt.md", "gradekit/docs/limits.md", "docs/honest-grading.md")


def test_the_commands_of_the_first_day_are_run(tmp_path, capsys, monkeypatch):
    small_course.write(tmp_path / "source/ps1/ps1.ipynb", small_course.second())
    (tmp_path / "nbgrader_config.py").write_text(small_course.CONFIG)
    monkeypatch.chdir(tmp_path)
    doctor, release, grade, report, page = (command.split()[1:] for command in commands(RUN, "console", "text"))
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


def in_sentences(documents: tuple[str, ...]) -> list[str]:
    """Each command of gradekit in the sentences of the documents; with a file, where the name of one would follow."""
    texts = ((ROOT / document).read_text(encoding="utf-8") for document in documents)
    shown = (command for text in texts for command in re.findall(r"`(gradekit [^`\n]+)`", text))
    return [re.sub(r"(--into|--html)$", r"\1 FILE", command) for command in shown]


@pytest.mark.parametrize("command", dict.fromkeys((*commands(PARSED, "console", "text"), *in_sentences(PARSED))))
def test_a_command_in_a_document_has_these_options(command, capsys):
    assert main([*command.split()[1:], "--help"]) == 0, capsys.readouterr().err
    assert main([*command.split()[1:], "--no-such-option", "--help"]) == 2


def test_the_settings_for_an_lms_are_known():
    names = re.findall(r"c\.Passback\.(\w+)", (ROOT / "gradekit/docs/passback.md").read_text(encoding="utf-8"))
    assert {"token_url", "client_id", "people"} < set(names) <= set(settings_file._known()["Passback"])


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
