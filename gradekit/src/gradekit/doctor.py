"""Checks of this machine: what is installed, and which layers of the sandbox work.

A check is a function that returns what it found, or raises Missing with what is wrong and what would help.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Container
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PACKAGES = ("nbgrader", "nbclient", "ipykernel", "numpy")
Checks = dict[str, Callable[[], str]]
NEEDED = {"numpy"}  # the others are needed for grading only


class Missing(Exception):
    """A check failed: what is wrong, and what would help."""


@dataclass(frozen=True)
class Finding:
    """One line of the report. `ok` is None where something optional is missing."""

    group: str
    name: str
    ok: bool | None
    text: str


def doctor() -> list[Finding]:
    """Run all checks. Takes a second: a small program runs in the sandbox to test its layers."""
    return [*checked("python", PYTHON, NEEDED), *checked("kernels", KERNELS), *_sandbox()]


def checked(group: str, checks: Checks, needed: Container[str] = ()) -> list[Finding]:
    """Run some checks. One that fails is advice, unless it is needed."""
    found = []
    for name, check in checks.items():
        try:
            found.append(Finding(group, name, True, check()))
        except Missing as missing:
            found.append(Finding(group, name, False if name in needed else None, str(missing)))
    return found


def _installed(name: str) -> Callable[[], str]:
    def check() -> str:
        try:
            version, wanted = metadata.version(name), supported(name)
        except metadata.PackageNotFoundError:
            raise Missing("it is not installed. pip install 'gradekit[course]' brings it.") from None
        if not wanted.contains(version, prereleases=True):
            raise Missing(f"{version} is not supported. pip install '{name}{wanted}' would do.")
        return version

    return check


def supported(name: str) -> SpecifierSet:
    """The versions of a package that gradekit declares."""
    declared = map(Requirement, metadata.requires("gradekit") or ())
    return next((one.specifier for one in declared if one.name == name), SpecifierSet())


def _provisioners() -> str:
    wanted = {"gradekit-forked", "gradekit-sandboxed"}
    found = {point.name for point in metadata.entry_points(group="jupyter_client.kernel_provisioners")}
    if missing := sorted(wanted - found):
        raise Missing(f"{', '.join(missing)} is not registered. Install gradekit again: the version here is older.")
    return "found by Jupyter"


def _forking() -> str:
    from gradekit.forkserver.address import socket_path
    from gradekit.forkserver.client import NoForkServer, require_forking

    try:
        require_forking(os.environ)
        socket_path(os.environ)
    except NoForkServer as reason:
        raise Missing(f"{reason}. Every kernel imports all its libraries itself.") from None
    return "kernels are forked from a process that has the course's modules loaded"


PYTHON: Checks = {"Python": platform.python_version, **{name: _installed(name) for name in PACKAGES}}
KERNELS: Checks = {"provisioners": _provisioners, "forking": _forking}


def _sandbox() -> list[Finding]:
    from gradekit.sandbox.layers import LAYERS, active

    if not sys.platform.startswith("linux"):
        return [Finding("sandbox", "sandbox", None, "it needs Linux. Grade only work that you trust here.")]
    return [
        Finding("sandbox", name, None if why else True, f"{LAYERS[name]}. Missing: {why}" if why else LAYERS[name])
        for name, why in active().items()
    ]


SIGNS = {True: "yes", None: "no", False: "NO"}


def lines(found: list[Finding]) -> list[str]:
    """The findings as lines of text, and a summary."""
    told = [f"{finding.group:8} {SIGNS[finding.ok]:4}{finding.name:13} {finding.text}" for finding in found]
    lost = [finding.name for finding in found if finding.group == "sandbox" and not finding.ok]
    stand = sum(finding.group == "sandbox" for finding in found) - len(lost)
    without = f"; missing: {', '.join(lost)}" if lost else ""
    return [*told, f"Submissions are graded inside {stand} layers of the sandbox{without}."]
