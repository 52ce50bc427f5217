"""Results that take a second to compute, cached until a file of the package changes."""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SHARED = Path(__file__).parent / "__pycache__"  # read by all users of an installation
SOURCES = (".py", ".js", ".css")


def kept(name: str, make: Callable[[], str]) -> str:
    """The text that `make` returns. Where no folder can be written, each process makes it.

    The package's folder comes first, unless Python may not write bytecode there; then the user's own cache.
    """
    file = f"{name}.{_fingerprint()}.txt"
    folders = [SHARED, _own_folder()]
    for folder in folders:
        with suppress(OSError, UnicodeDecodeError):
            return (folder / file).read_text(encoding="ascii")
    text = make()
    for folder in folders[sys.dont_write_bytecode :]:
        with suppress(OSError):
            _write(folder, name, file, text)
            break
    return text


def _own_folder() -> Path:
    """The user's cache for this installation: another one has other files."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache_home, "convkit", f"{zlib.crc32(str(PACKAGE).encode()):08x}")


def _write(folder: Path, name: str, file: str, text: str) -> None:
    """Write in one step, readable by all, so that no other process reads half a file; remove earlier versions."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{os.getpid()}.{file}"
    draft.write_text(text, encoding="ascii")
    for old in folder.glob(f"{name}.*.txt"):
        old.unlink(missing_ok=True)
    draft.replace(folder / file)


@cache
def _fingerprint() -> str:
    """Changes whenever a source of the package does, or Python."""
    found = hashlib.blake2s(sys.version.encode(), digest_size=8)
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SOURCES:
            state = path.stat()
            found.update(f"{path.relative_to(PACKAGE)} {state.st_mtime_ns} {state.st_size}\n".encode())
    return found.hexdigest()
