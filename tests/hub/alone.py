"""Run a hub whose servers all run as the current user, print its facts as JSON, and end when the input closes.

python -m tests.hub.alone COURSE
"""

from __future__ import annotations

import json
import sys

from gradekit.hub.local_hub import local_hub
from tests.hub.scene import facts

if __name__ == "__main__":
    with local_hub(sys.argv[1], system_users=False, preload=()) as hub:
        print(json.dumps(facts(hub)), flush=True)
        sys.stdin.read()
