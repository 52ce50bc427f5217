"""Warm kernels: each one is forked from a process that has TensorFlow, Keras and convkit loaded.

Importing TensorFlow takes long, a fork takes next to nothing. The *nursery* is the process that has
everything loaded and forks. `gradekit-forked` is a kernel provisioner of Jupyter, so nbgrader, nbconvert and JupyterLab
ask for a kernel as they always do. Where forking isn't possible they get an ordinary kernel, and a line that says so.

| the file | the question it answers |
|---|---|
| `place.py` | which nursery fits this kernel, and where does it listen? |
| `wire.py` | what do the two sides say to each other? |
| `nursery.py` | how does the warm process live, fork and end? |
| `preload.py` | what does it have loaded? |
| `birth.py` | how does a fork become the kernel that was asked for? |
| `client.py` | how is a nursery found or started, and a fork watched? |
| `provisioner.py` | how does Jupyter ask? |
| `setup.py` | how is the kernelspec found? |
| `extension.py` | how does a Jupyter server get warm before it is asked? |

Nothing here imports TensorFlow, Jupyter or NumPy until it has to.
"""

from gradekit.forkserver.client import NoForkServer, start
from gradekit.forkserver.config import KERNEL_NAME, for_nbgrader, for_people, install, jupyter_path

__all__ = ["KERNEL_NAME", "NoForkServer", "for_nbgrader", "for_people", "install", "jupyter_path", "start"]
