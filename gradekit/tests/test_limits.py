"""Limits: the cgroup of a kernel ends it and is removed, and the documents name each limit."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path

import pytest

from gradekit.sandbox import cgroup
from gradekit.sandbox.spec import Limits

GREEDY = "import sys; sys.stdin.readline(); held = b'x' * (300 << 20); print('WON')"


@pytest.fixture
def group():
    made = cgroup.make(100 << 20)
    if made is None:
        pytest.skip("this machine gives no cgroup (version 2) with the controller of memory")
    yield made
    made.remove()


def test_a_process_over_the_limit_is_ended(group):
    process = subprocess.Popen([sys.executable, "-c", GREEDY], stdin=-1, stdout=-1, text=True)
    assert group.add(process.pid)
    shown, _ = process.communicate("go\n")
    assert "WON" not in shown
    assert group.exceeded()


@pytest.fixture
def bare():
    """A cgroup without a limit, wherever version 2 is mounted."""
    mounted = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines() if " cgroup2 " in line]
    if not mounted or not os.access(mounted[0], os.W_OK):
        pytest.skip("this machine gives no cgroup (version 2)")
    folder = mounted[0] / f"gradekit-test-{os.getpid()}"
    folder.mkdir()
    yield cgroup.Cgroup(folder)
    if folder.exists():
        folder.rmdir()


def test_it_is_removed_with_its_processes(bare):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert bare.add(process.pid)
    bare.remove()
    assert process.wait(300) == -9
    assert not bare.folder.exists()


def test_where_there_is_none_none_is_made():
    """In a mount namespace of its own, with an empty folder in the place of /sys."""
    script = """
        from gradekit.sandbox import cgroup, mounts, syscalls
        mounts.map_users()
        syscalls.unshare("mounts")
        syscalls.mount("none", "/", None, syscalls.REC | syscalls.PRIVATE)
        syscalls.mount("tmpfs", "/sys", "tmpfs", 0)
        print(cgroup.make(1 << 20))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert done.stdout == "None\n", done.stderr


def test_the_documents_name_each_limit_with_its_default():
    text = (Path(__file__).parents[1] / "docs/sandbox.md").read_text(encoding="utf-8")
    rows = [[part.strip() for part in line.split("|")[1:3]] for line in text.splitlines() if line.startswith("| `")]
    defaults = {f"`{name}`": str(value) for name, value in asdict(Limits()).items()}
    defaults["`threads`"] = "64 and 24 for each core"
    assert dict(rows) == defaults
