"""The conformance report names tests that exist, and a test for each of its lines."""

from __future__ import annotations

import re
from pathlib import Path

from convkit.explore import EXPLORERS

from .prose import WORDS

ROOT = Path(__file__).parents[1]
REPORT = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(b/)?(test_\w+\.py)::(test_\w+)`")


def test_each_line_of_the_report_names_a_test():
    lines = [line for line in REPORT.splitlines() if re.match(r"\| \d", line)]
    assert len(lines) > 15
    assert [line for line in lines if not NAMED.search(line)] == []


def test_what_is_claimed_is_tested_for_each_explorer():
    """Tests that run for one explorer after the other take them from the list that has all."""
    assert f"all {WORDS[len(EXPLORERS) - 2]} explorers" in REPORT
    for name in ("explorers", "elsewhere", "keyboard", "firefox"):
        source = (ROOT / f"tests/browser/test_{name}.py").read_text(encoding="utf-8")
        assert re.search(r"param\w+[=(](\"name\", )?EXPLORERS\)", source), name


def test_the_guide_names_each_explorer():
    guide = (ROOT / "docs" / "explorers.md").read_text(encoding="utf-8")
    assert [name for name in EXPLORERS if f"\n**{name}**: " not in guide] == []
    assert f"has {WORDS[len(EXPLORERS) - 2]}: {', '.join(f'`{name}`' for name in EXPLORERS[:-1])} and" in guide


def test_the_tests_that_the_report_names_exist():
    for folder, file, name in NAMED.findall(REPORT):
        source = (ROOT / "tests" / ("browser" if folder else "") / file).read_text(encoding="utf-8")
        assert f"\ndef {name}(" in source, f"{file}::{name}"
