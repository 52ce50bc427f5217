"""Write grades into the file that an LMS gave, all of them or none."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, fields
from pathlib import Path

from gradekit.course import course
from gradekit.errors import CourseError

from . import csv_files, moodle_xml
from .lms_file import Columns, LmsFile, written
from .plan import Plan, plan
from .scores import Grade, grades, with_feedback
from .sheet import quoted


def export(root: str | Path = ".", assignment: str | None = None) -> list[Grade]:
    """One grade for each student of the gradebook, with its sentence; `score` is None for no submission."""
    here = course(root, assignment)
    return with_feedback(here, grades(here))


def export_into(
    file: str | Path,
    root: str | Path = ".",
    assignment: str | None = None,
    *,
    columns: Columns | None = None,
    allow: Collection[str] = (),
    dry_run: bool = True,
) -> Plan:
    """Compare the gradebook with an LMS's file and return the differences; without `dry_run`, write them into it.

    Raises CourseError, and writes nothing, where anything is refused: `lines` has a line for each student.
    """
    path, here = Path(file), course(root, assignment)
    found = grades(here)
    try:
        lms_file = _read(path, here.assignment, columns or Columns())
        made = plan(lms_file, with_feedback(here, found) if lms_file.has_feedback else found, allow)
    except CourseError as error:
        raise CourseError(f"{path.name}: {error}", error.lines) from None
    if made.refused and not dry_run:
        raise CourseError(f"{path.name}: nothing is written.", tuple(made.refused))
    if not dry_run and (made.changes or made.feedback):
        data = lms_file.filled({change.row: change.after for change in made.changes}, made.feedback)
        _replace(path, data)
    return made


def _read(path: Path, assignment: str, columns: Columns) -> LmsFile:
    data = path.read_bytes()
    is_xml = data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    made = (moodle_xml if is_xml else csv_files).read(data, assignment, columns)
    if columns.limit is not None:
        made.limit, made.limit_from = columns.limit, "--limit"
    return made


def _replace(path: Path, data: bytes) -> None:
    """Replace a file's content in one step, with the same permissions: a full disk leaves the old file."""
    path = path.resolve()  # a link stays a link
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_bytes(data)
        shutil.copymode(path, half)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def plain_csv(found: list[Grade]) -> str:
    """The grades as CSV with a header, quoted where a name needs it; no score is a blank cell."""
    lines = [
        [field.name for field in fields(Grade)],
        *([_plain(value) for value in asdict(one).values()] for one in found),
    ]
    return "".join(",".join(map(quoted, line)) + "\n" for line in lines)


def _plain(value: object) -> str:
    return "" if value is None else written(value, False) if isinstance(value, float) else str(value)


def plain_json(found: list[Grade]) -> str:
    """The grades as a JSON list in ASCII; no score is null."""
    return json.dumps([asdict(grade) for grade in found], indent=2)
