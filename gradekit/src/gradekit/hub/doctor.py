"""`gradekit doctor --hub`: check that a hub is ready for courses, and print what fixes each problem.

    gradekit doctor --hub --config /etc/jupyterhub/jupyterhub_config.py

`CHECKS` maps the name of a check to a function that yields problems. `Problem(..., serious=False)` is advice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from gradekit.doctor import Finding
from gradekit.doctor import doctor as machine
from gradekit.hub import access, config_checks, machine_checks, servers_python
from gradekit.hub.config_checks import Problem
from gradekit.hub.state import HubState, look

Check = Callable[[HubState], Iterator[Problem]]

CHECKS: dict[str, tuple[Check, str]] = {
    "versions": (machine_checks.versions, "JupyterHub, nbgrader and JupyterLab are new enough"),
    "proxy": (machine_checks.proxy, "the proxy and Node are installed"),
    "python": (machine_checks.python, "every user can read the Python that servers run in"),
    "course servers": (config_checks.course_servers, "each course has one, with the course's name and exchange"),
    "names": (config_checks.names, "services, groups and course ids match"),
    "groups": (config_checks.groups, "each course has instructors and students"),
    "scopes": (config_checks.scopes, "every role has the scopes it needs, and no more"),
    "tokens": (config_checks.tokens, "no service has an admin's token, and none is in the file"),
    "exchange": (machine_checks.exchange, "everyone can hand in, and no one can move its folders"),
    "database": (machine_checks.database, "the hub's database is there, and of this version"),
    "course folders": (machine_checks.course_folders, "each belongs to its server's user and is closed to others"),
    "solutions": (access.solutions, "no student can read solutions, hidden tests, grades or others' work"),
    "secrets": (access.secrets, "no student can read the hub's database, cookie secret or secrets"),
    "programs": (access.programs, "only root can write what root runs"),
    "frames": (machine_checks.frames, "formgrader can be shown inside Lab"),
    "kernels": (machine_checks.kernels, "forked and sandboxed kernels are installed and used"),
    "who gets in": (config_checks.who_gets_in, "only the people of the courses"),
    "people": (machine_checks.people, "every person has a system user"),
    "homes": (machine_checks.homes, "people's homes are closed to the others"),
    "limits": (config_checks.limits, "a student's server has limits, and the spawner enforces them"),
    "idle": (config_checks.idle, "idle servers are stopped"),
    "transport": (config_checks.transport, "passwords do not cross a network unencrypted"),
}


def doctor(config: str | Path | None = None) -> list[Finding]:
    """Check a hub's configuration, its machine, and the sandbox there."""
    seen = look(config)
    return [finding for name in CHECKS for finding in checked(name, seen)] + sandbox(seen)


def checked(name: str, seen: HubState) -> list[Finding]:
    """The findings of one check: one for each problem, or one that it passed."""
    check, passed = CHECKS[name]
    problems = list(check(seen))
    if not problems:
        return [Finding("hub", name, True, passed)]
    return [
        Finding("hub", name, False if problem.serious else None, f"{problem.wrong} {problem.line}")
        for problem in problems
    ]


def sandbox(seen: HubState) -> list[Finding]:
    """The layers of the sandbox, as the user of a course server has them: submissions are graded by that user."""
    graders = {str(service["user"]) for service in seen.courses.values() if servers_python.can_become(service)}
    if not graders:
        return [finding for finding in machine() if finding.group == "sandbox"]
    found = [(name, finding) for name in sorted(graders) for finding in servers_python.machine_findings(seen, name)]
    weakest = {finding.name: finding for _, finding in found if finding.ok}
    weakest |= {
        finding.name: replace(finding, text=f"{finding.text} (as {name})") for name, finding in found if not finding.ok
    }
    return list(weakest.values())
