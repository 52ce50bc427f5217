"""What students wrote reaches no terminal as a control sequence, and every encoding of stdout will do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields

import pyte
import pytest

from gradekit import cli, console
from gradekit.errors import Trouble
from gradekit.grading.result import GradingResult
from gradekit.report import Loss, StudentResult, as_json
from gradekit.submissions.names import unfit

UP, CLIPBOARD, TITLE = "\x1b[2A\r", "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;evil\x07"
WROTE = [
    f"{UP}eve          4   4      0",
    f"wrong shape{CLIPBOARD}",
    f"{TITLE}\x1bc",
    "\x9b2A\x9b31m9 of 9",
    "\u202e4 fo 4\u202c",
    "line\nada          4   4      0",
    "back\b\b\b\b4   4",
    "[bold red]red[/] :smile:",
]


def row(student: str, message: str) -> StudentResult:
    texts = dict.fromkeys(("assignment", "name", "state", "submitted"), "graded")
    points = {"raw": 1.0, "extra_credit": 0.0, "penalty": 0.0, "score": 1.0, "possible": 4.0, "waiting": 0.0}
    books = {"scores": {"1-first": 1.0}, "maxima": {"1-first": 4.0}, "released": {}}
    values = {**texts, **points, **books, "student": student}
    values["lost"] = (Loss("1-first", "layer-params", 3.0, message),)
    return StudentResult(**{field.name: values[field.name] for field in fields(StudentResult)})


def screen(text: str) -> str:
    """What a terminal shows after this text."""
    shown = pyte.Screen(console.WIDTH, 100)
    pyte.Stream(shown).feed(text.replace("\n", "\r\n"))
    return "\n".join(line.rstrip() for line in shown.display)


@pytest.mark.parametrize("text", WROTE)
def test_a_terminal_shows_the_true_table(capsys, text):
    console.tables(console.terminal(), [row("ada", text), row(f"eve{text}", "")])
    out = capsys.readouterr().out
    lines = screen(out).splitlines()
    assert lines == [line.rstrip() for line in out.splitlines()] + [""] * (len(lines) - len(out.splitlines()))
    scores = [line.split() for line in lines if line.startswith(("ada", "eve"))][:2]
    assert [words[0][:3] for words in scores] == ["ada", "eve"]
    assert scores[0][-3:] == scores[1][-3:]
    assert scores[0][-2:] == ["4", "0"]
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\b", "\r", "\u202e"}


@pytest.mark.parametrize("text", WROTE)
def test_messages_and_progress_of_a_run(capsys, text):
    here = console.terminal()
    with console.progress_bar(here, "grading") as progress:
        progress(0, 2, f"eve{text}")
    outcome = GradingResult()
    outcome.troubles.append(Trouble(f"eve{text}", f"is not graded: {text}"))
    console.troubles(here, outcome)
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\b", "\r", "\u202e"}
    assert out.count("\n") == 3


@pytest.mark.parametrize("text", WROTE)
def test_data_is_cleaned_on_a_terminal_alone(capsys, monkeypatch, text):
    console.write_data(f"{text}\n")
    assert capsys.readouterr().out == f"{text}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    console.write_data(f"{text}\n")
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\b", "\r", "\u202e"}
    assert out.count("\n") == text.count("\n") + 1


@pytest.mark.parametrize("letter", ["\x1b", "\x9b", "\x85", "\n", "\u2028"])
def test_no_student_has_a_control_character_in_the_name(letter):
    assert unfit(f"eve{letter}2A")


@pytest.mark.parametrize("text", WROTE)
def test_json_is_ascii_and_says_the_same(capsys, text):
    data = as_json([row(f"Łukasz{text}", text)])
    console.echo_json(data)
    out = capsys.readouterr().out
    assert out.isascii()
    assert not set(out) & {"\x1b", "\x07", "\b", "\r"}
    assert json.loads(out) == json.loads(json.dumps(data))


def test_a_mistake_with_a_name_in_it(capsys):
    assert cli.main(["report", "--course", f"/nowhere{UP}{CLIPBOARD}"]) == 1
    assert not set(capsys.readouterr().err) & {"\x1b", "\x07", "\r"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_no_encoding_ends_a_command(tmp_path, encoding):
    (tmp_path / "source" / "Łukasz").mkdir(parents=True)
    command = [sys.executable, "-m", "gradekit.cli", "report", "Œuvre-Łukasz-日本", "--course", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"gradekit: ")


def test_without_the_cleaning_a_terminal_is_deceived(capsys, monkeypatch):
    monkeypatch.setattr(console, "clean", lambda text: text)
    console.tables(console.terminal(), [row("ada", WROTE[0]), row("ben", "")])
    out = capsys.readouterr().out
    assert screen(out).splitlines() != [line.rstrip() for line in out.splitlines()]
