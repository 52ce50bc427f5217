"""nbgrader's Autograde and GenerateFeedback for one student, without rebuilding what stays the same.

They run with the settings of the course, so what they write is what `nbgrader autograde` and
`nbgrader generate_feedback` write.
"""

from __future__ import annotations

import contextlib
import copy
import glob
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.writers.files import FilesWriter
from nbgrader.converters import Autograde, GenerateFeedback, NbGraderException
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from gradekit.course import CourseFolder, listening
from gradekit.errors import CourseError
from gradekit.grading.log_messages import EDITED, reason, sentences
from gradekit.submissions.mirror import why

_exporters: dict[str, Exporter] = {}  # by the name of their class


class CachedCourse(CourseFolder):
    """A course whose settings are read once."""

    @cached_property
    def _config(self) -> Config:
        return super().config()

    def config(self) -> Config:
        return copy.deepcopy(self._config)


class EachNotebook(Autograde):  # type: ignore[misc]
    """Autograde that goes on with a student's next notebook when one is damaged."""

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
        finally:  # nbgrader leaves it set when an error ends a notebook
            os.environ.pop("NBGRADER_EXECUTION", None)


class CachedFeedback(GenerateFeedback):  # type: ignore[misc]
    """GenerateFeedback that compiles its templates once for all students of a worker."""

    def start(self) -> None:
        self.init_notebooks()
        self.writer = FilesWriter(parent=self, config=self.config)  # type: ignore[no-untyped-call]
        self.exporter = _exporters.get(str(self.exporter_class)) or self._new_exporter()
        with contextlib.chdir(self.coursedir.root):
            self.convert_notebooks()

    def _new_exporter(self) -> Exporter:
        made = _exporters[str(self.exporter_class)] = self.exporter_class(parent=self, config=self.config)
        for preprocessor in self.preprocessors:
            made.register_preprocessor(preprocessor)
        return made


@dataclass(frozen=True)
class Autograded:
    """What autograding one student came to."""

    faults: dict[str, str]  # notebooks that could not be graded, and why
    lines: list[str]  # what else the instructor should know
    edited: frozenset[str]  # grade_ids of locked cells that the student edited


def autograde(here: CourseFolder, student: str, refused: Mapping[str, str], **folders: str) -> Autograded:
    """Run nbgrader's Autograde on one student; `refused` names notebooks that can't be opened, and why."""
    with listening() as logged:
        converter = EachNotebook(refused, coursedir=_directory(here, student, folders), config=here.config())
        try:
            converter.start()
        except NbGraderException:
            raise CourseError(reason(logged)) from None
    edited = frozenset(found[1] for line in logged if (found := re.match(EDITED, line)))
    return Autograded(converter.faults, sentences(logged), edited)


def write_pages(here: CourseFolder, student: str, notebooks: Sequence[str], **folders: str) -> str:
    """Run nbgrader's GenerateFeedback on some notebooks of a student; returns why there are no pages, or nothing."""
    for name in notebooks:
        directory = _directory(here, student, {**folders, "notebook_id": as_pattern(name)})
        with listening() as logged:
            try:
                CachedFeedback(coursedir=directory, config=here.config(), force=True).start()
            except NbGraderException:
                return f"graded, but there is no feedback page: {reason(logged)}"
    return ""


def _directory(here: CourseFolder, student: str, folders: Mapping[str, str]) -> Any:
    return here.directory(student_id=as_pattern(student), **folders)


def as_pattern(name: str) -> str:
    """A student's or notebook's name as the glob pattern that nbgrader takes, which strips white space at the ends."""
    return re.sub(r"^\s+|\s+$", lambda end: "".join(f"[{space}]" for space in end[0]), glob.escape(name))


def below(here: CourseFolder, step: str, folder: str) -> str:
    """A folder inside that of a step, as nbgrader's settings name it: relative to the course if the step's is."""
    return os.path.join(getattr(here.directory(), f"{step}_directory"), folder)
