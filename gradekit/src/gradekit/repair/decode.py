"""Bytes of a notebook file -> text."""

from __future__ import annotations

import codecs

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
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark; raises Unreadable.

    A byte that is not UTF-8 is read as Windows-1252; all others keep their meaning.

    >>> decode("{'\xf6': '".encode() + b"caf\\xe9'}")
    ("{'\xf6': 'caf\xe9'}", ('bytes that are not UTF-8 were read as Windows-1252',))
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty. Ask for it again.")
    head = data[:1000].lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    for beginning, what in BEGINNINGS.items():
        if head.startswith(beginning) or head.lower().startswith(beginning):
            raise Unreadable(f"the file is {what}, not a notebook. Ask for the notebook itself.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text, remarks = _utf_16(data)
    else:
        text, remarks = _utf_8(data)
    if text.endswith("\x00"):  # a file that was being written when the power failed
        return text.rstrip("\x00"), (*remarks, "NUL bytes at its end were removed")
    return text, remarks


def _utf_8(data: bytes) -> tuple[str, Remarks]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return data.decode("utf-8-sig", BY_BYTE), ("bytes that are not UTF-8 were read as Windows-1252",)


def _utf_16(data: bytes) -> tuple[str, Remarks]:
    try:
        return data.decode("utf-16"), ("it is UTF-16",)
    except UnicodeDecodeError:
        raise Unreadable(ASK) from None


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


BY_BYTE = "gradekit-windows-1252"
codecs.register_error(BY_BYTE, _windows_1252)
