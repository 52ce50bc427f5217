"""What does a submission see of the machine? A file system of its own, with what it may read and its scratch folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from gradekit.sandbox import policy, syscalls
from gradekit.sandbox.spec import Plan

SOCKETS = "/run/kernel"  # not below /tmp, where a submission may write what it likes
PIDS_RESERVED = 300  # numbers that Linux does not give out twice


def map_users() -> None:
    """In a new user namespace, be who one was."""
    user, group = os.getuid(), os.getgid()
    syscalls.unshare("users")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def move_in(plan: Plan) -> None:
    """Build the file system and make it the root. The old root can no longer be reached."""
    syscalls.unshare("mounts")
    syscalls.mount("none", "/", None, syscalls.REC | syscalls.PRIVATE)
    new = f"{plan.folder}/root"
    os.mkdir(new)
    size = f"size={plan.limits.disk}m,nr_inodes=20000,mode=755"
    syscalls.mount("tmpfs", new, "tmpfs", syscalls.NOSUID | syscalls.NODEV, size)
    for path in policy.readable(plan.readable):
        show(path, new)
    for path in policy.DEVICES:
        show(path, new)  # a device can be written to all the same, and keeps its mode and its owner
    show_sockets(str(plan.sockets), new)
    for folder in ("proc", "tmp", "dev/shm", *(f"{plan.scratch}/{name}".lstrip("/") for name in policy.FOLDERS)):
        os.makedirs(f"{new}/{folder}", exist_ok=True)
    syscalls.mount("proc", f"{new}/proc", "proc", syscalls.NOSUID | syscalls.NODEV | syscalls.NOEXEC)
    mount_terminals(new)
    copy_data(plan, Path(f"{new}{plan.scratch}/work"))
    (Path(new) / "etc" / "passwd").write_text(f"student:x:{os.getuid()}:{os.getgid()}::{plan.scratch}/home:/bin/sh\n")
    syscalls.change_root(new)
    lock_settings(plan)


def mount_terminals(new: str) -> None:
    """Mount private pseudo-terminals: IPython runs `!command` in one. Those of the host stay out of sight."""
    os.mkdir(f"{new}/dev/pts")
    options = "newinstance,ptmxmode=0666,mode=0620,max=16"
    syscalls.mount("devpts", f"{new}/dev/pts", "devpts", syscalls.NOSUID | syscalls.NOEXEC, options)
    os.symlink("pts/ptmx", f"{new}/dev/ptmx")


def show_sockets(path: str, new: str) -> None:
    """Let the sockets be found at the same place in the new root, by a link: what they are in is the asker's disk."""
    os.makedirs(f"{new}{SOCKETS}")
    syscalls.mount(path, f"{new}{SOCKETS}", None, syscalls.BIND)
    os.makedirs(os.path.dirname(f"{new}{path}"), exist_ok=True)
    os.symlink(SOCKETS, f"{new}{path}")


def show(path: str, new: str) -> None:
    """Let a file or folder be seen at the same place in the new root, where it cannot be changed."""
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


def lock_settings(plan: Plan) -> None:
    """What the namespaces allow at most; then no setting of the system can be changed, by root neither."""
    wanted = {
        "kernel/pid_max": PIDS_RESERVED + plan.limits.threads,  # of this namespace alone, since Linux 6.14
        "user/max_user_namespaces": 0,
    }
    for name, value in wanted.items():
        with contextlib.suppress(OSError):
            Path("/proc/sys", name).write_text(str(value))
    syscalls.read_only("/proc")


def make_scratch(plan: Plan) -> None:
    """The scratch folder on disk, where there cannot be one in memory."""
    for name in policy.FOLDERS:
        (plan.scratch / name).mkdir(parents=True)
    copy_data(plan, plan.scratch / "work")


def copy_data(plan: Plan, target: Path) -> None:
    """Copy the plain files beside a notebook, as long as they fill half of the scratch folder. No notebook, no link.

    A link may point anywhere, and what it points to would be read with the rights of the one who grades.
    """
    room, source = plan.limits.disk << 19, Path(plan.data)
    for name, about in plain_files(source):
        if name not in plan.left_out and about.st_size <= room:
            room -= about.st_size
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):
                shutil.copyfile(source / name, target / name, follow_symlinks=False)


def plain_files(folder: Path, below: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Names of files below a folder. No notebook: it may hold hidden tests, or an earlier version of them."""
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
