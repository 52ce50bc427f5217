"""Bytes of a notebook file -> text."""

from __future__ import annotations

import codecs
import json

Remarks = tuple[str, ...]
ASK = "unreadable: ask for it again."


class Unreadable(ValueError):
    """A file holds no notebook that can be graded: `str()` says why, and what to do."""


# How other files begin -> what they are.
BEGINNINGS = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "an archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}


def decode(data: bytes) -> tuple[str, Remarks]:
    """The text of a JSON file in UTF-8, `UTF-16` or `UTF-32`; raises Unreadable.

    In UTF-8, a byte that is not valid is read as Windows-1252; all others keep their meaning.

    >>> decode("{'\xf6': '".encode() + b"caf\\xe9'}")
    ("{'\xf6': 'caf\xe9'}", ('bytes that are not UTF-8 were read as Windows-1252',))
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty. Ask for it again.")
    head = data[:1000].lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    for beginning, what in BEGINNINGS.items():
        if head.startswith(beginning) or head.lower().startswith(beginning):
            raise Unreadable(f"the file is {what}, not a notebook. Ask for the notebook itself.")
    encoding = json.detect_encoding(data)
    text, remarks = _utf_8(data) if encoding.startswith("utf-8") else _wide(data, encoding)
    if text.endswith("\x00"):  # a file that was being written when the power failed
        return text.rstrip("\x00"), (*remarks, "NUL bytes at its end were removed")
    return text, remarks


def _utf_8(data: bytes) -> tuple[str, Remarks]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return data.decode("utf-8-sig", BY_BYTE), ("bytes that are not UTF-8 were read as Windows-1252",)


def _wide(data: bytes, encoding: str) -> tuple[str, Remarks]:
    """The text of a file in `UTF-16` or `UTF-32`, with a byte order mark or without one."""
    try:
        return data.decode(encoding), (f"it is {encoding[:6].upper()}",)
    except UnicodeDecodeError:
        raise Unreadable(ASK) from None


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


BY_BYTE = "gradekit-windows-1252"
codecs.register_error(BY_BYTE, _windows_1252)
