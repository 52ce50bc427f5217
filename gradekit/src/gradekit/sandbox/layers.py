"""The layers of the sandbox, and what each one enforces.

Some enforce the same: one of them may be missing.
"""

from __future__ import annotations

# A layer -> what it enforces, in the order in which they are set up.
LAYERS = {
    "users": "a user namespace: the others can be made without being root",
    "pids": "a process namespace: sees and signals no other process, and nothing outlives the kernel",
    "mounts": "a mount namespace: the course is not visible, and the scratch folder is in memory",
    "network": "a network namespace: no network, not even this machine",
    "ipc": "an IPC namespace: no shared memory with others",
    "inherited": "nothing of the grader: no environment variables, no open files, no terminal",
    "limits": "limits of each process: processor time, open files, file size",
    "landlock": "Landlock: reads packages and its own data, writes its scratch folder, connects to nothing",
    "capabilities": "no privileges, and no way to gain any",
    "seccomp": "a filter of system calls: no sockets but Unix ones, none of the calls that only attacks need",
    "supervisor": "a supervisor outside: memory, processor time, processes, disk and time of the whole notebook",
}
ALL = list(LAYERS)
