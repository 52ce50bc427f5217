"""A real JupyterLab on a free port of this machine, and a headless Chromium that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NO_CHROMIUM = "there is no chromium here; get it with: apt-get install chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
NEWS = {"fetchNews": "false", "checkForUpdates": False}
ALL_CELLS = {"windowingMode": "none"}  # cells that are scrolled away stay in the page, where tests find them
TOKEN = "test"


@contextmanager
def jupyter_lab(home: Path, app: str = "lab") -> Iterator[dict]:
    """JupyterLab, or Notebook, with a folder, settings and a token of its own, ended at the end."""
    settings, notebooks, port = home / "settings", home / "notebooks", free_port()
    notebooks.mkdir()
    write_setting(settings, "apputils-extension", "notification", NEWS)
    write_setting(settings, "notebook-extension", "tracker", ALL_CELLS)
    names = {
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
        "PYTHONPATH": Path(__file__).parents[2],
    }
    command = [sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={notebooks}"]
    environment = {**os.environ, **{name: str(path) for name, path in names.items()}}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", process, home / "log")
            yield {"url": f"http://127.0.0.1:{port}", "notebooks": notebooks, "settings": settings, "token": TOKEN}
        finally:
            process.terminate()
            process.wait(300)


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium: a test tool's own download needs a network that few have."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def chromium_or_skip() -> Iterator[Any]:
    """For a fixture: Chromium, or the test is skipped."""
    import pytest

    if not Path(CHROMIUM).exists():
        pytest.skip(NO_CHROMIUM)
    with chromium() as found:
        yield found


def write_setting(settings: Path, extension: str, plugin: str, values: dict) -> None:
    """A setting of JupyterLab, as its settings editor would save it."""
    folder = settings / "@jupyterlab" / extension
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(1500):  # a busy machine takes minutes
        if process.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
    raise RuntimeError(f"JupyterLab does not answer: {log.read_text()[-2000:]}")
