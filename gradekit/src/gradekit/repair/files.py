"""A file on disk -> its bytes: no waiting, no link followed, bounded memory."""

from __future__ import annotations

import mmap
import os
import re
import stat
from pathlib import Path

from gradekit.limits import MEGABYTE, SubmissionLimits
from gradekit.repair.decode import Unreadable

OUTPUTS = re.compile(rb'(?<!\\)"outputs"\s*:\s*\[')  # a quotation mark inside a string has a backslash before it
BRACKETS = re.compile(rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]]')
NO_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
SMALL = 2 * MEGABYTE


def load(path: Path, limits: SubmissionLimits) -> bytes:
    """The bytes of a notebook file; a large one is read without the outputs of its cells."""
    refuse(path, limits)
    with os.fdopen(os.open(path, NO_FOLLOW), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= SMALL:
            return file.read()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            kept = without_outputs(data)
    if len(kept) > limits.largest_text * MEGABYTE:
        raise Unreadable(
            f"it has {len(kept) // MEGABYTE} MB without its outputs, more than {limits.largest_text}. Ask for a "
            "smaller one, or raise c.SubmissionLimits.largest_text."
        )
    return kept


def refuse(path: Path, limits: SubmissionLimits) -> None:
    """Raise Unreadable for what must not be opened: a link, a folder, a pipe, a device, a file beyond the limit."""
    found = path.lstat()
    if what := oddity(found.st_mode):
        raise Unreadable(f"it is {what}, not a file. Ask for the file itself.")
    if found.st_size > limits.largest_notebook * MEGABYTE:
        raise Unreadable(
            f"it has {found.st_size // MEGABYTE} MB, more than {limits.largest_notebook}. Ask for it without outputs, "
            "or raise c.SubmissionLimits.largest_notebook."
        )


def oddity(mode: int) -> str:
    """What a path is by its mode, in words; empty for an ordinary file."""
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
    }
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "a device")


def without_outputs(data: bytes | mmap.mmap) -> bytes:
    """A notebook's text with empty outputs, found without parsing it as JSON.

    >>> without_outputs(b'{"outputs": [{"text": ["]"]}], "source": "[ \\\\"outputs\\\\": [1]"}')
    b'{"outputs": [], "source": "[ \\\\"outputs\\\\": [1]"}'
    """
    kept, at = [], 0
    while found := OUTPUTS.search(data, at):
        kept.append(data[at : found.end()])
        at = _end_of_list(data, found.end())
    return b"".join([*kept, data[at:]])


def _end_of_list(data: bytes | mmap.mmap, at: int) -> int:
    """Position of the closing bracket of the list whose opening bracket was read; the end of the data without one."""
    depth = 1
    for token in BRACKETS.finditer(data, at):
        depth += {b"[": 1, b"]": -1}.get(token[0], 0) if token.end() - token.start() == 1 else 0
        if depth == 0:
            return token.start()
    return len(data)
