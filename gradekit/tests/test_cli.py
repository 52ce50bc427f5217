"""gradekit's command line: answers on stdout, a user's mistake in one line on stderr."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

import pytest

from gradekit import doctor
from gradekit.cli import main
from tests import toy

#    arguments                 exit  in the message
MISTAKES = [
    ("report --course /", 1, "gradekit: / is not a course: it has no folder source/."),
    ("report a --assignment b", 2, "two assignments are named, a and b."),
    ("repotr", 2, "Did you mean 'report'"),
    ("grade --wrokers 2", 2, "--workers"),
    ("doctor --config jupyterhub_config.py", 2, "--config goes with --hub."),
    ("roster add", 2, "Missing argument 'LOGIN'"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES)
def test_a_mistake_is_one_message_and_no_traceback(capsys, arguments, code, message):
    assert main(arguments.split()) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert code == 2 or err.count("\n") == 1


def test_a_missing_package_is_named_with_its_extra(capsys, monkeypatch):
    for loaded in ["jupyterhub", *(name for name in sys.modules if name.startswith("jupyterhub."))]:
        monkeypatch.setitem(sys.modules, loaded, None)
    for loaded in [name for name in sys.modules if name.startswith("gradekit.hub")]:
        monkeypatch.delitem(sys.modules, loaded)
    assert main(["doctor", "--hub"]) == 1
    assert "jupyterhub is not installed. pip install 'gradekit[hub]' brings it." in capsys.readouterr().err


def test_the_commands_of_a_course_in_a_row(capsys, tmp_path):
    course = ["--course", str(toy.make(tmp_path))]
    assert main(["report", *course]) == 1
    assert "Grade first: gradekit grade" in capsys.readouterr().err
    assert main(["release", *course, "--dry-run"]) == 0
    assert "new      toy/1-first.ipynb" in capsys.readouterr().out
    assert main(["release", "toy", *course, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {"assignment": "toy", "file": "1-first.ipynb", "what": "new"}
    assert main(["grade", *course]) == 1
    assert "there is nothing to grade" in capsys.readouterr().err
    (tmp_path / "submitted").mkdir()
    assert main(["grade", *course]) == 0
    assert "submitted/ has no student's folder" in capsys.readouterr().out
    (tmp_path / "submitted/ada/toy").mkdir(parents=True)
    (tmp_path / "submitted/ada/toy/1-first.ipynb").write_bytes((tmp_path / "release/toy/1-first.ipynb").read_bytes())
    assert main(["grade", *course]) == 0
    assert "2-second was not handed in: its checks count 0." in capsys.readouterr().out
    assert main(["report", "toy", *course, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["student"], row["score"], row["possible"]) == ("ada", 0, 7)
    assert main(["report", *course]) == 0
    out = capsys.readouterr().out
    assert "layer-params-small, layer-params-fresh" in out
    assert "to read: points awaiting manual grading" in out


def test_a_release_that_would_leak_is_refused_with_a_line_for_each_finding(capsys, tmp_path):
    root = toy.make(tmp_path)
    (root / "source/toy/answers.txt").write_text("42")
    assert main(["release", "--course", str(root)]) == 1
    assert "answers.txt: does not belong here. Move it out of source/" in capsys.readouterr().err


def test_help_shows_a_line_to_copy(capsys):
    for command in ([], ["release"], ["grade"], ["report"], ["export"], ["hub"], ["doctor"]):
        assert main([*command, "--help"]) == 0
        assert "Try: gradekit " in capsys.readouterr().out


def test_no_command_builds_the_grammar_of_web_addresses(tmp_path):
    """It takes a second of processor time, whichever of a command's modules imports nbformat first."""
    (tmp_path / "source/hw1").mkdir(parents=True)
    built = "print(bool(sys.modules.get('rfc3987_syntax')))"
    code = f"import sys; from gradekit.cli import main; main(sys.argv[1:]); {built}"
    command = [sys.executable, "-c", code, "report", "--mistakes", "--course", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


START = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 0))
import gradekit.grading.grade
from gradekit import doctor
from gradekit.cli import main
from gradekit.course import course
from gradekit.grading.pool import worker_environment
worker_environment(course(sys.argv[1]))
print("nbgrader" in sys.modules)
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
worker_environment(course(sys.argv[1]))
print(FormgradeExtension.init_tornado_settings.__module__)
main(["release", "--course", sys.argv[1]])
"""


def test_a_fork_server_starts_before_nbgrader_is_imported_and_a_command_ends_quickly(tmp_path):
    """What reads a course's settings without nbgrader doesn't import it; with nbgrader, formgrader is protected."""
    root = toy.make(tmp_path)
    done = subprocess.run([sys.executable, "-c", START, str(root)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[:2] == ["False", "gradekit.patches"]
    assert done.stdout.splitlines()[-1] == "True"  # at its end, Python visits none of the objects of large libraries


@pytest.mark.parametrize("version", ["7.0.1", "8.0.0"])
def test_doctor_names_a_version_that_is_not_supported(version, monkeypatch):
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: version if name == "ipykernel" else installed(name))
    found = next(one for one in doctor.doctor() if one.name == "ipykernel")
    assert (found.ok, found.text) == (None, f"{version} is not supported. pip install 'ipykernel<8,>=7.1' would do.")
