"""Doctests that do not depend on each other, or on which packages are installed."""

from __future__ import annotations

import pytest

from gradekit.exercise import registry


@pytest.fixture(autouse=True)
def _no_exercises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each doctest with an empty registry."""
    monkeypatch.setattr(registry, "_exercises", {})
    monkeypatch.setattr(registry, "_installed", dict)
