"""What a terminal shows: progress on the way, messages and tables at the end, and no control character in them.

Names, messages and outputs of students are in nearly every line. `clean` is the one place that makes them harmless;
`terminal` returns the console that uses it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import time
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from gradekit.grading.grade import Outcome
    from gradekit.grading.grade import Progress as Step
    from gradekit.report import Row

WIDTH = 120  # columns of a file or a log
HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (such as right-to-left), half a character, line ends
JOINERS = {"\u200c", "\u200d"}  # zero width, needed in names and emoji


def clean(text: str) -> str:
    r"""Return text with each character that could move, recolor or reorder what is on a terminal as its escape.

    >>> print(clean("eve\x1b[2A 4\n"), clean("Łukasz"))
    eve\x1b[2A 4\n Łukasz
    """
    if text.isprintable():
        return text
    return "".join(_escaped(one) if unicodedata.category(one) in HARMFUL else one for one in text)


def _escaped(letter: str) -> str:
    return letter if letter in JOINERS else letter.encode("unicode_escape").decode()


class Terminal(Console):
    """A console that takes strings as text: no markup, no control characters."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(clean(text), **{**options, "markup": False, "emoji": False})


def terminal(stderr: bool = False) -> Console:
    """The console of a command, WIDTH columns wide where the output goes to a file."""
    console = Terminal(stderr=stderr)
    return console if console.is_terminal else Terminal(stderr=stderr, highlight=False, width=WIDTH)


def echo(text: str) -> None:
    """Print lines of text, cleaned."""
    for line in text.split("\n"):
        print(clean(line))


def echo_json(data: Any) -> None:
    """Print JSON in ASCII: the same in every encoding, and nothing that a terminal obeys."""
    print(json.dumps(data, indent=2))


def never_fail_to_print() -> None:
    """Let stdout and stderr escape what their encoding can't express, such as a name on a Latin-1 terminal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Step]:
    """A bar with the time that is left on a terminal; a line a student where the output goes to a file or a log."""
    if not console.is_terminal:
        yield _lines(console, what)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
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
                bars.update(task, description=f"{what} {clean(student)}")

        yield step


def _lines(console: Console, what: str) -> Step:
    begun, seconds = itertools.count(1), time.monotonic()

    def step(done: int, total: int, student: str) -> None:
        left = _left((time.monotonic() - seconds) / done * (total - done)) if done else ""
        if student:
            console.print(f"{what} {next(begun)} of {total}: {student}{left}", soft_wrap=True)

    return step


def _left(seconds: float) -> str:
    return f" (about {seconds / 60:.0f} min left)" if seconds >= 90 else f" (about {seconds:.0f} s left)"


def troubles(console: Console, outcome: Outcome) -> None:
    """A line for each thing that was left out, then what was done."""
    for trouble in outcome.troubles:
        console.print(str(trouble), style="yellow", soft_wrap=True)
    if outcome.slow:
        console.print(f"Kernels started slowly: {outcome.slow}.", style="yellow", soft_wrap=True)
    kept = f", {len(outcome.kept)} kept from before (nothing new; --again grades them anew)" if outcome.kept else ""
    failed = f", {len(outcome.failed)} not graded" if outcome.failed else ""
    elsewhere = f", {len(outcome.elsewhere)} left to another run that is at work on them" if outcome.elsewhere else ""
    console.print(f"{len(outcome.graded)} graded{kept}{failed}{elsewhere}.", soft_wrap=True)
    if not outcome.students and not outcome.troubles and not outcome.interrupted:
        console.print("Nobody's work is there: submitted/ has no folder of a student.")
    if outcome.interrupted:
        console.print("Stopped. Nothing is lost: run it again to go on.", style="bold")


def tables(console: Console, rows: list[Row], about: dict[str, str] | None = None) -> None:
    """Who has how many points, and what each lost."""
    from gradekit.report import losses_table, scores_table

    console.print()
    console.print(scores_table(rows, about))
    if any(row.waiting for row in rows):
        console.print("of: what a program gives. to read: points that a person gives, in formgrader.")
    console.print()
    console.print(losses_table(rows))
    console.print()
