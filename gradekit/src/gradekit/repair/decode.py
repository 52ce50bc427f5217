"""The bytes of a file -> its text, whatever wrote it."""

from __future__ import annotations

import json

from gradekit.repair.unreadable import Unreadable

Remarks = tuple[str, ...]

# How other files begin -> what they are.
BEGINNINGS = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "an archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
}
NAMES = {"utf-8-sig": "UTF-8 with a byte order mark", "utf-16": "UTF-16", "utf-32": "UTF-32"}


def decoded(data: bytes) -> tuple[str, Remarks]:
    """The text in some bytes.

    >>> decoded("{}".encode("utf-16"))
    ('{}', ('it is UTF-16',))
    >>> decoded("{'é'}".encode("latin-1"))
    ("{'é'}", ('it is not UTF-8: it was read as Windows-1252',))
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty. Ask for it again.")
    _refuse_other_files(data)
    text, remarks = _read(data)
    if "\x00" in text:
        return text.replace("\x00", ""), (*remarks, "it has NUL bytes, which were left out")
    return text, remarks


def _refuse_other_files(data: bytes) -> None:
    for beginning, what in BEGINNINGS.items():
        if data.startswith(beginning):
            raise Unreadable(f"the file is {what}, and no notebook. Ask for the notebook itself.")
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise Unreadable("the file is a web page, and no notebook. Ask for the notebook itself.")


def _read(data: bytes) -> tuple[str, Remarks]:
    encoding = json.detect_encoding(data)
    name = next((said for start, said in NAMES.items() if encoding.startswith(start)), "")
    try:
        return data.decode(encoding), (f"it is {name}",) if name else ()
    except UnicodeDecodeError:
        pass
    if encoding.startswith(("utf-16", "utf-32")) and not data.startswith(
        (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
    ):
        # NUL bytes at the beginning look like UTF-16.
        return _read(data.replace(b"\x00", b""))[0], ("it has NUL bytes, which were left out",)
    if encoding.startswith("utf-8"):
        return data.decode("cp1252", errors="replace"), ("it is not UTF-8: it was read as Windows-1252",)
    return data.decode(encoding, errors="replace"), (f"it is {name}, and a part of it is damaged",)
