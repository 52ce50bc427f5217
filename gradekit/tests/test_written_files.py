"""Files that a notebook wrote are copied out of its sandbox, and no link is followed; `test_limits` has the limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradekit.sandbox import written_files
from gradekit.sandbox.spec import Limits


@pytest.fixture
def keep(tmp_path):
    """`written_files.keep` on the folder work/, into autograded/."""
    (tmp_path / "work").mkdir()
    (tmp_path / "autograded").mkdir()

    def run() -> tuple[list[str], dict[str, bytes]]:
        folder = os.open(tmp_path / "work", os.O_RDONLY)
        try:
            beyond = written_files.keep(folder, tmp_path / "autograded", Limits())
        finally:
            os.close(folder)
        found = [path for path in (tmp_path / "autograded").rglob("*") if path.is_file()]
        return beyond, {path.relative_to(tmp_path / "autograded").as_posix(): path.read_bytes() for path in found}

    return run


def test_new_and_changed_files_are_copied(keep, tmp_path):
    (tmp_path / "work/out").mkdir()
    (tmp_path / "work/out/a.txt").write_text("new")
    (tmp_path / "work/data.csv").write_text("changed")
    (tmp_path / "autograded/data.csv").write_text("as given")
    assert keep() == ([], {"out/a.txt": b"new", "data.csv": b"changed"})


@pytest.mark.parametrize("name", [".hidden", "hw.ipynb", "helper.pyc", "__pycache__/a.txt"])
def test_some_files_are_not_work(keep, tmp_path, name):
    path = tmp_path / "work" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert keep() == ([], {})


def test_links_and_pipes_are_left(keep, tmp_path):
    (tmp_path / "work/link").symlink_to("/etc/passwd")
    (tmp_path / "work/folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "work/pipe")
    assert keep() == ([], {})


def test_a_link_in_the_target_is_replaced_and_not_followed(keep, tmp_path):
    (tmp_path / "outside").write_text("of another student")
    (tmp_path / "autograded/a").symlink_to(tmp_path / "outside")
    Path(tmp_path / "work/a").write_text("new")
    assert keep() == ([], {"a": b"new"})
    assert (tmp_path / "outside").read_text() == "of another student"
