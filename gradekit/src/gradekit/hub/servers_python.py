"""Doctor's view of the Python that servers run in, where it is not the hub's, and of a course server's user."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradekit.doctor import Finding
from gradekit.hub.accounts import is_user
from gradekit.hub.state import HubState

PATIENCE = 120  # seconds: a small program runs in the sandbox
ASK = """
import json, os, sys
from importlib import metadata
from gradekit.hub import shared_python
versions = {}
for name in sys.argv[1:]:
    try:
        versions[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
points = [point.name for point in metadata.entry_points(group="jupyter_client.kernel_provisioners")]
closed = shared_python.closed(shared_python.needed())
print(json.dumps({"versions": versions, "provisioners": points, "closed": closed}))
"""


def of(seen: HubState) -> str:
    """The Python of people's servers: the one next to their `jupyterhub-singleuser`, or else the hub's."""
    command = seen.spawner.cmd
    program = Path(command if isinstance(command, str) else next(iter(command), ""))
    beside = program.with_name("python")
    other = program.is_absolute() and beside.exists() and program.parent != Path(sys.executable).parent
    return str(beside) if other else sys.executable


def about(seen: HubState, packages: list[str]) -> dict[str, Any]:
    """What is installed there; empty where that Python has no gradekit.

    `versions` are those of the packages, `provisioners` those of kernels, `closed` are folders that others can't read.
    """
    done = subprocess.run([of(seen), "-c", ASK, *packages], cwd="/", capture_output=True, text=True, timeout=PATIENCE)
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


def can_become(service: Mapping[str, Any]) -> bool:
    """Whether this process can run a program as the user of a course server."""
    return os.geteuid() == 0 and is_user(str(service.get("user")))


def machine_findings(seen: HubState, user: str) -> list[Finding]:
    """`gradekit doctor` as a user, in the Python of the servers: the layers of the sandbox."""
    who = pwd.getpwnam(user)
    done = subprocess.run(
        [of(seen), "-m", "gradekit.cli", "doctor", "--json"],
        cwd="/",
        env={"HOME": who.pw_dir, "USER": user, "PATH": os.defpath},
        user=who.pw_uid,
        group=who.pw_gid,
        extra_groups=os.getgrouplist(user, who.pw_gid),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    try:
        found = [Finding(**one) for one in json.loads(done.stdout)]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        return [Finding("sandbox", "sandbox", False, f"could not be tried in {of(seen)}: {last}")]
    return [finding for finding in found if finding.group == "sandbox"]
