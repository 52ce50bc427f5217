"""On PYTHONPATH, this delays the start of a course server, as a busy machine does."""

import os
import sys
import time

SECONDS = 20  # JupyterHub 5 waits ten


class Slow:
    """A finder that finds no module, and takes its time for one."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "jupyter_server":
            time.sleep(SECONDS)


if os.environ.get("JUPYTERHUB_SERVICE_NAME") == "convkit":
    sys.meta_path.insert(0, Slow)
