"""Grade one student in full or not at all.

New results are written next to the current ones: graded notebooks and pages in staging folders of this worker, scores
in its scratch gradebook. Then, with the student locked:

    a. in a transaction     the scores, and a ledger entry that is not complete
    b. with a rename each   the graded notebooks, the pages
    c. in a transaction     the entry is complete

A worker that is killed before (a) has changed nothing. One that is killed after (a) leaves an entry that is not
complete: the next run grades the student again, with the same result.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import Connection

from gradekit.course import CourseFolder, put_back, put_in_place, remove
from gradekit.errors import CourseError, in_a_line
from gradekit.graded_notebook import GradedNotebook, read_graded
from gradekit.grading import gradebook, ledger, nbgrader_steps, score_entries, written_answers
from gradekit.grading.locks import Locks
from gradekit.grading.result import Result
from gradekit.submissions.mirror import examine, taken_in

PREFIX = ".gradekit-"  # of staging folders in autograded/ and feedback/
STEPS = ("autograded", "feedback")
Digests = dict[tuple[str, str], str]  # of pages, by student and notebook


class Workspace:
    """Where one worker grades: its staging folders, its scratch gradebook, its locks."""

    def __init__(self, here: CourseFolder, private: Path, ending: threading.Event | None = None) -> None:
        self.here, self.ending = here, ending or threading.Event()
        with contextlib.ExitStack() as self._stack:  # a failure on the way leaves nothing behind
            self.locks = self._stack.enter_context(contextlib.closing(Locks(here)))
            self.engine = gradebook.engine(here.directory().db_url)
            self._stack.callback(self.engine.dispose)
            ledger.make(self.engine)
            self.scratch, self.positions = gradebook.Scratch(private), gradebook.positions(here.source)
            self._stack.callback(self.scratch.engine.dispose)
            self._stack.enter_context(self.scratch.used_by_nbgrader())
            self.staging = {step: self._staging(step) for step in STEPS}
            self._stack = self._stack.pop_all()

    def _staging(self, step: str) -> str:
        """A folder on the same disk as the students', so that a rename puts a result in place."""
        parent = top(self.here, step)
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            locked = self._stack.enter_context(self.locks.on(str(folder)))
            if locked and folder.is_dir():  # and no other run has swept it away
                self._stack.callback(remove, folder)
                return nbgrader_steps.below(self.here, step, folder.name)

    def close(self) -> None:
        """Leave nothing behind."""
        self._stack.close()

    def grade(self, student: str, known: str | None) -> Result:
        """Grade one student, or refresh stale pages. `known`: the student's last run when the work was listed."""
        result = Result(student)
        try:
            with self.locks.on(student) as mine:
                if not mine:
                    return replace(result, status="locked")
                self._locked(result, known)
        except Exception as error:  # one student's work, or this machine: the others are graded nevertheless
            result.lines.append(not_graded(error))
        return result

    def _locked(self, result: Result, known: str | None) -> None:
        here, student = self.here, result.student
        for step in STEPS:
            put_back(here.place(step, student))
        with self.engine.connect() as connection:
            now = ledger.read(connection, here.assignment, student)
        files = ledger.digest_of(here, student)  # first: what comes later is for the next run
        seen = examine(here, student)
        if now.by_another(known) or ledger.up_to_date(here, student, seen, now):
            result.status = "kept"  # perhaps another run has graded the student since the work was listed
            self._refresh(result)
            return
        with taken_in(here, student, seen) as taken:
            result.lines += taken.lines
            if taken.notebooks:
                self._graded(result, now, files, str(taken.folder), taken.refused)

    def _refresh(self, result: Result) -> None:
        """Write the pages that are missing, or that show other points and comments than the gradebook has."""
        here, student = self.here, result.student
        self._clear()
        self._rows(student)
        digests = page_digests(here, self._scored())
        with self.engine.connect() as connection:
            written = ledger.pages(connection, here, student)
        stale = ledger.stale_pages(here, student, written, digests)
        if not stale:
            return
        feedback, made = here.place("feedback", student), self._made("feedback", student)
        if feedback.is_dir():
            shutil.copytree(feedback, made)
        self._pages(result, stale, autograded_directory=here.directory().autograded_directory)
        self._unless_ending()
        self._in_place("feedback", student)
        with self.engine.begin() as connection:
            ledger.write_pages(connection, here, {(student, name): digests[student, name] for name in stale})
            score_entries.note_others(connection, here, student)
        result.new_pages = True

    def _rows(self, student: str) -> gradebook.Rows:
        """The student's rows of the course's gradebook, which are in the scratch gradebook afterwards."""
        with self.engine.connect() as connection:
            rows = gradebook.rows_of(connection, self.here.assignment, student)
        self.scratch.fill(gradebook.in_order(rows, self.positions))
        return rows

    def _scored(self) -> gradebook.ClassRows:
        """The student's grades, as they are in the scratch gradebook."""
        with self.scratch.engine.connect() as connection:
            return gradebook.ClassRows(connection, self.here.assignment)

    def _graded(
        self, result: Result, known: ledger.Known, files: str, submitted: str, refused: Mapping[str, str]
    ) -> None:
        here, student = self.here, result.student
        before = self._rows(student)
        self._clear()
        done = nbgrader_steps.autograde(
            here, student, refused, submitted_directory=submitted,
            autograded_directory=self.staging["autograded"], db_url=self.scratch.url,
        )  # fmt: skip
        self._decide_words(student, before, done.edited)
        if done.faults:
            self._keep_earlier(student, before, done.faults)
        after = self._after(student)
        result.lines += [f"{name} was not graded: {why}" for name, why in done.faults.items()] + done.lines
        scored = self._scored()
        digests, release = page_digests(here, scored), json.dumps({"cells": scored.released(), "due": scored.due})
        if names := sorted(path.stem for path in self._made("autograded", student).glob("*.ipynb")):
            self._pages(result, names, autograded_directory=self.staging["autograded"])
        result.whole = result.whole and not done.faults
        entry = ledger.Entry(
            assignment=here.assignment, student=student, run=uuid.uuid4().hex, files="" if done.faults else files,
            place=ledger.place(here), ended=time.time(), complete=False, release=release,
        )  # fmt: skip
        books = self._books(student)
        released = {name: book.released for name, book in books.items() if book.released}
        self._unless_ending()
        with self.engine.begin() as connection:
            score_entries.note_others(connection, here, student)
            gradebook.merge(connection, here.assignment, student, before, after)
            ledger.write(connection, entry)
            score_entries.note(connection, entry, score_entries.reason(known, entry), released)
            if entry.files:
                causes = {f"{name}/{cell}": why for name, book in books.items() for cell, why in book.causes().items()}
                ledger.write_history(connection, entry, causes)
        for step in STEPS:
            self._in_place(step, student)
        with self.engine.begin() as connection:
            ledger.write_pages(connection, here, {(student, name): digests[student, name] for name in names})
            ledger.complete(connection, entry.run)
        result.status = "graded"

    def _books(self, student: str) -> dict[str, GradedNotebook]:
        paths = sorted(self._made("autograded", student).glob("*.ipynb"))
        return {path.stem: book for path in paths if (book := read_graded(path))}

    def _unless_ending(self) -> None:
        """Stop where the parent is gone: the result may be that of an interrupted notebook."""
        if self.ending.is_set():
            raise KeyboardInterrupt

    def _decide_words(self, student: str, before: gradebook.Rows, edited: Collection[str]) -> None:
        """Score blank answers in words, and flag those that a person has to read."""
        made, graded = self._made("autograded", student), self.here.place("autograded", student)
        new, old = ({} if not folder.is_dir() else self._answers(folder, edited) for folder in (made, graded))
        rows = {table: {row["id"]: row for row in before[table]} for table in gradebook.EMPTY}
        with self.scratch.engine.begin() as connection:
            after = gradebook.ClassRows(connection, self.here.assignment)
            for table, empty in gradebook.EMPTY.items():
                for row in after.rows[table]:
                    cell = after.cells[row["cell_id"]]
                    if answer := new.get(cell):
                        was = rows[table].get(row["id"], empty)
                        comment = {"auto_comment": written_answers.NO_RESPONSE if answer.blank else None}
                        decided = written_answers.decided(was, old.get(cell), answer) if table == "grade" else comment
                        _update(connection, table, row["id"], decided)

    def _answers(self, folder: Path, edited: Collection[str]) -> dict[tuple[str, str], written_answers.WrittenAnswer]:
        return {
            (path.stem, name): answer
            for path in folder.glob("*.ipynb")
            for name, answer in written_answers.answers(path, self.here.release / path.name, edited).items()
        }

    def _after(self, student: str) -> gradebook.Rows:
        with self.scratch.engine.connect() as connection:
            return gradebook.rows_of(connection, self.here.assignment, student)

    def _keep_earlier(self, student: str, before: gradebook.Rows, faults: dict[str, str]) -> None:
        """Where a newer version of a notebook is damaged, the graded one keeps its points."""
        after = self._after(student)
        damaged = {row["id"] for row in after["notebook"] if row["name"] in faults}
        self.scratch.restore(before, after, damaged)
        old, new = self.here.place("autograded", student), self._made("autograded", student)
        for name in faults:
            if (old / f"{name}.ipynb").exists():
                new.mkdir(parents=True, exist_ok=True)
                shutil.copy2(old / f"{name}.ipynb", new)
                faults[name] += " Its earlier grade is kept."

    def _pages(self, result: Result, notebooks: Sequence[str], **folders: str) -> None:
        line = nbgrader_steps.write_pages(
            self.here, result.student, notebooks,
            feedback_directory=self.staging["feedback"], db_url=self.scratch.url, **folders,
        )  # fmt: skip
        result.lines += [line] if line else []
        result.whole = result.whole and not line

    def _made(self, step: str, student: str) -> Path:
        directory = self.here.directory()
        return Path(directory.format_path(self.staging[step], student, self.here.assignment))

    def _clear(self) -> None:
        for step in STEPS:
            folder = self._made(step, "x").parents[1]
            for path in list(folder.iterdir()) if folder.is_dir() else ():
                remove(path)

    def _in_place(self, step: str, student: str) -> None:
        made = self._made(step, student)
        if made.is_dir():
            put_in_place(made, self.here.place(step, student))


