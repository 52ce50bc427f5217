"""The supervisor's end of an isolated request, once its kernel has gone."""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from typing import Any

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

from gradekit.sandbox import isolation
from gradekit.sandbox.spec import Spec


def test_a_supervisor_waits_for_requests_when_its_kernel_has_closed_everything(tmp_path, monkeypatch):
    """It would take a processor from the end of the kernel, which has to return its memory."""
    calls: list[Any] = []
    original = select.select
    monkeypatch.setattr(isolation.select, "select", lambda *files: calls.append(files) or original(*files))
    ours, kernel = socket.socketpair()
    asks, ends = os.pipe()  # in place of the file by which Linux asks: it reports the same when all have gone
    os.close(ends)
    isolated = isolation.Isolation(ours, list, Spec(str(tmp_path), str(tmp_path), []))
    isolated.start()
    socket.send_fds(kernel, [b"{}"], [asks])
    assert isolated.report.get(timeout=60) == "{}"
    kernel.close()
    time.sleep(0.3)  # in which it would look again and again
    for _ in range(10):
        with isolation.Request(str(tmp_path), ["scipy"], "{}") as request:
            why, said = request.result() or ("", "nothing")
        assert why
        assert not said
    assert len(calls) < 30
