"""How much may a notebook print? Counted where its messages arrive: what runs in the kernel cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

KEPT = {"status", "execute_input", "error", "stream", "execute_reply", "kernel_info_reply", "shutdown_reply"}
LONGEST_ERROR = 2000  # characters of one line of an error, once the limit is passed


class Counting:
    """A Jupyter session that empties messages once all of them together are larger than `most` bytes."""

    def __init__(self, session: Any, most: int) -> None:
        self._session, self._most = session, most
        self._heard, self._told = 0, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def deserialize(self, parts: list[Any], *arguments: Any, **settings: Any) -> Any:
        """Read a message; without its content when there has been too much."""
        self._heard += sum(map(len, parts))
        message = self._session.deserialize(parts, *arguments, **settings)
        return message if self._heard <= self._most else self._emptied(message)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What comes now is counted by itself: whoever grades has asked for it."""
        heard, self._heard = self._heard, 0
        try:
            yield
        finally:
            self._heard = heard

    def _emptied(self, message: dict[str, Any]) -> dict[str, Any]:
        kind, content = message["msg_type"], message["content"]
        message["buffers"] = []
        if kind not in KEPT:
            message["msg_type"] = message["header"]["msg_type"] = "stream"
        if kind == "stream" or kind not in KEPT:
            message["content"] = {"name": "stdout", "text": self._line()}
        elif kind == "error":
            content["evalue"] = str(content.get("evalue"))[:LONGEST_ERROR]
            content["traceback"] = [str(line)[:LONGEST_ERROR] for line in content.get("traceback", [])[-3:]]
        return message

    def _line(self) -> str:
        """Once, and then nothing."""
        text = "" if self._told else f"\n[The rest is left out: a notebook may show {self._most >> 20} MB.]\n"
        self._told = True
        return text


def limited(client: type, most: int) -> type:
    """A kernel client like the one given, whose output is counted."""

    class Limited(client):  # type: ignore[misc]
        @property
        def iopub_channel(self) -> Any:
            channel = super().iopub_channel
            if not isinstance(channel.session, Counting):
                channel.session = Counting(channel.session, most)
            return channel

    return Limited
