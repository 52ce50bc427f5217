"""Add people to a course and remove them: in the hub's groups, and in nbgrader's list of students.

    gradekit roster import class.csv
    gradekit roster import --lms

On a hub, run it in a terminal of the course server: its token changes this course only, through the service of
`gradekit.hub.roster_service`. Without a hub, only nbgrader's list is changed.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradekit.course import CourseFolder, open_gradebook
from gradekit.errors import CourseError
from gradekit.export.sheet import Sheet

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

# The names of a column in files of Canvas, Moodle and registrars' offices, in lower case.
COLUMNS = {
    "id": ("id", "student id", "id number", "idnumber", "sis user id"),
    "email": ("e-mail", "email", "email address", "e-mail address"),
    "name": ("name", "student", "full name"),
    "first_name": ("first name", "firstname", "given name"),
    "last_name": ("last name", "lastname", "surname", "family name"),
    "section": ("section", "group"),
    "login": ("login", "username", "user name", "sis login id"),
}
FROM_LMS = {
    "id": "lis_person_sourcedid",
    "email": "email",
    "name": "name",
    "first_name": "given_name",
    "last_name": "family_name",
}

PATIENCE = 600  # seconds for a class: each new user takes a few requests to the hub


@dataclass(frozen=True)
class Member:
    """One student: `login` is the name on the hub and nbgrader's student id, `id` is the school's."""

    login: str
    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    section: str = ""


@dataclass
class RosterChange:
    """What a command did: the logins that are in the course now, that left it, and that were refused."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # the reason, by login
    unlisted: list[str] = field(default_factory=list)  # in the course, and not in the file or the LMS
    on_hub: bool = False


def read(file: str | Path) -> list[Member]:
    """The people in a CSV file with a header: id, e-mail, name, section, login; `login` or `id` is required.

    A name in one column is "Last, First" or "First Last". Raises CourseError with the line that is wrong.
    """
    path = Path(file)
    try:
        sheet = Sheet(path.read_bytes())
    except CourseError as error:
        raise CourseError(f"{path.name}: {error}") from None
    header = [cell.strip().lower() for cell in sheet.rows[0]] if sheet.rows else []
    at = {key: header.index(name) for key, names in COLUMNS.items() for name in names if name in header}
    if not {"login", "id"} & at.keys():
        raise CourseError(f"{path.name}: no column is called login or id. The first line names the columns.")
    found: dict[str, Member] = {}
    for line in sheet.filled():
        member = _member({key: sheet.get(line, column) for key, column in at.items()})
        if not member.login:
            raise CourseError(f"{path.name}, line {line + 1}: no login. Fill it in, or remove the line.")
        if member.login in found:
            raise CourseError(f"{path.name}, line {line + 1}: {member.login} occurs twice.")
        found[member.login] = member
    return list(found.values())


def _member(cells: dict[str, str]) -> Member:
    """A student from the cells of a row; the hub has names in lower case.

    >>> _member({"name": "Lovelace, Ada", "login": "Ada"})
    Member(login='ada', id='', email='', first_name='Ada', last_name='Lovelace', section='')
    """
    name = cells.pop("name", "")
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    login = (cells.pop("login", "") or cells.get("id", "")).lower()
    names = {"first_name": first.strip(), "last_name": last.strip()}
    return Member(login, **{**names, **{key: value for key, value in cells.items() if value}})


def add(root: str | Path, members: Sequence[Member]) -> RosterChange:
    """Put people into the course; what a member leaves blank is kept as it is in the gradebook."""
    answer = _on_hub(add=[one.login for one in members], sections={one.login: one.section for one in members})
    refused = answer.get("refused", {})
    taken = [one for one in members if one.login not in refused]
    with _gradebook(root) as book:
        for one in taken:
            about = {"first_name": one.first_name, "last_name": one.last_name, "email": one.email}
            known = {key: value for key, value in {**about, "lms_user_id": one.id}.items() if value}
            book.update_or_create_student(one.login, **known)
    return RosterChange(added=[one.login for one in taken], refused=refused, on_hub=bool(answer))


def remove(root: str | Path, logins: Sequence[str]) -> RosterChange:
    """Take people out of the course. Students with submissions stay in the gradebook, with their grades."""
    names = [name.lower() for name in logins]
    answer = _on_hub(remove=names)
    refused = dict(answer.get("refused", {}))
    with _gradebook(root) as book:
        known = {student.id for student in book.students}
        for name in names:
            if name not in known:
                refused |= {} if answer else {name: "is not in the course"}
            elif not book.student_submissions(name):
                book.remove_student(name)
            elif not answer:
                refused[name] = "has submissions, and stays in the gradebook with the grades"
    return RosterChange(removed=[name for name in names if name not in refused], refused=refused, on_hub=bool(answer))


