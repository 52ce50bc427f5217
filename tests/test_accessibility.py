"""The conformance report names tests that exist, and a test for each of its lines."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPORT = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(b/)?(test_\w+\.py)::(test_\w+)`")


def test_each_line_of_the_report_names_a_test():
    lines = [line for line in REPORT.splitlines() if re.match(r"\| \d", line)]
    assert len(lines) > 15
    assert [line for line in lines if not NAMED.search(line)] == []


def test_the_tests_that_the_report_names_exist():
    for folder, file, name in NAMED.findall(REPORT):
        source = (ROOT / "tests" / ("browser" if folder else "") / file).read_text(encoding="utf-8")
        assert f"\ndef {name}(" in source, f"{file}::{name}"
