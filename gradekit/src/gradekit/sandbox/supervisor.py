"""Supervisor of a kernel: a process outside of the sandbox that enforces limits and removes what is left."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gradekit.sandbox import folders, syscalls
from gradekit.sandbox.cgroup import Cgroup
from gradekit.sandbox.spec import ENDED, Limits, Spec

INTERVAL = 0.05  # seconds
DEEPEST = 100  # folders inside each other, where the supervisor counts what is on disk
BLOCK = 4096  # bytes that a name takes at least
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALS = (signal.SIGCHLD, *FORWARDED)
TICK = os.sysconf("SC_CLK_TCK")


# Bytes that a socket or a pipe may hold at most: the filter of system calls keeps sockets to their default.
DEFAULT = Path("/proc/sys/net/core/wmem_default")
SOCKET_BUFFER = int(DEFAULT.read_text()) if DEFAULT.exists() else 212992
UNMAPPED_EVERY = 10  # rounds: it takes some milliseconds for each process with TensorFlow loaded


@dataclass(frozen=True)
class Use:
    """What one process uses: seconds of processor time, bytes of memory, threads and open files."""

    processor: float
    memory: int  # resident, swapped out and page tables
    mapped: int  # of addresses that are not private and writable: all shared mappings, and libraries
    threads: int
    files: int


class Supervisor:
    """Follows one kernel to its end, and ends it when it exceeds a limit or its grader has ended."""

    def __init__(
        self,
        spec: Spec,
        kernel: int,
        limits: bool,
        disk: bool,
        group: Cgroup | None,
        interrupt: Callable[[], None],
    ) -> None:
        self.spec, self.kernel, self.group, self.interrupt = spec, kernel, group, interrupt
        self.limits, self.disk = limits, disk
        self.started = time.monotonic()
        self.spent: dict[int, float] = {}  # seconds of every process, those that ended too
        self.rounds, self.shared = 0, 0  # in which memory may exceed its limit; bytes of shared mappings, as last read
        self.code: int | None = None  # of the kernel, once it has ended
        self.grader, self.end = _pidfd(os.environ.get("JPY_PARENT_PID", "")), _pidfd(kernel)
        self.signals = syscalls.signal_file(FORWARDED)

    def wait(self) -> int:
        """Wait for the kernel's end; return its exit code, or that of the limit that it exceeded."""
        while True:
            self._reap()
            if self.code is not None:
                return ENDED["memory"][0] if self.group is not None and self.group.exceeded() else self.code
            # Not sigtimedwait: in a process that is stopped and continued, it returns a signal that did not come.
            select.select([self.signals, *([] if self.end is None else [self.end])], [], [], INTERVAL)
            for number in signal.sigpending() & set(FORWARDED):
                signal.sigwait({number})
                self._forward(number)
            if exceeded := self._exceeded():
                self._kill()
                return ENDED[exceeded][0]

    def _reap(self) -> None:
        """Reap children that have ended; without a process namespace, orphans are ours too."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self.kernel:
                    code = os.waitstatus_to_exitcode(found[1])
                    self.code = min(code, 99) if code >= 0 else 128 - code

    def _forward(self, number: int) -> None:
        """Forward a signal. An interrupt reaches the kernel through its process group, unless it has left ours."""
        self.interrupt()
        if number != signal.SIGINT:
            self._kill()
        elif os.getpgid(self.kernel) != os.getpgid(0):
            os.kill(self.kernel, signal.SIGINT)

    def _exceeded(self) -> str | None:
        """The name of a limit that is exceeded."""
        if self.grader is not None and select.select([self.grader], [], [], 0)[0]:
            return "grader"
        if not self.limits:
            return None
        limits, use = self.spec.limits, self._use()
        if len(use) > limits.processes or sum(one.threads for one in use.values()) > limits.threads:
            return "processes"
        if self.group is None and self._memory_may_exceed(use) and self._memory(use) > limits.memory << 20:
            return "memory"
        if sum(self.spent.values()) > limits.processor:
            return "processor"
        return self._exceeded_outside(limits)

    def _exceeded_outside(self, limits: Limits) -> str | None:
        if time.monotonic() - self.started > limits.wall:
            return "wall"
        return "disk" if self.disk and disk_usage(self.spec.scratch) > limits.disk << 20 else None

    def _use(self) -> dict[int, Use]:
        use = {pid: found for pid in descendants(self.kernel) if (found := _use_of(pid))}
        self.spent.update({pid: found.processor for pid, found in use.items()})
        return use

    def _memory_may_exceed(self, use: dict[int, Use]) -> bool:
        """Whether an upper bound, which is cheap to read, exceeds the limit."""
        most = sum(one.memory + one.files * SOCKET_BUFFER for one in use.values())
        limit = self.spec.limits.memory << 20
        if most + sum(one.mapped for one in use.values()) <= limit:
            return False
        self.rounds += 1
        if self.rounds % UNMAPPED_EVERY == 0:
            self.shared = shared_mappings(use)
        return most + self.shared > limit

    def _memory(self, use: dict[int, Use]) -> int:
        """Bytes in use; memory that processes share counts once, a socket or pipe as if it were full."""
        return sum(map(_proportional, use)) + len(buffers(use)) * SOCKET_BUFFER + shared_mappings(use)

    def _kill(self) -> None:
        """Kill the kernel and its descendants. In a process namespace the kernel's end is that of all."""
        while left := self._living():
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, INTERVAL)
            self._reap()

    def _living(self) -> list[int]:
        if not self.limits:  # switched off as well
            return [self.kernel] if self.code is None else []
        return below(os.getpid())

    def clean_up(self) -> None:
        """Remove all processes and files of this kernel; the grader removes the rest, if it still runs."""
        self._kill()
        if self.group is not None:
            self.group.remove()
        folders.remove(self.spec.scratch)
        with contextlib.suppress(OSError):
            (Path(self.spec.folder) / "root").rmdir()
        if self.grader is not None and select.select([self.grader], [], [], 0)[0]:
            folders.remove(Path(self.spec.folder))


