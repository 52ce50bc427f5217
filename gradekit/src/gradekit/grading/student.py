"""How is one student graded, so that nothing is ever half done?

Everything is made beside what is there: graded notebooks and pages in folders of this worker's own, scores in a
gradebook of its own. Then, with the student claimed:

    a. in a transaction    the scores, and a record that says "not complete"
    b. with a rename each  the graded notebooks, the pages
    c. in a transaction    the record says "complete"

Whoever is killed before that has changed nothing. Whoever is killed behind (a) leaves a record that is not complete:
the next run grades the student again, with the same result.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.utils import rmtree

from gradekit.course import Course
from gradekit.errors import CourseError, in_a_line
from gradekit.grading import gradebook, ledger, nbgrader_steps
from gradekit.grading.caches import remembered
from gradekit.grading.locks import Claims
from gradekit.submissions.mirror import examine, taken_in

PREFIX = ".gradekit-"  # of folders in autograded/ and feedback/ that belong to a worker


@dataclass
class Result:
    """What became of one student."""

    student: str
    what: str = "failed"  # graded, kept, elsewhere or failed
    lines: list[str] = field(default_factory=list)
    whole: bool = True  # every notebook is graded and has a page


class Desk:
    """Where one worker grades: its folders, its gradebook, its claims."""

    def __init__(self, here: Course, private: Path, ending: threading.Event | None = None) -> None:
        self.here, self.ending = here, ending or threading.Event()
        with contextlib.ExitStack() as self._stack:  # what fails half-way leaves nothing behind
            self.claims = self._stack.enter_context(contextlib.closing(Claims(here)))
            self.engine = gradebook.engine(here.directory().db_url)
            self._stack.callback(self.engine.dispose)
            self.scratch, self.places = gradebook.Scratch(private), gradebook.places(here.source)
            self._stack.callback(self.scratch.engine.dispose)
            self._stack.enter_context(nbgrader_steps.one_engine(self.scratch.url, self.scratch.engine))
            self._stack.enter_context(remembered())
            self.rooms = {step: self._room(step) for step in ("autograded", "feedback")}
            self._stack = self._stack.pop_all()

    def _room(self, step: str) -> str:
        """A folder beside the students', on the same disk: from there a rename puts things in place."""
        parent = top(self.here, step)
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            room = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            if self._stack.enter_context(self.claims.on(str(room))) and room.is_dir():  # not swept away by another run
                self._stack.callback(_remove, room)
                return nbgrader_steps.below(self.here, step, room.name)

    def close(self) -> None:
        """Leave nothing behind."""
        self._stack.close()

    def grade(self, student: str, again: bool, known: str | None) -> Result:
        """Grade one student unless somebody else does. `known` is the run that the list of work was made with."""
        result = Result(student)
        try:
            with self.claims.on(student) as mine:
                if not mine:
                    return replace(result, what="elsewhere")
                self._claimed(result, again, known)
        except Exception as error:  # one student's work, or this machine: the others are graded all the same
            result.lines.append(not_graded(error))
        return result

    def _claimed(self, result: Result, again: bool, known: str | None) -> None:
        here, student = self.here, result.student
        for step in self.rooms:
            put_back(here.place(step, student))
        with self.engine.connect() as connection:
            now = ledger.read(connection, here.assignment, student)
        files = ledger.digest(here.place("submitted", student))  # first: what comes later is for the next run
        seen = examine(here, student)
        if now.by_another(known) or (not again and ledger.up_to_date(here, student, seen, now)):
            result.what = "kept"  # perhaps by another grader, since the list was made
            self._missing_pages(result)
            return
        with taken_in(here, student, seen) as taken:
            result.lines += taken.lines
            if taken.notebooks:
                self._graded(result, files, str(taken.folder), taken.refused)

    def _missing_pages(self, result: Result) -> None:
        """Write the pages that an earlier run did not come to."""
        if ledger.pages_missing(self.here, result.student):
            self._rows(result.student)
            self._pages(result, autograded_directory=self.here.directory().autograded_directory)
            self._unless_ending()
            self._in_place("feedback", result.student)

    def _rows(self, student: str) -> gradebook.Rows:
        with self.engine.connect() as connection:
            rows = gradebook.rows_of(connection, self.here, student)
        self.scratch.fill(gradebook.in_order(rows, self.places))
        return rows

    def _graded(self, result: Result, files: str, submitted: str, refused: Mapping[str, str]) -> None:
        here, student, run = self.here, result.student, uuid.uuid4().hex
        before = self._rows(student)
        self._clear()
        faults, odd = nbgrader_steps.autograde(
            here, student, refused, submitted_directory=submitted,
            autograded_directory=self.rooms["autograded"], db_url=self.scratch.url,
        )  # fmt: skip
        after = self._after(student, before, faults)
        result.lines += [f"{name} was not graded: {why}" for name, why in faults.items()] + odd
        if any(self._made("autograded", student).glob("*.ipynb")):
            self._pages(result, autograded_directory=self.rooms["autograded"])
        result.whole = result.whole and not faults
        row = ledger.Record(
            here.assignment, student, run, "" if faults else files, ledger.place(here), time.time(), False
        )
        self._unless_ending()
        with self.engine.begin() as connection:
            gradebook.merge(connection, here, student, before, after)
            ledger.write(connection, row)
        for step in self.rooms:
            self._in_place(step, student)
        with self.engine.begin() as connection:
            ledger.complete(connection, run)
        result.what = "graded"

    def _unless_ending(self) -> None:
        """Go on only while somebody waits for the result: what this has come to may be half of one."""
        if self.ending.is_set():
            raise KeyboardInterrupt

    def _after(self, student: str, before: gradebook.Rows, faults: dict[str, str]) -> gradebook.Rows:
        """The rows after grading. Where a newer version of a notebook is broken, the graded one and its points stay."""
        with self.scratch.engine.connect() as connection:
            after = gradebook.rows_of(connection, self.here, student)
        if not faults:
            return after
        broken = {row["id"] for row in after["notebook"] if row["name"] in faults}
        self.scratch.restore(before, after, broken)
        old, new = self.here.place("autograded", student), self._made("autograded", student)
        for name in faults:
            if (old / f"{name}.ipynb").exists():
                new.mkdir(parents=True, exist_ok=True)
                shutil.copy2(old / f"{name}.ipynb", new)
                faults[name] += " Its earlier grade stands."
        with self.scratch.engine.connect() as connection:
            return gradebook.rows_of(connection, self.here, student)

    def _pages(self, result: Result, **places: str) -> None:
        line = nbgrader_steps.write_pages(
            self.here, result.student, feedback_directory=self.rooms["feedback"], db_url=self.scratch.url, **places
        )
        result.lines += [line] if line else []
        result.whole = result.whole and not line

    def _made(self, step: str, student: str) -> Path:
        directory = self.here.directory()
        return Path(directory.format_path(self.rooms[step], student, self.here.assignment))

    def _clear(self) -> None:
        for step in self.rooms:
            for path in _made_in(Path(self._made(step, "x").parents[1])):
                _remove(path)

    def _in_place(self, step: str, student: str) -> None:
        made, target = self._made(step, student), self.here.place(step, student)
        if made.is_dir():
            swap(made, target)


