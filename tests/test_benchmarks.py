"""The benchmarks load, and the commands that documents name for them are theirs. Nothing is measured here."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.hub_load import options

ROOT = Path(__file__).parents[1]
TEXTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.py")]
COMMAND = re.compile(r"python (?:-m benchmarks|benchmarks/)[^`\n]*")


def commands() -> list[str]:
    found = {command.split("  ")[0].strip() for path in TEXTS for command in COMMAND.findall(path.read_text("utf-8"))}
    return sorted(found)


def test_there_are_commands():
    assert len(commands()) > len(NAMES)


@pytest.mark.parametrize("command", commands())
def test_a_command_in_a_document_is_a_benchmark(command):
    _, _, module, *arguments = shlex.split(re.sub(r"\[.*", "", command))
    if module == "benchmarks":
        assert set(arguments) <= set(NAMES)
    else:
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
        options(arguments) if module == "benchmarks.hub_load" else [int(number) for number in arguments]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_loads_and_starts_without_arguments(name):
    main = importlib.import_module(f"benchmarks.{name}").main
    inspect.signature(main).bind()
