"""A message as packets, each of which a socket of type SOCK_SEQPACKET delivers whole or not at all.

So an interrupt that comes while one is sent, or a process that writes what it likes, costs a message and never the
bounds of the next one. A message is what ZeroMQ would carry: a list of parts, on a channel.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

CHANNELS = ("shell", "control", "stdin", "iopub")
SIZE = 1 << 16  # bytes of a packet, without its first; a socket's buffer holds several
FIRST, LAST = 1, 2  # bits of a packet's first byte
HEAD = struct.Struct("!BI")  # the channel, and the number of parts
MOST_PARTS = 1000

Message = tuple[str, list[bytes]]


def packets(channel: str, parts: Sequence[Any]) -> Iterator[bytes]:
    """The packets of a message.

    >>> list(packets("iopub", [b"a", b"bc"]))
    [b'\\x03\\x03\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02abc']
    """
    lengths = [memoryview(part).nbytes for part in parts]
    head = HEAD.pack(CHANNELS.index(channel), len(parts)) + struct.pack(f"!{len(parts)}I", *lengths)
    whole = b"".join([head, *parts])
    for begin in range(0, len(whole), SIZE):
        flags = FIRST * (begin == 0) | LAST * (begin + SIZE >= len(whole))
        yield bytes([flags]) + whole[begin : begin + SIZE]


class Assembler:
    """Makes messages of packets. One that is malformed, or whose end never came, is left out."""

    def __init__(self) -> None:
        self._message = bytearray()  # incomplete; empty where none has begun

    @property
    def size(self) -> int:
        """Bytes of the message that is incomplete."""
        return len(self._message)

    def add(self, packet: bytes) -> Message | None:
        """The message that ends with this packet."""
        if packet[0] & FIRST:
            self._message.clear()
        elif not self._message:
            return None
        self._message += memoryview(packet)[1:]
        if not packet[0] & LAST:
            return None
        whole, self._message = self._message, bytearray()
        return _decode(whole)


def _decode(whole: bytes | bytearray) -> Message | None:
    """
    >>> _decode(next(packets("shell", [b"a", b""]))[1:]), _decode(b"?")
    (('shell', [b'a', b'']), None)
    """
    try:
        channel, count = HEAD.unpack_from(whole)
        lengths = struct.unpack_from(f"!{min(count, MOST_PARTS)}I", whole, HEAD.size)
        name = CHANNELS[channel]
    except (struct.error, IndexError):
        return None
    begin, parts = HEAD.size + 4 * count, []
    for length in lengths:
        parts.append(bytes(memoryview(whole)[begin : begin + length]))
        begin += length
    return (name, parts) if begin == len(whole) and len(parts) == count else None
