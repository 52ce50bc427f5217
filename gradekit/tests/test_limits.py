"""Limits: the cgroup of a kernel ends it and is removed, and each limit is in the table with its test."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path

import pytest
from damaged import cells, files
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets import Float, Integer

from gradekit.judge.preprocessor import Judge
from gradekit.limits import SubmissionLimits
from gradekit.page import StudentPage
from gradekit.sandbox import cgroup, written_files
from gradekit.sandbox.folders import remove
from gradekit.sandbox.output_limit import fits
from gradekit.sandbox.spec import Limits
from gradekit.sandbox.supervisor import disk_usage
from tests.hostile import resources

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests", ROOT / "gradekit/tests"

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


def test_a_message_of_many_parts_is_not_read():
    assert fits([b"{}"] * 9, Limits(parts=9))
    assert not fits([b"{}"] * 10, Limits(parts=9))


def test_files_beyond_the_limits_are_not_kept(tmp_path):
    work, target = tmp_path / "work", tmp_path / "target"
    work.mkdir()
    for name, size in {"a": 400_000, "b": 900_000, "c": 500_000, "d": 1}.items():
        (work / name).write_bytes(b"x" * size)
    folder = os.open(work, os.O_RDONLY)
    beyond = written_files.keep(folder, target, Limits(kept=1, kept_files=2))
    os.close(folder)
    assert (beyond, sorted(path.name for path in target.iterdir())) == (["b", "d"], ["a", "c"])


def test_what_a_kernel_leaves_on_disk_is_counted(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 1_000_000)
    before = disk_usage(tmp_path)
    assert before >= 1_000_000
    for number in range(50):
        (tmp_path / f"file{number}").touch()
        (tmp_path / f"folder{number}").mkdir()
    assert disk_usage(tmp_path) >= before + 100 * 4096
    for name in ("a", "b" * 250):  # deep, and a path that is too long for Linux
        top = tmp_path / f"{name[0]}-top"
        nest(top, name)
        assert disk_usage(top) == float("inf")
        remove(top)
        assert not top.exists()


def nest(top: Path, name: str) -> None:
    """Folders in folders, deeper than Python calls functions, that their owner may not open."""
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir(name, dir_fd=here)
        inside = os.open(name, os.O_RDONLY, dir_fd=here)
        os.fchmod(here, 0o500)
        os.close(here)
        here = inside
    os.close(here)


def test_a_folder_is_removed_and_what_links_point_to_stays(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    top = tmp_path / "top"
    (top / "a/b").mkdir(parents=True)
    (top / "a/link").symlink_to(tmp_path / "kept")
    (top / "a/file").touch()
    (top / "a").chmod(0)
    remove(top)
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]


# --- the table


def rows() -> list[list[str]]:
    """The rows of the tables: setting, default, what it limits, and the tests."""
    lines = (ROOT / "gradekit/docs/limits.md").read_text(encoding="utf-8").splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]


def test_each_limit_is_in_the_table_with_its_default():
    settings = {name: str(value) for name, value in asdict(Limits()).items()}
    settings["threads"] = "64 and 24 for each core"
    for kind in (SubmissionLimits, Judge, StudentPage):
        for name, trait in kind.class_traits(config=True).items():
            if isinstance(trait, Integer | Float) and trait.this_class.__module__.startswith("gradekit"):
                settings[f"c.{kind.__name__}.{name}"] = str(trait.default_value)
    for kind, name in ((Execute, "timeout"), (CourseDirectory, "max_file_size"), (CourseDirectory, "max_dir_size")):
        settings[f"c.{kind.__name__}.{name}"] = str(getattr(kind(), name))
    listed = {row[0].strip("`"): row[1] for row in rows()}
    fixed = {name: value for name, value in listed.items() if name.startswith("gradekit.")}
    assert settings == {name: value for name, value in listed.items() if name not in fixed}
    for place, value in fixed.items():
        module, _, name = place.rpartition(".")
        assert str(getattr(importlib.import_module(module), name)) == value, place


def test_each_limit_names_a_test_that_leans_on_it():
    """A test function whose file names the limit, an attack that passes it, or a row of the damaged class."""
    files_of = {path: path.read_text(encoding="utf-8") for tests in TESTS for path in tests.rglob("*.py")}
    small = files_of[ROOT / "tests/hostile/damage.py"]  # the settings of the damaged kernels' class
    attacks = {
        attack.name: f"{attack.name} {attack.ended} {attack.limit} {resources.SMALL}" for attack in resources.ATTACKS
    }
    kinds = {kind.name for kind in [*files.KINDS, *cells.KINDS]}
    for setting, _, _, tests in rows():
        name = setting.strip("`").rpartition(".")[2]
        for test in tests.split(", ") if tests not in kinds else ():
            if test in attacks:
                assert name in attacks[test], setting
                continue
            (there,) = [text for text in files_of.values() if f"def {test.strip('`')}(" in text]
            assert name in there + small, (setting, test)
