"""What does nbgrader do, and what of it is done once instead of every time?

Its own converters, with the settings of the course: what they write is what `nbgrader autograde` and
`nbgrader generate_feedback` write. A worker keeps what they would make anew for every notebook.
"""

from __future__ import annotations

import contextlib
import copy
import glob
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.writers.files import FilesWriter
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback, NbGraderException
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session, sessionmaker
from traitlets.config import Config

from gradekit.course import Course, listening
from gradekit.errors import CourseError
from gradekit.grading.log_messages import reason, told
from gradekit.submissions.mirror import why

_pages: dict[str, Exporter] = {}  # a kept exporter for each class of pages


class SettledCourse(Course):
    """A course whose settings are read once."""

    @cached_property
    def _config(self) -> Config:
        return super().config()

    def config(self) -> Config:
        return copy.deepcopy(self._config)


class Patient(Autograde):  # type: ignore[misc]
    """Autograde that goes on with the next notebook of a student when one is damaged."""

    def __init__(self, refused: Mapping[str, str], **settings: Any) -> None:
        self.faults: dict[str, str] = {}
        self._refused = refused
        super().__init__(**settings)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        try:
            super().convert_single_notebook(notebook_filename)
        except (OperationalError, OSError):  # the gradebook or the disk: the other notebooks would fail too
            raise
        except Exception as error:
            name = Path(notebook_filename).stem
            self.faults[name] = self._refused.get(name) or why(error)
            half_written = Path(self.writer.build_directory) / f"{name}.ipynb"
            half_written.unlink(missing_ok=True)
        finally:  # nbgrader leaves it behind where an error ends a notebook, and whoever asks next believes it
            os.environ.pop("NBGRADER_EXECUTION", None)


class Pages(GenerateFeedback):  # type: ignore[misc]
    """GenerateFeedback that compiles its templates once for all students of a worker."""

    def start(self) -> None:
        self.init_notebooks()
        self.writer = FilesWriter(parent=self, config=self.config)  # type: ignore[no-untyped-call]
        self.exporter = _pages.get(str(self.exporter_class)) or self._new_exporter()
        with contextlib.chdir(self.coursedir.root):
            self.convert_notebooks()

    def _new_exporter(self) -> Exporter:
        made = _pages[str(self.exporter_class)] = self.exporter_class(parent=self, config=self.config)
        for preprocessor in self.preprocessors:
            made.register_preprocessor(preprocessor)
        return made


def autograde(
    here: Course, student: str, refused: Mapping[str, str], **places: str
) -> tuple[dict[str, str], list[str]]:
    """nbgrader's Autograde on one student: (notebooks that it could not grade, and why; what else was odd)."""
    with listening() as heard:
        converter = Patient(refused, coursedir=_directory(here, student, places), config=here.config())
        try:
            converter.start()
        except NbGraderException:
            raise CourseError(reason(heard)) from None
    return converter.faults, told(heard)


def write_pages(here: Course, student: str, **places: str) -> str:
    """nbgrader's GenerateFeedback on one student: why there are no pages, or nothing."""
    with listening() as heard:
        try:
            Pages(coursedir=_directory(here, student, places), config=here.config(), force=True).start()
        except NbGraderException:
            return f"graded, but there is no feedback page: {reason(heard)}"
    return ""


def _directory(here: Course, student: str, places: Mapping[str, str]) -> Any:
    return here.directory(student_id=literal(student), **places)


def literal(student: str) -> str:
    """A student's name as the pattern that nbgrader takes, which strips white space at the ends."""
    pattern = glob.escape(student)
    lead, tail = len(pattern) - len(pattern.lstrip()), len(pattern) - len(pattern.rstrip())
    ends = [f"[{space}]" for space in pattern[:lead]], [f"[{space}]" for space in pattern[len(pattern) - tail :]]
    return "".join([*ends[0], pattern.strip(), *ends[1]])


@contextlib.contextmanager
def one_engine(url: str, engine: Engine) -> Iterator[None]:
    """Every Gradebook with this url uses one engine, which remembers what it compiled. Each would make its own."""
    usual = Gradebook.__init__, Gradebook.close

    def begin(self: Any, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        if db_url != url:
            usual[0](self, db_url, course_id, authenticator)
            return
        self.engine, self.authenticator = engine, authenticator
        self.db = scoped_session(sessionmaker(autoflush=True, bind=engine, future=True))
        self.check_course(course_id=course_id)
        self.course_id = course_id

    def close(self: Any) -> None:
        if self.engine is engine:
            self.db.remove()
        else:
            usual[1](self)

    Gradebook.__init__, Gradebook.close = begin, close
    try:
        yield
    finally:
        Gradebook.__init__, Gradebook.close = usual


def below(here: Course, step: str, folder: str) -> str:
    """A folder inside that of a step, as nbgrader's settings name it: below the course, if the step's is."""
    return os.path.join(getattr(here.directory(), f"{step}_directory"), folder)
