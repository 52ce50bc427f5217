"""Notebooks inside ZIP archives, read without unpacking them, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gradekit.limits import MEGABYTE, SubmissionLimits
from gradekit.submissions.names import is_notebook

LONGEST_NAME = 255  # characters, as of any file
BLOCK = 65_536


class _BoundedFile(io.FileIO):
    """A file that refuses to be read in pieces of more than `largest` bytes, as a long list of files would be."""

    def __init__(self, path: Path, largest: int) -> None:
        super().__init__(path)
        self.largest = largest

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > self.largest:
            raise zipfile.BadZipFile(f"a list of files of {size} bytes")
        data = super().read(self.largest if size is None or size < 0 else size)
        return data or b""


def notebooks(path: Path, limits: SubmissionLimits) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each notebook in an archive that can be read and is not too large.

    Nothing for a file that is not an archive, is damaged, or lists more files than can be looked through.
    """
    largest = limits.largest_text * MEGABYTE
    try:
        with _BoundedFile(path, limits.largest_index * MEGABYTE) as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                if _usable(info, largest):
                    yield info.filename, _content(archive, info, largest)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return


def notebook(path: Path, member: str, limits: SubmissionLimits) -> bytes:
    """One notebook of an archive; empty where it can't be read."""
    return next((data for name, data in notebooks(path, limits) if name == member), b"")


def _usable(info: zipfile.ZipInfo, largest: int) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)
    encrypted = bool(info.flag_bits & 1)
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may reserve gigabytes
    small = info.file_size <= largest and len(PurePosixPath(info.filename).name) <= LONGEST_NAME
    return is_notebook(info.filename) and plain and small and not hidden and not encrypted


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, largest: int) -> bytes:
    """A member's bytes, in small steps; empty where it is larger than the archive says."""
    kept, size = [], 0
    with archive.open(info) as member:
        while size <= largest and (block := member.read(BLOCK)):
            kept.append(block)
            size += len(block)
    return b"".join(kept) if size <= largest else b""
