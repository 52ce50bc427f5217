"""Locks, so that no two graders grade the same student. A lock is released when its process ends.

With a gradebook in a file: a lock on one byte of a lock file next to it, a byte for each student. With PostgreSQL: an
advisory lock, which the server releases when the connection ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from gradekit.course import CourseFolder

# In seconds: when PostgreSQL takes the connection of a grader's machine that doesn't respond for dead.
ALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}


class Locks:
    """The locks of this process on students of one course."""

    def __init__(self, here: CourseFolder) -> None:
        self.here = here
        file = here.gradebook()
        self._backend: _File | _Postgres = _File(file) if file else _Postgres(here.directory().db_url)

    @contextlib.contextmanager
    def on(self, student: str) -> Iterator[bool]:
        """Lock a student for the block; yields False where another process has the lock."""
        number = key(self.here, student)
        taken = self._backend.take(number)
        try:
            yield taken
        finally:
            if taken:
                self._backend.release(number)

    def close(self) -> None:
        """Release all locks."""
        self._backend.close()


def key(here: CourseFolder, student: str) -> int:
    """A number for a student's work, the same for every grader of the course, wherever its folder is."""
    name = "\0".join((here.directory().course_id, here.assignment, student))
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], "big") >> 2


class _File:
    def __init__(self, gradebook: Path) -> None:
        file = gradebook.resolve()
        self._file = os.open(file.with_name(f".{file.name}.locks"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def take(self, number: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except BlockingIOError:
            return False
        return True

    def release(self, number: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    def close(self) -> None:
        os.close(self._file)


class _Postgres:
    """A connection of its own, which no failed transaction ends."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: Any = None

    def _call(self, function: str, number: int) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
            for name, value in ALIVE.items():
                self._connection.execute(text(f"SET {name} = {value}"))
        return bool(self._connection.execute(text(f"SELECT {function}(:number)"), {"number": number}).scalar())

    def take(self, number: int) -> bool:
        return self._call("pg_try_advisory_lock", number)

    def release(self, number: int) -> None:
        self._call("pg_advisory_unlock", number)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
