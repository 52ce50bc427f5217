"""How does a Jupyter server get warm before it is asked for a kernel?

As a server extension: `jupyter lab --ServerApp.jpserver_extensions="convkit.course.warm.extension=True"`.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from convkit.course.warm.client import NoWarmKernel, start


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    threading.Thread(target=_warm_up, args=(app.log,), daemon=True, name="convkit-warm").start()


def _warm_up(log: Any) -> None:
    try:
        pid = start(os.environ)
        log.info("Warm kernels are ready (process %d).", pid)
    except NoWarmKernel as reason:
        log.warning("No warm kernels: %s. Kernels start as usual, and load TensorFlow themselves.", reason)
