"""Sandbox around each submission's kernel: what a student's code may read, write, reach and use up.

A sandboxed kernel reads the installed packages and the data files beside its notebook, writes to a scratch folder that
is removed with it, has no network, sees no other process, and ends when it exceeds a limit. Most of this is enforced by
two layers. Each layer is tried; a missing one is reported.

| module | content |
|---|---|
| `layers.py` | the layers, what each one enforces, and which this machine has |
| `policy.py` | what a submission may read, write and know |
| `spec.py` | the specification of one sandbox, and its limits |
| `launch.py` | sets the layers up, one after the other |
| `mounts.py` | the file system that a submission sees |
| `landlock.py` | access to files |
| `seccomp.py` | the filter of system calls |
| `isolation.py` | calls an answer while all else is stopped and no forbidden code can run |
| `cgroup.py` | memory, counted by Linux |
| `supervisor.py` | limits of a running kernel, its end, and the removal of what it leaves |
| `output_limit.py` | limits of a kernel's messages |
| `folders.py` | the folder of one kernel |
| `provisioner.py` | Jupyter's kernel provisioner |
| `config.py` | settings for nbgrader |
| `syscalls.py` | system calls that Python has no function for |
| `__main__.py` | runs a module inside a sandbox |
"""
