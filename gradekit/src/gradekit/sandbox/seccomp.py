"""Seccomp filter: it refuses system calls that only attacks need, and every socket but Unix ones.

The filter is a BPF program that `prctl` installs. pyseccomp refuses the same, with names for numbers, but it needs
libseccomp, a C library that pip doesn't bring, and takes far longer to import than this filter to install.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from gradekit.sandbox import syscalls

# A call -> its number on x86_64 and on aarch64; None where there is no such call.
MEMORY_UNSEEN = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "vmsplice": (278, 75),  # a pipe would keep memory that no process has
}
OTHERS_SEEN = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
}
SYSTEM_CHANGED = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "init_module": (175, 105),
    "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265),
}
CODE_UNSEEN = {  # memory that gets executable without a call in MAPS_CODE
    "personality": (135, 92),
    "shmat": (30, 196),
    "remap_file_pages": (216, 234),
}
REFUSED = {**MEMORY_UNSEEN, **OTHERS_SEEN, **SYSTEM_CHANGED, **CODE_UNSEEN}
# Landlock doesn't cover these: where the course is visible, they return 0 and do nothing.
METADATA_CHANGED = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}
# Refused where other processes are visible: Landlock doesn't cover them.
CONNECT = {"connect": (42, 203)}
# A call -> its numbers, and which of its arguments has to be 0: the caller itself.
ABOUT_OTHERS = {"prlimit64": (302, 261, 0), "setpriority": (141, 140, 1), "ioprio_set": (251, 30, 1)}
# The same where other processes are visible: scheduling. ZeroMQ sets the ordinary policy of its threads, which is 0.
SCHEDULING_OF_OTHERS = {
    "sched_setscheduler": (144, 119, 1),
    "sched_setaffinity": (203, 122, 0),
    "sched_setattr": (314, 274, 0),
}
# Two of them can mean all processes of a user: a call -> its numbers, and the value that means one process.
ABOUT_MANY = {"setpriority": (141, 140, 0), "ioprio_set": (251, 30, 1)}
# Refused by a second filter, which a process adds that answers in isolation (`isolation.py`).
STARTS_PROGRAM = {"execve": (59, 221), "execveat": (322, 281)}
MAPS_CODE = {"mmap": (9, 222), "mprotect": (10, 226), "pkey_mprotect": (329, 288)}  # with PROT_EXEC, a third argument
PROT_EXEC = 4
CLONE, CLONE3 = (56, 220), (435, 435)
NAMESPACES = 0x7E020000  # flags of `clone`; those of `clone3` are in memory, which a filter can't read
CLONE_PARENT = 0x8000  # a process that is no child of the one that made it: what looks for a kernel's misses it
PRCTL = (157, 167)
SOCKET = (41, 198)
AF_UNIX = 1
# Where sockets of others can be reached, only streams: a datagram needs no `connect` before it is sent.
SOCKETS = {"socket": (41, 198), "socketpair": (53, 199)}
SOCK_STREAM, SOCK_TYPE = 1, 0xF
# Options of setsockopt that enlarge what a socket may hold; they seem to work.
SETSOCKOPT, SO_SNDBUF, SO_SNDBUFFORCE = (54, 208), 7, 32

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32 = 0x40000000  # a second table of calls on x86_64

LOAD, AND, JUMP_EQUAL, JUMP_NOT_LESS, JUMP_ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
ALLOW, ASK, ERROR = 0x7FFF0000, 0x7FC00000, 0x00050000
SECCOMP, SET_FILTER, NEW_LISTENER = (317, 277), 1, 8
STEP, PROGRAM = "HBBI", "HxxxxxxP"  # struct sock_filter and sock_fprog
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data

Step = tuple[int, int, int, int]  # code, jump if true, jump if false, value


def program(machine: str, private: bool, asks: bool = True) -> list[Step]:
    """The filter as a BPF program. `private`: the course and other processes are not visible.

    It `asks` a supervisor about other filters. Ask about rare calls only: a signal that comes before the supervisor has
    looked interrupts such a call, and programs fail where that happens to `fork` or `mmap`.

    >>> program("x86_64", True)[0]
    (32, 0, 0, 4)
    """
    column, architecture = ARCHITECTURES[machine]
    refuse, ask = (RETURN, 0, 0, ERROR | errno.EPERM), (RETURN, 0, 0, ASK if asks else ALLOW)
    steps = [(LOAD, 0, 0, ARCHITECTURE), (JUMP_EQUAL, 1, 0, architecture), refuse, (LOAD, 0, 0, NUMBER)]
    steps += [(JUMP_NOT_LESS, 0, 1, X32), refuse]
    for numbers in (REFUSED if private else {**REFUSED, **CONNECT}).values():
        steps += [(JUMP_EQUAL, 0, 1, numbers[column]), refuse]
    steps += [(JUMP_EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, ERROR | errno.ENOSYS)]  # `clone` comes next then
    steps += [(JUMP_EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += [(JUMP_ANY_BIT, 0, 1, NAMESPACES | CLONE_PARENT), refuse, (RETURN, 0, 0, ALLOW)]
    steps += [(JUMP_EQUAL, 0, 1, SECCOMP[column]), ask]
    steps += [(JUMP_EQUAL, 0, 5, PRCTL[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += [(JUMP_EQUAL, 1, 0, syscalls.PR_SET_CHILD_SUBREAPER), (JUMP_EQUAL, 0, 1, syscalls.PR_SET_SECCOMP)]
    steps += [refuse, (RETURN, 0, 0, ALLOW)]
    for *both, which in () if private else ABOUT_MANY.values():
        steps += [(JUMP_EQUAL, 0, 4, both[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
        steps += [(JUMP_EQUAL, 1, 0, which), refuse, (LOAD, 0, 0, NUMBER)]
    for *both, argument in (ABOUT_OTHERS if private else {**ABOUT_OTHERS, **SCHEDULING_OF_OTHERS}).values():
        steps += [(JUMP_EQUAL, 0, 4, both[column]), (LOAD, 0, 0, FIRST_ARGUMENT + 8 * argument)]
        steps += [(JUMP_EQUAL, 1, 0, 0), refuse, (RETURN, 0, 0, ALLOW)]
    for pair in () if private else METADATA_CHANGED.values():
        number = pair[column]
        steps += [] if number is None else [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR)]
    steps += [(JUMP_EQUAL, 0, 5, SETSOCKOPT[column]), (LOAD, 0, 0, FIRST_ARGUMENT + 16)]
    steps += [(JUMP_EQUAL, 1, 0, SO_SNDBUF), (JUMP_EQUAL, 0, 1, SO_SNDBUFFORCE)]
    steps += [(RETURN, 0, 0, ERROR), (LOAD, 0, 0, NUMBER)]
    for pair in () if private else SOCKETS.values():
        steps += [(JUMP_EQUAL, 0, 5, pair[column]), (LOAD, 0, 0, FIRST_ARGUMENT + 8), (AND, 0, 0, SOCK_TYPE)]
        steps += [(JUMP_EQUAL, 1, 0, SOCK_STREAM), refuse, (LOAD, 0, 0, NUMBER)]
    steps += [(JUMP_EQUAL, 0, 3, SOCKET[column]), (LOAD, 0, 0, FIRST_ARGUMENT), (JUMP_EQUAL, 1, 0, AF_UNIX)]
    steps += [(RETURN, 0, 0, ERROR | errno.EAFNOSUPPORT)]  # on EPERM, wget would retry for minutes
    return [*steps, (RETURN, 0, 0, ALLOW)]


def isolating(machine: str) -> list[Step]:
    """The filter, as a BPF program, that refuses to load code and to start programs.

    >>> isolating("x86_64")[1]
    (21, 0, 1, 59)
    """
    column = ARCHITECTURES[machine][0]
    refuse, allow = (RETURN, 0, 0, ERROR | errno.EPERM), (RETURN, 0, 0, ALLOW)
    steps = [(LOAD, 0, 0, NUMBER)]
    for starts in STARTS_PROGRAM.values():
        steps += [(JUMP_EQUAL, 0, 1, starts[column]), refuse]
    for maps in MAPS_CODE.values():
        steps += [(JUMP_EQUAL, 0, 4, maps[column]), (LOAD, 0, 0, FIRST_ARGUMENT + 16)]
        steps += [(JUMP_ANY_BIT, 0, 1, PROT_EXEC), refuse, allow]
    return [*steps, allow]


def restrict(private: bool) -> None:
    """Install the filter, for this process and all that it starts."""
    _install(_bytes(program(platform.machine(), private, asks=False)))


def restrict_and_ask(private: bool) -> int:
    """Install the filter, which asks a supervisor; return the file by which it is asked.

    Raises OSError before Linux 5.5, which knows no such filter.
    """
    return _install(_bytes(program(platform.machine(), private)), NEW_LISTENER)


def refuse_code() -> None:
    """Install the filter that refuses to load code. Raises OSError where a supervisor refuses it."""
    _install(_bytes(isolating(platform.machine())))


def refuses_code(process: int, call: tuple[int, ...]) -> bool:
    """Whether a process, which waits in a call of `seccomp` with these arguments, installs `isolating`."""
    action, flags, head = call
    wanted = _bytes(isolating(platform.machine()))
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        memory.seek(head)
        length, address = struct.unpack(PROGRAM, memory.read(struct.calcsize(PROGRAM)))
        memory.seek(address)
        return (action, flags, length * 8) == (SET_FILTER, 0, len(wanted)) and memory.read(len(wanted)) == wanted


def _bytes(steps: list[Step]) -> bytes:
    return b"".join(struct.pack(STEP, *step) for step in steps)


def _install(steps: bytes, flags: int = 0) -> int:
    code = ctypes.create_string_buffer(steps, len(steps))
    head = ctypes.create_string_buffer(struct.pack(PROGRAM, len(steps) // 8, ctypes.addressof(code)))
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    return syscalls.call(SECCOMP[ARCHITECTURES[platform.machine()][0]], SET_FILTER, flags, head)
