"""Processor seconds of each notebook's cells with the right answers, in one process that has everything loaded.

    python -m benchmarks.notebooks

It is the least that grading a notebook costs, as a class of hundreds pays it. Training takes most of it where there is
any. TensorFlow is loaded and one model fitted before. The ratio is to the median notebook.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._classroom import ROOT
from benchmarks._timing import show
from gradekit.notebook import read


def warmed(with_keras: bool = True) -> Any:
    """IPython's shell of this process, as a graded notebook finds it; with Keras, one small model is fitted."""
    os.environ |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "NBGRADER_EXECUTION": "autograde"}
    from IPython.core.interactiveshell import InteractiveShell

    if with_keras:
        _fit_model()
    return InteractiveShell.instance()


def _fit_model() -> None:
    import keras
    import matplotlib.pyplot  # noqa: F401
    import numpy as np

    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3)])
    model.compile(loss="mse")
    model.fit(np.ones((4, 8, 8, 1)), np.ones((4, 6, 6, 1)), verbose=0)


def cost(shell: Any, notebook: Path, clock: Callable[[], float] = time.process_time, every_cell: bool = False) -> float:
    """Seconds of the notebook's cells. Raises the first error of a cell, unless `every_cell` has to be run."""
    from IPython.utils.capture import capture_output

    os.chdir(notebook.parent)  # cells read the files next to them
    shell.reset(new_session=False)
    begun = clock()
    for cell in read(notebook).cells:
        if cell.cell_type == "code":
            with capture_output():  # pictures are made: they are much of the work
                result = shell.run_cell(cell.source)
            if not every_cell:
                result.raise_error()
    return clock() - begun


def main() -> None:
    """Measure and print."""
    shell = warmed()
    notebooks = sorted((ROOT / "source").glob("*/*.ipynb"))
    took = [cost(shell, notebook) for notebook in notebooks]
    typical = statistics.median(took)
    show(
        "Cells of the lesson's notebooks",
        ("", "processor, s", "to the median"),
        [
            (f"{path.parent.name}/{path.stem}", f"{seconds:.2f}", f"{seconds / typical:.1f} x")
            for path, seconds in zip(notebooks, took, strict=True)
        ],
    )


if __name__ == "__main__":
    main()
