"""What can be measured of ten thousand students without them: the hub's database, and the proxy's table of routes.

    python -m benchmarks.hub_scale

People with a server and the tokens that a day leaves go into a database as the hub makes it; as many routes go into a
real proxy, and requests go through it. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from benchmarks._timing import show
from gradekit.hub.proxy import require

COUNTS = (30, 1000, 10_000)


def database_kb(students: int) -> float:
    """Kilobytes of a hub's SQLite file with so many students, each with a server, two tokens and a group."""
    from jupyterhub import orm

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hub.sqlite"
        database = orm.new_session_factory(f"sqlite:///{file}")()
        group = orm.Group(name="nbgrader-convkit")
        client = orm.OAuthClient(identifier="jupyterhub", description="the hub")
        database.add_all([group, client])
        for number in range(students):
            user = orm.User(name=f"student{number:05}", groups=[group])
            server = orm.Server(proto="http", ip="127.0.0.1", port=40_000, base_url=f"/user/{user.name}/")
            spawner = orm.Spawner(user=user, name="", server=server, state={"pid": number})
            database.add_all([user, server, spawner])
            tokens = [orm.APIToken(user=user, scopes=["self"], client_id="jupyterhub") for _ in range(2)]
            for token in tokens:
                token.token = secrets.token_hex(16)
            database.add_all(tokens)
        database.commit()
        database.close()
        return file.stat().st_size / 1000


def proxy_at(counts: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """Routes -> megabytes of the proxy, and milliseconds of a request through it (the median)."""
    ports, token = free_ports(2), secrets.token_hex(16)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [require(), "--ip=127.0.0.1", f"--port={ports[0]}", "--api-ip=127.0.0.1", f"--api-port={ports[1]}"]
    environment = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": token}
    proxy = subprocess.Popen([*command, "--log-level=error"], env=environment)
    try:
        return dict(grown(proxy.pid, ports, token, f"http://127.0.0.1:{server.server_port}", counts))
    finally:
        proxy.terminate()
        proxy.wait(10)
        server.shutdown()
        server.server_close()


def grown(pid: int, ports: list[int], token: str, target: str, counts: tuple[int, ...]):
    """Add routes, and measure at each count."""
    asked = requests.Session()
    asked.headers["Authorization"] = f"token {token}"
    api = f"http://127.0.0.1:{ports[1]}/api/routes"
    wait_for(asked, api)

    def add(number: int) -> None:
        asked.post(f"{api}/user/student{number:05}", json={"target": target}, timeout=30).raise_for_status()

    there = 0
    for count in counts:
        with ThreadPoolExecutor(4) as room:
            list(room.map(add, range(there, count)))
        there = count
        yield count, (megabytes(pid), milliseconds(f"http://127.0.0.1:{ports[0]}/user/student{count - 1:05}/lab"))


def wait_for(asked: requests.Session, address: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            asked.get(address, timeout=5).raise_for_status()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the proxy does not start")


class Answer(BaseHTTPRequestHandler):
    """A student's server that has little to say."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing."""


def milliseconds(address: str, times: int = 200) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        requests.get(address, timeout=30).raise_for_status()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


def megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e6


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def main() -> None:
    """Measure, and print."""
    proxy = proxy_at(COUNTS)
    found = [
        {"students": n, "database_kb": database_kb(n), "proxy_mb": proxy[n][0], "through_proxy_ms": proxy[n][1]}
        for n in COUNTS
    ]
    rows = [[f"{one[key]:.4g}" for key in one] for one in found]
    show("A hub without its students", ["students", "database, kB", "proxy, MB", "a request through it, ms"], rows)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
