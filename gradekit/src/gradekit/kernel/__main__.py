"""`python -m gradekit.kernel -f CONNECTION_FILE` runs the kernel, whose stdin is its connection."""

import sys
from importlib.util import find_spec

from gradekit.kernel.app import App

if __name__ == "__main__":
    sys.argv[0] = str(getattr(find_spec("ipykernel_launcher"), "origin", ""))  # what a notebook finds there
    App.launch_instance()
