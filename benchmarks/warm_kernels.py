"""Seconds for one notebook that builds a Keras model: in an ordinary kernel, and in a forked one.

    python -m benchmarks.warm_kernels [NOTEBOOKS]

nbclient runs both, as in nbgrader and nbconvert; only the kernelspec differs. The ordinary kernel is measured in its
best case: one notebook runs before the clock starts, so that TensorFlow's files are in memory.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

import nbclient
import nbformat

from gradekit import forkserver
from gradekit.forkserver import preload

CELL = """
import sys
print("keras" in sys.modules)
import keras, numpy as np
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 2)])
assert model(np.ones((1, 8, 8, 1), "float32")).shape == (1, 7, 7, 3)
"""


def seconds(kernel_name: str) -> float:
    """Run the notebook once, from nothing to the end of its kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    begun = time.perf_counter()
    nbclient.NotebookClient(notebook, kernel_name=kernel_name).execute()
    taken = time.perf_counter() - begun
    loaded = notebook.cells[0].outputs[0]["text"].split()[0] == "True"
    assert loaded == (kernel_name == forkserver.KERNEL_NAME), f"{kernel_name}: Keras was loaded: {loaded}"
    return taken


def main(notebooks: int = 5) -> None:
    """Measure and print."""
    for setting in ("GRADEKIT_FORKSERVER", "JUPYTER_DEFAULT_PROVISIONER_NAME"):
        os.environ.pop(setting, None)
    os.environ[preload.VARIABLE] = "convkit.lesson.preload"
    os.environ["JUPYTER_PATH"] = os.pathsep.join([str(forkserver.jupyter_path()), os.environ.get("JUPYTER_PATH", "")])
    seconds("python3")
    ordinary = statistics.median(seconds("python3") for _ in range(notebooks))
    begun = time.perf_counter()
    forkserver.start()
    once = time.perf_counter() - begun
    forked = statistics.median(seconds(forkserver.KERNEL_NAME) for _ in range(notebooks))
    print(f"ordinary kernel  {ordinary:6.2f} s a notebook")
    print(f"forked kernel    {forked:6.2f} s a notebook, after {once:.1f} s once")
    print(f"ratio            {ordinary / forked:6.1f} times faster")
    print(f"for 60 notebooks {60 * ordinary:6.0f} s and {once + 60 * forked:.0f} s")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
