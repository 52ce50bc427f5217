"""Outcomes -> what a terminal shows: progress on the way, tables at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .grade import Outcome
from .grade import Progress as Step
from .report import Row, losses_table, scores_table


@contextlib.contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Step]:
    """A bar on a terminal; a line a step where the output goes to a file or a log."""
    if not console.is_terminal:
        yield (
            lambda done, total, student: console.print(f"{what} {done + 1} of {total}: {student}") if student else None
        )
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(what)

        def step(done: int, total: int, student: str) -> None:
            bars.update(task, completed=done, total=total, description=f"{what} {student}" if student else what)

        yield step


def troubles(console: Console, outcome: Outcome) -> None:
    """A line for each thing that was left out, then what was done."""
    for trouble in outcome.troubles:
        console.print(str(trouble), style="yellow", markup=False, highlight=False, soft_wrap=True)
    kept = f", {len(outcome.kept)} kept from before (nothing new; --again grades them anew)" if outcome.kept else ""
    console.print(f"{len(outcome.graded)} graded{kept}.", highlight=False, soft_wrap=True)
    if outcome.interrupted:
        console.print("Stopped. Nothing is lost: run it again to go on.", style="bold")


def tables(console: Console, rows: list[Row], about: dict[str, str] | None = None) -> None:
    """Who has how many points, and what each lost."""
    console.print()
    console.print(scores_table(rows, about))
    console.print()
    console.print(losses_table(rows))
    console.print()
