"""On PYTHONPATH, this makes a course's server start as slowly as on a busy machine."""

import os
import sys
import time

SECONDS = 20  # JupyterHub 5 waits for ten


class Slow:
    """Asked for each module that is imported; it finds none."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "jupyter_server":
            time.sleep(SECONDS)


if os.environ.get("JUPYTERHUB_SERVICE_NAME") == "convkit":
    sys.meta_path.insert(0, Slow)
