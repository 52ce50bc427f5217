"""The address of the fork server that fits a kernel.

A fork inherits the imports of its server, so two kernels may share one only if each import would have had the same
result: same Python, same packages, same settings that are read at import, same view of the machine.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from gradekit.forkserver import preload

# Variables that Python, the linker, numerical libraries or Matplotlib read once, when they are loaded.
READ_AT_IMPORT = (
    *("PYTHON", "LD_", "LC_", "LANG", "HOME", "TF_", "XLA_", "KERAS_", "CUDA_", "NVIDIA_", "OMP_", "KMP_", "MKL_"),
    *("OPENBLAS_", "GOTO_", "ONEDNN_", "DNNL_", "MPLCONFIGDIR", "MATPLOTLIBRC", "GRADEKIT_FORKSERVER"),
    preload.VARIABLE,
)
# Set by kernelspecs or dropped by Jupyter, and without effect on a fork.
IGNORED = ("TF_CPP_MIN_LOG_LEVEL", "PYTHONEXECUTABLE", "PYTHONUNBUFFERED")
# Without effect on imports, and not secret.
HARMLESS = ("PATH", "TMPDIR", "TZ", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
NAMESPACES = ("mnt", "net", "pid", "user", "ipc", "uts")


class NoForkServer(Exception):
    """A kernel can't be forked here; the text says why, and fits after "No forked kernel: "."""


def socket_path(env: Mapping[str, str]) -> Path:
    """Path of the socket of the fork server that fits a kernel with this environment."""
    path = private_folder() / f"{fingerprint(env)}.sock"
    if len(os.fsencode(path)) > 100:  # the limit of a Unix socket's address is 107 bytes
        raise NoForkServer(f"the path {path} is too long for a socket; a shorter TMPDIR would do")
    return path


def private_folder() -> Path:
    """A folder that only this user can enter: who can connect to a fork server can run code as its user."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"gradekit-forkserver-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as problem:
        raise NoForkServer(f"no folder for its socket ({problem}); set TMPDIR to a writable one") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoForkServer(f"{folder} is not private to this user; remove it")
    return folder


def fingerprint(env: Mapping[str, str]) -> str:
    """Equal for two kernels that may share a fork server; different after an upgrade or an edit of what is loaded.

    >>> fingerprint({"HOME": "/a"}) == fingerprint({"HOME": "/a", "COLUMNS": "80"})
    True
    >>> fingerprint({"OMP_NUM_THREADS": "1"}) == fingerprint({"OMP_NUM_THREADS": "2"})
    False
    """
    digest = hashlib.sha256()
    for fact in (*_settings(env), *_packages(env), *_view()):
        digest.update(fact.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()[:16]


def read_at_import(env: Mapping[str, str]) -> dict[str, str]:
    """The environment that a fork server is started with. Its forks have its memory, so it gets no passwords.

    >>> read_at_import({"HOME": "/a", "PATH": "/bin", "TOKEN": "x"})
    {'HOME': '/a', 'PATH': '/bin'}
    """
    return {name: value for name, value in env.items() if name.startswith(READ_AT_IMPORT) or name in HARMLESS}


def _settings(env: Mapping[str, str]) -> Iterator[str]:
    relevant = [name for name in sorted(env) if name.startswith(READ_AT_IMPORT) and name not in IGNORED]
    yield from (f"{name}={env[name]}" for name in relevant)


def _packages(env: Mapping[str, str]) -> Iterator[str]:
    """Times of change: an installation touches site-packages, an edit of a package in place touches its file."""
    yield from (sys.prefix, sys.version)
    sites = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    yield from (f"{site} {_changed(Path(site))}" for site in sorted(sites))
    for folder in (Path(folder) for folder in preload.folders(env)):
        if not any(folder.is_relative_to(site) for site in sites):
            files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]
            yield from (f"{file} {_changed(file)}" for file in files)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _view() -> Iterator[str]:
    """User and namespaces: a fork sees the files and the network of its server."""
    yield str(os.getuid())
    for name in NAMESPACES:
        try:
            yield os.readlink(f"/proc/self/ns/{name}")
        except OSError:
            yield f"no {name}"
