"""ngshare with the hub's groups as its roster, a working database, and limits.

It is ngshare's own program, with these differences:
- the hub's groups list the students and instructors of a course, so there is no other roster, and no admin;
- only a token with access to this service is accepted, from a header: without cookies, no page can act for a visitor;
- an assignment that is released again keeps its submissions;
- it works with SQLAlchemy 2;
- it listens at the address that the hub names, not on every address, and limits the size of a request.

GRADEKIT_NGSHARE is the folder for its database and its files. The database is SQLite: ngshare's tables link text
columns to numbers, which PostgreSQL refuses.
"""

from __future__ import annotations

import contextlib
import os
from collections import namedtuple
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from gradekit.hub.ngshare.keep import Listed, Released
from gradekit.hub.ngshare.people import Caller, ask_hub, caller, needed_scopes

LARGEST = 30_000_000  # bytes of one request: an assignment or a submission in base64, a third more than its files
Options = namedtuple("Options", ["x"])  # Alembic's command line options


class RequestHandler:
    """Authentication and rights of a request; these methods replace those of ngshare's own handler."""

    def prepare(self: Any) -> None:
        self.db = self.application.db_session()
        known = caller(ask_hub(self.get_current_token()), needed_scopes())
        if known is None:
            self.json_error(403, "This token has no access to the exchange.")
        else:
            self.caller = known
            self.user = enroll(self.db, known)

    def get_current_token(self: Any) -> str:
        return str(self.request.headers.get("Authorization", "")).rpartition(" ")[2]

    def get_current_user(self) -> Caller | None:
        return getattr(self, "caller", None)

    def is_admin(self) -> bool:
        return False

    def is_course_student(self: Any, course: Any, user: Any) -> bool:
        return course.id in self.caller.takes

    def is_course_instructor(self: Any, course: Any, user: Any) -> bool:
        return course.id in self.caller.teaches

    def find_student_submission(self: Any, assignment: Any, student: Any, timestamp: Any) -> Any:
        """Find a submission by its time; ngshare compares a string with a time, which SQLAlchemy 2 refuses."""
        from ngshare.ngshare import MyHelpers  # type: ignore[import-not-found]

        when = self.strptime(timestamp) if isinstance(timestamp, str) else timestamp
        return MyHelpers.find_student_submission(self, assignment, student, when)


def enroll(db: Any, known: Caller) -> Any:
    """Update ngshare's roster with a caller's courses, and return ngshare's user."""
    from ngshare import ngshare as core  # type: ignore[import-not-found]

    user = core.User.from_jupyterhub_user({"name": known.name}, db)
    for course_id in known.takes | known.teaches:
        course = db.query(core.Course).filter(core.Course.id == course_id).one_or_none() or core.Course(course_id)
        db.add(course)
        people = course.instructors if course_id in known.teaches else course.students
        if user not in people:
            people.append(user)
    db.commit()
    return user


def application(prefix: str, folder: Path) -> Any:
    """ngshare's web application with these differences."""
    from ngshare import ngshare as core

    for name in (name for name in vars(RequestHandler) if not name.startswith("__")):
        setattr(core.MyRequestHandler, name, getattr(RequestHandler, name))
    core.DownloadReleaseAssignment = type("Released", (Released, core.DownloadReleaseAssignment), {})
    keep_what_is_linked(core)
    core.ListAssignments = type("Listed", (Listed, core.ListAssignments), {})
    return core.MyApplication(prefix, _database(folder), str(folder / "files"), autoreload=False)


def keep_what_is_linked(core: Any) -> None:
    """Save an object with the one that it is linked to, as SQLAlchemy did before 2.

    ngshare relies on it: without this, every release and submission is answered with success, and lost.
    """
    from sqlalchemy import event
    from sqlalchemy.orm import configure_mappers, object_session

    def linked(new: Any, known: Any, *_: Any) -> None:
        if known is not None and (session := object_session(known)) is not None:
            session.add(new)

    configure_mappers()
    event.listen(core.Assignment.course, "set", linked)
    event.listen(core.Submission.assignment, "set", linked)


def main() -> None:
    """Serve until ended, at the address that the hub or the pod gives in JUPYTERHUB_SERVICE_URL."""
    from ngshare import dbutil
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop

    folder = Path(os.environ["GRADEKIT_NGSHARE"])
    os.umask(0o077)  # no other user of this machine reads submissions
    folder.mkdir(parents=True, exist_ok=True)
    dbutil.upgrade(_database(folder), cmd_opts=Options(["data=true", f"storage={folder / 'files'}"]))
    address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    app = application(os.environ["JUPYTERHUB_SERVICE_PREFIX"], folder)
    HTTPServer(app, max_body_size=LARGEST).listen(address.port or 80, address.hostname)
    with contextlib.suppress(KeyboardInterrupt):  # the hub ends its services with SIGINT
        IOLoop.current().start()


def _database(folder: Path) -> str:
    return f"sqlite:///{folder.resolve() / 'ngshare.db'}"
