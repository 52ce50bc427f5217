"""One hub and one Chromium for all tests here: each takes seconds to start. As root, everybody is a system user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradekit.hub.local_hub import LocalHub, local_hub
from gradekit.hub.proxy import find
from tests.browser.serve import chromium_or_skip

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A hub takes a while to start: every test here is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def proxy() -> None:
    """The hub's proxy is not a Python package."""
    if not (shutil.which("node") and (find(ROOT / "build" / "node") or shutil.which("npm"))):
        pytest.skip("Node and npm are not here; get them with: apt-get install nodejs npm")


# Of this package, not of the session: while Playwright is open, asyncio seems to run, and other tests trip over it.
@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Headless Chromium."""
    yield from chromium_or_skip()


@pytest.fixture(scope="package")
def hub(proxy: None) -> Iterator[LocalHub]:
    """A hub on which nothing has been released yet."""
    with hub_for_tests(released=False, students=("ada", "dilan")) as found:
        yield found


@pytest.fixture(scope="session")
def jupyterhub_5() -> Path:
    """The newest JupyterHub 5, in a folder of its own; everything else is what is installed here."""
    folder = ROOT / "build" / "jupyterhub-5"
    if not (folder / "jupyterhub").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        done = subprocess.run([*command, "jupyterhub>=5.2,<6"], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"JupyterHub 5 cannot be had here: {done.stderr.strip().splitlines()[-1:]}")
    return folder


def hub_for_tests(**wanted):
    """`local_hub` with users that no other hub on this machine has."""
    return local_hub(ROOT, prefix=f"ck{os.getpid()}-", **wanted)
