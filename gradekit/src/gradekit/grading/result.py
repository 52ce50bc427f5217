"""What a run did: `GradingResult` for the class, `Result` for one student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from gradekit.errors import Trouble

Progress = Callable[[int, int, str], None]  # students done, of how many, the one that is started


def no_progress(done: int, total: int, student: str) -> None:
    """Show nothing."""


@dataclass
class Result:
    """What became of one student."""

    student: str
    status: str = "failed"  # graded, kept, locked or failed
    lines: list[str] = field(default_factory=list)
    whole: bool = True  # every notebook is graded and has a page
    new_pages: bool = False  # feedback pages were written


@dataclass
class GradingResult:
    """What a run did. Every student is in one of `graded`, `kept`, `missing`, `removed`, `locked` and `failed`, unless
    the run was interrupted."""

    assignment: str = ""
    students: list[str] = field(default_factory=list)  # all that were to be graded
    graded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # graded before, and nothing new was handed in
    refreshed: list[str] = field(default_factory=list)  # of those kept: feedback pages were stale and are new
    missing: list[str] = field(default_factory=list)  # handed in nothing
    removed: list[str] = field(default_factory=list)  # removed from the gradebook after grading
    locked: list[str] = field(default_factory=list)  # locked by another grading run
    failed: list[str] = field(default_factory=list)  # not graded; a trouble says why
    incomplete: list[str] = field(default_factory=list)  # graded, but a notebook or a page is missing
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # about the course rather than one student
    interrupted: bool = False
    seconds: float = 0.0
    workers: int = 0
    slow: str = ""  # why kernels start slowly here, where they do

    @property
    def complete(self) -> bool:
        """Whether all work that was handed in is graded in full."""
        return not (self.failed or self.incomplete or self.interrupted)

    @property
    def exit_code(self) -> int:
        """The exit status of `gradekit grade`: 0 complete, 1 a person has to look at something, 130 interrupted."""
        return 130 if self.interrupted else int(not self.complete)


def as_json(outcome: GradingResult) -> dict[str, Any]:
    """An outcome for json.dumps."""
    data = asdict(outcome)
    data["seconds"] = round(outcome.seconds, 1)
    return {**data, "complete": outcome.complete, "exit_code": outcome.exit_code}
