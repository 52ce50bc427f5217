"""IPython's kernel, connected to its grader by a pair of sockets in place of ZeroMQ.

All that a notebook can see is ipykernel's own code: the shell, requests, displays, comms, streams. What is replaced is
how messages travel, and with it ipykernel's threads for messages, its heartbeat, its ports and its files.

| module | content |
|---|---|
| `packets.py` | a message as packets, and back |
| `app.py`, `__main__.py` | the kernel |
| `link.py` | the grader's end, and Jupyter's client on it |
"""

import functools
import re
from importlib.metadata import version

KNOWN = r"7\.[1-9]"  # what is replaced are methods that other releases of ipykernel may not have
installed_version = functools.cache(version)  # it looks for files


def misfit() -> str:
    """Why ipykernel can't be connected like this; "" where it can."""
    installed = installed_version("ipykernel")
    return "" if re.match(KNOWN, installed) else f"ipykernel {installed} is installed, and 7.1 or a later 7 is needed"
