"""How is a fence put up? In a fork, a layer at a time; what cannot be had is written down, and the next one is tried.

the process that was asked for       becomes the watcher, in a user namespace of its own
    its child                        becomes the kernel: the first process of a process namespace
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable

from gradekit.sandbox import cgroup, folders, ipykernel_patches, landlock, mounts, policy, seccomp, syscalls
from gradekit.sandbox.spec import BROKEN, Plan
from gradekit.sandbox.supervisor import MINE, Watch

Report = dict[str, str]  # a layer -> "" where it stands, or why it does not


def fenced(plan_file: str) -> None:
    """Return in a child that is fenced as the plan says. This process watches it, and ends with its exit code."""
    plan = Plan.read(plan_file)
    _be_alone()
    report: Report = {}
    group = cgroup.make(plan.limits.memory << 20) if "watch" in plan.layers else None  # before /sys is out of reach
    _try(plan, report, "users", mounts.map_users)
    _try(plan, report, "pids", lambda: syscalls.unshare("pids"))
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, MINE)
    hear, tell = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(hear)
        _become_the_kernel(plan, report, tell)
        return
    os.close(tell)
    if group is not None and not group.add(kernel):
        group.remove()
        group = None
    _be_the_watcher(plan, kernel, hear, group)


def _be_alone() -> None:
    """A process that has threads cannot make a user namespace: its fork can. This one then only passes things on."""
    if len(os.listdir("/proc/self/task")) == 1:
        return
    child = os.fork()
    if child == 0:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(child, number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it comes to the whole group
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _be_the_watcher(plan: Plan, kernel: int, hear: int, group: cgroup.Cgroup | None) -> None:
    with open(hear, encoding="utf-8") as file:
        found = file.read()
    folders.lock(plan.folder)  # until this process ends
    _write_report(plan, found)
    watch = Watch(plan, kernel, "watch" in plan.layers, disk='"mounts": ""' not in found, group=group)
    code = watch.until_the_end() if found else BROKEN
    watch.clear_away()
    os._exit(code)


def _write_report(plan: Plan, text: str) -> None:
    """In one step: who reads it finds all of it or nothing."""
    half = plan.report.with_suffix(".half")
    half.write_text(text or json.dumps({"broken": "the kernel ended while it was being fenced"}), encoding="utf-8")
    half.rename(plan.report)


def _become_the_kernel(plan: Plan, report: Report, tell: int) -> None:
    try:
        _settle(plan, report, tell)
    except BaseException as problem:
        os.write(tell, json.dumps({"broken": repr(problem)}).encode())
        os._exit(BROKEN)
    os.write(tell, json.dumps(report).encode())
    os.close(tell)


def _settle(plan: Plan, report: Report, tell: int) -> None:
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if _stands(report, "pids"):
        os.setsid()  # the watcher is not in our process group then
    _forget_signals()
    _try(plan, report, "network", lambda: syscalls.unshare("network"))
    _try(plan, report, "ipc", lambda: syscalls.unshare("ipc"))
    _try(plan, report, "inherited", lambda: _forget(tell))
    _try(plan, report, "mounts", lambda: mounts.move_in(plan))
    private = _stands(report, "mounts")
    if not private:
        mounts.make_scratch(plan)
    _move(plan)
    _try(plan, report, "limits", lambda: set_limits(plan, _stands(report, "users")))
    _try(plan, report, "landlock", lambda: landlock.restrict(plan, private))
    _try(plan, report, "capabilities", syscalls.drop_capabilities)
    _try(plan, report, "seccomp", lambda: seccomp.restrict(private))
    report["watch"] = "" if "watch" in plan.layers else "it is switched off"


def _stands(report: Report, layer: str) -> bool:
    return report.get(layer) == ""


def _try(plan: Plan, report: Report, layer: str, put_up: Callable[[], object]) -> None:
    """Put up a layer if the plan has it."""
    if layer not in plan.layers:
        report[layer] = "it is switched off"
        return
    try:
        put_up()
        report[layer] = ""
    except (OSError, KeyError, AttributeError) as problem:  # not allowed, not this processor, an older system
        report[layer] = str(problem) or repr(problem)


def _forget_signals() -> None:
    for number in MINE:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _forget(keep: int) -> None:
    """No open file of the one who asked, such as a terminal that would believe what it is told, and no environment."""
    null = os.open(os.devnull, os.O_RDWR)
    for target in range(3):
        os.dup2(null, target)
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    known = policy.environment(dict(os.environ))
    os.environ.clear()
    syscalls.forget_environment()
    os.environ.update(known)


def _move(plan: Plan) -> None:
    """Into the scratch folder; homes and caches are there too."""
    os.environ.update(policy.homes(plan.scratch))
    work = str(plan.scratch / "work")
    os.chdir(work)
    sys.path[:] = [work, *(place for place in sys.path if place not in ("", plan.data, plan.folder))]
    os.umask(0o077)
    ipykernel_patches.libraries()


def set_limits(plan: Plan, users: bool) -> None:
    """Limits that each process has for itself."""
    limits = plan.limits
    wanted = {
        resource.RLIMIT_CPU: limits.processor + 5,  # the watcher comes first, and says why
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
