"""Results that take a second to work out, cached until a file of the package changes."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "__pycache__"
SOURCES = (".py", ".js", ".css")


def kept(name: str, make: Callable[[], str]) -> str:
    """The text that `make` returns. Where nothing can be written, it is made in each process."""
    file = FOLDER / f"{name}.{_fingerprint()}.txt"
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii")
    text = make()
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _write(name, file, text)
    return text


def _write(name: str, file: Path, text: str) -> None:
    """Write in one step, so that another process never reads half a file; remove what was kept before."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob(f"{name}.*.txt"):
        old.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=FOLDER, delete=False) as draft:
        draft.write(text)
    os.replace(draft.name, file)


@cache
def _fingerprint() -> str:
    """Changes whenever a source of the package does, or Python."""
    found = hashlib.blake2s(sys.version.encode(), digest_size=8)
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SOURCES:
            state = path.stat()
            found.update(f"{path.relative_to(PACKAGE)} {state.st_mtime_ns} {state.st_size}\n".encode())
    return found.hexdigest()
