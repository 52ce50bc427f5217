"""Answer at a course server's port while the server is starting, for JupyterHub 5, which does not wait.

    python -m gradekit.hub.standby --ServerApp.root_dir=/srv/courses/convkit

That hub ends itself when a service does not answer within ten seconds; on a busy machine a Jupyter server takes
longer. This module answers at once, in the server's own process. It is also a server extension, which frees the port
when the server is ready. JupyterHub 6 has a setting for the time: see `gradekit.hub.config`.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# The hub takes 5xx for a failure, and 200 would claim that the page is there.
NOT_YET = 404
PAGE = b"""<!doctype html><meta charset="utf-8"><title>Starting</title>
<p>The course server is starting. This page reloads in a moment.</p>
"""
MODULE = "gradekit.hub.standby"  # as a program, this module is known as __main__ too


class Page(BaseHTTPRequestHandler):
    """Answer every request with the page that reloads."""

    def do_GET(self) -> None:
        self.send_response(NOT_YET)
        for name, value in (("Content-Type", "text/html"), ("Content-Length", str(len(PAGE))), ("Refresh", "2")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the hub sends several requests a second."""


class StandBy:
    """Answer at the port of an address until `close`."""

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
    """Free the port: extensions are loaded last, just before the server listens."""
    while _open:
        _open.pop().close()


def main() -> None:
    """Answer at once, then run the server in this process."""
    with suppress(OSError):  # the port is in use: the server reports that itself
        _open.append(StandBy(os.environ["JUPYTERHUB_SERVICE_URL"]))
    from jupyterhub.singleuser import main as server

    sys.argv[0] = "jupyterhub-singleuser"
    server()


if __name__ == "__main__":
    from gradekit.hub import standby  # the module that the server loads as an extension, not __main__

    standby.main()
