"""Landlock: a process gives up all access to files but what it needs. It takes no privilege.

Of the packages for it, landlock restricts files alone. py-landlock restricts TCP and signals too, and would replace
half of this module by many times its lines.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from gradekit.sandbox import policy, syscalls
from gradekit.sandbox.spec import Spec

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR

# Version of Landlock -> the number of its rights on files.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
TCP, SCOPES = 0b11, 0b11  # bind and connect since version 4; abstract sockets and signals since 6


def version() -> int:
    """The version of Landlock on this machine. Raises OSError where there is none."""
    return syscalls.call(syscalls.LANDLOCK_CREATE, None, 0, 1)


def handled(abi: int) -> tuple[int, int, int]:
    """All rights that a version can take away: on files, on the network, on other processes.

    >>> [bin(part) for part in handled(3)]
    ['0b111111111111111', '0b0', '0b0']
    """
    files = (1 << RIGHTS[min(abi, 5)]) - 1
    return files, TCP if abi >= 4 else 0, SCOPES if abi >= 6 else 0


def restrict(spec: Spec, private: bool) -> str:
    """Take away all rights but those of the spec, for good; return what is enforced. `private`: /proc and /tmp are."""
    abi = version()
    attributes = struct.pack("QQQ", *handled(abi))[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = syscalls.call(syscalls.LANDLOCK_CREATE, attributes, len(attributes), 0)
    for path, rights in rules(spec, private):
        add_rule(ruleset, path, rights & handled(abi)[0])
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.call(syscalls.LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return f"version {abi}: files" + (", TCP" if abi >= 4 else "") + (", signals" if abi >= 6 else "")


def rules(spec: Spec, private: bool) -> list[tuple[str, int]]:
    """Pairs of a path and the rights there and below."""
    everything = handled(5)[0] & ~(1 << 6 | 1 << 11)  # no device files
    own = [str(spec.scratch), *(("/tmp", "/dev/shm") if private else ())]
    return [
        *((path, READ) for path in policy.readable(spec.readable)),
        *((path, READ) for path in (["/proc", "/etc/passwd"] if private else policy.PROC)),
        *((path, READ_DIR) for path in ("/",) if private),  # names alone, of what this root has
        *((path, READ_FILE) for path in policy.DEVICES),
        *((path, READ_FILE | WRITE_FILE | TRUNCATE) for path in policy.WRITABLE_DEVICES),
        *((path, everything) for path in own),
        *((path, READ | WRITE_FILE | IOCTL_DEV) for path in (policy.TERMINALS if private else ())),
    ]


def add_rule(ruleset: int, path: str, rights: int) -> None:
    """Add a rule for a path, if it exists."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, opened))
        syscalls.call(syscalls.LANDLOCK_ADD, ruleset, 1, rule, 0)
    finally:
        os.close(opened)
