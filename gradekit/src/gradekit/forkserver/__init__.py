"""Fork server: kernels and workers forked from a process that has a course's modules loaded.

Importing large libraries takes seconds, a fork milliseconds. `gradekit-forked` is a kernel provisioner of Jupyter, so
nbgrader, nbconvert and JupyterLab start kernels as they always do. Where forking isn't possible, an ordinary kernel
starts, and a line says so.

| module | content |
|---|---|
| `server.py` | the process that has everything loaded and forks |
| `child.py` | a fork becomes the process that was ordered |
| `protocol.py` | messages between the server and its clients |
| `client.py` | find or start a server, and follow a fork |
| `address.py` | which server fits a kernel, and the address of its socket |
| `preload.py` | what the server loads |
| `provisioner.py` | Jupyter's kernel provisioner |
| `server_extension.py` | a Jupyter server starts a fork server before its first kernel |

Nothing here imports TensorFlow, Jupyter or NumPy until it has to.
"""

from pathlib import Path

from gradekit.forkserver.client import NoForkServer, start

__all__ = ["EXTENSION", "KERNEL_NAME", "NoForkServer", "jupyter_path", "start"]

KERNEL_NAME = "gradekit-forked"  # of the kernelspec, and of the provisioner
EXTENSION = "gradekit.forkserver.server_extension"


def jupyter_path() -> Path:
    """The folder that JUPYTER_PATH needs, so that Jupyter finds the kernelspec `gradekit-forked`."""
    return Path(__file__).parent / "share" / "jupyter"
