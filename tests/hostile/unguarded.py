"""Loaded into a fork server by a test: its supervisors isolate nothing, so that attacks on the isolation succeed."""

from __future__ import annotations

import fcntl
import select
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from gradekit.sandbox import isolation


class Open(isolation.Isolation):
    """Delivers a request to any fork, at once."""

    def _call_of(self, process: int, others: Sequence[Any]) -> bytearray:
        return bytearray()

    def _stop_all_but(self, process: int) -> dict[int, list[str]]:
        self._others = [pid for pid in self._living() if pid != process]
        return {}

    def _check_code(self, process: int, packages: Iterable[str]) -> None:
        pass

    def _add_filter(self, process: int, call: bytearray, waiting: Sequence[Any]) -> None:
        """Let the call of a filter seem to work."""
        if select.select([*self._listener, self._kernel], [], [])[0] == self._listener:
            said = self._call()[:8] + struct.pack("qiI", 0, 0, 0)
            fcntl.ioctl(self._listener[0], isolation.ANSWER, bytearray(said))
        self._ready(waiting, process)

    def _check_end(self, process: int, times: dict[int, list[str]]) -> None:
        pass


isolation.Isolation = Open  # type: ignore[misc]
isolation.code_of = lambda *about: ([], [])
