"""What is an attack? Code for one cell, and the evidence, gathered outside the kernel, that it has worked."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

# What the code may use: where the world's things are. `libc` and `call` save lines.
PRELUDE = """
import ctypes, os, socket, sqlite3, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    return libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
"""


@dataclass(frozen=True)
class Attack:
    """`evidence`: the secret is printed, the world is changed, the network heard of it, or the code itself says WON.

    `lost` says why a fence without namespaces cannot hold it; `root` that it never works for an ordinary user.
    """

    family: str
    name: str
    code: str
    evidence: str
    lost: str = ""
    root: bool = False

    @property
    def source(self) -> str:
        return textwrap.dedent(self.code).strip()

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


def family(name: str, evidence: str, root: tuple[str, ...] = (), **attacks: str) -> list[Attack]:
    """Attacks of one family with the same kind of evidence; underscores in names are spaces."""
    return [
        Attack(name, title.replace("_", " "), code, evidence, root=title in root) for title, code in attacks.items()
    ]
