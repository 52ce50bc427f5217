"""A class in which every third student attacks: the others have the points of a class without attackers."""

from __future__ import annotations

import sys

import pytest

from benchmarks.attacked_class import attacks, compare

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox needs Linux"),
    pytest.mark.days,
]


def test_attackers_change_no_other_grade():
    compare(6)


def test_there_are_attacks_enough():
    assert len(attacks(victim=0)) > 50
