"""The grader's end of a kernel's pair of sockets, and Jupyter's clients on it.

Nothing is read while no client waits for a message: a kernel that sends more than its socket holds waits too.
"""

from __future__ import annotations

import asyncio
import functools
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import ZMQSocketChannel
from traitlets import Type

from gradekit.kernel.packets import CHANNELS, SIZE, Assembler, packets

AT_ONCE = 100  # packets that are read before other tasks have their turn


class Link:
    """The grader's end. `most`: bytes of messages that wait to be read; with more, `excess` is called once."""

    def __init__(self, most: int, excess: Callable[[], None]) -> None:
        self._most, self._excess = most, excess
        self._socket: socket.socket | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def connect(self) -> socket.socket:
        """Make a pair of sockets; return the kernel's end."""
        self.close()
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        self._received, self._unread = Assembler(), 0
        self._unsent: deque[bytes] = deque()
        self.messages: dict[str, deque[list[bytes]]] = {name: deque() for name in CHANNELS}
        return other

    def close(self) -> None:
        """Close it: the kernel ends."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, channel: str, parts: list[Any]) -> None:
        """Send a message, now or while a client waits."""
        self._unsent.extend(packets(channel, parts))
        self._move()

    def take(self, channel: str) -> list[bytes]:
        """The next message of a channel."""
        parts = self.messages[channel].popleft()
        self._unread -= sum(map(len, parts))
        return parts

    def _move(self) -> None:
        """Send and read what is possible now."""
        try:
            while self._unsent and self._socket is not None:
                self._socket.send(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            pass
        except OSError:  # the kernel has ended; what it sent before can still be read
            self._unsent.clear()
        try:
            for _ in range(AT_ONCE):
                if self._socket is None:
                    break
                self._read(self._socket.recv(SIZE + 1))
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def _read(self, packet: bytes) -> None:
        if not packet:
            self.close()
            return
        if (message := self._received.add(packet)) is not None:
            channel, parts = message
            self.messages[channel].append(parts)
            self._unread += sum(map(len, parts))
            self._wake()  # another task may wait for it
        if self._unread + self._received.size > self._most:
            self.close()
            self._excess()

    def wait(self, channel: str, timeout: float | None) -> bool:
        """Whether a message is there within some seconds; None for any number."""
        until = _later(timeout)
        while self._lacks(channel):
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._socket is None:
                time.sleep(min(left, 0.1))
            else:
                sending = [self._socket] if self._unsent else []
                select.select([self._socket], sending, [], None if left == float("inf") else left)
        return True

    async def arrival(self, channel: str, timeout: float | None) -> bool:
        """The same, while other tasks run."""
        until = _later(timeout)
        while self._lacks(channel):
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._socket is None:
                await asyncio.sleep(min(left, 0.1))
            else:
                await self._ready(None if left == float("inf") else left)
        return True

    def _lacks(self, channel: str) -> bool:
        if not self.messages[channel]:
            self._move()
        return not self.messages[channel]

    async def _ready(self, seconds: float | None) -> None:
        """Wait until there is something to read, or room to send. Several tasks may wait."""
        loop, ready = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        file = self._socket
        assert file is not None
        self._waiting.add(ready)
        loop.add_reader(file, self._wake)
        if self._unsent:
            loop.add_writer(file, self._wake)
        try:
            await asyncio.wait([ready], timeout=seconds)
        finally:
            self._waiting.discard(ready)
            if not self._waiting:
                loop.remove_reader(file)
                loop.remove_writer(file)

    def _wake(self) -> None:
        for ready in self._waiting:
            if not ready.done():
                ready.set_result(None)


def _later(timeout: float | None) -> float:
    return float("inf") if timeout is None else time.monotonic() + timeout


class End:
    """One channel of a link, with what Jupyter's client needs of a ZeroMQ socket."""

    linger = 0

    def __init__(self, link: Link, channel: str) -> None:
        self.link, self.channel = link, channel

    def send_multipart(self, parts: list[Any], *arguments: Any, **settings: Any) -> None:
        self.link.send(self.channel, parts)

    def recv_multipart(self) -> list[bytes]:
        return self.link.take(self.channel)

    def poll(self, timeout: int | None = None) -> bool:
        """Whether there is a message within some milliseconds."""
        return self.link.wait(self.channel, None if timeout is None else timeout / 1000)

    def setsockopt(self, option: int, value: Any) -> None:
        """The iopub channel is subscribed to as it is."""

    def close(self, linger: int | None = None) -> None:
        """The link has other channels."""


class AsyncChannel(ZMQSocketChannel):
    """A channel for Jupyter's asynchronous client."""

    socket: Any

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """The next message. Raises queue.Empty when none comes within some seconds."""
        if not await self.socket.link.arrival(self.socket.channel, timeout):
            raise Empty
        return self._recv()

    async def msg_ready(self) -> bool:  # type: ignore[override]
        """Whether there is a message."""
        return bool(self.socket.poll(0))


class NoHeartbeat:
    """A channel that does nothing: the manager of a kernel knows whether it runs."""

    def start(self) -> None:
        pass

    stop = start

    def is_alive(self) -> bool:
        return False


@functools.cache
def client_of(base: type) -> type:
    """A kernel client like the one given, on the link of its manager."""
    channel = AsyncChannel if issubclass(base, AsyncKernelClient) else ZMQSocketChannel

    class Client(base):  # type: ignore[misc]
        shell_channel_class = iopub_channel_class = stdin_channel_class = control_channel_class = Type(channel)
        hb_channel = NoHeartbeat()

        def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> End:
            made: End = self.parent._create_connected_socket(channel)
            return made

    return Client
