"""Doctor's checks in a terminal of a course server: in a pod there is no configuration of the hub to read.

They ask the hub with the course server's own token, as nbgrader does.
"""

from __future__ import annotations

import os
from pathlib import Path

from gradekit.course import CourseFolder
from gradekit.doctor import Checks, Finding, Missing, checked
from gradekit.hub.ngshare.people import ask_hub

PATIENCE = 10  # seconds for the exchange to answer


def in_course_server() -> bool:
    """Whether this process was started in a course server of a hub."""
    return bool(os.environ.get("GRADEKIT_COURSE") and os.environ.get("JUPYTERHUB_API_TOKEN"))


def findings() -> list[Finding]:
    """What works in this course server, and what doesn't."""
    return checked("course", CHECKS, needed=CHECKS)


def _hub() -> str:
    """The hub knows this course server by the course's name, and lets it change the list of students."""
    import requests

    course = os.environ["GRADEKIT_COURSE"]
    try:
        model = ask_hub(os.environ["JUPYTERHUB_API_TOKEN"])
    except requests.RequestException as error:
        raise Missing(f"{os.environ.get('JUPYTERHUB_API_URL')} does not answer: {type(error).__name__}.") from None
    if not model:
        raise Missing("the hub does not know this server's token. Restart the server: the hub may have a new one.")
    if model.get("name") != course:
        raise Missing(f"the hub calls this service {model.get('name')}, and the course is {course}: use one name.")
    wanted = f"groups!group=nbgrader-{course}"
    if wanted not in model.get("scopes", ()):
        role = f'"scopes": [..., "{wanted}"] in the role "course-server-{course}"'
        raise Missing(f"the service has no scope {wanted}. {role}")
    return f"it knows the service {course}, which may change its list of students"


def _exchange() -> str:
    import requests

    exchange = os.environ.get("GRADEKIT_EXCHANGE", "")
    if not exchange.startswith(("http://", "https://")):
        if not os.access(exchange, os.W_OK | os.X_OK):
            raise Missing(f"this user can't write to the exchange, {exchange!r}. As root: chmod 1777 {exchange}")
        return exchange
    try:
        status = requests.get(exchange, timeout=PATIENCE).status_code
    except requests.RequestException as error:
        raise Missing(f"{exchange} does not answer: {type(error).__name__}. Is ngshare running?") from None
    if status >= 500:
        raise Missing(f"{exchange} answers {status}. Its log says why.")
    return exchange


def _gradebook() -> str:
    """The gradebook can be opened; its address, with a password in it, is not shown."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    here = CourseFolder(Path.cwd(), "any")
    if file := here.gradebook():
        return f"the file {file}" if file.exists() else f"the file {file}, which the first release makes"
    try:
        with create_engine(here.directory().db_url).connect():
            return "the database that is named answers"
    except (SQLAlchemyError, ImportError) as error:
        line = str(error).strip().splitlines()[0]
        raise Missing(f"the database does not answer: {type(error).__name__}: {line}") from None


CHECKS: Checks = {"hub": _hub, "exchange": _exchange, "gradebook": _gradebook}
