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


class SubmissionLimits(Configurable):
    """How much of a submission is read. Sizes are in megabytes, times in seconds."""

    largest_notebook = Integer(300, help="Largest notebook file, with its outputs: MB").tag(config=True)
    largest_text = Integer(25, help="Largest notebook without its outputs: MB").tag(config=True)
    most_cells = Integer(10_000, help="Most cells of a notebook").tag(config=True)
    most_values = Integer(1_000_000, help="Most JSON values in a notebook without its outputs").tag(config=True)
    most_files = Integer(500, help="Most extra files of a student that are copied").tag(config=True)
    step_timeout = Integer(60, help="Seconds to read, match or restore one student's files").tag(config=True)


class TookTooLong(Exception):
    """A step did not end in its time."""


@contextlib.contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Raise TookTooLong inside the block after `seconds`.

    Uses SIGALRM, which also interrupts a regular expression. In other threads than the main one there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"{what} took longer than {seconds:g} s.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
