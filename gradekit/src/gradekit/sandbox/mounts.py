"""The file system that a submission sees: what it may read, and its scratch folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from gradekit.sandbox import policy, syscalls
from gradekit.sandbox.spec import Spec

PIDS_RESERVED = 300  # process ids that Linux does not reuse


def map_users() -> None:
    """Enter a user namespace, with the same user and group in it."""
    user, group = os.getuid(), os.getgid()
    syscalls.unshare("users")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def enter(spec: Spec) -> None:
    """Build the file system and make it the root; the old one becomes unreachable."""
    syscalls.unshare("mounts")
    syscalls.mount("none", "/", None, syscalls.REC | syscalls.PRIVATE)
    new = f"{spec.folder}/root"
    os.mkdir(new)
    size = f"size={spec.limits.disk}m,nr_inodes=20000,mode=755"
    syscalls.mount("tmpfs", new, "tmpfs", syscalls.NOSUID | syscalls.NODEV, size)
    for path in policy.readable(spec.readable):
        bind_read_only(path, new)
    for path in policy.DEVICES:
        bind_read_only(path, new)  # a device can still be written to, and keeps its mode and owner
    for folder in ("proc", "tmp", "dev/shm", *(f"{spec.scratch}/{name}".lstrip("/") for name in policy.FOLDERS)):
        os.makedirs(f"{new}/{folder}", exist_ok=True)
    syscalls.mount("proc", f"{new}/proc", "proc", syscalls.NOSUID | syscalls.NODEV | syscalls.NOEXEC)
    mount_terminals(new)
    copy_data(spec, Path(f"{new}{spec.scratch}/work"))
    (Path(new) / "etc" / "passwd").write_text(f"student:x:{os.getuid()}:{os.getgid()}::{spec.scratch}/home:/bin/sh\n")
    syscalls.change_root(new)
    lock_settings(spec)


def mount_terminals(new: str) -> None:
    """Mount private pseudo-terminals: IPython runs `!command` in one. Link the files that a process has open.

    The terminals of the host stay out of sight.
    """
    os.mkdir(f"{new}/dev/pts")
    options = "newinstance,ptmxmode=0666,mode=0620,max=16"
    syscalls.mount("devpts", f"{new}/dev/pts", "devpts", syscalls.NOSUID | syscalls.NOEXEC, options)
    os.symlink("pts/ptmx", f"{new}/dev/ptmx")
    for name, target in {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}.items():
        os.symlink(f"/proc/self/fd{target}", f"{new}/dev/{name}")


def bind_read_only(path: str, new: str) -> None:
    """Mount a file or folder read-only at its path in the new root."""
    target = f"{new}{path}"
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.path.realpath(path), target)
        return
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        Path(target).touch()
    syscalls.mount(path, target, None, syscalls.BIND | syscalls.REC)
    syscalls.read_only(target)


def lock_settings(spec: Spec) -> None:
    """Limit the namespaces, and then make all system settings read-only, even for root."""
    wanted = {
        "kernel/pid_max": PIDS_RESERVED + spec.limits.threads,  # of this namespace only, since Linux 6.14
        "user/max_user_namespaces": 0,
    }
    for name, value in wanted.items():
        with contextlib.suppress(OSError):
            Path("/proc/sys", name).write_text(str(value))
    syscalls.read_only("/proc")


def make_scratch(spec: Spec) -> None:
    """Make the scratch folder on disk, where there can't be one in memory."""
    for name in policy.FOLDERS:
        (spec.scratch / name).mkdir(parents=True)
    copy_data(spec, spec.scratch / "work")


def copy_data(spec: Spec, target: Path) -> None:
    """Copy the data files of a notebook, up to half of the scratch folder. No notebooks, no links.

    A link may point anywhere, and its target would be read with the grader's rights.
    """
    room, source = spec.limits.disk << 19, Path(spec.data)
    for name, about in plain_files(source):
        if name not in spec.left_out and about.st_size <= room:
            room -= about.st_size
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):
                shutil.copyfile(source / name, target / name, follow_symlinks=False)


def plain_files(folder: Path, below: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Names of files below a folder. No notebooks: they may contain hidden tests."""
    for entry in sorted(os.scandir(folder / below), key=lambda entry: entry.name):
        about, name = entry.stat(follow_symlinks=False), os.path.join(below, entry.name)
        if stat.S_ISDIR(about.st_mode) and entry.name != ".ipynb_checkpoints":
            yield from plain_files(folder, name)
        elif stat.S_ISREG(about.st_mode) and not entry.name.endswith(".ipynb"):
            yield name, about


def links(folder: Path) -> list[str]:
    """Names of all links below a folder."""
    found = (Path(place) / name for place, folders, files in os.walk(folder) for name in folders + files)
    return [str(path.relative_to(folder)) for path in found if path.is_symlink()]
