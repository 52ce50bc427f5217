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
| `config.py` | settings for nbgrader and for Jupyter servers |
| `server_extension.py` | a Jupyter server starts a fork server before its first kernel |

Nothing here imports TensorFlow, Jupyter or NumPy until it has to.
"""

from gradekit.forkserver.client import NoForkServer, start
from gradekit.forkserver.config import KERNEL_NAME, for_nbgrader, for_people, install, jupyter_path

__all__ = ["KERNEL_NAME", "NoForkServer", "for_nbgrader", "for_people", "install", "jupyter_path", "start"]
