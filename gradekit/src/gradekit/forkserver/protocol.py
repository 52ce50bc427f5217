"""What do a nursery and those who ask it for kernels say to each other?

One connection carries one order at most, and lives as long as its kernel is of interest:

    nursery  {"nursery": pid}  or {"refused": text}             on connecting, once everything is loaded
    asker    an order, with open files                          or nothing: then the connection is a lease
    child    {"pid": pid}   or {"error": text}
    nursery  {"exit": code}
"""

from __future__ import annotations

import json
import os
import socket
import struct
from dataclasses import asdict, dataclass, field
from typing import Any

HEAD = struct.Struct("!I?")  # how long an order is, and whether it is a trusted one
CREDENTIALS = struct.Struct("3i")
FILES = 4  # stdin, stdout, stderr, and a pidfd of the asker


@dataclass(frozen=True)
class Order:
    """A process to be: `python -m module arguments`, in a folder, with an environment, an umask and limits."""

    module: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]
    umask: int = 0o022
    limits: list[tuple[int, int, int]] = field(default_factory=list)
    trusted: bool = False  # it may ask for kernels itself: a program of the user's, that runs no student's code


def send_order(connection: socket.socket, order: Order, files: list[int]) -> None:
    """Write one order, and pass the open files along."""
    body = json.dumps(asdict(order)).encode("utf-8")
    socket.send_fds(connection, [HEAD.pack(len(body), order.trusted)], files)
    connection.sendall(body)


def receive_order(connection: socket.socket) -> tuple[bytearray, bool, list[int]] | None:
    """One order as it was sent, whether it is trusted, and its open files; None when the other side has hung up."""
    head, files, _, _ = socket.recv_fds(connection, HEAD.size, FILES, socket.MSG_CMSG_CLOEXEC)
    try:
        if len(head) < HEAD.size:
            return None
        if len(files) != FILES:
            raise ValueError(f"an order comes with {FILES} files, this one with {len(files)}")
        size, trusted = HEAD.unpack(head)
        return _exactly(connection, size), trusted, files
    except BaseException:
        for file in files:
            os.close(file)
        raise


def read_order(body: bytearray, trusted: bool) -> Order:
    """The order that was sent."""
    return Order(**{**json.loads(body), "trusted": trusted})


def _exactly(connection: socket.socket, size: int) -> bytearray:
    """So many bytes, and no second copy of them anywhere: an order has passwords in its environment."""
    whole = bytearray(size)
    rest = memoryview(whole)
    while rest:
        count = connection.recv_into(rest)
        if not count:
            raise EOFError("the order broke off")
        rest = rest[count:]
    return whole


def say(connection: socket.socket, **message: Any) -> None:
    """Send a message: one line of JSON."""
    connection.sendall(json.dumps(message).encode("ascii") + b"\n")


def hear(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, None at the end. Reads a byte at a time: messages are short, and none may be lost."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        line += byte
    message: dict[str, Any] = json.loads(line)
    return message


def peer(connection: socket.socket) -> tuple[int, int]:
    """The process id and the user id of the other side, as the system vouches for them."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    pid, user, _ = CREDENTIALS.unpack(found)
    return pid, user
