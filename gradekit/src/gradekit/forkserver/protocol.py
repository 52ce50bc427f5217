"""Messages between a fork server and its clients.

One connection carries one order at most, and lives as long as its kernel is of interest:

    server  {"server": pid, "not_loaded": {module: error}}  or {"refused": text}   once everything is loaded
    client  an order, with open files                 or nothing: the connection is a lease, and the server stays
    child   {"pid": pid}  or {"error": text}
    server  {"exit": code}
"""

from __future__ import annotations

import json
import os
import socket
import struct
from dataclasses import asdict, dataclass, field
from typing import Any

HEAD = struct.Struct("!I?")  # bytes of an order, and whether it is trusted
CREDENTIALS = struct.Struct("3i")
FILES = 4  # stdin, stdout, stderr, and a pidfd of the client


@dataclass(frozen=True)
class Order:
    """A process to start: `python -m module arguments`, with a folder, an environment, a umask and limits."""

    module: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]
    umask: int = 0o022
    limits: list[tuple[int, int, int]] = field(default_factory=list)
    trusted: bool = False  # may order kernels itself: it runs no student's code


def send_order(connection: socket.socket, order: Order, files: list[int]) -> None:
    """Send one order and its open files."""
    body = json.dumps(asdict(order)).encode("utf-8")
    socket.send_fds(connection, [HEAD.pack(len(body), order.trusted)], files)
    connection.sendall(body)


def receive_order(connection: socket.socket) -> tuple[bytearray, bool, list[int]] | None:
    """One order as bytes, whether it is trusted, and its open files; None when the client has disconnected.

    Raises ValueError, EOFError or OSError for an order that can't be read.
    """
    head, files, _, _ = socket.recv_fds(connection, HEAD.size, FILES, socket.MSG_CMSG_CLOEXEC)
    try:
        if len(head) < HEAD.size:
            return None
        if len(files) != FILES:
            raise ValueError(f"an order has {FILES} files, this one {len(files)}")
        size, trusted = HEAD.unpack(head)
        return _exactly(connection, size), trusted, files
    except BaseException:
        for file in files:
            os.close(file)
        raise


def read_order(body: bytearray, trusted: bool) -> Order:
    """Decode an order. Raises ValueError or TypeError when that isn't possible."""
    return Order(**{**json.loads(body), "trusted": trusted})


def _exactly(connection: socket.socket, size: int) -> bytearray:
    """Read `size` bytes without a second copy in memory: an order has passwords in its environment."""
    whole = bytearray(size)
    rest = memoryview(whole)
    while rest:
        count = connection.recv_into(rest)
        if not count:
            raise EOFError("the order is incomplete")
        rest = rest[count:]
    return whole


def send(connection: socket.socket, **message: Any) -> None:
    """Send a message: one line of JSON."""
    connection.sendall(json.dumps(message).encode("ascii") + b"\n")


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, None at the end. Reads a byte at a time: what follows a message belongs to another reader."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        line += byte
    message: dict[str, Any] = json.loads(line)
    return message


def peer(connection: socket.socket) -> tuple[int, int]:
    """Process id and user id of the other side, from the kernel."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    pid, user, _ = CREDENTIALS.unpack(found)
    return pid, user
