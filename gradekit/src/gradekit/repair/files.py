"""A file on disk -> its bytes, without waiting, following or filling the memory."""

from __future__ import annotations

import mmap
import os
import re
import stat
from pathlib import Path

from gradekit.repair.unreadable import Unreadable
from gradekit.submissions.limits import MEGABYTE, HandedIn

OUTPUTS = re.compile(rb'(?<!\\)"outputs"\s*:\s*\[')  # a quote inside of a text has a backslash before it
BRACKETS = re.compile(rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]]')
SMALL = 2 * MEGABYTE


def load(path: Path, limits: HandedIn) -> bytes:
    """The bytes of a notebook file; those of a large one without the outputs of its cells."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    refuse(path, limits)
    with os.fdopen(os.open(path, flags), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= SMALL:
            return file.read()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            kept = without_outputs(data)
    if len(kept) > limits.largest_text * MEGABYTE:
        raise Unreadable(
            f"it has {len(kept) // MEGABYTE} MB without its outputs, and {limits.largest_text} MB are read. Ask for a "
            "smaller one, or raise c.HandedIn.largest_text."
        )
    return kept


def refuse(path: Path, limits: HandedIn) -> None:
    """Raise Unreadable for what must not be opened: a link, a folder, a pipe, a device, a file beyond the limit."""
    found = path.lstat()
    if what := oddity(found.st_mode):
        raise Unreadable(f"it is {what}, and no file. Ask for the file itself.")
    if found.st_size > limits.largest_notebook * MEGABYTE:
        raise Unreadable(
            f"it has {found.st_size // MEGABYTE} MB, and {limits.largest_notebook} MB are read. Ask for it without "
            "outputs, or raise c.HandedIn.largest_notebook."
        )


def oddity(mode: int) -> str:
    """What something is, by its mode, where it is no ordinary file."""
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
    }
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "a device")


def without_outputs(data: bytes | mmap.mmap) -> bytes:
    """A notebook's text with empty outputs, however large they were, found without reading it as JSON.

    >>> without_outputs(b'{"outputs": [{"text": ["]"]}], "source": "[ \\\\"outputs\\\\": [1]"}')
    b'{"outputs": [], "source": "[ \\\\"outputs\\\\": [1]"}'
    """
    kept, at = [], 0
    while found := OUTPUTS.search(data, at):
        kept.append(data[at : found.end()])
        at = _behind(data, found.end())
    return b"".join([*kept, data[at:]])


def _behind(data: bytes | mmap.mmap, at: int) -> int:
    """Where the list ends whose first bracket was read: the place of its last one, or the end of everything."""
    depth = 1
    for token in BRACKETS.finditer(data, at):
        depth += {b"[": 1, b"]": -1}.get(token[0], 0) if token.end() - token.start() == 1 else 0
        if depth == 0:
            return token.start()
    return len(data)
