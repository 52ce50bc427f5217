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
from pathlib import Path

import pytest

from .lab import Lab

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
NEWS = {"fetchNews": "false", "checkForUpdates": False}
ALL_CELLS = {"windowingMode": "none"}  # cells that are scrolled away stay in the page, where tests find them


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """JupyterLab with a folder, settings and a token of its own."""
    home = tmp_path_factory.mktemp("lab")
    settings, notebooks, port = home / "settings", home / "notebooks", _free_port()
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
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=test", f"--ServerApp.root_dir={notebooks}"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **{name: str(path) for name, path in names.items()}}, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/api/status?token=test", process, home / "log")
            yield {"url": url, "notebooks": notebooks, "settings": settings, "token": "test"}
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Chromium. Debian's, because a test tool's own download needs a network that few have."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no chromium here; get it with: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(server: dict, browser) -> Iterator[Lab]:
    """One notebook page that all tests share: opening a Lab takes seconds."""
    found = Lab(server, browser)
    yield found
    found.close()


def write_setting(settings: Path, extension: str, plugin: str, values: dict) -> None:
    """A setting of JupyterLab, as its settings editor would save it."""
    folder = settings / "@jupyterlab" / extension
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"JupyterLab ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer: {log.read_text()[-2000:]}")
