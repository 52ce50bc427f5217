"""Limits on what a student hands in, as settings of `nbgrader_config.py`, and a clock for work on it.

The size of extra files is limited by nbgrader's own `CourseDirectory.max_file_size` and `max_dir_size`.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from traitlets import Integer
from traitlets.config import Configurable

MEGABYTE = 1_000_000
LONGEST_PARSED = 200_000  # characters of a cell: its syntax tree takes hundreds of times as much memory


class SubmissionLimits(Configurable):
    """How much of a submission is read. Sizes are in megabytes, times in seconds."""

    largest_notebook = Integer(300, help="Largest notebook file, with its outputs: MB").tag(config=True)
    largest_text = Integer(25, help="Largest notebook without its outputs: MB").tag(config=True)
    most_cells = Integer(10_000, help="Most cells of a notebook").tag(config=True)
    most_values = Integer(1_000_000, help="Most JSON values in a notebook without its outputs").tag(config=True)
    most_files = Integer(500, help="Most extra files of a student that are copied").tag(config=True)
    most_entries = Integer(20_000, help="Most files and folders of a student that are looked at").tag(config=True)
    deepest_folder = Integer(20, help="Deepest folder in folders that is looked at").tag(config=True)
    most_read = Integer(1000, help="Most that is read of a student's files, to find notebooks and new work: MB").tag(
        config=True
    )
    most_archives = Integer(50, help="Most ZIP archives that are opened, and notebooks in them").tag(config=True)
    most_unpacked = Integer(100, help="Largest size of the notebooks in archives together: MB").tag(config=True)
    largest_index = Integer(1, help="Largest list of files of an archive: MB").tag(config=True)
    step_timeout = Integer(60, help="Seconds to read, match or restore one student's files").tag(config=True)


class OutOfTime(Exception):
    """A step did not end in its time."""


@contextlib.contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Raise OutOfTime inside the block after `seconds`.

    Uses SIGALRM, which also interrupts a regular expression. In other threads than the main one there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"{what} took longer than {seconds:g} s.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
