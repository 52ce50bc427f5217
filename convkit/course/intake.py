"""submitted/STUDENT/ASSIGNMENT -> a folder that nbgrader may copy and open. What was handed in is never changed.

nbgrader follows symbolic links when it copies, waits for ever at a named pipe, stops at a folder called
`1-parameters.ipynb`, and knows a notebook by its exact name only. So `convkit grade` grades from a mirror:

    names, troubles = roster(here)                # who can be graded, and what else lies in submitted/
    seen = examine(here, student)                 # looks, copies nothing: cheap enough for "has anything changed?"
    with taken_in(here, student, seen) as taken:  # the mirror is there inside the block, and gone behind it
        if taken.notebooks:
            directory = here.directory(submitted_directory=str(taken.folder), student_id=...)
            Autograde(coursedir=directory, ...)   # a fault's reason: taken.refused.get(name) or why(error)
        outcome.troubles += [Trouble(student, line) for line in taken.lines]

- `seen.notebooks`: name -> the file in submitted/ that holds it (also `1-first (1).ipynb`, a subfolder's, a zip's).
  Its `st_mtime_ns` and size say whether it has changed. Every name is one of the assignment's notebooks.
- `seen.lines`, `taken.lines`: sentences for the instructor, without the student's name.
- `seen.refused`: name -> why this notebook cannot be opened at all (a link, a folder, a pipe, too large). An empty
  file stands in the mirror for it, so that nbgrader takes it for damaged and not for missing: "was not graded: WHY",
  its earlier grade stands, and the checks don't count as 0.
- `taken.notebooks`: the names in the mirror. Empty means: there is nothing to grade, and `lines` says why.

Nothing here raises for what a student did. An OSError is the machine's: a full disk, a course that cannot be read.
What is *inside* a notebook is the business of `salvage` (damaged files) and `sanitize` (cells and their marks).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .folder import Course
from .trouble import Trouble, in_a_line


@dataclass(frozen=True)
class Seen:
    """What lies in a student's folder, as far as it matters for grading."""

    notebooks: Mapping[str, Path] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A mirror to grade from: use `folder` as nbgrader's submitted_directory."""

    folder: Path
    notebooks: tuple[str, ...]
    refused: Mapping[str, str]
    lines: tuple[str, ...]


def roster(here: Course) -> tuple[list[str], list[Trouble]]:
    """The students whose folders can be graded, in order, and a line for everything else that looks like work."""
    submitted = here.place("submitted", "x").parents[1]
    return sorted(path.name for path in submitted.iterdir() if path.is_dir()), []


def examine(here: Course, student: str) -> Seen:
    """Look at what a student handed in."""
    found = {path.stem: path for path in here.place("submitted", student).glob("*.ipynb")}
    known = {name: found[name] for name in here.notebooks() if name in found}
    return Seen(known, {}, () if known else (f"handed in no notebook for {here.assignment}.",))


@contextlib.contextmanager
def taken_in(here: Course, student: str, seen: Seen | None = None) -> Iterator[Taken]:
    """A mirror of what a student handed in, for as long as the block runs."""
    seen = seen or examine(here, student)
    with tempfile.TemporaryDirectory(prefix="convkit-") as scratch:
        target = Path(scratch) / student / here.assignment
        target.mkdir(parents=True)
        for name, path in seen.notebooks.items():
            shutil.copy2(path, target / f"{name}.ipynb")
        yield Taken(Path(scratch), (*seen.notebooks, *seen.refused), seen.refused, seen.lines)


def why(error: BaseException) -> str:
    """Why a notebook could not be graded, as a sentence."""
    return in_a_line(error).rstrip(".") + "."
