"""On the hub of `deploy/jupyterhub/README.md`, in its machine: try each line that a student must not cross.

/opt/convkit/bin/python -m tests.hub.documented PASSWORD

prints {row: [what came instead of the expected result, what came instead of success without its protection]} as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks._visitor import Visitor
from gradekit.hub import accounts
from tests import toy
from tests.hub.lines import COURSE, PROTECTED, ROWS, Code, HandedIn, Page
from tests.hub.scene import AGENT, Scene, as_user, done

URL, FOLDER, GRADER = "http://127.0.0.1:8000", Path("/srv/courses/convkit"), "grader-convkit"
Row = Page | Code | HandedIn


def release(password: str) -> None:
    """Make the toy course out of the course's folder, and release its assignment as the instructor."""
    toy.make(FOLDER)
    accounts.give(FOLDER, GRADER)
    ida = Visitor(URL, "ida", password)
    ida.log_in()
    ida.open(f"{COURSE}/formgrader")
    for step in ("assign", "release"):
        done(ida.ask("POST", f"formgrader/api/assignment/toy/{step}", COURSE).json())


def fault(attempt: Callable[[Row], None], row: Row) -> str:
    try:
        attempt(row)
    except AssertionError as error:
        return str(error) or "another result"
    return ""


def main(password: str) -> None:
    release(password)
    show = ["systemctl", "show", "-P", "MainPID", "jupyterhub"]
    journals = [file for top in ("/run", "/var") for file in Path(top).glob("log/journal/*/system.journal")]
    about = {
        "url": URL,
        "people": {name: {"password": password, "home": f"/home/{name}"} for name in ("ida", "ada", "ben")},
        "folder": str(FOLDER),
        "exchange": "/srv/exchange",
        "state": "/srv/jupyterhub",
        "log": str(max(journals, key=lambda file: file.stat().st_mtime).parent),
        "keeper": 1,  # servers are units of systemd's
        "hub": int(subprocess.run(show, capture_output=True, text=True, check=True).stdout),
    }
    scene = Scene(about, as_user("ben", AGENT))
    refused = {row.what: fault(scene.tries, row) for row in ROWS}
    without = {row.what: fault(scene.crosses, row) for row in PROTECTED}
    print(json.dumps({what: [refused[what], without.get(what, "")] for what in refused}))
    scene.close()


if __name__ == "__main__":
    main(sys.argv[1])
