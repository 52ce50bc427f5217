"""The gradebook -> scores on the platform, and what became of each student."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gradekit.course import CourseFolder, course
from gradekit.errors import CourseError
from gradekit.export.scores import Grade, grades, with_feedback
from gradekit.passback.settings import Passback, people

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

    from gradekit.passback.service import Platform

Allowed = Literal["ungraded", "waiting", "over-limit"]
SAME = 0.005  # points; Canvas keeps two decimals


@dataclass(frozen=True)
class Pushed:
    """What became of one student."""

    student: str
    what: Literal["pushed", "same", "blank", "refused", "failed"]  # blank: nothing was handed in
    score: float | None  # in points, after the late penalty
    why: str = ""  # of a refusal by us, or a failure at the platform


def passback(
    root: str | Path = ".", assignment: str | None = None, *, allow: Collection[str] = (), dry_run: bool = True
) -> list[Pushed]:
    """Push each student's score that the platform does not have yet; with `dry_run` only tell what would be pushed.

    One student's failure does not stop the others. Pushing again pushes what failed or has changed since.
    """
    here = course(root, assignment)
    settings = configured(here, "token_url", "client_id", "people")
    known = people(here.root / settings.people)
    line_items = settings.line_items or known.line_items
    if not line_items:
        raise CourseError(
            "no launch had an address for grades. Allow Assignment and Grade Services for the tool on the platform, "
            "open the hub from the course there once, and run this again."
        )
    found = with_feedback(here, grades(here))
    from gradekit.passback.service import SCOPES

    with connect(here, settings, SCOPES) as service:
        return list(_pushed(service, line_items, here.assignment, found, known.subs, allow, dry_run))


def configured(here: CourseFolder, *needed: str) -> Passback:
    """The course's settings. Raises CourseError for one that is needed and missing."""
    settings = Passback(config=here.config())
    for name in needed:
        if not getattr(settings, name):
            raise CourseError(f"c.Passback.{name} is not set in nbgrader_config.py: see gradekit/docs/passback.md")
    return settings


@contextlib.contextmanager
def connect(here: CourseFolder, settings: Passback, scopes: str) -> Iterator[Platform]:
    """A connection to the platform, with a token for the course's key, inside the block."""
    from gradekit.passback.service import Platform

    platform = Platform(settings.token_url, settings.client_id, key(here), settings.audience, scopes)
    with platform.client:
        yield platform


def _pushed(
    service: Platform,
    line_items: str,
    assignment: str,
    found: list[Grade],
    subs: dict[str, str],
    allow: Collection[str],
    dry_run: bool,
) -> Iterator[Pushed]:
    item = service.find_line_item(line_items, assignment)
    ready = [grade for grade in found if grade.score is not None and not _refusal(grade, subs, allow)]
    if item is None and ready and not dry_run:
        item = service.make_line_item(line_items, assignment, found[0].max_score)
    there = (service.results(item["id"]) if item else None) or {}
    for grade in found:
        if why := _refusal(grade, subs, allow):
            yield Pushed(grade.student, "refused", grade.score, why)
        elif grade.score is None:
            yield Pushed(grade.student, "blank", None)
        elif _is_there(grade, there.get(subs[grade.student])):
            yield Pushed(grade.student, "same", grade.score)
        else:
            yield _give(service, None if dry_run or item is None else item["id"], grade, subs[grade.student])


def _give(service: Platform, line_item: str | None, grade: Grade, sub: str) -> Pushed:
    score = grade.score or 0.0
    try:
        if line_item is not None:
            service.give(line_item, sub, score, grade.max_score, grade.feedback)
    except CourseError as error:
        return Pushed(grade.student, "failed", score, str(error))
    return Pushed(grade.student, "pushed", score)


def _refusal(grade: Grade, subs: dict[str, str], allow: Collection[str]) -> str:
    """Why a score is not pushed; "" for one that is, and for nothing handed in."""
    if grade.score is None:
        waits = grade.ungraded and "ungraded" not in allow
        return "handed in and not graded. Grade first, or --allow ungraded" if waits else ""
    if grade.student not in subs:
        return "has never opened the hub from the LMS, so that the LMS's id is not known"
    if grade.waiting and "waiting" not in allow:
        return f"{grade.waiting:g} points await manual grading. --allow waiting counts them as 0"
    if grade.score > grade.max_score and "over-limit" not in allow:
        return f"{grade.score:g} is over the maximum of {grade.max_score:g}. --allow over-limit pushes it"
    return ""


def _is_there(grade: Grade, result: tuple[float, float] | None) -> bool:
    """Whether the platform has the score, in points of its own maximum."""
    if result is None or grade.score is None or not grade.max_score:
        return False
    score, maximum = result
    return abs(score / maximum * grade.max_score - grade.score) < SAME


def key(here: CourseFolder, make: bool = False) -> RSAKey:
    """The course's private key; with `make`, a new one where there is none."""
    from joserfc.jwk import RSAKey

    file = here.root / Passback(config=here.config()).key
    if make and not file.exists():
        pem = RSAKey.generate_key(2048).as_pem(private=True)
        file.touch(0o600, exist_ok=False)
        file.write_bytes(pem)
    if not file.exists():
        raise CourseError(f"there is no key {file}. Make one, and register it: gradekit passback --keys")
    return RSAKey.import_key(file.read_bytes())


def public_keys(here: CourseFolder) -> dict[str, list[dict[str, object]]]:
    """The public half of the key as a JSON Web Key Set, for the registration on the platform."""
    own = key(here, make=True)
    public = own.as_dict(private=False)
    return {"keys": [{**public, "kid": own.thumbprint(), "alg": "RS256", "use": "sig"}]}
