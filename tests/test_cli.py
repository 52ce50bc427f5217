"""The command line: answers on stdout, a user's mistake in one line on stderr, usage errors with the right word."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from convkit.cli import _at_hand, _is_root, main
from gradekit.console import progress_bar
from gradekit.release import release
from tests import toy

#    arguments                                                      what is printed   why this row exists
LENGTHS = [
    ("32 --kernel-size 5", "32 -> 28", "LeNet's first layer"),
    ("32 --kernel 5", "32 -> 28", "the short word"),
    ("7 -k 3 -s 2 -p same", "7 -> 4", "SAME rounds up"),
    ("7 -k 3 -s 2 -p SAME", "7 -> 4", "in any case, as Keras takes it"),
    ("5 -k 3 -d 2", "5 -> 1", "a dilated kernel that just fits"),
    ("5 -k 7 -p 1,1", "5 -> 1", "explicit padding"),
]


@pytest.mark.parametrize(("arguments", "printed", "why"), LENGTHS, ids=[row[-1] for row in LENGTHS])
def test_length(capsys, arguments, printed, why):
    assert main(["length", *arguments.split()]) == 0
    assert capsys.readouterr() == (printed + "\n", "")


def test_length_as_json(capsys):
    assert main(["length", "32", "-k", "5", "-s", "2", "--json"]) == 0
    asked = {"n": 32, "kernel_size": 5, "strides": 2, "padding": "valid", "dilation_rate": 1}
    assert json.loads(capsys.readouterr().out) == {**asked, "output_length": 14}


#    arguments                 exit  in the message
MISTAKES = [
    ("length 5 -k 7", 1, "convkit: a kernel spanning 7 px does not fit 5 px: 7 > 5. Use kernel_size <= 5"),
    ("length 5 -k 3 -s 0", 1, "convkit: strides is 0"),
    ("length 5 -k 3 -p saem", 1, "Did you mean 'same'?"),
    ("demo --course . --into tests", 1, "is not empty, and was not made by a demo. Choose another folder: --into DIR"),
    ("lenght 32", 2, "Did you mean 'length'?"),
    ("length 32 --kernal-size 5", 2, "--kernel-size"),
    ("length 32", 2, "--kernel-size"),
    ("length many -k 3", 2, "invalid int value: 'many'"),
    ("length 5 -k 3 -p 1,x", 2, "'1,x' is not BEFORE,AFTER in pixels, such as 1,1."),
]


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES)
def test_a_mistake_is_one_message_and_no_traceback(capsys, monkeypatch, request, arguments, code, message):
    monkeypatch.chdir(request.config.rootpath)
    assert main(arguments.split()) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert code == 2 or err.count("\n") == 1


def test_a_command_that_is_shown_can_be_copied(monkeypatch):
    beside = Path(sys.executable).with_name("jupyter")
    monkeypatch.setenv("PATH", "/nowhere")
    assert _at_hand("jupyter") == str(beside)
    monkeypatch.setenv("PATH", str(beside.parent))
    assert _at_hand("jupyter") == "jupyter"


@pytest.mark.days
@pytest.mark.skipif(not _is_root(), reason="Jupyter refuses root alone")
def test_a_lab_that_refuses_root_says_how_to_ask(tmp_path):
    root = toy.make(tmp_path / "course")
    release(root)
    command = [sys.executable, "-m", "convkit.cli", "lab", "--course", str(root), "--into", str(tmp_path / "work")]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith("convkit lab -- --allow-root")


def test_the_bar_counts_nothing_before_it_is_known_how_many_there_are():
    console = Console(force_terminal=True, width=100, file=io.StringIO())
    with progress_bar(console, "grading") as step:
        before = console.file.getvalue()
        step(0, 15, "ada")
    assert "/100" not in before
    assert "0/15" in console.file.getvalue()


def test_help_shows_a_line_to_copy(capsys):
    for command in ([], ["length"], ["demo"], ["lab"]):
        assert main([*command, "--help"]) == 0
        assert "Try: convkit " in capsys.readouterr().out


def test_length_needs_neither_gradekit_nor_typer():
    code = "import sys; sys.modules.update(gradekit=None, typer=None); from convkit.cli import main; sys.exit(main())"
    run = [sys.executable, "-c", code]
    assert subprocess.run([*run, "length", "32", "-k", "5"], capture_output=True, check=True).stdout == b"32 -> 28\n"
    refused = subprocess.run([*run, "demo"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "gradekit is not installed. It is in the extra 'course'." in refused.stderr


def test_what_standard_output_cannot_encode_is_escaped():
    settings = {**os.environ, "PYTHONIOENCODING": "ascii"}
    run = [sys.executable, "-m", "convkit.cli", "length", "\u0142"]
    refused = subprocess.run(run, env=settings, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "invalid int value: '\\u0142'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_length_loads_nothing_heavy():
    code = "import sys; from convkit.cli import main; main(['length', '32', '-k', '5']); print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert (
        loaded & {"tensorflow", "keras", "nbgrader", "nbformat", "IPython", "matplotlib", "ipywidgets", "traitlets"}
        == set()
    )
