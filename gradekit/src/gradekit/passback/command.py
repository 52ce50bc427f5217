"""`gradekit passback`: show what would be pushed, ask, push, and tell what became of each student."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import get_args

from gradekit.console import confirmed, echo, echo_json
from gradekit.course import course
from gradekit.errors import CourseError
from gradekit.passback.push import Allowed, Pushed, passback, public_keys


def run(
    root: str, assignment: str | None, allow: tuple[str, ...], dry_run: bool, yes: bool, keys: bool, as_json: bool
) -> int:
    """Returns the exit code: 1 where a student was refused or failed."""
    if keys:
        echo_json(public_keys(course(root, assignment)))
        return 0
    if unknown := set(allow) - set(get_args(Allowed)):
        raise CourseError(f"--allow {min(unknown)} is not known. There is {', '.join(get_args(Allowed))}.")
    done = passback(root, assignment, allow=allow, dry_run=True)
    new = [one for one in done if one.what == "pushed"]
    if new and not dry_run:
        if not yes:
            _show(done, "would be pushed")
            if not confirmed(f"Push {len(new)} scores?"):
                raise CourseError("nothing is pushed. --yes pushes without asking.")
        done = passback(root, assignment, allow=allow, dry_run=False)
    if as_json:
        echo_json([asdict(one) for one in done])
    else:
        _show(done, "would be pushed" if dry_run else "pushed")
        counts = Counter(one.what for one in done)
        echo(", ".join(f"{many} {what}" for what, many in sorted(counts.items())) + ".")
    return int(any(one.what in ("refused", "failed") for one in done))


def _show(done: list[Pushed], pushed: str) -> None:
    for one in done:
        if one.what in ("refused", "failed"):
            echo(f"{one.student}: {one.what}: {one.why}")
        elif one.what == "pushed":
            echo(f"{one.student}: {one.score:g} {pushed}")
