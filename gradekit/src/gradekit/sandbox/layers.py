"""Which layers has the fence, and what does each one hold? Several hold the same: one may be missing."""

from __future__ import annotations

# A layer -> what it holds, in the order in which they are put up.
LAYERS = {
    "users": "a user namespace: lets the others be made without being root",
    "pids": "a process namespace: sees and signals no other process, and nothing outlives the kernel",
    "mounts": "a file system of its own: the course is not there at all, and the scratch folder is memory",
    "network": "a network namespace: no network, not even this machine",
    "ipc": "an IPC namespace: no shared memory of others",
    "inherited": "nothing of the one who grades: no variable of the environment, no open file, no terminal",
    "limits": "limits of each process: processor time, open files, size of a file",
    "landlock": "Landlock: reads packages and its own data, writes its scratch folder, connects to nothing",
    "capabilities": "no privileges, and no way to gain any",
    "seccomp": "a filter of system calls: no sockets but Unix ones, none of the calls that only attacks need",
    "watch": "a watcher outside: memory, processor time, processes, disk and time of the whole notebook",
}
ALL = list(LAYERS)

# Without a namespace, as in most containers, these hold the rest.
WITHOUT_NAMESPACES = [name for name in ALL if name not in {"users", "pids", "mounts", "network", "ipc"}]
