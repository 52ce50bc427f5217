"""Users of a demonstration leave nothing behind for the next user with the same number."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

import pytest

from gradekit.hub import accounts

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can create system users")


@pytest.fixture
def user(tmp_path):
    name = f"cp{os.getpid()}"
    accounts.make(name, tmp_path / name)
    yield name
    accounts.remove(name)


def test_a_user_is_made_and_removed_without_sbin_in_the_path(tmp_path, monkeypatch):
    """As after `su` on Debian."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    name = f"cq{os.getpid()}"
    try:
        accounts.make(name, tmp_path / name)
        assert accounts.is_user(name)
    finally:
        accounts.remove(name)
    assert not accounts.is_user(name)


def test_fork_server_sockets_are_removed_with_their_user(user):
    number = pwd.getpwnam(user).pw_uid
    folder = Path(tempfile.gettempdir(), f"gradekit-forkserver-{number}")
    assert not folder.exists(), "of an earlier user with this number"
    folder.mkdir(mode=0o700)
    (folder / "dead.sock").touch()
    os.chown(folder, number, number)
    accounts.remove(user)
    assert not folder.exists()


def test_a_folder_of_another_user_stays(user):
    folder = Path(tempfile.gettempdir(), f"gradekit-forkserver-{pwd.getpwnam(user).pw_uid}")
    folder.mkdir(mode=0o700)  # root's
    try:
        accounts.remove(user)
        assert folder.exists()
    finally:
        folder.rmdir()
