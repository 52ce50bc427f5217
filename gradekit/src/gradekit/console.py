"""Outcomes and reports as text for a terminal: progress while they are made, then lines and tables."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gradekit.grading.grade import Outcome, no_progress
from gradekit.grading.grade import Progress as Step
from gradekit.report import NOT_GRADED, NOTHING, Row, Total, losses_table, scores_table, totals_table
from gradekit.submissions.names import some


@contextlib.contextmanager
def progress_bar(console: Console, what: str, quiet: bool = False) -> Iterator[Step]:
    """A bar with the time left on a terminal; elsewhere a line for each student, or nothing where `quiet`."""
    if not console.is_terminal:
        yield no_progress if quiet else _lines(console, what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("about"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(what, total=None)  # the number of students is not known yet

        def step(done: int, total: int, student: str) -> None:
            bars.update(task, completed=done, total=total)
            if student:
                bars.update(task, description=f"{what} {student}")

        yield step


def _lines(console: Console, what: str) -> Step:
    begun, seconds = itertools.count(1), time.monotonic()

    def step(done: int, total: int, student: str) -> None:
        left = _left((time.monotonic() - seconds) / done * (total - done)) if done else ""
        if student:
            console.print(f"{what} {next(begun)} of {total}: {student}{left}", highlight=False, soft_wrap=True)

    return step


def _left(seconds: float) -> str:
    return f" (about {seconds / 60:.0f} min left)" if seconds >= 90 else f" (about {seconds:.0f} s left)"


def troubles(console: Console, outcome: Outcome) -> None:
    """Print a line for each trouble and note, then what was done."""
    for line in [*map(str, outcome.troubles), *outcome.notes]:
        console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if outcome.slow:
        console.print(f"Kernels started slowly: {outcome.slow}.", style="yellow", markup=False, soft_wrap=True)
    counts = {
        "kept (nothing new was handed in; --again grades them again)": outcome.kept,
        "with new feedback pages": outcome.refreshed,
        "not graded": outcome.failed,
        "locked by another grading run": outcome.locked,
    }
    parts = [f"{len(outcome.graded)} graded", *(f"{len(names)} {what}" for what, names in counts.items() if names)]
    console.print(f"{', '.join(parts)}.", highlight=False, soft_wrap=True)
    lists = {
        "Nothing handed in": outcome.missing,
        "Removed from the gradebook, so not graded (--student NAME grades one again)": outcome.removed,
    }
    for what, names in lists.items():
        if names:
            console.print(f"{what}: {some(names, 10)}.", markup=False, highlight=False, soft_wrap=True)
    if not outcome.students and not outcome.troubles and not outcome.interrupted:
        console.print("submitted/ has no student's folder.", highlight=False)
    if outcome.interrupted:
        console.print("Stopped. Nothing is lost: gradekit grade goes on from here.", style="bold")


def tables(console: Console, rows: list[Row], about: dict[str, str] | None = None) -> None:
    """Print who has how many points, and what each student lost."""
    console.print()
    console.print(scores_table(rows, about))
    if any(row.penalty for row in rows):
        console.print("points: before the late penalty. late: the penalty. score: what counts.", highlight=False)
    console.print("of: maximum score; to read: points awaiting manual grading, in formgrader.", highlight=False)
    for what, state in (("Nothing handed in", NOTHING), ("Handed in and not graded", NOT_GRADED)):
        names = [row.student for row in rows if row.state == state]
        if names:
            console.print(f"{what}: {', '.join(names)}.", markup=False, highlight=False, soft_wrap=True)
    if any(row.lost for row in rows):
        console.print()
        console.print(losses_table(rows))
    console.print()


def totals(console: Console, found: list[Total]) -> None:
    """Print the sums over all assignments."""
    console.print()
    console.print(totals_table(found))
    console.print("-: nothing handed in; to read: points awaiting manual grading, in formgrader.", highlight=False)
    console.print()
