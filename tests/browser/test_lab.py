"""What a student sees first after `convkit lab`: a notebook with its kernel, and no question."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gradekit.release import release
from tests import toy

from .lab import SLOW
from .serve import TOKEN, _wait_for, free_port

pytestmark = pytest.mark.days

# What a fresh student has: no settings, and another kernel on the machine.
HOMES = {"HOME": "home", "JUPYTER_PATH": "jupyter"}
OTHER = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Another"}


def test_the_first_notebook_opens_with_one_kernel_and_no_question(tmp_path, browser):
    root = toy.make(tmp_path / "course")
    release(root)
    spec = tmp_path / "jupyter/kernels/another/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(OTHER))
    port = free_port()
    server = [f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}"]
    command = [sys.executable, "-m", "convkit.cli", "lab", "--course", root, "--into", tmp_path / "work", "--", *server]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG"))}
    environment |= {name: str(tmp_path / folder) for name, folder in HOMES.items()}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", process, tmp_path / "log")
            page = browser.new_context().new_page()
            page.set_default_timeout(SLOW)
            page.goto(f"http://127.0.0.1:{port}/?token={TOKEN}")
            sees(page)
            page.context.close()
        finally:
            process.terminate()
            process.wait(20)


def sees(page):
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.get_by_text("| Idle").wait_for()
    assert page.url.endswith("/lab/tree/toy/1-first.ipynb")
    page.wait_for_timeout(3000)
    for question in (".jp-Dialog", ".Toastify__toast"):
        assert page.locator(question).all_inner_texts() == []
    page.click(".jp-Toolbar-kernelName")
    kernels = page.locator(".jp-Dialog select option").all_inner_texts()
    assert [name for name in kernels if name.startswith(("Python", "Another"))] == ["Python 3 (ipykernel)"]
