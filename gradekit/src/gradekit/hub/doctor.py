"""Is this hub fit for a course? Each check says what is wrong, and the line that mends it.

    gradekit doctor --hub --config /etc/jupyterhub/jupyterhub_config.py

`CHECKS` is a table: the name of a check, and a function that yields what is wrong. What a function yields as
`Mend(..., serious=False)` is something that one can do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gradekit.doctor import Finding
from gradekit.doctor import doctor as machine
from gradekit.hub import access, checks, here
from gradekit.hub.checks import Mend
from gradekit.hub.seen import Seen, look

Check = Callable[[Seen], Iterator[Mend]]

CHECKS: dict[str, tuple[Check, str]] = {
    "versions": (here.versions, "JupyterHub, nbgrader and JupyterLab are new enough"),
    "proxy": (here.proxy, "the proxy and Node are here"),
    "python": (here.python, "everybody can read the Python that servers run in"),
    "course servers": (checks.course_servers, "there is one for each course, and it knows whom it works for"),
    "names": (checks.names, "services, groups and course ids fit one another"),
    "groups": (checks.groups, "each course has instructors and students"),
    "scopes": (checks.scopes, "everybody has what the work needs, and no more"),
    "tokens": (checks.tokens, "nobody has an admin's token, and none stands in the file"),
    "exchange": (here.exchange, "everybody can hand in, and nobody can move it away"),
    "course folders": (here.course_folders, "they are their course server's own, and closed to others"),
    "solutions": (access.solutions, "no student can read solutions, hidden tests, grades or others' work"),
    "secrets": (access.secrets, "no student can read the hub's database, cookie secret or secrets"),
    "programs": (access.programs, "only root can write what root runs"),
    "frames": (here.frames, "formgrader may stand inside Lab"),
    "kernels": (here.kernels, "servers find the warm and the fenced ones"),
    "who gets in": (checks.who_gets_in, "only the people of the courses, each with a password of their own"),
    "people": (here.people, "every person has a system user"),
    "homes": (here.homes, "people's homes are closed to the others"),
    "limits": (checks.limits, "a student's server has them, and the spawner keeps to them"),
    "idle": (checks.idle, "servers that nobody uses are stopped"),
    "transport": (checks.transport, "passwords do not cross a network in the open"),
}


def doctor(config: str | Path | None = None) -> list[Finding]:
    """Look at a hub as it stands, and at the machine that it stands on."""
    seen = look(config)
    return [finding for name in CHECKS for finding in checked(name, seen)] + _fence()


def checked(name: str, seen: Seen) -> list[Finding]:
    """What one check finds: a line for each thing that is wrong, or one that says what is right."""
    check, right = CHECKS[name]
    wrong = list(check(seen))
    if not wrong:
        return [Finding("hub", name, True, right)]
    return [Finding("hub", name, False if mend.serious else None, f"{mend.wrong} {mend.line}") for mend in wrong]


def _fence() -> list[Finding]:
    """Submissions are graded on this machine: its fence counts."""
    return [finding for finding in machine() if finding.group == "fence"]
