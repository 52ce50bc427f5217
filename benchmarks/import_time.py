"""`import convkit` against `import numpy`, which it needs, and TensorFlow, which it does without.

    python -m benchmarks.import_time [ROUNDS]

Every turn is a fresh interpreter. All find bytecode that is written already, as after a first import;
an empty interpreter is subtracted from both sides of the second ratio.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial

from benchmarks._timing import in_turns, readable, show, typical

STATEMENTS = ["pass", "import numpy", "import convkit", "import tensorflow"]


def fresh(statement: str, bytecode: str) -> None:
    """Run a statement in a new interpreter."""
    settings = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPYCACHEPREFIX": bytecode}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", statement], check=True, env=settings, stderr=subprocess.DEVNULL)


def main(rounds: int = 25) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as bytecode:
        light = in_turns([partial(fresh, statement, bytecode) for statement in STATEMENTS[:3]], rounds)
        heavy = in_turns([partial(fresh, STATEMENTS[3], bytecode)], rounds=1)
    times = [typical(taken) for taken in (*light, *heavy)]
    empty, numpy = times[:2]
    rows = [
        [statement, readable(taken), f"{taken / numpy:.2f}", f"{(taken - empty) / (numpy - empty):.2f}"]
        for statement, taken in zip(STATEMENTS, times, strict=True)
    ]
    show("import time, medians of fresh processes", ["", "time", "/ numpy", "/ numpy, without Python's start"], rows)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
