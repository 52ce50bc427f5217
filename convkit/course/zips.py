"""Notebooks inside a ZIP archive, read without unpacking it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .names import is_notebook

MOST_MEMBERS = 5000
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


def members(path: Path, largest: int) -> list[str]:
    """The notebooks in an archive that can be read; empty for a file that is none. `largest` is in bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except BROKEN:
        return []
    return [info.filename for info in found[:MOST_MEMBERS] if _usable(info, largest)]


def _usable(info: zipfile.ZipInfo, largest: int) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)
    locked = bool(info.flag_bits & 1)
    return is_notebook(info.filename) and not hidden and not locked and info.file_size <= largest


def read(path: Path, member: str, largest: int) -> bytes:
    """One file of an archive, empty where it cannot be read or is larger than it says."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            data = file.read(largest + 1)
    except BROKEN:
        return b""
    return data if len(data) <= largest else b""
