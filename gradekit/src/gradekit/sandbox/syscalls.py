"""System calls that Python has no function for. Each raises OSError with the reason that Linux gives."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterable
from typing import Any

NEW = {"mounts": 0x20000, "ipc": 0x8000000, "users": 0x10000000, "pids": 0x20000000, "network": 0x40000000}

RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
BIND, REC, PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 47, 4
CAPABILITIES_VERSION_3 = 0x20080522

# Calls without a function in every C library: the same number on all systems since 2019, except pivot_root.
MOUNT_SETATTR, LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 442, 444, 445, 446
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: Any) -> int:
    """Make a system call by its number; integers are passed as longs."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_as_argument, arguments)))


def prctl(option: int, *arguments: Any) -> int:
    """Change a property of this process."""
    filled = [*arguments, 0, 0, 0, 0][:4]
    return _checked(_libc.prctl(ctypes.c_int(option), *map(_as_argument, filled)))


def signal_file(numbers: Iterable[int]) -> int:
    """A file that can be read while one of these signals is pending; they have to be blocked."""
    mask = (ctypes.c_uint64 * 16)(sum(1 << (number - 1) for number in numbers))
    return _checked(_libc.signalfd(-1, mask, os.O_NONBLOCK | os.O_CLOEXEC))


def unshare(name: str) -> None:
    """Move into a new namespace; `pids` is for the children."""
    _checked(_libc.unshare(ctypes.c_int(NEW[name])))


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount, bind, or change how mounts propagate."""
    kind_bytes = None if kind is None else kind.encode()
    where = os.fsencode(source), os.fsencode(target)
    _checked(_libc.mount(*where, kind_bytes, ctypes.c_ulong(flags), options.encode() or None), target)


def read_only(target: str) -> None:
    """Make a mount and those below it read-only."""
    attributes = (ctypes.c_uint64 * 4)(RDONLY | NOSUID, 0, 0, 0)  # the first bits have the same values here
    path = os.fsencode(target)
    call(MOUNT_SETATTR, AT_FDCWD, path, AT_RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes))


def change_root(target: str) -> None:
    """Make a mount the root, and unmount the old one."""
    os.chdir(target)
    call(PIVOT_ROOT[platform.machine()], b".", b".")
    _checked(_libc.umount2(b".", MNT_DETACH))
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up all privileges, and the ways to gain one by running a program."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:  # there are no more, or we have none to give up
            break
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    head, none = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(ctypes.byref(head), ctypes.byref(none)))


def forget_environment() -> None:
    """Overwrite the environment that this process, or the one it was forked from, was started with."""
    _libc.clearenv()
    with open("/proc/self/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start and env_end in proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)


def _as_argument(value: Any) -> Any:
    return ctypes.c_long(value) if isinstance(value, int) else value


def _checked(result: int, name: str | None = None) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result
