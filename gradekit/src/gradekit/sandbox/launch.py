"""Set up a sandbox, a layer at a time; a layer that fails is reported, and the next one is tried.

the process that was started     becomes the supervisor, in a user namespace of its own
its child                        becomes the kernel: the first process of a process namespace
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable

from gradekit.forkserver.child import enter_folder
from gradekit.sandbox import cgroup, folders, isolation, landlock, mounts, policy, seccomp, syscalls
from gradekit.sandbox.spec import BROKEN, Spec
from gradekit.sandbox.supervisor import SIGNALS, Supervisor, below

Report = dict[str, str]  # a layer -> "" where it is active, or why it is not


def enter(spec_file: str) -> None:
    """Return in a child inside the sandbox. This process supervises it, and ends with its exit code."""
    spec = Spec.read(spec_file)
    _fork_if_threaded()
    report: Report = {}
    group = cgroup.make(spec.limits.memory << 20) if "supervisor" in spec.layers else None  # /sys is hidden later
    _add_layer(spec, report, "users", mounts.map_users)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    ours, kernels = socket.socketpair()
    isolated = isolation.Isolation(ours, lambda: below(os.getpid()), spec)
    isolated.start()
    _add_layer(spec, report, "pids", lambda: syscalls.unshare("pids"))
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    kernel = os.fork()
    if kernel == 0:
        ours.close()
        _become_kernel(spec, report, kernels)
        return
    kernels.close()
    _close_stdin()  # it is the kernel's connection: the grader notices its end
    if group is not None and not group.add(kernel):
        group.remove()
        group = None
    _supervise(spec, kernel, isolated, group)


def _fork_if_threaded() -> None:
    """Continue in a fork where there are threads: a process with threads can't make a user namespace.

    This process then forwards signals and the exit code.
    """
    if len(os.listdir("/proc/self/task")) == 1:
        return
    child = os.fork()
    if child == 0:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    _close_stdin()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(child, number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the whole group receives it
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _close_stdin() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)


def _supervise(spec: Spec, kernel: int, isolated: isolation.Isolation, group: cgroup.Cgroup | None) -> None:
    found = isolated.report.get()
    folders.lock(spec.folder)  # until this process ends
    _write_report(spec, found)
    disk = '"mounts": ""' not in found
    supervisor = Supervisor(spec, kernel, "supervisor" in spec.layers, disk, group, isolated.interrupt)
    code = supervisor.wait() if found else BROKEN
    supervisor.clean_up()
    os._exit(code)


def _write_report(spec: Spec, text: str) -> None:
    """Write it to a pipe, which the grader may have stopped reading, or to a file."""
    with open(os.open(spec.report, os.O_RDWR | os.O_CREAT, 0o600), "wb", buffering=0) as file:
        file.write((text or json.dumps({"broken": "the kernel ended while its sandbox was set up"})).encode())


def _become_kernel(spec: Spec, report: Report, channel: socket.socket) -> None:
    try:
        listener = _set_up(spec, report, channel.fileno())
    except BaseException as problem:
        channel.send(json.dumps({"broken": repr(problem)}).encode())
        os._exit(BROKEN)
    socket.send_fds(channel, [json.dumps(report).encode()], listener)
    for file in listener:
        os.close(file)  # otherwise the kernel could answer what it asks
    isolation.channel = channel


def _set_up(spec: Spec, report: Report, channel: int) -> list[int]:
    """Set up all layers; the file by which the filter of system calls asks the supervisor, if it does."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)  # orphans stay its children
    if _is_active(report, "pids"):
        os.setsid()  # in a process group without the supervisor
    _reset_signals()
    _add_layer(spec, report, "network", lambda: syscalls.unshare("network"))
    _add_layer(spec, report, "ipc", lambda: syscalls.unshare("ipc"))
    _add_layer(spec, report, "inherited", lambda: _drop_inherited(channel))
    _add_layer(spec, report, "mounts", lambda: mounts.enter(spec))
    private = _is_active(report, "mounts")
    if not private:
        mounts.make_scratch(spec)
    _change_folder(spec)
    _add_layer(spec, report, "limits", lambda: set_limits(spec, _is_active(report, "users")))
    _add_layer(spec, report, "landlock", lambda: landlock.restrict(spec, private))
    _add_layer(spec, report, "capabilities", syscalls.drop_capabilities)
    listener: list[int] = []
    if "seccomp" in spec.layers:
        _add_layer(spec, report, "isolation", lambda: listener.append(seccomp.restrict_and_ask(private)))
    _add_layer(spec, report, "seccomp", lambda: None if listener else seccomp.restrict(private))
    report["supervisor"] = "" if "supervisor" in spec.layers else "it is switched off"
    return listener


def _is_active(report: Report, layer: str) -> bool:
    return report.get(layer) == ""


def _add_layer(spec: Spec, report: Report, layer: str, set_up: Callable[[], object]) -> None:
    """Set up a layer if the spec asks for it."""
    if layer not in spec.layers:
        report[layer] = "it is switched off"
        return
    try:
        set_up()
        report[layer] = ""
    except (OSError, KeyError, AttributeError) as problem:  # not allowed, not this processor, an older system
        report[layer] = str(problem) or repr(problem)


def _reset_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _drop_inherited(keep: int) -> None:
    """Close the grader's open files, such as its terminal, and forget its environment. stdin is the connection."""
    null = os.open(os.devnull, os.O_RDWR)
    for target in (1, 2):
        os.dup2(null, target)
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    known = policy.environment(dict(os.environ))
    os.environ.clear()
    syscalls.forget_environment()
    os.environ.update(known)


def _change_folder(spec: Spec) -> None:
    """Change to the scratch folder; homes and caches are there too."""
    os.environ.update(policy.homes(spec.scratch))
    enter_folder(str(spec.scratch / "work"))
    sys.path[:] = [path for path in sys.path if path not in ("", spec.data, spec.folder)]  # IPython adds "", not first
    os.umask(0o077)
    tempfile.tempdir = None  # looked up again: a fork server has one already


def set_limits(spec: Spec, users: bool) -> None:
    """Set the limits that each process has for itself."""
    limits = spec.limits
    wanted = {
        resource.RLIMIT_CPU: limits.processor + 5,  # the supervisor ends it first, and reports why
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_FSIZE: limits.disk << 20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        **({resource.RLIMIT_NPROC: limits.threads} if users else {}),  # else it would count all of a user's
    }
    for kind, most in wanted.items():
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))
