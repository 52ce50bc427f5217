"""Which nursery fits this kernel, and where does it listen?

A fork inherits what its nursery imported, so two kernels may share a nursery only if every import would have come
out the same: same Python, same packages, same settings that are read at import, same view of the machine.
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
# Set by kernelspecs or dropped by Jupyter, and without consequence for a fork.
NO_MATTER = ("TF_CPP_MIN_LOG_LEVEL", "PYTHONEXECUTABLE", "PYTHONUNBUFFERED")
# Of no consequence for what is imported, and no secrets.
NO_SECRETS = ("PATH", "TMPDIR", "TZ", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
NAMESPACES = ("mnt", "net", "pid", "user", "ipc", "uts")


class NoForkServer(Exception):
    """A kernel cannot be forked here; the text says why, and fits after "No warm kernel: "."""


def socket_path(env: Mapping[str, str]) -> Path:
    """The socket of the nursery whose forks would do for a kernel with this environment."""
    path = private_folder() / f"{fingerprint(env)}.sock"
    if len(os.fsencode(path)) > 100:  # the limit of a Unix socket's address is 107 bytes
        raise NoForkServer(f"the path {path} is too long for a socket; a shorter TMPDIR would do")
    return path


def private_folder() -> Path:
    """A folder that only this user can enter: whoever can connect to a nursery can run code as its user."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"gradekit-forkserver-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as problem:
        raise NoForkServer(f"no folder for its socket ({problem}); set TMPDIR to one that can be written") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoForkServer(f"{folder} is not private to this user; remove it")
    return folder


def fingerprint(env: Mapping[str, str]) -> str:
    """The same for two kernels that may share a nursery; another after an upgrade or an edit of what is loaded.

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
    """What a nursery is started with. It has no password in its memory: its forks have that memory too.

    >>> read_at_import({"HOME": "/a", "PATH": "/bin", "TOKEN": "x"})
    {'HOME': '/a', 'PATH': '/bin'}
    """
    return {name: value for name, value in env.items() if name.startswith(READ_AT_IMPORT) or name in NO_SECRETS}


def _settings(env: Mapping[str, str]) -> Iterator[str]:
    relevant = [name for name in sorted(env) if name.startswith(READ_AT_IMPORT) and name not in NO_MATTER]
    yield from (f"{name}={env[name]}" for name in relevant)


def _packages(env: Mapping[str, str]) -> Iterator[str]:
    """Installing anything touches site-packages; editing a package that is installed in place touches a file of it."""
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
    """A fork sees the files and the network of its nursery: those must be the ones that the kernel should see."""
    yield str(os.getuid())
    for name in NAMESPACES:
        try:
            yield os.readlink(f"/proc/self/ns/{name}")
        except OSError:
            yield f"no {name}"