def not_graded(error: BaseException) -> str:
    """The line for a student of whom nothing was graded."""
    return f"not graded: {error if isinstance(error, CourseError) else in_a_line(error)}"


def top(here: Course, step: str) -> Path:
    """The folder of a step that has the students' folders."""
    return here.place(step, "x").parents[1]


def _made_in(folder: Path) -> Iterable[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def swap(made: Path, target: Path) -> None:
    """Put a folder in the place of another. Killed in between, the next run puts the old one back."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target)
    _remove(aside)
    if target.exists():
        os.replace(target, aside)
    os.replace(made, target)
    _remove(aside)


def put_back(target: Path) -> None:
    """Finish what a run that was killed in `swap` has left."""
    aside = _aside(target)
    if aside.exists() and not target.exists():
        os.replace(aside, target)
    _remove(aside)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.before")


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        rmtree(str(folder))  # graded files are read-only, and this knows
    else:
        folder.unlink(missing_ok=True)


def sweep(here: Course) -> None:
    """Remove the folders of workers that were killed: nobody has a claim on them any more."""
    rooms = [room for step in ("autograded", "feedback") for room in top(here, step).glob(f"{PREFIX}*")]
    if not rooms:
        return
    with contextlib.closing(Claims(here)) as claims:
        for room in rooms:
            with claims.on(str(room)) as dead:
                if dead:
                    _remove(room)
