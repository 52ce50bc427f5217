"""Outcomes -> what a terminal shows: progress on the way, tables at the end."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gradekit.grading.grade import Outcome
from gradekit.grading.grade import Progress as Step
from gradekit.report import Row, losses_table, scores_table


@contextlib.contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Step]:
    """A bar with the time that is left on a terminal; a line a student where the output goes to a file or a log."""
    if not console.is_terminal:
        yield _lines(console, what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("about"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(what, total=None)  # until it is known how many there are, the bar only shows that it runs

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
    """A line for each thing that was left out, then what was done."""
    for trouble in outcome.troubles:
        console.print(str(trouble), style="yellow", markup=False, highlight=False, soft_wrap=True)
    if outcome.slow:
        console.print(f"Kernels started slowly: {outcome.slow}.", style="yellow", markup=False, soft_wrap=True)
    kept = f", {len(outcome.kept)} kept from before (nothing new; --again grades them anew)" if outcome.kept else ""
    failed = f", {len(outcome.failed)} not graded" if outcome.failed else ""
    elsewhere = f", {len(outcome.elsewhere)} left to another run that is at work on them" if outcome.elsewhere else ""
    console.print(f"{len(outcome.graded)} graded{kept}{failed}{elsewhere}.", highlight=False, soft_wrap=True)
    if not outcome.students and not outcome.troubles and not outcome.interrupted:
        console.print("Nobody's work is there: submitted/ has no folder of a student.", highlight=False)
    if outcome.interrupted:
        console.print("Stopped. Nothing is lost: run it again to go on.", style="bold")


def tables(console: Console, rows: list[Row], about: dict[str, str] | None = None) -> None:
    """Who has how many points, and what each lost."""
    console.print()
    console.print(scores_table(rows, about))
    if any(row.waiting for row in rows):
        console.print("of: what a program gives. to read: points that a person gives, in formgrader.")
    console.print()
    console.print(losses_table(rows))
    console.print()
