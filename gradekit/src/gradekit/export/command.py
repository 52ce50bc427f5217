"""`gradekit export`: show the differences, ask, write."""

from __future__ import annotations

from dataclasses import asdict

from gradekit.console import confirmed, echo, echo_json, write_data
from gradekit.errors import CourseError

from .export import export, export_into, plain_csv, plain_json
from .lms_file import Columns
from .plan import ALLOWED, Plan

__all__ = ["Columns", "run"]


def run(
    root: str,
    assignment: str | None,
    into: str | None,
    columns: Columns,
    allow: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Print the grades, or put them into a file. A refusal is a CourseError with a line for each student."""
    unknown = [name for name in allow if name not in ALLOWED]
    if unknown:
        raise CourseError(f"--allow {unknown[0]} is not known. There is {', '.join(ALLOWED)}.")
    if into is None:
        found = export(root, assignment)
        write_data(plain_json(found) + "\n" if as_json else plain_csv(found))
        return
    made = export_into(into, root, assignment, columns=columns, allow=allow)
    _show(made, as_json)
    if made.refused:
        raise CourseError(f"{into}: nothing is written.", () if as_json else tuple(made.refused))
    if dry_run or not (made.changes or made.feedback):
        return
    if not yes and not confirmed(f"Write {into}?"):
        raise CourseError(f"{into}: nothing is written. --yes writes without asking.")
    export_into(into, root, assignment, columns=columns, allow=allow, dry_run=False)
    if not as_json:
        echo(f"{into} is written. Import it into the LMS.")


def _show(made: Plan, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(made))
        return
    echo(f"{made.format}:")
    width = max((len(change.student) for change in made.changes), default=0)
    for change in made.changes:
        echo(f"  {change.student:{width}}  {change.before or '(blank)'} -> {change.after}")
    for note in made.notes:
        echo(f"  {note}")
    echo(
        f"{len(made.changes)} scores change, {made.same} are the same, {len(made.feedback)} get feedback, "
        f"{made.blank} handed in nothing and stay blank."
    )
