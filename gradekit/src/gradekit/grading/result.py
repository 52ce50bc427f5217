"""What did a run do?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from gradekit.errors import Trouble

Progress = Callable[[int, int, str], None]  # how many are done, of how many, the student who is begun with


def silent(done: int, total: int, student: str) -> None:
    """No progress is shown."""


@dataclass
class Outcome:
    """What a run did. Every student is in one of the lists `graded`, `kept`, `elsewhere` and `failed`, or was not
    come to, because the run was interrupted."""

    students: list[str] = field(default_factory=list)  # all that were to be graded
    graded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # graded before, and nothing new was handed in
    elsewhere: list[str] = field(default_factory=list)  # another grader is at work on them
    failed: list[str] = field(default_factory=list)  # not graded; a trouble says why
    incomplete: list[str] = field(default_factory=list)  # graded, but a notebook or a page is missing
    troubles: list[Trouble] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0
    workers: int = 0
    slow: str = ""  # why kernels start slowly here, where they do

    @property
    def complete(self) -> bool:
        """Is everybody's work graded, all of it?"""
        return not (self.failed or self.incomplete or self.interrupted)

    @property
    def exit_code(self) -> int:
        """What `gradekit grade` ends with: whether all is graded, something needs a person, or it was interrupted."""
        return 130 if self.interrupted else int(not self.complete)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome for json.dumps."""
    data = asdict(outcome)
    data["seconds"] = round(outcome.seconds, 1)
    return {**data, "complete": outcome.complete, "exit_code": outcome.exit_code}
