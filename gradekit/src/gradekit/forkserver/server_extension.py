"""Jupyter server extension that starts a fork server before the first kernel.

jupyter lab --ServerApp.jpserver_extensions="gradekit.forkserver.server_extension=True"
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from gradekit.forkserver.client import NoForkServer, start, wait_for_its_end

SOON = 60.0  # seconds; a fork server that ends sooner is not started again


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    threading.Thread(target=_stay_warm, args=(app.log,), daemon=True, name="gradekit-stay-warm").start()


def _stay_warm(log: Any) -> None:
    """Keep a fork server for as long as the Jupyter server runs; start another when it is killed."""
    try:
        begun = -SOON
        while time.monotonic() - begun >= SOON:
            begun = time.monotonic()
            log.info("Forked kernels are ready (process %d).", start(os.environ))
            wait_for_its_end()
        log.warning("The fork server ended twice in a minute: it starts with the next kernel.")
    except NoForkServer as reason:
        log.warning("No forked kernels: %s. Kernels start as usual, and import everything themselves.", reason)
