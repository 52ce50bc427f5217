"""One hub and one Chromium for all tests here: each takes seconds to start. As root, each person is a system user."""

from __future__ import annotations

import os
import re
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


@pytest.fixture(scope="session")
def proxy() -> None:
    """Skip where the hub's proxy, a program for Node, is not installed and cannot be."""
    if not (shutil.which("node") and (find(ROOT / "build" / "node") or shutil.which("npm"))):
        pytest.skip("Node and npm are not installed: apt-get install nodejs npm")


# Scope "package": while Playwright is open, an asyncio loop counts as running, and tests elsewhere would fail.
@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Headless Chromium."""
    yield from chromium_or_skip()


@pytest.fixture(scope="package")
def hub(proxy: None) -> Iterator[LocalHub]:
    """A hub without a released assignment."""
    with hub_for_tests(released=False, students=("ada", "dilan")) as found:
        yield found


@pytest.fixture(scope="session")
def jupyterhub_5() -> Path:
    """The JupyterHub 5 of the image, in a folder of its own; everything else is what is installed here."""
    lock = ROOT / "deploy" / "image" / "jupyterhub-5.lock"
    folder = ROOT / "build" / re.search(r"^jupyterhub==[\d.]+", lock.read_text(), re.MULTILINE).group()
    if not (folder / "jupyterhub").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
        done = subprocess.run([*command, "--require-hashes", "-r", lock], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"JupyterHub 5 cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return folder


def hub_for_tests(**wanted):
    """`local_hub` with users that no other hub on this machine has."""
    return local_hub(ROOT, prefix=f"ck{os.getpid()}-", **wanted)
