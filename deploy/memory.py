"""How much memory does a student need? JupyterLab and a kernel that has run the first notebook, cold and warm.

    python deploy/memory.py

The share of each process in what it shares with others is counted (PSS), so that the numbers add up. A notebook server
is started and asked as JupyterLab does it; it is ended with all that belongs to it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client import BlockingKernelClient

from gradekit.lab import WARM

NOTEBOOK = Path(__file__).parents[1] / "release" / "conv2d" / "2-parameters.ipynb"


def main() -> None:
    print("kernels  server alone  with a kernel  at most  first cell")
    for name, arguments in (("cold", ()), ("warm", WARM)):
        alone, one, most, seconds = measure(arguments)
        print(f"{name:7} {alone:10.0f} MB {one:11.0f} MB {most:5.0f} MB {seconds:9.1f} s")


def measure(arguments: tuple[str, ...]) -> tuple[float, float, float, float]:
    """PSS in MB of a server when it has settled, with a kernel in it, and the most; seconds of the first cell."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0"]
        command += [f"--ServerApp.root_dir={folder}", *arguments]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(40)  # a warm one has loaded TensorFlow by then
            alone = pss(server.pid)
            seconds, seen = run_first_notebook(server.pid)
            time.sleep(2)
            return alone, pss(server.pid), max(seen), seconds
        finally:
            server.terminate()
            server.wait(30)


def run_first_notebook(server: int) -> tuple[float, list[float]]:
    """Ask the server for a kernel, run the notebook's code in it; seconds of the first cell, and memory on the way."""
    import requests
    from jupyter_server.serverapp import list_running_servers

    about = next(one for one in list_running_servers() if one["pid"] == server)
    asked = requests.post(f"{about['url']}api/kernels", params={"token": about["token"]}, json={"name": "python3"})
    client = BlockingKernelClient()
    client.load_connection_file(str(connection_file(asked.json()["id"])))
    client.start_channels()
    client.wait_for_ready(60)
    seconds, seen = [], []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            begun = time.monotonic()
            client.execute(cell.source, reply=True, timeout=120)
            seconds.append(time.monotonic() - begun)
            seen.append(pss(server))
    client.stop_channels()
    return seconds[0], seen


def connection_file(kernel: str) -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / f"kernel-{kernel}.json"


def pss(server: int) -> float:
    """MB of a process and of all that it started; the process that kernels are forked from is one of these."""
    family = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
    family += [one for one in psutil.process_iter() if one not in family and begun_by(one, server)]
    return sum(share(one.pid) for one in family) / 1e6


def begun_by(process: psutil.Process, server: int) -> bool:
    """Forked kernels are no children of the server; what they write into their environment says whose they are."""
    try:
        return process.environ().get("JPY_PARENT_PID") == str(server)
    except psutil.Error:
        return False


def share(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
