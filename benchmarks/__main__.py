"""Run the benchmarks that are named, or all but the longest.

Each has a process of its own, so that none warms up another's threads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
ASKED_FOR = {"hub_load"}  # a quarter of an hour, and most of a machine's memory: only when it is named


def main(names: list[str]) -> int:
    """Print their tables; 0 if all of them ran."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in names or [one for one in NAMES if one not in ASKED_FOR]:
        print(f"== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
