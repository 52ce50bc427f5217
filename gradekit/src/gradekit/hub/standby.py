"""Answer at a course server's port while the server is starting, for JupyterHub 5, which does not wait.

    python -m gradekit.hub.standby --ServerApp.root_dir=/srv/courses/convkit

It asks for some seconds, and ends itself when a service does not answer by then; on a busy machine a Jupyter server
needs longer. So this answers at once, in the server's own process, and makes way when the server has loaded all that
it needs: this module is a server extension as well. A newer hub waits, if it is told: see `gradekit.hub.config`.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# Not one of the 500s, which the hub would take for a failure; and not 200, for the course's pages are not here yet.
NOT_YET = 404
PAGE = b"""<!doctype html><meta charset="utf-8"><title>Starting</title>
<p>The course's server is starting. This page looks again in a moment.</p>
"""
MODULE = "gradekit.hub.standby"  # as a program, this module is known as __main__ too


class Page(BaseHTTPRequestHandler):
    """The same for every address: wait."""

    def do_GET(self) -> None:
        self.send_response(NOT_YET)
        for name, value in (("Content-Type", "text/html"), ("Content-Length", str(len(PAGE))), ("Refresh", "2")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the hub sends several requests a second."""


class StandBy:
    """A port that is answered at, until `close`."""

    def __init__(self, address: str) -> None:
        at = urlsplit(address)
        self._server = ThreadingHTTPServer((at.hostname or "127.0.0.1", at.port or 80), Page)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


_open: list[StandBy] = []


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": MODULE}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Extensions are loaded last, just before the server takes its port."""
    while _open:
        _open.pop().close()


def main() -> None:
    """Answer at once, and become the server."""
    with suppress(OSError):  # the port is in use: the server reports that itself
        _open.append(StandBy(os.environ["JUPYTERHUB_SERVICE_URL"]))
    from jupyterhub.singleuser import main as server

    sys.argv[0] = "jupyterhub-singleuser"
    server()


if __name__ == "__main__":
    from gradekit.hub import standby  # the one that the server will load as an extension

    standby.main()
