"""Limits of a kernel's messages: bytes of the whole notebook; bytes, parts and nesting of one message.

They are counted where messages arrive: what runs in the kernel can't be trusted.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradekit.sandbox.spec import Limits

KEPT = {"status", "execute_input", "error", "stream", "execute_reply", "kernel_info_reply", "shutdown_reply"}
LONGEST_ERROR = 2000  # characters of one line of an error, once the limit is passed
CONTAINERS = 1 << 15  # lists and objects for each MB: one takes 60 to 240 bytes, and an empty one 3 characters
LARGEST_PARENT = 10_000  # bytes of a parent header that is kept where the rest of its message is not
BACKLOG = "The kernel was ended: its messages took more than {} MB in the grader."


class CountingSession:
    """A Jupyter session that empties messages once all of them together, or one of them, exceed the limits."""

    def __init__(self, session: Any, limits: Limits) -> None:
        self._session, self._limits = session, limits
        self._received, self._reported = 0, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def deserialize(self, parts: list[bytes]) -> dict[str, Any]:
        """Read a message; without its content when there has been too much."""
        self._received += sum(map(len, parts))
        message = self._read(parts if fits(parts, self._limits) else _replacement(parts))
        return message if self._received <= self._limits.output << 20 else self._emptied(message)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Count what comes now by itself: the grader has requested it."""
        received, self._received = self._received, 0
        try:
            yield
        finally:
            self._received = received

    def _read(self, parts: list[bytes]) -> dict[str, Any]:
        """A message as Jupyter's session reads it, which would look for dates in it too; it has no signature."""
        unpack = self._session.unpack
        header, parent, metadata, content = (unpack(part) for part in parts[1:5])
        ids = {name: header[name] for name in ("msg_id", "msg_type")}
        message = {"header": header, "parent_header": parent, "metadata": metadata, "content": content, **ids}
        return {**message, "buffers": [memoryview(part) for part in parts[5:]]}

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
        """The line that says so: once, and then nothing."""
        text = "" if self._reported else f"\n[The rest is left out: a notebook may show {self._limits.output} MB.]\n"
        self._reported = True
        return text


def _replacement(parts: list[bytes]) -> list[bytes]:
    """A message that says that one was too large, in answer to the same request."""
    parent = parts[2] if len(parts) > 2 and len(parts[2]) <= LARGEST_PARENT else b"{}"
    content = {"name": "stdout", "text": "\n[A message is left out: it was too large to be read.]\n"}
    return [b"", b'{"msg_id": "", "msg_type": "stream"}', parent, b"{}", json.dumps(content).encode()]


def fits(parts: Sequence[bytes], limits: Limits) -> bool:
    """Whether a message may be read: a signature, four parts of JSON, and buffers.

    >>> fits([b"", b"{}", b"{}", b"{}", b"[" * 600_000], Limits()), fits([b"{}"] * 110, Limits())
    (False, False)
    """
    text = parts[:5]
    containers = sum(part.count(b"[") + part.count(b"{") for part in text)
    small = sum(map(len, text)) <= limits.message << 20 and containers <= limits.message * CONTAINERS
    return small and len(parts) <= limits.parts


@functools.cache
def limited(client: type, limits: Limits) -> type:
    """A kernel client like the one given, whose messages are limited."""

    class Limited(client):  # type: ignore[misc]
        @property
        def iopub_channel(self) -> Any:
            return counted(super().iopub_channel)

        @property
        def shell_channel(self) -> Any:
            return counted(super().shell_channel)

    def counted(channel: Any) -> Any:
        if not isinstance(channel.session, CountingSession):
            channel.session = CountingSession(channel.session, limits)
        return channel

    return Limited
