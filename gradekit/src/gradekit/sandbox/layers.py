"""The layers of the sandbox, what each one enforces, and which of them this machine has.

Some enforce the same: one of them may be missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from gradekit.sandbox.spec import Spec

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
    "isolation": "a hold on code: an answer is called where what its question forbids can't run",
    "supervisor": "a supervisor outside: memory, processor time, processes, disk and time of the whole notebook",
}
ALL = list(LAYERS)
PATIENCE = 60.0  # seconds to try them


def active() -> dict[str, str]:
    """A layer -> "" where it is active, or why it is not.

    >>> list(active()) == ALL
    True
    """
    with tempfile.TemporaryDirectory(prefix="f-") as folder:
        os.makedirs(f"{folder}/data")
        spec = Spec(folder, f"{folder}/data", ALL)
        command = [sys.executable, "-m", "gradekit.sandbox.__main__", str(spec.write()), "this"]
        done = subprocess.run(command, cwd=f"{folder}/data", capture_output=True, text=True, timeout=PATIENCE)
        if not spec.report.exists():
            said = [line for line in done.stderr.splitlines() if line.strip()]
            return dict.fromkeys(ALL, said[-1] if said else f"it ended with {done.returncode}")
        found = json.loads(spec.report.read_text(encoding="utf-8"))
    return {name: found.get(name, found.get("broken", "it was not tried")) for name in ALL}
