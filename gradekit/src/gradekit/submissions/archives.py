"""Notebooks inside a ZIP archive, read without unpacking it."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from gradekit.submissions.names import is_notebook

MOST_MEMBERS = 5000
LONGEST_NAME = 255  # characters, as of any file


def members(path: Path, largest: int) -> list[str]:
    """The notebooks in an archive that can be read; empty for a file that is none. `largest` is in bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except Exception:  # each way of packing has errors of its own
        return []
    return [info.filename for info in found[:MOST_MEMBERS] if _usable(info, largest)]


def _usable(info: zipfile.ZipInfo, largest: int) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)
    locked = bool(info.flag_bits & 1)
    too_large = info.file_size > largest or len(PurePosixPath(info.filename).name) > LONGEST_NAME
    return is_notebook(info.filename) and not hidden and not locked and not too_large


def read(path: Path, member: str, largest: int) -> bytes:
    """One file of an archive, empty where it cannot be read or is larger than it says."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            data = file.read(largest + 1)
    except Exception:
        return b""
    return data if len(data) <= largest else b""