def import_file(root: str | Path, file: str | Path, remove_missing: bool = False) -> RosterChange:
    """Make the course the people of a file: add them, and list or remove those who are not in it."""
    return _synchronize(root, read(file), remove_missing)


def import_lms(root: str | Path, remove_missing: bool = False) -> RosterChange:
    """Make the course the learners of its LMS, as with `import_file`."""
    return _synchronize(root, learners(root), remove_missing)


def learners(root: str | Path) -> list[Member]:
    """The active learners of the course on the LMS, by LTI's Names and Role Provisioning Services.

    Their login is the LMS's own id, as in deploy/authenticators/lti13.py. Raises CourseError where the LMS lists none.
    """
    from gradekit.passback.push import configured, connect
    from gradekit.passback.service import MEMBERSHIP
    from gradekit.passback.settings import people

    here = CourseFolder(Path(root).resolve(), "any")
    settings = configured(here, "token_url", "client_id")
    address = settings.members or (people(here.root / settings.people).members if settings.people else "")
    if not address:
        raise CourseError(
            "no launch had an address for members. Allow Names and Role Provisioning Services for the tool on the LMS, "
            "open the hub from the course there once, and run this again."
        )
    with connect(here, settings, MEMBERSHIP) as platform:
        found = [_learner(one) for one in platform.members(address) if _takes_part(one)]
    if not found:
        raise CourseError("the LMS lists no active learner of this course. Nothing is changed.")
    return found


def _takes_part(member: dict[str, Any]) -> bool:
    """Whether a member learns in the course, and has not left it.

    >>> _takes_part({"roles": ["Learner"]}), _takes_part({"roles": ["Learner"], "status": "Inactive"})
    (True, False)
    """
    roles = {role.rpartition("#")[2] for role in member.get("roles", ())}
    return "Learner" in roles and member.get("status", "Active") == "Active"


def _learner(member: dict[str, Any]) -> Member:
    """A learner, with what the LMS tells: it may keep names and addresses to itself."""
    about = {key: str(member[name]) for key, name in FROM_LMS.items() if member.get(name)}
    return _member({"login": str(member["user_id"]), **about})


def _synchronize(root: str | Path, members: list[Member], remove_missing: bool) -> RosterChange:
    """Add these people, and list or remove the others."""
    done = add(root, members)
    if done.on_hub:
        before = set(_on_hub()["members"])
    else:
        with _gradebook(root) as book:
            before = {student.id for student in book.students}
    done.unlisted = sorted(before - {one.login for one in members})
    if remove_missing and done.unlisted:
        left = remove(root, done.unlisted)
        done.removed, done.refused, done.unlisted = left.removed, {**done.refused, **left.refused}, []
    return done


def lines(done: RosterChange) -> list[str]:
    """What was done as lines of text, with the commands that root has to run."""
    counted = {
        "in the course": done.added,
        "removed": done.removed,
        "in the course, but not listed (remove them with --remove-missing)": done.unlisted,
    }
    told = [f"{len(names)} {what}: {', '.join(names)}" for what, names in counted.items() if names]
    told += [f"{login} was refused: {why}." for login, why in sorted(done.refused.items())]
    if missing := without_account([*done.added, *done.refused]):
        told.append("No system user yet; as root, and then again this command:")
        told += [f"  /usr/sbin/useradd --create-home --shell /bin/bash {name} && chmod 700 ~{name}" for name in missing]
    if not done.on_hub:
        told.append("Only nbgrader's list: this is not a terminal of a course server, or the hub has no roster_port.")
    return told


def without_account(logins: Iterable[str]) -> list[str]:
    """The system users that are missing on this machine, where each person of the hub is one."""
    from gradekit.hub.accounts import is_user, system_user

    template = os.environ.get("GRADEKIT_SYSTEM_NAME")
    names = [system_user(login, template) for login in logins] if template else []
    return [name for name in names if not is_user(name)]


def _gradebook(root: str | Path) -> contextlib.AbstractContextManager[Gradebook]:
    return open_gradebook(CourseFolder(Path(root).resolve(), "any"))


def _on_hub(**wanted: Any) -> dict[str, Any]:
    """Ask the hub's roster service for a change; returns {} where this is no course server of a hub."""
    import requests

    address, token = os.environ.get("GRADEKIT_ROSTER"), os.environ.get("JUPYTERHUB_API_TOKEN")
    if not address or not token:
        return {}
    try:
        answer = requests.post(
            address, data=json.dumps(wanted), headers={"Authorization": f"token {token}"}, timeout=PATIENCE
        )
    except requests.RequestException as error:
        raise CourseError(f"the hub's roster service does not answer: {type(error).__name__}.") from None
    if not answer.ok:
        raise CourseError(f"the hub's roster service refused: {answer.status_code} {answer.reason}.")
    found: dict[str, Any] = answer.json()
    return found