def page_digests(here: CourseFolder, rows: gradebook.ClassRows) -> Digests:
    """Digests of all that the feedback pages show besides the notebook: points, comments and the course's settings."""
    config = here.config()
    settings = repr([sorted(config[name].items()) for name in ("GenerateFeedback", "HTMLExporter") if name in config])
    return {page: gradebook.digest(found, settings) for page, found in rows.on_pages().items()}


def _update(connection: Connection, table: str, row: str, values: Mapping[str, Any]) -> None:
    about = gradebook.TABLES[table]
    connection.execute(update(about).where(about.c.id == row).values(**values))


def not_graded(error: BaseException) -> str:
    """The line for a student who could not be graded."""
    return f"not graded: {error if isinstance(error, CourseError) else in_a_line(error)}"


def top(here: CourseFolder, step: str) -> Path:
    """The folder of a step that has the students' folders."""
    return here.place(step, "x").parents[1]


def sweep(here: CourseFolder) -> None:
    """Remove the staging folders of workers that were killed: their locks are released."""
    folders = [folder for step in STEPS for folder in top(here, step).glob(f"{PREFIX}*")]
    if not folders:
        return
    with contextlib.closing(Locks(here)) as locks:
        for folder in folders:
            with locks.on(str(folder)) as dead:
                if dead:
                    remove(folder)
