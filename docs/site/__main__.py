"""`python -m docs.site [FOLDER]`."""

import sys
from pathlib import Path

from .build import TARGET, build

if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if sys.argv[1:] else TARGET))
