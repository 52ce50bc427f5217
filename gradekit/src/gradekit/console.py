"""What a terminal shows: progress, messages and tables, without control characters.

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
    from gradekit.grading.grade import GradingResult
    from gradekit.grading.grade import Progress as Step
    from gradekit.report import StudentResult, Total

WIDTH = 120  # columns of a file or a log
HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (such as right-to-left), half a character, line ends
TABLE: dict[str, Any] = {"box": None, "pad_edge": False, "header_style": "bold"}  # how all tables look
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


def write_data(text: str) -> None:
    """Write text for another program as it is, and on a terminal cleaned."""
    if sys.stdout.isatty():
        echo(text.removesuffix("\n"))
    else:
        sys.stdout.write(text)


def echo_json(data: Any) -> None:
    """Print JSON in ASCII: the same in every encoding, and nothing that a terminal obeys."""
    print(json.dumps(data, indent=2))


def confirmed(question: str) -> bool:
    """Whether the user says yes; False without a terminal."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def never_fail_to_print() -> None:
    """Let stdout and stderr escape what their encoding can't express, such as a name on a Latin-1 terminal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def progress_bar(console: Console, what: str, quiet: bool = False) -> Iterator[Step]:
    """A bar with the time left on a terminal; elsewhere a line for each student, or nothing where `quiet`."""
    if not console.is_terminal:
        yield (lambda done, total, student: None) if quiet else _lines(console, what)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
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


def troubles(console: Console, outcome: GradingResult) -> None:
    """Print a line for each trouble and note, then what was done."""
    from gradekit.submissions.names import some

    for line in [*map(str, outcome.troubles), *outcome.notes]:
        console.print(line, style="yellow", soft_wrap=True)
    if outcome.slow:
        console.print(f"Kernels started slowly: {outcome.slow}.", style="yellow", soft_wrap=True)
    counts = {
        "kept (nothing new was handed in; --again grades them again)": outcome.kept,
        "with new feedback pages": outcome.refreshed,
        "not graded": outcome.failed,
        "locked by another grading run": outcome.locked,
    }
    parts = [f"{len(outcome.graded)} graded", *(f"{len(names)} {what}" for what, names in counts.items() if names)]
    console.print(f"{', '.join(parts)}.", soft_wrap=True)
    lists = {
        "Nothing handed in": outcome.missing,
        "Removed from the gradebook, so not graded (--student NAME grades one again)": outcome.removed,
    }
    for what, names in lists.items():
        if names:
            console.print(f"{what}: {some(names, 10)}.", soft_wrap=True)
    if not outcome.students and not outcome.troubles and not outcome.interrupted:
        console.print("submitted/ has no student's folder.")
    if outcome.interrupted:
        console.print("Stopped. Nothing is lost: gradekit grade goes on from here.", style="bold")


def tables(console: Console, rows: list[StudentResult], about: dict[str, str] | None = None) -> None:
    """Print who has how many points, and what each student lost."""
    from gradekit.report import NOT_GRADED, NOTHING, losses_table, scores_table

    console.print()
    console.print(scores_table(rows, about))
    if any(row.penalty for row in rows):
        console.print("points: before the late penalty. late: the penalty. score: what counts.")
    console.print("of: maximum score; to read: points awaiting manual grading, in formgrader.")
    for what, state in (("Nothing handed in", NOTHING), ("Handed in and not graded", NOT_GRADED)):
        names = [row.student for row in rows if row.state == state]
        if names:
            console.print(f"{what}: {', '.join(names)}.", soft_wrap=True)
    if any(row.lost for row in rows):
        console.print()
        console.print(losses_table(rows))
    console.print()


def totals(console: Console, found: list[Total]) -> None:
    """Print the sums over all assignments."""
    from gradekit.report import totals_table

    console.print()
    console.print(totals_table(found))
    console.print("-: nothing handed in; to read: points awaiting manual grading, in formgrader.")
    console.print()