def _pidfd(process: int | str) -> int | None:
    """A file that can be read once a process has ended; None before Linux 5.3, or where there is no such process."""
    try:
        return os.pidfd_open(int(process))
    except (OSError, ValueError):
        return None


def children(pid: int) -> Iterator[int]:
    """The children of every thread of a process."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                yield from map(int, file.read().split())


def below(pid: int) -> list[int]:
    """All descendants of a process."""
    return [one for child in children(pid) for one in descendants(child)]


def descendants(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    for child in children(pid):
        yield from descendants(child)


def _use_of(pid: int) -> Use | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            sizes = _sizes(file, ("VmRSS", "VmPTE", "VmSwap", "VmSize", "VmData"))
        mapped = sizes.pop("VmSize", 0) - sizes.pop("VmData", 0)
        spent, files = sum(map(int, fields[11:15])) / TICK, len(os.listdir(f"/proc/{pid}/fd"))
        return Use(spent, sum(sizes.values()), mapped, int(fields[17]), files)
    except OSError:
        return None


def _sizes(file: Iterable[str], names: tuple[str, ...]) -> dict[str, int]:
    """Bytes by name of some lines such as `VmRSS: 12 kB`."""
    return {name: int(line.split()[1]) << 10 for line in file if (name := line.partition(":")[0]) in names}


def _proportional(pid: int) -> int:
    """Bytes of a process, without shared memory; what it shares with others is divided by their number."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            hidden = sum(_sizes(file, ("VmPTE",)).values())
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return hidden + sum(_sizes(file, ("Pss_Anon", "Pss_File", "SwapPss")).values())
    return 0


def buffers(pids: Iterable[int]) -> set[str]:
    """The sockets and pipes that processes have open, such as `socket:[123]`."""
    found: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    found.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    return {name for name in found if name.startswith(("socket:", "pipe:"))}


def shared_mappings(pids: Iterable[int]) -> int:
    """Bytes of shared mappings without a file, each once. They stay in memory when no process has them resident."""
    found: dict[str, int] = {}
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.endswith("/dev/zero (deleted)\n"):
                    start, end = line.split(maxsplit=1)[0].split("-")
                    inode = line.split()[4]
                    found[inode] = max(found.get(inode, 0), int(end, 16) - int(start, 16))
    return sum(found.values())


def disk_usage(folder: Path) -> float:
    """Bytes on disk below a folder, a block for each name at least; infinite where folders are nested too deep."""
    total, waiting = 0, [(str(folder), 0)]
    while waiting:
        place, depth = waiting.pop()
        if depth > DEEPEST:
            return float("inf")
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):
                        total += max(entry.stat(follow_symlinks=False).st_blocks * 512, BLOCK)
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append((entry.path, depth + 1))
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return float("inf")
    return total
