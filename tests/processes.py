"""Kernels and processes in tests: run code in a kernel, wait for a condition, find what is left running."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import psutil

MARK = "GRADEKIT_FORKSERVER_TEST"  # in the environment of every process of this run, so that leftovers can be found


def outside_pytest(**more: str) -> dict[str, str]:
    """The environment without the mark of pytest, which keeps ipykernel from capturing what libraries write."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | more


def on_path() -> dict[str, str]:
    """The environment with this Python's programs on the path, which nbgrader needs for alembic."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def run(client, code: str, timeout: float = 300) -> dict[str, str]:
    """Run code; return its `stdout`, `stderr`, the name of its `error`, and the MIME types of its displays."""
    seen = {"stdout": "", "stderr": "", "error": "", "display": ""}
    request, deadline = client.execute(textwrap.dedent(code), allow_stdin=False), time.monotonic() + timeout
    while True:
        message = client.get_iopub_msg(timeout=deadline - time.monotonic())
        content = message["content"]
        if message["parent_header"].get("msg_id") != request:
            continue
        match message["msg_type"]:
            case "stream":
                seen[content["name"]] += content["text"]
            case "error":
                seen["error"] += content["ename"]
            case "display_data" | "execute_result":
                seen["display"] += " ".join(content["data"])
            case "status" if content["execution_state"] == "idle":
                break
    client.get_shell_msg(timeout=deadline - time.monotonic())
    return seen


def printed(client, code: str) -> str:
    """What the code prints to stdout; it must not write to stderr or raise an error."""
    seen = run(client, code)
    assert (seen["stderr"], seen["error"]) == ("", "")
    return seen["stdout"].strip()


def marked(mark: str) -> list[psutil.Process]:
    """Running processes with this mark in their environment, without this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def gone(mark: str, within: float = 300) -> bool:
    """Whether all processes with this mark end within some seconds."""
    return eventually(lambda: not marked(mark), within)


def hear_ctrl_c() -> None:
    """For a new process: let SIGINT end it, which is ignored where the tests are a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def eventually(condition, within: float = 300) -> bool:
    """Whether a condition becomes true within some seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
